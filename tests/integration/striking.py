"""Points of failure: what the campaigns of faults have in common.

A point is (command, fault, call): one storage call of one command, struck once.
"""
import concurrent.futures
import itertools
import os
import pathlib
import random
import re

import pytest

import faults
from program import DONE, OUR_FAULT, UNAVAILABLE, commit

FAULTS = ("kill", "EIO", "ENOSPC")
KILLED = -9
OUTPUT = "(standard output)"
CAUSES = {"EIO": "input/output error", "ENOSPC": "no space"}
# What a role says on its own account.
LOGGED = re.compile(r"\d{4}-\d\d-\d\dT\S+ (keeper|signer)\[\d+\] ")
# SQLite does not hand on every errno.
CAUSES_OF_STORE = "input/output error|no space|can't be|cannot be|may not be"
# SQLite's helpers stay where its unlink is refused or its last close fails.
HELPERS = {"chancery.db-wal", "chancery.db-shm", "chancery.db-journal"}
# What can be made again fails nothing.
INDEX = {"search.db", "search.db-wal", "search.db-shm", "search.db-journal"}


def plain(path):
    """The path without what chance puts into it."""
    name = pathlib.Path(path).name
    name = re.sub(r"^(\.list)-\w{6}( \(deleted\))?$", r"\1", name)
    return re.sub(r"^\.(.*)\.[0-9a-f]{16}$", r"\1", name)


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


def chosen_points(points, counts):
    """So many of each command and fault, by the commit."""
    chance = random.Random(commit())
    for command, count in counts.items():
        for fault in FAULTS:
            yield from in_turns([point for point in points
                                 if point[:2] == (command, fault)],
                                chance)[:count]


def name_of(point):
    command, fault, call = point
    return (f"{command}-{fault}-{call['number']:03}-{call['role']}-"
            f"{call['call']}-{plain(call['path'])}")


def parametrize(metafunc, points_of_all, counts):
    """The parameter "point", for a module's pytest_generate_tests."""
    if "point" not in metafunc.fixturenames:
        return
    if faults.why_not_here():
        metafunc.parametrize("point", [pytest.param(
            None, marks=pytest.mark.skip(faults.why_not_here()))])
        return
    points = list(points_of_all())
    if not os.environ.get("CHANCERY_LONG"):
        points = list(chosen_points(points, counts))
    capture = metafunc.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print(f"{len(points)} points of failure, chosen by {commit()}")
    metafunc.parametrize("point", points, ids=map(name_of, points))


def work_off(request, run_point):
    """A module's points at work, two at a time; yields {name: future}."""
    points = [item.callspec.params["point"] for item in request.session.items
              if item.module is request.module and
              "point" in getattr(item, "fixturenames", ())]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        yield {name_of(point): pool.submit(run_point, point)
               for point in points}
        pool.shutdown(cancel_futures=True)


# --- how a struck command ends ----------------------------------------------

def names_file(sentence, call):
    name = plain(call["path"])
    return (name in sentence or
            call["path"] == OUTPUT and "standard output" in sentence or
            name == "sign.log" and "sign log" in sentence or
            name == ".list" and "a revocation list" in sentence or
            name.startswith("chancery.db") and "chancery.db" in sentence or
            name in (".init-building", ".init-ready") and
            "/authority" in sentence)


def is_settling(call):
    """The parts of a new authority are moved into place, the index too."""
    return call["role"] == "command" and call["call"] == "rename"


def check_end(done, fault):
    """One sentence, with 8 or 9; it, or what a role logged before, names file
    and cause.  Or what was struck was not needed; or the command itself was
    killed."""
    if done.struck is None:  # this run needed fewer calls than the counted one
        assert done.status == DONE, str(done)
        return
    if done.status == KILLED:
        assert fault == "kill" and done.struck["role"] == "command", str(done)
        return
    assert done.status in (DONE, UNAVAILABLE, OUR_FAULT), str(done)
    if done.status == DONE:
        return
    assert (fault == "kill" or plain(done.struck["path"]) not in INDEX or
            is_settling(done.struck)), str(done)
    sentences = [line for line in done.err.splitlines()
                 if not LOGGED.match(line)]
    assert len(sentences) == 1, str(done)
    assert (done.out == "" or done.struck["path"] == OUTPUT or
            "is recorded, but no published list" in done.err), str(done)
    if fault == "kill":
        return
    assert names_file(done.err, done.struck), str(done)
    of_store = plain(done.struck["path"]) in HELPERS
    assert re.search(CAUSES_OF_STORE if of_store else CAUSES[fault],
                     done.err, re.IGNORECASE), str(done)


def check_syncs(done, fault):
    """What a failed sync was to make durable is never again trusted: nothing
    more is written there, as if nothing had happened, by what succeeds."""
    if (fault == "kill" or done.status != DONE or done.struck is None or
            done.struck["call"] not in ("fsync", "fdatasync") or
            plain(done.struck["path"]) in INDEX):
        return
    again = [call for call in done.calls[done.struck["number"]:]
             if call["process"] == done.struck["process"] and
             call["descriptor"] == done.struck["descriptor"] and
             call["path"] == done.struck["path"] and "write" in call["call"]]
    assert not again, f"{done}\nwent on with {again}"
