"""Faults at the storage calls of what administrators do: revoking, publishing
lists, approving, pausing, a rollover, and the first command on an older store
(properties 16 and 18).

A sample is chosen by the commit; CHANCERY_LONG=1 takes every call.
"""
import atexit
import functools
import pathlib
import re
import shutil
import sqlite3
import subprocess
import tempfile

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

import faults
import ledger
from conftest import program_named
from making import make_request, read_certificate
from program import DONE, ROOT, SURROUNDINGS, UNAVAILABLE, Chancery
from striking import (FAULTS, check_end, check_syncs, name_of, parametrize,
                      work_off)

# How many of each fault.
POINTS = {"revoke": 6, "crl": 3, "approve": 4, "pause": 1, "key": 1,
          "certify": 1, "publish": 1, "switch": 1, "migrate": 2}
STEPS = ["plan", "key", "certify", "cross", "publish", "switch"]
SCHEMA_ONE = ROOT / "src" / "store" / "schema" / "0001_foundation.sql"
MARK_ONE = "PRAGMA application_id = 1128809305; PRAGMA user_version = 1;"


# --- grounds ----------------------------------------------------------------

class Ground:
    """A copy of a template, and what is known of it."""

    def __init__(self, folder, template):
        self.place = pathlib.Path(folder) / "place"
        self.place.mkdir(parents=True)
        self.chancery = Chancery(program(), self.place / "authority")
        self.directory = self.chancery.directory
        shutil.copytree(template, self.directory)

    def strike(self, words, number=0, fault="none"):
        command, *arguments = words
        return faults.strike(
            [program(), *command.split(), "--dir", self.directory, *arguments],
            self.place, dict(SURROUNDINGS, HOME=str(self.place.parent)),
            number, fault)

    def issue(self):
        outcome = self.chancery.run("issue", "--profile", "server", "--csr",
                                    base() / "request.pem")
        return read_certificate(outcome.out)

    def status(self, serial):
        return ledger.read_store(self.directory)[0][bytes.fromhex(serial)]

    def lists(self):
        """{file: list}, each of them whole and signed by its authority. A
        successor's list may be there a moment before its certificate."""
        return {path.name: self.verified(path)
                for path in sorted((self.directory / "publish" / "crl")
                                   .glob("*.crl"))
                if self.certificate_of(path).exists()}

    def certificate_of(self, path):
        return self.directory / "publish" / "ca" / (path.stem + ".cer")

    def verified(self, path):
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as issuer:
            der = self.certificate_of(path)
            issuer.write(subprocess.run(
                ["openssl", "x509", "-inform", "DER", "-in", der],
                capture_output=True, text=True, check=True).stdout)
            issuer.flush()
            done = subprocess.run(
                ["openssl", "crl", "-inform", "DER", "-in", path, "-CAfile",
                 issuer.name, "-verify", "-noout"],
                capture_output=True, text=True, check=False)
        assert done.returncode == 0 and "verify OK" in done.stderr, done
        return x509.load_der_x509_crl(path.read_bytes())


def number_of(crl):
    return crl.extensions.get_extension_for_class(
        x509.CRLNumber).value.crl_number


def lists_it(crl, serial):
    return crl.get_revoked_certificate_by_serial_number(
        int(serial, 16)) is not None


@functools.cache
def program():
    return program_named("CHANCERY_HARDENED_PROGRAM", "clang")


@functools.cache
def base():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chancery-faults-"))
    atexit.register(shutil.rmtree, folder)
    make_request(folder / "request.pem", dns=["www.example.org"])
    make_request(folder / "held.pem", dns=["held.example.org"])
    return folder


def serial_text(certificate):
    return certificate.serial_number.to_bytes(17, "big").hex()


class Known:
    """What the template holds: one valid certificate, one revoked, one request
    that waits."""


@functools.cache
def template():
    chancery = Chancery(program(), base() / "template")
    chancery.run("init", "--name", "Faults")
    settings = chancery.directory / "chancery.yaml"
    settings.write_text(settings.read_text().replace(
        "\n  client:\n", "\n  client:\n    approvals: 1\n"))
    known = Known()
    known.valid, known.revoked = (serial_text(read_certificate(chancery.run(
        "issue", "--profile", "server", "--csr", base() / "request.pem").out))
        for _ in range(2))
    chancery.run("revoke", known.revoked)
    chancery.run("issue", "--profile", "client", "--csr", base() / "held.pem")
    (known.request,) = [row["id"]
                        for row in chancery.facts("requests list")]
    return known


