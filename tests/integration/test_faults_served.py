"""Faults under an authority whose keys are held open, and a full disk."""
import os
import shutil
import signal
import subprocess
import threading

import pytest

import ledger
from making import make_request, read_certificate
from processes import left_after, role_of, running
from program import DONE, UNAVAILABLE, Chancery

DISK_BYTES = 16 * 1024 * 1024
# The answer that a full disk gives must not keep anybody waiting.
REFUSAL_SECONDS = 5


def serial_of(pem):
    return read_certificate(pem).serial_number.to_bytes(17, "big")


class Requests:
    """Issues from one request; remembers what was handed out."""

    def __init__(self, chancery, folder):
        self.chancery = chancery
        self.file = make_request(folder / "request.pem",
                                 dns=["www.example.org"])
        self.granted = []
        self.refused = []

    def issue(self, **options):
        outcome = self.chancery.attempt(
            "issue", "--profile", "server", "--csr", self.file, **options)
        if outcome.status == DONE:
            self.granted.append(serial_of(outcome.out))
        else:
            self.refused.append(outcome)
        return outcome

    def check(self):
        """Nothing that was handed out is lost, and all books agree."""
        books = ledger.check(self.chancery.directory)
        for serial in self.granted:
            assert books[serial] == ledger.VALID
        listed = {row["serial"]
                  for row in self.chancery.facts("list", "--status", "valid")}
        assert {serial.hex() for serial in self.granted} <= listed
        return books


# --- a role is killed while it serves ---------------------------------------

@pytest.fixture(scope="module")
def sealed(hardened_program, tmp_path_factory):
    """A passphrase is all that opens it."""
    folder = tmp_path_factory.mktemp("sealed")
    (folder / "passphrase").write_text("the passphrase of the tests\n")
    chancery = Chancery(hardened_program, folder / "authority")
    chancery.run("init", "--name", "Served", "--one-tier", "--passphrase-file",
                 folder / "passphrase")
    return folder


@pytest.fixture
def unlocked(sealed, hardened_program, tmp_path):
    """A process holds it open."""
    shutil.copytree(sealed, tmp_path, dirs_exist_ok=True)
    chancery = Chancery(hardened_program, tmp_path / "authority")
    before = running(hardened_program)
    chancery.run("unlock", "--passphrase-file", tmp_path / "passphrase")
    chancery.held = running(hardened_program) - before
    chancery.before = before
    yield chancery
    chancery.attempt("lock")


class Stream(threading.Thread):
    """Issues until it is refused or told to stop."""

    def __init__(self, requests):
        super().__init__()
        self.requests, self.ends = requests, threading.Event()
        self.has_issued = threading.Event()

    def run(self):
        while not self.ends.is_set():
            if self.requests.issue().status != DONE:
                return
            self.has_issued.set()


def check_refusal(outcome):
    assert outcome.status == UNAVAILABLE, str(outcome)
    assert outcome.out == ""
    sentence = outcome.err.rstrip("\n")
    assert sentence and "\n" not in sentence, str(outcome)


@pytest.mark.parametrize("role", ["keeper", "signer", "parent"])
@pytest.mark.parametrize("delay", [0.0, 0.011])
def test_a_killed_role_costs_nothing_that_was_acknowledged(
        role, delay, unlocked, tmp_path):
    requests = Requests(unlocked, tmp_path)
    streams = [Stream(requests) for _ in range(2)]
    for stream in streams:
        stream.start()
    assert streams[0].has_issued.wait(30)
    streams[0].ends.wait(delay)
    (victim,) = [process for process in unlocked.held
                 if role_of(process) == role]
    os.kill(victim, signal.SIGKILL)
    for stream in streams:
        stream.join(60)
        assert not stream.is_alive()
    assert not left_after(unlocked.program, unlocked.before)
    for outcome in requests.refused:
        check_refusal(outcome)
    check_refusal(requests.issue())  # locked again
    unlocked.run("unlock", "--passphrase-file", tmp_path / "passphrase")
    assert requests.issue().status == DONE
    books = requests.check()
    recovered = [serial for serial, status in books.items()
                 if status == ledger.REVOKED]
    assert not set(recovered) & set(requests.granted)


