"""Whatever call on the disk fails or is never reached, nothing that was
acknowledged is lost and nothing needs a person (properties 16 and 18).

60 points are chosen by the commit, so that in time they all come by;
CHANCERY_LONG=1 takes all of them.
"""
import atexit
import concurrent.futures
import functools
import itertools
import os
import pathlib
import random
import re
import shutil
import tempfile

import pytest

import faults
import ledger
from conftest import program_named
from making import make_request, read_certificate
from program import (DONE, OUR_FAULT, SURROUNDINGS, UNAVAILABLE, Chancery,
                     commit, snapshot)

KILLED = -9
OUTPUT = "(standard output)"
STATUSES = {ledger.VALID: "valid", ledger.REVOKED: "revoked"}
CAUSES = {"EIO": "input/output error", "ENOSPC": "no space"}
# SQLite does not hand on every errno.
CAUSES_OF_STORE = "input/output error|no space|can't be|cannot be|may not be"
POINTS = {"init": 7, "issue": 13}  # of each fault
WHOLE = ["chancery.db", "chancery.yaml", "keys", "lock", "publish", "sign.log"]
# SQLite's helpers stay where its unlink is refused or its last close fails.
HELPERS = {"chancery.db-wal", "chancery.db-shm", "chancery.db-journal"}


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


def plain(path):
    """The path without what chance puts into it."""
    name = pathlib.Path(path).name
    return re.sub(r"^\.(.*)\.[0-9a-f]{16}$", r"\1", name)


def all_points():
    for command, calls in clean_runs().items():
        for fault in ("kill", "EIO", "ENOSPC"):
            yield from ((command, fault, call) for call in calls)


def in_turns(points, chance):
    """Shuffled, but so that a hundred calls of one kind don't crowd out the
    rest: one of each kind and file, then the second of each, and so on."""
    kinds = {}
    for point in points:
        call = point[2]
        kinds.setdefault((call["role"], call["call"], plain(call["path"])),
                         []).append(point)
    for kind in kinds.values():
        chance.shuffle(kind)
    turns = list(kinds.values())
    chance.shuffle(turns)
    return [point for turn in itertools.zip_longest(*turns) for point in turn
            if point is not None]


def chosen_points():
    chance = random.Random(commit())
    points = list(all_points())
    for command, count in POINTS.items():
        for fault in ("kill", "EIO", "ENOSPC"):
            yield from in_turns([point for point in points
                                 if point[:2] == (command, fault)],
                                chance)[:count]


def name_of(point):
    command, fault, call = point
    return (f"{command}-{fault}-{call['number']:03}-{call['role']}-"
            f"{call['call']}-{plain(call['path'])}")


def pytest_generate_tests(metafunc):
    if "point" not in metafunc.fixturenames:
        return
    if faults.why_not_here():
        metafunc.parametrize("point", [pytest.param(
            None, marks=pytest.mark.skip(faults.why_not_here()))])
        return
    points = list(all_points() if os.environ.get("CHANCERY_LONG")
                  else chosen_points())
    capture = metafunc.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"{len(points)} points of failure, chosen by {commit()}")
    metafunc.parametrize("point", points, ids=map(name_of, points))


# --- how a struck command ends ----------------------------------------------

def names_file(sentence, call):
    name = plain(call["path"])
    return (name in sentence or
            call["path"] == OUTPUT and "standard output" in sentence or
            name == "sign.log" and "sign log" in sentence or
            name.startswith("chancery.db") and "chancery.db" in sentence or
            name in (".init-building", ".init-ready") and
            "/authority" in sentence)


def check_end(done, fault):
    """One sentence that names file and cause, with 8 or 9; or what was struck
    was not needed; or the command itself was killed."""
    if done.struck is None:  # this run needed fewer calls than the counted one
        assert done.status == DONE, str(done)
        return
    if done.status == KILLED:
        assert fault == "kill" and done.struck["role"] == "command", str(done)
        return
    assert done.status in (DONE, UNAVAILABLE, OUR_FAULT), str(done)
    if done.status == DONE:
        return
    sentence = done.err.rstrip("\n")
    assert sentence and "\n" not in sentence, str(done)
    assert done.out == "" or done.struck["path"] == OUTPUT, str(done)
    if fault == "kill":
        return
    assert names_file(sentence, done.struck), str(done)
    of_store = plain(done.struck["path"]) in HELPERS
    assert re.search(CAUSES_OF_STORE if of_store else CAUSES[fault],
                     sentence, re.IGNORECASE), str(done)


def check_syncs(done, fault):
    """What a failed sync was to make durable is never again trusted: nothing
    more is written there, as if nothing had happened, by what succeeds."""
    if (fault == "kill" or done.status != DONE or done.struck is None or
            done.struck["call"] not in ("fsync", "fdatasync")):
        return
    again = [call for call in done.calls[done.struck["number"]:]
             if call["process"] == done.struck["process"] and
             call["descriptor"] == done.struck["descriptor"] and
             call["path"] == done.struck["path"] and "write" in call["call"]]
    assert not again, f"{done}\nwent on with {again}"


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


def after_issue(ground, done, before):
    valid = {serial for serial, status in before.items()
             if status == ledger.VALID}
    valid |= {acknowledged(done)} - {None}
    fresh = issue_again(ground)
    assert fresh not in valid and fresh not in ledger.intents(
        ledger.sign_log(ground.chancery.directory))[:-1]
    check_books(ground, valid | {fresh})


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
    names = {path.name for path in directory.iterdir()} - HELPERS
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
    """All points at work, two at a time: {name: future}."""
    points = [item.callspec.params["point"] for item in request.session.items
              if "point" in getattr(item, "fixturenames", ())]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        yield {name_of(point): pool.submit(run_point, point)
               for point in points}
        pool.shutdown(cancel_futures=True)


def test_nothing_is_lost_and_nothing_needs_a_person(point, outcomes):
    outcomes[name_of(point)].result()
