"""Keys that nobody opened: what works, what waits, and how they are opened."""
import contextlib
import json
import os

import pytest

from processes import left_after, role_of, running
from program import (NOT_FOUND, UNAVAILABLE, Chancery, changes, lasting,
                     snapshot)

NOT_AUTHENTICATED = 4
ISSUE = ["issue", "--profile", "server", "--san", "www.example.org"]


@pytest.fixture
def right(pristine_locked):
    return pristine_locked[1]


@pytest.fixture
def wrong(tmp_path):
    path = tmp_path / "wrong"
    path.write_text("the wrong passphrase\n")
    return path


def issue_words(tmp_path):
    number = len(list(tmp_path.iterdir()))
    return [*ISSUE, "--key-out", tmp_path / f"key{number}"]


def state_of(authority):
    facts = authority.facts("status")
    assert set(facts) == {"directory", "name", "version", "locked", "served",
                          "certificates", "keys", "authorities", "paused",
                          "ends_soon"}
    assert all(set(key) == {"name", "usable", "why"} for key in facts["keys"])
    return facts["locked"], facts["served"]


def test_a_locked_authority_says_how_it_is_opened(locked, tmp_path, serials):
    assert not (locked.directory / "keys/unlock").exists()
    assert state_of(locked) == (True, False)
    key, = locked.facts("status")["keys"]
    assert key["name"] == "issuing" and key["usable"] is False
    assert key["why"].startswith("locked"), key
    issued = serials(locked)
    outcome = locked.refuses(UNAVAILABLE, *issue_words(tmp_path))
    for words in ("locked", "chancery unlock", "--passphrase-file"):
        assert words in outcome.err, outcome.err
    outcome = locked.refuses(UNAVAILABLE, *issue_words(tmp_path), "--json")
    error = json.loads(outcome.err)["error"]
    assert error["code"] == "unavailable" and "unlock" in error["remedy"]
    locked.refuses(UNAVAILABLE, "unlock")
    assert serials(locked) == issued
    assert not list(tmp_path.glob("key*"))


def test_reading_needs_no_passphrase(locked):
    assert len(locked.facts("ca list")) == 2
    assert len(locked.facts("list")) == 2
    assert locked.run("ca show").out.startswith("-----BEGIN")
    rows = {row["label"]: row for row in locked.facts("keys list")}
    assert rows["issuing.key"]["usable"] is False
    assert rows["issuing.key"]["why"] == "locked"


def test_a_passphrase_file_opens_it_for_one_command(locked, right, tmp_path):
    locked.run(*issue_words(tmp_path), "--passphrase-file", right)
    locked.run(*issue_words(tmp_path), "--password-file", right)
    locked.run(*issue_words(tmp_path), "--passphrase-file", "-",
               text=right.read_text())
    with open(right, "rb") as file:
        locked.run(*issue_words(tmp_path), "--passphrase-fd", file.fileno(),
                   pass_fds=[file.fileno()])
    assert state_of(locked) == (True, False)


def test_a_wrong_passphrase_is_not_authenticated(locked, wrong, tmp_path):
    before = snapshot(locked.directory)
    for words in (issue_words(tmp_path), ["unlock"]):
        outcome = locked.refuses(NOT_AUTHENTICATED, *words,
                                 "--passphrase-file", wrong)
        assert "passphrase" in outcome.err, outcome.err
    locked.refuses(NOT_FOUND, "unlock", "--passphrase-file",
                   tmp_path / "nothing")
    after = snapshot(locked.directory)
    assert lasting(before) == lasting(after), changes(before, after)
    assert state_of(locked) == (True, False)


def test_a_credential_of_systemd_opens_it(locked, right, tmp_path):
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o700)
    (folder / "unlock").write_text(right.read_text())
    (folder / "unlock").chmod(0o400)
    locked.run(*issue_words(tmp_path),
               environment={"CREDENTIALS_DIRECTORY": str(folder)})


