"""Whatever call on the disk fails or is never reached, nothing that was
acknowledged is lost and nothing needs a person (properties 16 and 18).

60 points are chosen by the commit, so that in time they all come by;
CHANCERY_LONG=1 takes all of them.
"""
import atexit
import functools
import pathlib
import shutil
import sqlite3
import tempfile

import pytest

import faults
import ledger
from conftest import program_named
from making import make_request, read_certificate
from program import DONE, SURROUNDINGS, Chancery, snapshot
from striking import (FAULTS, HELPERS, INDEX, check_end, check_syncs, name_of,
                      parametrize, work_off)

STATUSES = {ledger.VALID: "valid", ledger.REVOKED: "revoked"}
POINTS = {"init": 7, "issue": 13}  # of each fault
WHOLE = ["chancery.db", "chancery.yaml", "keys", "lock", "publish", "reserve",
         "search.db", "sign.log"]


# --- the points -------------------------------------------------------------

class Ground:
    """A folder with everything that a struck command needs."""

    def __init__(self, folder, template=None):
        self.folder = pathlib.Path(folder)
        self.place = self.folder / "place"
        self.place.mkdir(parents=True)
        self.chancery = Chancery(program(), self.place / "authority")
        if template is not None:
            shutil.copytree(template, self.chancery.directory)

    def words(self, command):
        return [self.chancery.program, command, "--dir",
                self.chancery.directory, *ARGUMENTS[command]]

    def strike(self, command, number=0, fault="none"):
        return faults.strike(
            self.words(command), self.place,
            dict(SURROUNDINGS, HOME=str(self.folder)), number, fault)


@functools.cache
def program():
    return program_named("CHANCERY_HARDENED_PROGRAM", "clang")


@functools.cache
def base():
    """A folder of the whole run: a request, and an authority to be copied."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chancery-faults-"))
    atexit.register(shutil.rmtree, folder)
    make_request(folder / "request.pem", dns=["www.example.org"])
    ARGUMENTS["issue"] = ["--profile", "server", "--csr",
                          folder / "request.pem"]
    return folder


ARGUMENTS = {"init": ["--name", "Faults"]}


@functools.cache
def clean_runs():
    """What the commands do when nothing fails: {command: calls}."""
    ground = Ground(base() / "clean")
    runs = {}
    for command in ("init", "issue"):
        done = ground.strike(command)
        assert done.status == DONE, str(done)
        runs[command] = done.calls
        if command == "init":
            shutil.copytree(ground.chancery.directory, base() / "template")
    return runs


def all_points():
    for command, calls in clean_runs().items():
        for fault in FAULTS:
            yield from ((command, fault, call) for call in calls)


def pytest_generate_tests(metafunc):
    parametrize(metafunc, all_points, POINTS)


# --- after it ---------------------------------------------------------------

def acknowledged(done):
    """The serial of the certificate that was handed out, if one was."""
    if "-----END CERTIFICATE-----" not in done.out:
        return None
    number = read_certificate(done.out).serial_number
    return number.to_bytes(17, "big")


def issue_again(ground):
    outcome = ground.chancery.run(*ground.words("issue")[1:2],
                                  *ARGUMENTS["issue"])
    return read_certificate(outcome.out).serial_number.to_bytes(17, "big")


def check_books(ground, valid):
    """Sign log, store, journal and list agree, and know these as valid."""
    books = ledger.check(ground.chancery.directory)
    for serial in valid:
        assert books.get(serial) == ledger.VALID, f"{serial.hex()} is lost"
    listed = {row["serial"]: row["status"]
              for row in ground.chancery.facts("list", "--status", "all")}
    assert listed == {serial.hex(): STATUSES[status]
                      for serial, status in books.items()}


def check_index(directory):
    """It is whole, and has taken in all that the store has."""
    with tempfile.TemporaryDirectory() as folder:
        for path in directory.glob("*.db*"):
            shutil.copy(path, folder)
        index = sqlite3.connect(pathlib.Path(folder) / "search.db")
        store = sqlite3.connect(pathlib.Path(folder) / "chancery.db")
        try:
            assert index.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            taken = dict(index.execute("SELECT name, number FROM taken"))
            last = store.execute("SELECT max(id) FROM certificate").fetchone()
        finally:
            index.close()
            store.close()
    assert taken["certificate"] == last[0], (taken, last)


def after_issue(ground, done, before):
    valid = {serial for serial, status in before.items()
             if status == ledger.VALID}
    valid |= {acknowledged(done)} - {None}
    fresh = issue_again(ground)
    assert fresh not in valid and fresh not in ledger.intents(
        ledger.sign_log(ground.chancery.directory))[:-1]
    check_books(ground, valid | {fresh})
    check_index(ground.chancery.directory)


def is_made(directory):
    return ((directory / "chancery.yaml").exists() or
            (directory / ".init-ready").exists())


def after_init(ground, done, fault):
    directory = ground.chancery.directory
    if not is_made(directory):
        assert done.status != DONE, str(done)
        if fault != "kill":
            left = snapshot(ground.place)
            assert list(left) == ["."], f"{done}\nleft {sorted(left)}"
        again = ground.chancery.attempt("init", *ARGUMENTS["init"])
        assert again.status == DONE, f"{done}\n{again}"
    fresh = issue_again(ground)
    check_books(ground, {fresh})
    assert [path.name for path in ground.place.iterdir()] == ["authority"]
    names = {path.name for path in directory.iterdir()}
    names -= HELPERS | INDEX - {"search.db"}
    assert sorted(names) == WHOLE, f"{done}\nleft {names}"


def run_point(point):
    command, fault, call = point
    with tempfile.TemporaryDirectory(dir=base()) as folder:
        ground = Ground(pathlib.Path(folder) / "ground",
                        base() / "template" if command == "issue" else None)
        before = {}
        if command == "issue":
            before = ledger.check(ground.chancery.directory)
        done = ground.strike(command, call["number"], fault)
        check_end(done, fault)
        check_syncs(done, fault)
        if command == "issue":
            after_issue(ground, done, before)
        else:
            after_init(ground, done, fault)


# --- the tests --------------------------------------------------------------

@pytest.fixture(scope="module")
def outcomes(request):
    yield from work_off(request, run_point)


def test_nothing_is_lost_and_nothing_needs_a_person(point, outcomes):
    outcomes[name_of(point)].result()
