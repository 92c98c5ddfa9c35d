"""pause and resume: issuance stops, and stays stopped."""
import pytest

import waiting
from program import CONFLICT, NOT_FOUND, UNAVAILABLE, USAGE
from waiting import add_profile, ask, look

NAME = "www.example.org"


def issue(authority, tmp_path, profile="server"):
    return authority.attempt("issue", "--profile", profile, "--san", NAME,
                             "--key-out", tmp_path / "a.key", "--force")


def test_incident52_a_pause_stops_its_profile_alone_over_restarts(
        authority, tmp_path):
    facts = authority.facts("pause", "--profile", "server", "--reason",
                            "keys of the build host lost")
    assert facts == {"profile": "server", "paused": True, "changed": True}
    # each of these commands starts an authority of its own
    for _ in range(2):
        refused = authority.refuses(
            UNAVAILABLE, "issue", "--profile", "server", "--san", NAME,
            "--key-out", tmp_path / "a.key")
        for word in ("server", "keys of the build host lost", "resume"):
            assert word in refused.err
    assert issue(authority, tmp_path, "client").status == 0
    assert not authority.facts("pause", "--profile", "server")["changed"]
    authority.run("resume", "--profile", "server")
    assert issue(authority, tmp_path).status == 0
    told = waiting.kinds(authority)
    assert told.count("paused") == told.count("resumed") == 1, told


def test_incident52_all_are_stopped_while_served_at_once(locked, pristine_locked,
                                                         tmp_path):
    locked.run("unlock", "--passphrase-file", pristine_locked[1])
    try:
        assert issue(locked, tmp_path).status == 0
        locked.run("pause", "--all")
        for profile in ("server", "client"):
            assert issue(locked, tmp_path, profile).status == UNAVAILABLE
        locked.run("resume", "--all")
        assert issue(locked, tmp_path).status == 0
    finally:
        locked.run("lock")


def test_a_pause_that_was_not_there_is_told_in_words(authority):
    for words in (["--all"], ["--profile", "server"]):
        told = authority.run("resume", *words).out
        assert "no pause" in told or "not paused" in told
        assert "chancery status" in told
    authority.run("pause", "--all")
    assert authority.run("pause", "--all").out == "It was paused already.\n"
    assert authority.run("resume", "--all").out == "Every profile issues again.\n"


def test_incident52_approvals_stop_too_and_nothing_is_noted(
        authority, tmp_path):
    add_profile(authority, "solo", 1)
    ident, _ = ask(authority, NAME, tmp_path, "solo")
    authority.run("pause", "--profile", "solo")
    authority.refuses(UNAVAILABLE, "requests approve", ident)
    assert look(authority, "SELECT count(*) FROM approval") == [(0,)]
    authority.run("requests deny", ident, "--reason", "not now")
    authority.run("resume", "--profile", "solo")
    authority.refuses(CONFLICT, "requests approve", ident)


def test_status_shows_what_is_paused_by_whom_and_why(authority):
    assert authority.facts("status")["paused"] == []
    authority.run("pause", "--all", "--reason", "an audit")
    authority.run("pause", "--profile", "client")
    paused = authority.facts("status")["paused"]
    assert [row["profile"] for row in paused] == ["*", "client"]
    assert paused[0]["reason"] == "an audit" and paused[0]["actor"]
    shown = authority.run("status").out
    assert "paused       every profile" in shown and "an audit" in shown
    # what was paused by its own name stays so
    authority.run("resume", "--all")
    assert [row["profile"] for row in authority.facts("status")["paused"]] == [
        "client"]


@pytest.mark.parametrize("words", [
    (), ("--all", "--profile", "server")])
def test_one_profile_or_all_must_be_named(words, authority):
    for command in ("pause", "resume"):
        authority.refuses(USAGE, command, *words)


def test_a_pause_of_no_profile_is_refused_and_a_rehearsal_changes_nothing(
        authority):
    authority.refuses(NOT_FOUND, "pause", "--profile", "nothing")
    authority.run("pause", "--all", "--dry-run")
    assert authority.facts("status")["paused"] == []
    assert waiting.kinds(authority).count("pause-refused") == 1
