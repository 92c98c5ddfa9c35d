"""A full disk stops issuance and never revocation (properties 19): DIR/reserve
keeps 8 MiB for it."""
import os
import shutil
import subprocess
import time

import pytest
from cryptography import x509

import ledger
from making import make_request, read_certificate
from program import DONE, UNAVAILABLE, Chancery

DISK_BYTES = 48 * 1024 * 1024
TINY_DISK_BYTES = 12 * 1024 * 1024
RESERVE_BYTES = 8 * 1024 * 1024
# A refusal must not keep anybody waiting: of a keeper that serves, and where
# the command starts one.
REFUSAL_SECONDS = 1
REFUSAL_WITH_START_SECONDS = 5
REVOCATIONS = 12


# --- disks ------------------------------------------------------------------

def mount(kind, size, folder, image):
    if kind == "tmpfs":
        return ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    with open(image, "wb") as file:
        file.truncate(size)
    subprocess.run(["mkfs.ext4", "-q", "-F", image], capture_output=True,
                   check=True)
    return ["mount", "-o", "loop", image, folder]


@pytest.fixture
def new_disk(tmp_path):
    """Makes a disk of this kind and size."""
    mounted = []

    def make(kind, size):
        if os.geteuid() != 0 or not shutil.which("mkfs.ext4"):
            pytest.skip("mounting wants root and mkfs.ext4")
        folder = tmp_path / "disk"
        folder.mkdir()
        done = subprocess.run(
            list(map(str, mount(kind, size, folder, tmp_path / "image"))),
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"{kind} can't be mounted: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


class Disk:
    """An authority on a disk of its own."""

    def __init__(self, folder, program, request):
        self.folder = folder
        self.request = request
        self.chancery = Chancery(program, folder / "authority")
        self.directory = self.chancery.directory
        self.reserve = self.directory / "reserve"
        self.ballast = folder / "ballast"

    def fill(self, left=0):
        """Until so many bytes are left; else to the last, root's included."""
        with open(self.ballast, "ab", buffering=0) as file:
            for size in (1024 * 1024, 64 * 1024, 4096, 512, 1):
                try:
                    while left == 0 or self.left() > left + size:
                        file.write(bytes(size))
                except OSError:
                    pass

    def left(self):
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def attempt(self, **options):
        return self.chancery.attempt("issue", "--profile", "server", "--csr",
                                     self.request, **options)

    def issue(self):
        outcome = self.attempt()
        assert outcome.status == DONE, str(outcome)
        return serial_of(outcome.out)

    def status(self, serial):
        return ledger.read_store(self.directory)[0][bytes.fromhex(serial)]

    def events(self, kind):
        return [row for row in ledger.read_store(self.directory)[1]
                if row[2] == kind]

    def list(self):
        path = self.directory / "publish" / "crl" / "issuing.crl"
        return x509.load_der_x509_crl(path.read_bytes())

    def is_listed(self, serial):
        return self.list().get_revoked_certificate_by_serial_number(
            int(serial, 16)) is not None


def serial_of(pem):
    return read_certificate(pem).serial_number.to_bytes(17, "big").hex()


@pytest.fixture(params=["tmpfs", "ext4"])
def disk(request, new_disk, hardened_program, tmp_path):
    made = Disk(new_disk(request.param, DISK_BYTES), hardened_program,
                make_request(tmp_path / "request.pem",
                             dns=["www.example.org"]))
    made.chancery.run("init", "--name", "Full")
    return made


def check_refused(outcome, words):
    assert outcome.status == UNAVAILABLE, str(outcome)
    assert outcome.out == ""
    sentence = outcome.err.rstrip("\n")
    assert sentence and "\n" not in sentence, str(outcome)
    assert words in sentence, str(outcome)


def check_refused_soon(disk, seconds):
    """The fastest of a few: other tests are at work beside this one."""
    waited = []
    for _ in range(3):
        begin = time.monotonic()
        check_refused(disk.attempt(), "the disk is full")
        waited.append(time.monotonic() - begin)
    assert min(waited) < seconds, waited


# --- tests ------------------------------------------------------------------

def test_properties19_a_full_disk_refuses_issuance_and_records_no_half(disk):
    disk.issue()
    before = ledger.check(disk.directory)
    disk.fill()
    check_refused_soon(disk, REFUSAL_WITH_START_SECONDS)
    assert ledger.check(disk.directory) == before
    disk.ballast.unlink()
    disk.issue()
    ledger.check(disk.directory)


def test_properties19_revocation_goes_on_in_the_reserve(disk):
    serials = [disk.issue() for _ in range(REVOCATIONS)]
    assert disk.reserve.stat().st_size == RESERVE_BYTES
    disk.fill()
    for serial in serials:
        disk.chancery.run("revoke", serial, "--reason", "keyCompromise")
        assert disk.status(serial) == ledger.REVOKED
        assert disk.is_listed(serial)
    assert disk.reserve.stat().st_size < 4096
    assert len(disk.events("reserve-freed")) == 1
    check_refused(disk.attempt(), "the disk is full")
    ledger.check(disk.directory)


def test_properties19_what_was_made_room_for_goes_on_by_itself(disk):
    serial = disk.issue()
    disk.fill()
    disk.chancery.run("revoke", serial)
    disk.ballast.unlink()
    disk.issue()
    assert disk.reserve.stat().st_size == RESERVE_BYTES
    assert disk.reserve.stat().st_blocks * 512 >= RESERVE_BYTES
    disk.chancery.run("ca crl")
    assert disk.is_listed(serial)
    assert len(disk.events("reserve-filled")) == 1
    ledger.check(disk.directory)


def test_properties19_a_keeper_that_serves_gives_up_the_reserve(
        disk, tmp_path):
    serials = [disk.issue() for _ in range(5)]
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("the passphrase of the tests\n")
    disk.chancery.run("keys passphrase", "--new-passphrase-file", passphrase)
    disk.chancery.run("unlock", "--passphrase-file", passphrase)
    try:
        disk.fill()
        check_refused_soon(disk, REFUSAL_SECONDS)
        assert disk.reserve.stat().st_size == RESERVE_BYTES
        for serial in serials:
            disk.chancery.run("revoke", serial)
            assert disk.is_listed(serial)
        assert disk.reserve.stat().st_size < 4096
        check_refused(disk.attempt(), "the disk is full")
        disk.ballast.unlink()
        disk.issue()
    finally:
        disk.chancery.run("lock")
    assert len(disk.events("reserve-freed")) == 1
    ledger.check(disk.directory)


def test_where_there_was_never_a_reserve_revocation_fails_with_a_sentence(
        new_disk, hardened_program, tmp_path):
    disk = Disk(new_disk("tmpfs", TINY_DISK_BYTES), hardened_program,
                make_request(tmp_path / "request.pem",
                             dns=["www.example.org"]))
    disk.chancery.run("init", "--name", "Tiny")
    serial = disk.issue()
    assert disk.reserve.stat().st_size == 0
    disk.fill()
    check_refused(disk.chancery.attempt("revoke", serial), "space")
    assert disk.status(serial) == ledger.VALID
    ledger.check(disk.directory)
    disk.ballast.unlink()
    disk.chancery.run("revoke", serial)
    assert disk.is_listed(serial)
