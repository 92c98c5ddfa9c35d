"""Requests that wait for people."""
import datetime
import json
import os
import signal
import time

import pytest
from cryptography import x509

import waiting
from making import make_request, new_key, read_certificate
from program import (CONFLICT, DONE, NOT_ALLOWED, NOT_FOUND, REFUSED,
                     UNAVAILABLE, USAGE)
from waiting import add_profile, ask, look

NAME = "www.example.org"
DAY = datetime.timedelta(days=1)
ALICE, BOB, CAROL, NOBODY = 41001, 41002, 41003, 41004


def lifetime(facts):
    made = read_certificate(facts["certificate"])
    return made.not_valid_after - made.not_valid_before + \
        datetime.timedelta(seconds=1)


@pytest.fixture
def solo(authority):
    """One person approves."""
    add_profile(authority, "solo", 1)
    return authority


@pytest.fixture
def served(pristine_locked):
    """Two people approve; alice, bob and carol have roles."""
    if os.geteuid() != 0:
        pytest.skip("only root becomes another user")
    made = waiting.Served(pristine_locked)
    add_profile(made.authority, "duo", 2)
    waiting.add_person(made.authority, "alice", "operator", ALICE)
    waiting.add_person(made.authority, "bob", "approver", BOB)
    waiting.add_person(made.authority, "carol", "approver", CAROL)
    made.serve()
    yield made
    made.remove()


# --- waiting --------------------------------------------------------------------

def test_a_request_that_waits_is_told_with_what_comes_next(solo, tmp_path):
    out, key = tmp_path / "www.crt", tmp_path / "www.key"
    done = solo.run("issue", "--profile", "solo", "--san", NAME, "--key-out",
                    key, "--out", out)
    assert "waits for the approval of one person" in done.out
    assert "chancery requests fetch" in done.out
    assert key.stat().st_mode & 0o777 == 0o600
    assert not out.exists()
    assert look(solo, "SELECT count(*) FROM certificate") == [(2,)]
    [row] = solo.facts("requests list", "--state", "waiting")
    assert row["profile"] == "solo" and row["id"] in done.out
    assert solo.facts("requests list", "--state", "issued") == []


def test_show_tells_all_that_an_approver_judges(solo, tmp_path):
    ident, _ = ask(solo, NAME, tmp_path, "solo", "--subject", "CN=the host")
    facts = solo.facts("requests show", ident)
    assert facts["subject"] == "CN=the host"
    assert facts["names"] == ["dns:" + NAME]
    assert facts["state"] == "waiting" and facts["approvals"] == []
    assert facts["actor"] == f"uid:{os.geteuid()}"
    assert len(facts["profile_sha256"]) == len(facts["key_sha256"]) == 64
    assert facts["lint"].startswith("no findings")
    shown = solo.run("requests show", ident).out
    for word in ("CN=the host", "dns:" + NAME, facts["profile_sha256"],
                 facts["key_sha256"], "no findings"):
        assert word in shown
    solo.run("requests approve", ident)
    facts = solo.facts("requests show", ident)
    assert facts["state"] == "issued"
    assert [row["actor"] for row in facts["approvals"]] == [
        f"uid:{os.geteuid()}"]


def test_what_no_approval_could_mend_is_refused_at_once(solo, tmp_path):
    solo.refuses(REFUSED, "issue", "--profile", "solo", "--san",
                 "email:a@example.org", "--key-out", tmp_path / "a.key")
    assert solo.facts("requests list") == []
    assert not (tmp_path / "a.key").exists()


def test_kb037_any_number_waits_for_a_name_beside_issued_ones(solo, tmp_path):
    first, key = ask(solo, NAME, tmp_path, "solo")
    solo.run("requests approve", first)
    key.unlink()
    others = []
    for _ in range(5):
        others.append(ask(solo, NAME, tmp_path, "solo")[0])
        key.unlink()
    assert len({first, *others}) == 6
    waiting_ids = [row["id"] for row in
                   solo.facts("requests list", "--state", "waiting")]
    assert waiting_ids == others
    solo.run("requests approve", others[3])
    assert [row["state"] for row in solo.facts("requests list")] == [
        "issued", "waiting", "waiting", "waiting", "issued", "waiting"]