def columns_of(store, table):
    return ", ".join(row[1] for row in store.execute(
        f"PRAGMA table_info({table})"))


def make_store_one(directory):
    """The store of DIR as the first program would have left it."""
    new = directory / "chancery.db"
    old = directory / "newer.db"
    with sqlite3.connect(new) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    new.rename(old)
    for left in directory.glob("chancery.db-*"):
        left.unlink()
    store = sqlite3.connect(new, isolation_level=None)
    store.executescript("PRAGMA journal_mode = WAL;" +
                        SCHEMA_ONE.read_text() + MARK_ONE)
    store.execute("ATTACH ? AS newer", (str(old),))
    for table in ("authority", "certificate", "journal"):
        columns = columns_of(store, table)
        store.execute(f"INSERT INTO main.{table} ({columns})"
                      f" SELECT {columns} FROM newer.{table}")
    store.execute("INSERT INTO number SELECT name, value FROM newer.number"
                  " WHERE name LIKE 'sign-log%' OR name LIKE 'checkpoint%'")
    store.close()
    old.unlink()
    new.chmod(0o600)
    for left in directory.glob("search.db*"):
        left.unlink()


def read_rows(directory):
    """(version, schema, the rows of the first schema's columns)."""
    with tempfile.TemporaryDirectory() as folder:
        for path in directory.glob("chancery.db*"):
            shutil.copy(path, folder)
        store = sqlite3.connect(pathlib.Path(folder) / "chancery.db")
        first = sqlite3.connect(":memory:")
        first.executescript(SCHEMA_ONE.read_text())
        try:
            version = store.execute("PRAGMA user_version").fetchone()[0]
            schema = sorted(map(str, store.execute(
                "SELECT type, name, sql FROM sqlite_schema"
                " WHERE name NOT LIKE 'sqlite_%'")))
            rows = {table: store.execute(
                f"SELECT {columns_of(first, table)} FROM {table}").fetchall()
                for table in ("authority", "certificate", "journal")}
        finally:
            first.close()
            store.close()
    return version, schema, rows


# --- the points -------------------------------------------------------------

def words_of(command):
    known = template()
    return {
        "revoke": ["revoke", known.valid, "--reason", "keyCompromise"],
        "crl": ["ca crl"],
        "approve": ["requests approve", known.request],
        "pause": ["pause", "--profile", "server"],
        "migrate": ["issue", "--profile", "server", "--csr",
                    base() / "request.pem"],
    }.get(command, ["ca rollover", "--step", command])


def template_of(command):
    template()
    own = base() / command
    return own if own.exists() else base() / "template"


def run_clean(command):
    with tempfile.TemporaryDirectory(dir=base()) as folder:
        ground = Ground(folder, template_of(command))
        done = ground.strike(words_of(command))
        assert done.status == DONE, str(done)
        return done.calls


def make_template_one():
    template()
    shutil.copytree(base() / "template", base() / "migrate")
    make_store_one(base() / "migrate")


def make_rollover_templates():
    """A template before each step."""
    template()
    chancery = Chancery(program(), base() / "rolling")
    shutil.copytree(base() / "template", chancery.directory)
    for step in STEPS:
        shutil.copytree(chancery.directory, base() / step)
        chancery.run("ca rollover", "--step", step)


@functools.cache
def clean_runs():
    make_template_one()
    make_rollover_templates()
    return {command: run_clean(command) for command in POINTS}


def all_points():
    for command, calls in clean_runs().items():
        for fault in FAULTS:
            yield from ((command, fault, call) for call in calls)


def pytest_generate_tests(metafunc):
    parametrize(metafunc, all_points, POINTS)


# --- what holds after every point -------------------------------------------

def check_lists(ground, before):
    """Whole lists, whose numbers never go down."""
    after = ground.lists()
    for name, old in before.items():
        assert number_of(after[name]) >= number_of(old), name
        if number_of(after[name]) == number_of(old):
            assert after[name].signature == old.signature, name
    return after


def left_over(directory):
    return sorted(str(path) for path in (directory / "publish").rglob(".*"))


@functools.cache
def has_audit():
    return " audit " in subprocess.run(
        [program(), "help"], env=SURROUNDINGS, capture_output=True, text=True,
        check=True).stdout


def check_verified(ground):
    """By the program's own word, where it has one."""
    if has_audit():
        ground.chancery.run("audit verify")


def check_settled(ground, before):
    """The next command needs nobody; what it leaves is in order."""
    ground.issue()
    books = ledger.check(ground.directory)
    lists = check_lists(ground, before)
    assert not left_over(ground.directory)
    for serial, status in books.items():
        is_listed = lists_it(lists["issuing.crl"], serial.hex())
        assert is_listed == (status == ledger.REVOKED), serial.hex()
    check_verified(ground)
    return books


