"""Other verifiers, asked the same question as ours: OpenSSL, GnuTLS and Go, a
process each for any number of questions, and NSS, one at a time."""
import datetime
import pathlib
import shutil
import subprocess

from program import ROOT, SURROUNDINGS

SOURCES = ROOT / "tests" / "support" / "peers"
CFLAGS = ["-std=gnu17", "-O1", "-Wall", "-Wextra", "-Werror"]
YES = "yes"


def has_header(name):
    done = subprocess.run(["cc", "-E", "-x", "c", "-"], capture_output=True,
                          input=f"#include <{name}>\n".encode(), check=False)
    return done.returncode == 0


def build_c(name, libraries, folder):
    subprocess.run(["cc", *CFLAGS, SOURCES / "peer.c",
                    SOURCES / f"peer_{name}.c", *libraries, "-o",
                    folder / name], check=True)
    return folder / name


def build_go(folder):
    """Its cache is the user's: compiling crypto/x509 takes most of a minute."""
    subprocess.run(["go", "build", "-o", folder / "go",
                    SOURCES / "peer_go.go"], check=True, cwd=folder)
    return folder / "go"


def build_peers(folder):
    """Name to program, of those that this machine has."""
    peers = {"openssl": build_c("openssl", ["-lcrypto"], folder)}
    if has_header("gnutls/x509.h"):
        peers["gnutls"] = build_c("gnutls", ["-lgnutls", "-lcrypto"], folder)
    if shutil.which("go"):
        peers["go"] = build_go(folder)
    return peers


def line_of(question):
    line = question.line
    return (f"{question.time} {question.host} {line['leaf']} "
            f"{','.join(line['roots']) or '-'} "
            f"{','.join(line['untrusted']) or '-'}\n")


def ask_peer(peer, questions):
    """An answer each: "yes", or "no" and why."""
    done = subprocess.run([peer], capture_output=True, check=True, timeout=1800,
                          input="".join(map(line_of, questions)).encode())
    answers = done.stdout.decode("utf-8", "replace").splitlines()
    assert len(answers) == len(questions)
    return answers


def ask_nss(question, folder):
    """vfychain looks at no host name."""
    folder = pathlib.Path(folder)
    parts = [question.leaf, *question.untrusted, *question.roots]
    files = []
    for place, der in enumerate(parts):
        files.append(folder / f"{place}.der")
        files[-1].write_bytes(der)
    at = datetime.datetime.fromtimestamp(question.time, datetime.timezone.utc)
    between = files[1:-len(question.roots)]
    roots = [word for file in files[len(files) - len(question.roots):]
             for word in ("-t", file)]
    done = subprocess.run(
        ["vfychain", "-pp", "-u", "1", "-b", at.strftime("%y%m%d%H%MZ"),
         files[0], *between, *roots], capture_output=True, timeout=60,
        env=SURROUNDINGS, check=False)
    return YES if done.returncode == 0 else f"no {done.stdout.decode()[:200]}"