# --- a full disk ------------------------------------------------------------

def mount(kind, folder, image):
    if kind == "tmpfs":
        return ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs",
                str(folder)]
    with open(image, "wb") as file:
        file.truncate(DISK_BYTES)
    made = subprocess.run(["mkfs.ext4", "-q", "-F", str(image)],
                          capture_output=True, check=False)
    return ["mount", "-o", "loop", str(image), str(folder)] \
        if made.returncode == 0 else ["false"]


@pytest.fixture(params=["tmpfs", "ext4"])
def small_disk(request, tmp_path):
    if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
        pytest.skip("mounting wants root and mkfs.ext4")
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(mount(request.param, folder, tmp_path / "image"),
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"{request.param} can't be mounted: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder):
    """To the last byte, root's reserve included."""
    path = folder / "ballast"
    with open(path, "wb", buffering=0) as file:
        for size in (1024 * 1024, 4096, 512, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass
    return path


def test_a_full_disk_refuses_and_loses_nothing(
        small_disk, hardened_program, tmp_path):
    chancery = Chancery(hardened_program, small_disk / "authority")
    requests = Requests(chancery, tmp_path)
    chancery.run("init", "--name", "Full", "--one-tier")
    for _ in range(3):
        assert requests.issue().status == DONE
    ballast = fill(small_disk)
    for _ in range(40):
        outcome = requests.issue(seconds=REFUSAL_SECONDS)
        if outcome.status != DONE:
            check_refusal(outcome)
            assert "space" in outcome.err, str(outcome)
        if len(requests.refused) == 4:
            break
    assert len(requests.refused) == 4
    assert len(chancery.facts("list", "--status", "all")) >= 4
    ballast.unlink()
    assert requests.issue().status == DONE
    requests.check()


def test_a_full_disk_refuses_init_and_keeps_nothing_of_it(
        small_disk, hardened_program):
    chancery = Chancery(hardened_program, small_disk / "authority")
    ballast = fill(small_disk)
    left = set(small_disk.iterdir())
    outcome = chancery.attempt("init", "--name", "Full")
    check_refusal(outcome)
    assert "space" in outcome.err, str(outcome)
    assert set(small_disk.iterdir()) == left
    ballast.unlink()
    chancery.run("init", "--name", "Full", "--one-tier")


# --- what a power cut may take away -----------------------------------------

@pytest.fixture(scope="module")
def made(hardened_program, tmp_path_factory):
    chancery = Chancery(hardened_program,
                        tmp_path_factory.mktemp("made") / "authority")
    chancery.run("init", "--name", "Cut", "--one-tier")
    return chancery.directory


@pytest.fixture
def issued(made, hardened_program, tmp_path):
    shutil.copytree(made, tmp_path / "authority")
    requests = Requests(
        Chancery(hardened_program, tmp_path / "authority"), tmp_path)
    assert requests.issue().status == DONE
    return requests


def last_record(requests, kind):
    path = requests.chancery.directory / "sign.log"
    record = [record for record in ledger.sign_log(requests.chancery.directory)
              if record.kind == kind][-1]
    return path, record


@pytest.mark.parametrize("kept_bytes", [0, 1, 50])
def test_results_in_the_sign_log_need_no_sync(kept_bytes, issued):
    """Only what comes before the signature is synced: a power cut may take the
    results of the last group, or leave a part of them. (The checkpoint that a
    keeper signs at its end is taken with them: an end it never reached.)"""
    assert issued.issue().status == DONE
    path, result = last_record(issued, ledger.SIGNED)
    os.truncate(path, result.start + kept_bytes)
    assert issued.issue().status == DONE
    assert issued.issue().status == DONE
    issued.check()


@pytest.mark.parametrize("written_bytes", [1, 40, 300])
def test_a_draft_that_was_logged_in_part_was_never_signed(
        written_bytes, issued):
    path, intent = last_record(issued, ledger.INTENT)
    torn = path.read_bytes()[intent.start:intent.start + written_bytes]
    with open(path, "ab") as file:
        file.write(torn)
    assert issued.issue().status == DONE
    books = issued.check()
    assert ledger.REVOKED not in books.values()