# --- fetched by id and key ---------------------------------------------------------

def test_kb059_found_by_id_and_key_400_days_later(solo, tmp_path):
    ident, key = ask(solo, NAME, tmp_path, "solo")
    other = ask(solo, "other.example.org", tmp_path, "solo")[1]
    out = tmp_path / "www.crt"
    waiting.change(solo, "UPDATE request SET asked_at = asked_at - ?",
                   400 * 86400)
    refused = solo.refuses(UNAVAILABLE, "requests fetch", ident, "--key", key,
                           "--out", out)
    assert "waits for people" in refused.err
    solo.run("requests approve", ident)
    solo.refuses(NOT_ALLOWED, "requests fetch", ident, "--key", other,
                 "--out", out)
    unknown = ident[:-1] + ("a" if ident[-1] != "a" else "b")
    solo.refuses(NOT_FOUND, "requests fetch", unknown, "--key", key)
    solo.refuses(NOT_FOUND, "requests fetch", "A'; --", "--key", key)
    assert not out.exists()
    solo.run("requests fetch", ident, "--key", key, "--out", out, "--chain")
    text = out.read_text()
    assert text.count("BEGIN CERTIFICATE") == 2
    names = read_certificate(text).extensions.get_extension_for_class(
        x509.SubjectAlternativeName).value
    assert [name.value for name in names] == [NAME]
    told = waiting.kinds(solo)
    assert told.count("request-fetched") == 2, told
    assert told.count("fetch-refused") >= 3, told


def test_what_was_denied_is_told_to_who_asked_with_the_words(solo, tmp_path):
    ident, key = ask(solo, NAME, tmp_path, "solo")
    solo.refuses(USAGE, "requests deny", ident)
    solo.run("requests deny", ident, "--reason", "that host is not ours")
    refused = solo.refuses(REFUSED, "requests fetch", ident, "--key", key)
    assert "denied" in refused.err and "that host is not ours" in refused.err
    solo.refuses(CONFLICT, "requests approve", ident)
    solo.refuses(CONFLICT, "requests withdraw", ident)


def test_any_user_fetches_with_the_key_and_nothing_else(served, tmp_path):
    made = served.authority
    ident, key = ask(made, NAME, served.folder)
    key.chmod(0o644)
    assert served.attempt_as(BOB, "requests approve", ident).status == DONE
    assert served.attempt_as(CAROL, "requests approve", ident).status == DONE
    done = served.attempt_as(NOBODY, "requests fetch", ident, "--key", key)
    assert done.status == DONE, str(done)
    assert "BEGIN CERTIFICATE" in done.out
    for command in (["requests approve", ident], ["requests withdraw", ident],
                    ["requests deny", ident, "--reason", "no"]):
        refused = served.attempt_as(NOBODY, *command)
        assert refused.status == NOT_ALLOWED, str(refused)


# --- repeated ------------------------------------------------------------------------

def test_kb073_the_same_idempotency_key_gives_the_same_request(solo, tmp_path):
    key = new_key()
    csr = make_request(tmp_path / "a.csr", dns=[NAME], key=key)
    words = ["issue", "--profile", "solo", "--csr", csr, "--idempotency-key",
             "once"]
    first = solo.facts(*words)["request"]["id"]
    assert solo.facts(*words)["request"]["id"] == first
    other = make_request(tmp_path / "b.csr", dns=[NAME])
    refused = solo.refuses(CONFLICT, "issue", "--profile", "solo", "--csr",
                           other, "--idempotency-key", "once")
    assert "for another key" in refused.err
    solo.run("requests approve", first)
    issued = solo.facts(*words)
    assert issued["serial"] == solo.facts(*words)["serial"]
    assert len(solo.facts("requests list")) == 1


