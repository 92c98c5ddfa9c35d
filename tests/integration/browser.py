"""Headless Chromium, with a store of certificates of its own.

CHANCERY_BROWSER_MODULES names the folder of Node's modules (./check installs
tests/browser/package.json there); without it, or without the programs, the
tests are skipped and say why.
"""
import json
import os
import pathlib
import shutil
import subprocess

import pytest

from program import ROOT, SURROUNDINGS

MODULES = os.environ.get("CHANCERY_BROWSER_MODULES", "")
CHROMIUM = shutil.which("chromium") or ""


def lacks():
    """What is missing; "" when nothing is."""
    for program in ("node", "certutil", "pk12util"):
        if shutil.which(program) is None:
            return f"{program} is not there"
    if not CHROMIUM:
        return "chromium is not there"
    if not (pathlib.Path(MODULES) / "playwright-core").is_dir():
        return "Node's modules of tests/browser/package.json are not there"
    return ""


class Browser:
    """One home; each scene is a run of the browser with it."""

    def __init__(self, home, roots):
        self.home = home
        self.store = home / ".pki" / "nssdb"
        self.store.mkdir(parents=True)
        self._run("certutil", "-N", "-d", f"sql:{self.store}",
                  "--empty-password")
        self._run("certutil", "-A", "-d", f"sql:{self.store}", "-n", "root",
                  "-t", "C,,", "-i", str(roots))

    def choose(self, origin):
        """Any certificate of the store is shown there without a question, as
        the policy AutoSelectCertificateForUrls has it for a whole machine."""
        folder = self.home / "profile" / "Default"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Preferences").write_text(json.dumps({"profile": {
            "content_settings": {"exceptions": {"auto_select_certificate": {
                f"{origin},*": {"setting": {"filters": [{}]}}}}}}}))

    def _run(self, *words):
        subprocess.run(words, check=True, capture_output=True)

    def take_certificate(self, p12, password_file):
        self._run("pk12util", "-i", str(p12), "-d", f"sql:{self.store}", "-w",
                  str(password_file), "-K", "")

    def play(self, scene, **wishes):
        done = subprocess.run(
            ["node", str(ROOT / "tests" / "browser" / "browse.cjs"), scene,
             json.dumps(wishes)], check=False, capture_output=True, text=True,
            timeout=240, env=dict(SURROUNDINGS, HOME=str(self.home),
                                  NODE_PATH=MODULES, CHROMIUM=CHROMIUM))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


needs_browser = pytest.mark.skipif(bool(lacks()), reason=lacks())
