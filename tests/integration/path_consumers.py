"""Who builds and judges a path for a purpose, without a connection.

Each takes a holder, the words of its purpose and an empty folder, and returns
(accepted, what the program said)."""
import os
import pathlib
import shutil
import subprocess

from consumers import CLEAN, HERE, say

PURPOSES = {"server": "1.3.6.1.5.5.7.3.1", "client": "1.3.6.1.5.5.7.3.2",
            "code-signing": "1.3.6.1.5.5.7.3.3", "email": "1.3.6.1.5.5.7.3.4",
            "time-stamping": "1.3.6.1.5.5.7.3.8", "ocsp": "1.3.6.1.5.5.7.3.9"}


def openssl(holder, purpose, work):
    return say("openssl", "verify", "-x509_strict", "-purpose", purpose,
               "-CAfile", holder.root, *holder.with_above("-untrusted", work),
               holder.leaf)


def gnutls(holder, purpose, work):
    return say("certtool", "--verify", "--load-ca-certificate", holder.root,
               "--verify-purpose", PURPOSES[purpose], "--infile",
               holder.chain(work))


def nss_database(holder, work, between_trust=",,"):
    """(option, what failed): a database that trusts the root for all."""
    base = f"sql:{work}"
    steps = [["-N", "--empty-password"],
             ["-A", "-n", "root", "-t", "CT,C,C", "-i", holder.root],
             *(["-A", "-n", f"between{i}", "-t", between_trust, "-i",
                file]
               for i, file in enumerate(holder.between)),
             ["-A", "-n", "leaf", "-t", ",,", "-i", holder.leaf]]
    for step in steps:
        done, words = say("certutil", step[0], "-d", base, *step[1:])
        if not done:
            return base, words
    return base, None


def nss(holder, usage, work):
    # An authority without purposes is none for programs, unless it is marked.
    base, failed = nss_database(holder, work, ",,C" if usage == "J" else ",,")
    if failed:
        return False, failed
    return say("certutil", "-V", "-d", base, "-n", "leaf", "-u", usage, "-e")


class JavaPath:
    """The trust manager of Java's TLS, for either side; compiled once."""

    def __init__(self, folder):
        self.folder = folder
        done, words = say("javac", "-d", folder, HERE / "VerifyPeer.java",
                          seconds=120)
        assert done, words

    def __call__(self, holder, side, work):
        return self.run(side, holder.root, holder.leaf, *holder.between)

    def run(self, *words):
        return say("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp",
                   self.folder, "VerifyPeer", *words)


def go_compiler():
    for path in ("/usr/local/go/bin/go", shutil.which("go") or ""):
        if pathlib.Path(path).is_file():
            return path
    return None


class GoPath:
    """crypto/x509 and crypto/tls of Go; compiled once."""

    def __init__(self, folder, source="verify.go"):
        self.program = folder / source.removesuffix(".go")
        done = subprocess.run(
            [go_compiler(), "build", "-o", self.program, HERE / source],
            env=dict(CLEAN, HOME=str(folder), GOCACHE=str(folder / "cache"),
                     GOTOOLCHAIN="local", GO111MODULE="off",
                     GOFLAGS="-p=1", PATH=os.environ["PATH"]),
            capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr.decode()

    def __call__(self, holder, purpose, work):
        return say(self.program, "path", purpose, holder.root, holder.leaf,
                   *holder.between)
