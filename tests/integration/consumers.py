"""The world's verifiers: each says whether it takes a server certificate.

Every function takes the leaf, the certificates between, the root (files with
one PEM certificate each), the host's name and an empty folder to work in, and
returns (accepted, what the program said).  They run with an empty environment:
SSL_CERT_FILE and its like would override what the test gives them.
"""
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
CLEAN = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
         "HOME": "/nonexistent"}


def say(*words, seconds=60):
    done = subprocess.run([str(word) for word in words], env=CLEAN,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=seconds)
    return done.returncode == 0, done.stdout.decode("utf-8", "replace")


def joined(files, path):
    path.write_text("".join(pathlib.Path(file).read_text() for file in files))
    return path


def openssl(leaf, between, root, name, work):
    chain = ["-untrusted", joined(between, work / "between.pem")]
    return say("openssl", "verify", "-x509_strict", "-purpose", "sslserver",
               "-verify_hostname", name, "-CAfile", root,
               *(chain if between else []), leaf)


def gnutls(leaf, between, root, name, work):
    chain = joined([leaf, *between], work / "chain.pem")
    return say("certtool", "--verify", "--load-ca-certificate", root,
               "--verify-hostname", name,
               "--verify-purpose", "1.3.6.1.5.5.7.3.1", "--infile", chain)


def nss(leaf, between, root, name, work):
    """certutil doesn't look at host names; the name is looked for here."""
    base = f"sql:{work}"
    steps = [["certutil", "-N", "-d", base, "--empty-password"],
             ["certutil", "-A", "-d", base, "-n", "root", "-t", "C,,",
              "-i", root],
             *(["certutil", "-A", "-d", base, "-n", f"between{i}", "-t", ",,",
                "-i", file] for i, file in enumerate(between)),
             ["certutil", "-A", "-d", base, "-n", "leaf", "-t", ",,",
              "-i", leaf]]
    for step in steps:
        done, words = say(*step)
        if not done:
            return False, words
    done, words = say("certutil", "-V", "-d", base, "-n", "leaf", "-u", "V",
                      "-e")
    _, text = say("certutil", "-L", "-d", base, "-n", "leaf")
    if done and f'DNS name: "{name}"' not in text:
        return False, f"no DNS name {name} in:\n{text}"
    return done, words


class JavaVerifier:
    """The TLS client's trust manager, compiled once."""

    def __init__(self, folder):
        self.folder = folder
        done, words = say("javac", "-d", folder, HERE / "Verify.java",
                          seconds=120)
        assert done, words

    def __call__(self, leaf, between, root, name, work):
        return say("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp",
                   self.folder, "Verify", root, name, leaf, *between)


def node(leaf, between, root, name, work):
    return say("node", HERE / "verify.cjs", root, name, leaf, *between)


def python(leaf, between, root, name, work):
    interpreter = "/usr/bin/python3"
    if not pathlib.Path(interpreter).exists():
        interpreter = sys.executable
    return say(interpreter, HERE / "verify.py", root, name, leaf, *between)


NATIVE = {"openssl": openssl, "gnutls": gnutls, "nss": nss, "node": node,
          "python": python}
NAMES = [*NATIVE, "java"]


def verdict_of(consumer, java, leaf, between, root, name, work):
    """(accepted, words) of the consumer of that name."""
    folder = work / f"consumer-{consumer}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    verify = java if consumer == "java" else NATIVE[consumer]
    return verify(leaf, between, root, name, folder)