def test_unlock_holds_the_keys_open_until_lock(locked, right, wrong, tmp_path):
    before = running(locked.program)
    locked.run("unlock", "--passphrase-file", right)
    held = running(locked.program) - before
    assert {role_of(process) for process in held} == {
        "parent", "keeper", "signer"}
    assert (locked.directory / "control.sock").is_socket()
    assert state_of(locked) == (False, True)
    locked.run(*issue_words(tmp_path))
    locked.run(*issue_words(tmp_path))
    assert running(locked.program) - before == held
    locked.run("unlock")
    locked.run("lock")
    assert not left_after(locked.program, before)
    assert not (locked.directory / "control.sock").exists()
    assert state_of(locked) == (True, False)
    locked.refuses(UNAVAILABLE, *issue_words(tmp_path))
    locked.refuses(NOT_AUTHENTICATED, "unlock", "--passphrase-file", wrong)
    locked.run("unlock", "--passphrase-file", right)
    locked.run(*issue_words(tmp_path))
    locked.run("lock")


def test_what_holds_the_keys_ends_by_itself_when_it_is_ended(
        locked, right, tmp_path):
    before = running(locked.program)
    locked.run("unlock", "--passphrase-file", right)
    parent = [process for process in running(locked.program) - before
              if role_of(process) == "parent"]
    os.kill(parent[0], 15)
    assert not left_after(locked.program, before)
    locked.refuses(UNAVAILABLE, *issue_words(tmp_path))
    locked.run(*issue_words(tmp_path), "--passphrase-file", right)


def test_a_killed_holder_leaves_nothing_that_is_in_the_way(
        locked, right, tmp_path):
    before = running(locked.program)
    locked.run("unlock", "--passphrase-file", right)
    for process in running(locked.program) - before:
        with contextlib.suppress(ProcessLookupError):  # it went with another
            os.kill(process, 9)
    locked.run(*issue_words(tmp_path), "--passphrase-file", right)
    locked.run("unlock", "--passphrase-file", right)
    locked.run(*issue_words(tmp_path))
    locked.run("lock")


def test_lock_keeps_the_file_that_opens_the_keys_from_being_used(
        authority, tmp_path):
    marker = authority.directory / "keys/locked"
    assert state_of(authority) == (False, False)
    outcome = authority.run("lock")
    assert marker.exists() and "chancery unlock" in outcome.out
    assert (authority.directory / "keys/unlock").exists()
    assert state_of(authority) == (True, False)
    authority.refuses(UNAVAILABLE, *issue_words(tmp_path))
    authority.run("lock")
    assert authority.attempt("keys prove").status == 1
    outcome = authority.run("unlock")
    assert not marker.exists()
    assert "by itself" in outcome.out or "whenever" in outcome.out
    assert state_of(authority) == (False, False)
    authority.run(*issue_words(tmp_path))


def test_dry_runs_of_lock_and_unlock_change_nothing(authority):
    before = snapshot(authority.directory)
    authority.run("lock", "--dry-run")
    authority.run("unlock", "--dry-run")
    assert lasting(snapshot(authority.directory)) == lasting(before)


def test_status_json_is_one_object_in_every_state(locked, right):
    outcome = locked.run("status")
    assert "locked" in outcome.out
    locked.run("unlock", "--passphrase-file", right, "--json")
    assert "unlocked" in locked.run("status").out
    assert locked.facts("lock") == {"locked": True,
                                    "unlocks_by_itself": False}


def test_where_no_authority_is_everything_says_so(program, tmp_path):
    for folder in (tmp_path / "nothing", tmp_path):
        nowhere = Chancery(program, folder)
        for command in ("status", "lock", "unlock", "list", "ca list",
                        "ca show", "config show", "config path"):
            outcome = nowhere.refuses(NOT_FOUND, command)
            assert "chancery init" in outcome.err, command
