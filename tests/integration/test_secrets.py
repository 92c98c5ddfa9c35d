"""Secrets stay where they belong: not in output, journal, arguments or the
environment of children (kb 22)."""
import re
import shutil
import subprocess

import pytest

from consumers import say
from processes import running
from program import SURROUNDINGS, Chancery

PASSPHRASE = "correct horse battery staple 4711"
SECOND = "another horse battery staple 0815"
KEPT = {"unlock", "unlock-root"}


def private_bytes(key, passphrase_file):
    """The private scalar of a P-256 key, by openssl."""
    done, words = say("openssl", "pkey", "-in", key, "-passin",
                      f"file:{passphrase_file}", "-noout", "-text")
    assert done, words
    digits = re.search(r"priv:\s+((?:[0-9a-f:]|\s)+)pub:", words).group(1)
    scalar = bytes.fromhex(re.sub(r"[:\s]", "", digits))
    return scalar.rjust(32, b"\0")[-32:]


def forms_of(secret):
    """A secret as it might stand somewhere."""
    return {secret, secret.hex().encode(), secret.hex().upper().encode()}


def check_files(directory, secrets):
    for path in directory.rglob("*"):
        if path.is_file() and path.name not in KEPT:
            content = path.read_bytes()
            for secret in secrets:
                assert secret not in content, path


@pytest.fixture
def files(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text(PASSPHRASE + "\n")
    two.write_text(SECOND + "\n")
    return one, two


def watched(authority, log, *arguments):
    """Runs it under strace; (output, what every execve was given)."""
    done = subprocess.run(
        ["strace", "-f", "-v", "-qq", "-s", "4096", "-e", "trace=execve",
         "-o", str(log), str(authority.program), *map(str, arguments),
         "--dir", str(authority.directory)],
        env=dict(SURROUNDINGS, HOME="/home/of-a-person", TOKEN="hunter2"),
        stdin=subprocess.DEVNULL, capture_output=True, timeout=180)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout + done.stderr, log.read_bytes()


@pytest.mark.skipif(shutil.which("strace") is None,
                    reason="strace is not installed")
def test_kb022_no_secret_is_in_output_arguments_or_environment(
        hardened_program, tmp_path, files):
    one, two = files
    authority = Chancery(hardened_program, tmp_path / "authority")
    commands = [
        ["init", "--name", "Secrets", "--passphrase-file", one],
        ["issue", "--profile", "server", "--san", "www.example.org",
         "--key-out", tmp_path / "key", "--passphrase-file", one],
        ["unlock", "--passphrase-file", one],
        ["issue", "--profile", "server", "--san", "www.example.org",
         "--key-out", tmp_path / "key2"],
        ["lock"],
        ["keys", "passphrase", "--passphrase-file", one,
         "--new-passphrase-file", two],
        ["keys", "list", "--passphrase-file", two],
        ["keys", "passphrase", "--passphrase-file", two, "--random"],
        ["unlock"], ["status", "--json"], ["list", "--json"],
    ]
    said, executed = b"", b""
    for number, words in enumerate(commands):
        if words == ["unlock", "--passphrase-file", one]:
            # A tracer would wait for the process that stays.
            outcome = authority.run(*words)
            said += (outcome.out + outcome.err).encode()
            continue
        out, log = watched(authority, tmp_path / f"log{number}", *words)
        said += out
        # The first line is the command's own; the rest its children's.
        first, _, children = log.partition(b"\n")
        executed += first + b"\n" + children
        assert b"hunter2" not in children and b"of-a-person" not in children
    keys = authority.directory / "keys"
    secrets = {PASSPHRASE.encode(), SECOND.encode()}
    secrets |= {(keys / name).read_bytes().strip() for name in KEPT}
    for key, opener in ((keys / "issuing.key", keys / "unlock"),
                        (keys / "root/root.key", keys / "unlock-root")):
        secrets |= forms_of(private_bytes(key, opener))
    assert len(secrets) == 10
    assert b"execve" in executed
    for secret in secrets:
        assert secret not in said
        assert secret not in executed
    check_files(authority.directory, secrets)


def test_kb022_a_passphrase_stays_out_of_every_file_and_process(
        chancery, files, tmp_path):
    one, _ = files
    outcome = chancery.run("init", "--passphrase-file", one,
                           "--root-passphrase-file", one)
    assert PASSPHRASE not in outcome.out + outcome.err
    assert not (chancery.directory / "keys/unlock").exists()
    assert not (chancery.directory / "keys/unlock-root").exists()
    process = chancery.start("unlock", "--passphrase-file", one)
    said = b"".join(process.communicate(timeout=60))
    assert process.returncode == 0, said
    try:
        for number in running(chancery.program):
            for part in ("cmdline", "environ"):
                with open(f"/proc/{number}/{part}", "rb") as file:
                    assert PASSPHRASE.encode() not in file.read()
    finally:
        chancery.run("lock")
    assert PASSPHRASE.encode() not in said
    check_files(chancery.directory, {PASSPHRASE.encode()} | forms_of(
        private_bytes(chancery.directory / "keys/issuing.key", one)))


def test_a_requesters_new_key_is_in_its_file_alone(
        open_authority, tmp_path):
    key = tmp_path / "www.key"
    outcome = open_authority.run("issue", "--profile", "server", "--san",
                                 "www.example.org", "--key-out", key)
    done, words = say("openssl", "pkey", "-in", key, "-noout", "-text")
    digits = re.search(r"priv:\s+((?:[0-9a-f:]|\s)+)pub:", words).group(1)
    scalar = bytes.fromhex(re.sub(r"[:\s]", "", digits))[-32:]
    assert "PRIVATE" not in outcome.out + outcome.err
    check_files(open_authority.directory, forms_of(scalar))