def test_the_key_of_a_denied_request_can_not_be_used_again(solo, tmp_path):
    csr = make_request(tmp_path / "a.csr", dns=[NAME])
    words = ["issue", "--profile", "solo", "--csr", csr, "--idempotency-key",
             "once"]
    ident = solo.facts(*words)["request"]["id"]
    solo.run("requests deny", ident, "--reason", "no")
    assert "denied" in solo.refuses(CONFLICT, *words).err


# --- two people ----------------------------------------------------------------------

def test_properties37_two_approvers_are_two_people(served, tmp_path):
    made = served.authority
    key = served.folder / "alice.key"
    asked = made.facts("issue", "--profile", "duo", "--san", NAME, "--key-out",
                       key)["request"]["id"]
    # root asked: root is neither of the two
    refused = made.refuses(CONFLICT, "requests approve", asked)
    assert "two others" in refused.err
    assert served.attempt_as(BOB, "requests approve", asked).status == DONE
    again = served.attempt_as(BOB, "requests approve", asked)
    assert again.status == CONFLICT, str(again)
    assert made.facts("requests show", asked)["state"] == "waiting"
    assert served.attempt_as(CAROL, "requests approve", asked).status == DONE
    assert made.facts("requests show", asked)["state"] == "issued"


def test_properties37_who_asked_is_neither_of_the_two(served, tmp_path):
    made = served.authority
    csr = make_request(served.folder / "a.csr", dns=[NAME])
    csr.chmod(0o644)
    done = served.attempt_as(ALICE, "issue", "--profile", "duo", "--csr", csr,
                             "--json")
    assert done.status == DONE, str(done)
    ident = json.loads(done.out)["request"]["id"]
    assert served.attempt_as(ALICE, "requests approve",
                             ident).status == CONFLICT
    assert served.attempt_as(BOB, "requests approve", ident).status == DONE
    made.run("requests approve", ident)
    [row] = look(made, "SELECT actor FROM certificate ORDER BY id DESC LIMIT 1")
    assert row == ("alice",)


def test_an_approver_whose_role_ended_does_not_count(served, tmp_path):
    made = served.authority
    ident, _ = ask(made, NAME, served.folder)
    assert served.attempt_as(BOB, "requests approve", ident).status == DONE
    waiting.change(made, "UPDATE person SET ended_at = 1 WHERE name = 'bob'")
    done = served.attempt_as(CAROL, "requests approve", ident, "--json")
    assert json.loads(done.out)["approvals"] == 1, str(done)
    assert not json.loads(done.out)["issued"]
    assert made.facts("requests show", ident)["state"] == "waiting"
    done = served.attempt_as(ALICE, "requests approve", ident, "--json")
    assert json.loads(done.out)["issued"], str(done)


def test_only_who_asked_or_an_administrator_withdraws(served, tmp_path):
    made = served.authority
    ident, _ = ask(made, NAME, served.folder)
    refused = served.attempt_as(BOB, "requests withdraw", ident)
    assert refused.status == NOT_ALLOWED, str(refused)
    made.run("requests withdraw", ident)
    assert made.facts("requests show", ident)["state"] == "withdrawn"


# --- broken off -------------------------------------------------------------------------

def test_kb072_an_approval_that_is_broken_off_is_whole_or_not_there(
        solo, tmp_path):
    for delay in (0.02, 0.1, 0.2, 0.3, 0.5):
        ident, key = ask(solo, NAME, tmp_path, "solo")
        key.unlink()
        process = solo.start("requests approve", ident)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        # whatever it had begun is finished or undone by the next command
        facts = solo.facts("requests show", ident)
        [(issued,)] = look(solo, "SELECT count(*) FROM certificate WHERE"
                           " request = (SELECT number FROM request WHERE"
                           " id = ?)", ident)
        assert (facts["state"], issued) in (("waiting", 0), ("issued", 1))
        if facts["state"] == "waiting":
            solo.run("requests approve", ident)
        assert solo.facts("requests show", ident)["state"] == "issued"


