"""Profiles that people approve, and people of their own on this machine."""
import contextlib
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

from program import SURROUNDINGS, Chancery, Outcome

PROFILE = """
  {name}:
    purposes: [serverAuth]
    key-usage: [digitalSignature]
    keys: [p256]
    lifetime: {lifetime}
    longest-lifetime: {longest}
    names: [dns]
    subject: [CN]
    approvals: {approvals}
"""
ROLES = {"administrator": 1, "operator": 2, "approver": 3, "auditor": 4}


def settings(authority):
    return authority.directory / "chancery.yaml"


def add_profile(authority, name, approvals, lifetime="90d", longest="397d"):
    with settings(authority).open("a") as file:
        file.write(PROFILE.format(name=name, approvals=approvals,
                                  lifetime=lifetime, longest=longest))


def edit(authority, old, new):
    text = settings(authority).read_text()
    assert old in text
    settings(authority).write_text(text.replace(old, new))


def database(authority):
    return contextlib.closing(
        sqlite3.connect(authority.directory / "chancery.db"))


def change(authority, statement, *values):
    with database(authority) as store, store:
        store.execute(statement, values)


def look(authority, statement, *values):
    with database(authority) as store:
        return store.execute(statement, values).fetchall()


def add_person(authority, name, role, user):
    change(authority, "INSERT INTO person (name, role, certificate_sha256,"
           " certificate_not_after, local_user, link_sha256, link_until,"
           " added_at, added_by, ended_at)"
           " VALUES (?, ?, '', 0, ?, '', 0, 0, 'test', 0)",
           name, ROLES[role], user)


def kinds(authority):
    return [row[0] for row in look(
        authority, "SELECT kind FROM journal ORDER BY seq")]


def ask(authority, name, tmp_path, profile="duo", *arguments):
    """Asks for a certificate that people approve: (id, file of its key)."""
    key = tmp_path / f"{name}.key"
    facts = authority.facts("issue", "--profile", profile, "--san", name,
                            "--key-out", key, *arguments)
    return facts["request"]["id"], key


class Served:
    """An authority that other users of this machine reach, while its keys are
    held open by a process."""

    def __init__(self, pristine_locked):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chancery-served-"))
        self.folder.chmod(0o755)
        made, self.passphrase = pristine_locked
        self.authority = made.copy(self.folder / "authority")
        self.authority.directory.chmod(0o711)

    def serve(self):
        self.authority.run("unlock", "--passphrase-file", self.passphrase)
        (self.authority.directory / "control.sock").chmod(0o666)

    def end(self):
        self.authority.run("lock")

    def remove(self):
        self.authority.attempt("lock")
        shutil.rmtree(self.folder)

    def attempt_as(self, user, command, *arguments):
        """The outcome of a command of another user of this machine."""
        words = ["setpriv", f"--reuid={user}", f"--regid={user}",
                 "--clear-groups", str(self.authority.program),
                 *command.split(), "--dir", str(self.authority.directory),
                 *map(str, arguments)]
        done = subprocess.run(words, env=dict(SURROUNDINGS, HOME="/nowhere"),
                              stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=120, check=False, cwd="/")
        outcome = Outcome(words, done.returncode,
                          done.stdout.decode("utf-8", "replace"),
                          done.stderr.decode("utf-8", "replace"))
        assert 0 <= outcome.status < 10, str(outcome)
        return outcome