# --- after each command -----------------------------------------------------

def after_revoke(ground, done, before):
    serial = template().valid
    is_revoked = ground.status(serial) == ledger.REVOKED
    if "Revoked" in done.out:
        assert is_revoked, f"{done}\nthe revocation is lost"
    if done.status == DONE:
        assert is_revoked
        assert lists_it(ground.lists()["issuing.crl"], serial)
    check_settled(ground, before)
    assert (ground.status(serial) == ledger.REVOKED) == is_revoked
    ground.chancery.run("revoke", serial)
    assert lists_it(check_lists(ground, before)["issuing.crl"], serial)


def after_crl(ground, done, before):
    if done.status == DONE:
        assert (number_of(ground.lists()["issuing.crl"]) >
                number_of(before["issuing.crl"]))
    check_settled(ground, before)
    again = ground.lists()
    ground.chancery.run("ca crl")
    assert (number_of(ground.lists()["issuing.crl"]) >
            number_of(again["issuing.crl"]))


def after_approve(ground, done, before):
    check_settled(ground, before)
    (row,) = ground.chancery.facts("requests list")
    if done.status == DONE:
        assert row["state"] == "issued", f"{done}\n{row}"
    if row["state"] == "waiting":
        ground.chancery.run("requests approve", template().request)
        (row,) = ground.chancery.facts("requests list")
    assert row["state"] == "issued", f"{done}\n{row}"
    valid = [held for held in ground.chancery.facts("list", "--status", "valid")
             if held["profile"] == "client"]
    assert len(valid) == 1, f"{done}\n{valid}"
    check_settled(ground, before)


def after_pause(ground, done, before):
    outcome = ground.chancery.attempt(
        "issue", "--profile", "server", "--csr", base() / "request.pem")
    if done.status == DONE:
        assert outcome.status == UNAVAILABLE, f"{done}\n{outcome}"
    ground.chancery.attempt("resume", "--profile", "server")
    check_settled(ground, before)


def after_step(ground, done, before):
    """The step is taken again, or was taken; all further ones follow."""
    for _ in range(len(STEPS)):
        if (ground.directory / "publish" / "ca" / "issuing-2.cer").exists() and \
                "issuing-2" in issuers(ground):
            break
        ground.chancery.run("ca rollover")
    fresh = ground.issue()
    second = x509.load_der_x509_certificate(
        (ground.directory / "publish" / "ca" / "issuing-2.cer").read_bytes())
    second.public_key().verify(fresh.signature, fresh.tbs_certificate_bytes,
                               ec.ECDSA(fresh.signature_hash_algorithm))
    ledger.check(ground.directory)
    lists = check_lists(ground, before)
    assert lists_it(lists["issuing.crl"], template().revoked)
    assert not left_over(ground.directory)
    check_verified(ground)


def issuers(ground):
    """Names of those that issue."""
    return [row["name"] for row in ground.chancery.facts("ca list")
            if row.get("issues") and row.get("state") == "active"]


def after_migrate(ground, done, before):
    old = read_rows(base() / "migrate")
    version, schema, rows = read_rows(ground.directory)
    assert version in (1, 2)
    if version == 1:
        assert (schema, rows) == old[1:], str(done)
    else:
        assert schema == read_rows(base() / "template")[1], str(done)
    for table, lines in old[2].items():
        assert rows[table][:len(lines)] == lines, f"{done}\n{table}"
    check_settled(ground, before)
    rows = read_rows(ground.directory)[2]
    for table, lines in old[2].items():
        assert rows[table][:len(lines)] == lines, f"{done}\n{table}"


AFTER = {"revoke": after_revoke, "crl": after_crl, "approve": after_approve,
         "pause": after_pause, "migrate": after_migrate}


def run_point(point):
    command, fault, call = point
    with tempfile.TemporaryDirectory(dir=base()) as folder:
        ground = Ground(folder, template_of(command))
        before = ground.lists()
        done = ground.strike(words_of(command), call["number"], fault)
        check_end(done, fault)
        check_syncs(done, fault)
        check_lists(ground, before)
        AFTER.get(command, after_step)(ground, done, before)


# --- the tests --------------------------------------------------------------

@pytest.fixture(scope="module")
def outcomes(request):
    yield from work_off(request, run_point)


def test_nothing_that_was_acknowledged_is_lost(point, outcomes):
    outcomes[name_of(point)].result()