def test_kb072_what_only_looks_leaves_everything_unchanged(solo, tmp_path):
    ident, _ = ask(solo, NAME, tmp_path, "solo")
    before = solo.facts("requests show", ident)
    solo.run("requests approve", ident, "--dry-run")
    solo.run("requests deny", ident, "--reason", "no", "--dry-run")
    solo.run("requests withdraw", ident, "--dry-run")
    assert solo.facts("requests show", ident) == before
    assert look(solo, "SELECT count(*) FROM approval") == [(0,)]


# --- versions of profiles ----------------------------------------------------------------

def test_incident43_what_was_asked_for_is_issued_whatever_the_profile_says_now(
        served, tmp_path):
    made = served.authority
    waiting_ids = []
    for i in range(25):
        csr = make_request(served.folder / f"{i}.csr",
                           dns=[f"a{i}.example.org"])
        waiting_ids.append(made.facts("issue", "--profile", "duo", "--csr",
                                      csr)["request"]["id"])
    served.end()
    waiting.edit(made, "approvals: 2", "approvals: 1")
    waiting.edit(made, "    lifetime: 90d\n    longest-lifetime: 397d\n"
                 "    names: [dns]\n",
                 "    lifetime: 30d\n    longest-lifetime: 397d\n"
                 "    names: [dns]\n")
    served.serve()
    for i in range(25):
        csr = make_request(served.folder / f"n{i}.csr",
                           dns=[f"b{i}.example.org"])
        waiting_ids.append(made.facts("issue", "--profile", "duo", "--csr",
                                      csr)["request"]["id"])
    for number, ident in enumerate(waiting_ids):
        old = number < 25
        assert served.attempt_as(BOB, "requests approve", ident).status == DONE
        if old:
            assert served.attempt_as(CAROL, "requests approve",
                                     ident).status == DONE
    for number, ident in enumerate(waiting_ids):
        [(serial,)] = look(
            made, "SELECT hex(serial) FROM certificate JOIN request ON"
            " certificate.request = request.number WHERE request.id = ?",
            ident)
        facts = made.facts("show", serial)
        assert lifetime(facts) == (90 if number < 25 else 30) * DAY


def test_what_is_beyond_todays_settings_waits_until_they_are_widened(
        authority, tmp_path):
    # no profile but this one takes URIs, so the signer signs none without it
    waiting.edit(authority, ", uri]", "]")
    add_profile(authority, "solo", 1)
    waiting.edit(authority, "    names: [dns]\n    subject: [CN]\n    approv",
                 "    names: [dns, uri]\n    subject: [CN]\n    approv")
    ident, _ = ask(authority, NAME, tmp_path, "solo", "--san",
                   "uri:https://www.example.org/")
    waiting.edit(authority, "[dns, uri]", "[dns]")
    refused = authority.refuses(NOT_ALLOWED, "requests approve", ident)
    assert "goes on waiting" in refused.err and "widen" in refused.err
    assert authority.facts("requests show", ident)["state"] == "waiting"
    waiting.edit(authority, "    names: [dns]\n    subject: [CN]\n    approv",
                 "    names: [dns, uri]\n    subject: [CN]\n    approv")
    authority.run("requests approve", ident)
    assert authority.facts("requests show", ident)["state"] == "issued"


# --- told apart -------------------------------------------------------------------------

def test_kb065_stopped_not_allowed_and_not_there_are_told_apart(
        solo, tmp_path):
    ident, key = ask(solo, NAME, tmp_path, "solo")
    solo.run("pause", "--profile", "solo", "--reason", "an audit")
    paused = solo.refuses(UNAVAILABLE, "requests approve", ident)
    assert "an audit" in paused.err and "resume" in paused.err
    assert look(solo, "SELECT count(*) FROM approval") == [(0,)]
    solo.run("resume", "--profile", "solo")
    solo.run("lock")
    locked = solo.refuses(UNAVAILABLE, "requests approve", ident)
    assert "locked" in locked.err
    missing = solo.refuses(NOT_FOUND, "requests show", "a" * 26)
    assert "a" * 26 in missing.err
