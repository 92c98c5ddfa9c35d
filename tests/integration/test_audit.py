"""The journal: verified, shown, exported, and what is found when it is touched."""
import csv
import io
import json
import shutil
import sqlite3
import subprocess
import sys

import pytest

from program import CONFLICT, NO, ROOT, USAGE

SCRIPT = ROOT / "docs" / "verify_journal.py"


def issue(authority, folder, name, *more):
    authority.run("issue", "--profile", "server", "--san", f"dns:{name}",
                  "--key-out", folder / f"{name}.key", "--out",
                  folder / f"{name}.pem", *more)
    return authority.facts("list")[-1]["serial"]


@pytest.fixture
def told(authority, tmp_path):
    """An authority that has issued, refused and revoked."""
    serial = issue(authority, tmp_path, "a.example")
    issue(authority, tmp_path, "b.example")
    authority.attempt("issue", "--profile", "server", "--san", "email:a@b.example",
                      "--key-out", tmp_path / "c.key")
    authority.run("revoke", serial, "--reason", "keyCompromise")
    return authority, serial


def change(authority, *statements):
    with sqlite3.connect(authority.directory / "chancery.db") as store:
        for statement in statements:
            store.execute(statement)
    store.close()


# --- verify -----------------------------------------------------------------

def test_a_journal_is_whole_and_signed_to_its_end(told):
    authority, _ = told
    found = authority.facts("audit verify")
    assert found["whole"] and found["tail"] == 0
    assert found["signed_until"] == found["events"] - 1
    assert found["certificates"] == 4
    assert [signer["authority"] for signer in found["signers"]] == ["issuing"]


def test_verifying_changes_nothing(told):
    authority, _ = told
    before = authority.facts("audit verify")
    assert authority.facts("audit verify") == before


@pytest.mark.parametrize("statement, word", [
    ("UPDATE journal SET actor = 'mallory' WHERE kind = 'revoked'", "chain"),
    ("DELETE FROM journal WHERE kind = 'refused'", "missing"),
    ("DELETE FROM journal WHERE seq > 12", "cut off"),
])
def test_properties40_what_was_touched_is_named(told, statement, word):
    authority, _ = told
    change(authority, statement)
    outcome = authority.attempt("audit verify", "--json")
    assert outcome.status == NO
    assert not outcome.facts["whole"]
    assert word in outcome.facts["why"]
    assert outcome.facts["broken_event"] > 0


def test_properties40_an_older_store_in_its_place_is_found(authority, tmp_path):
    issue(authority, tmp_path, "a.example")
    shutil.copytree(authority.directory, tmp_path / "older")
    issue(authority, tmp_path, "b.example")
    for path in (tmp_path / "older").glob("chancery.db*"):
        shutil.copy(path, authority.directory / path.name)
    outcome = authority.attempt("audit verify")
    assert outcome.status == NO and "older" in outcome.out


def test_locking_signs_what_the_journal_tells_up_to_there(locked, pristine_locked,
                                                          tmp_path):
    locked.run("unlock", "--passphrase-file", pristine_locked[1])
    issue(locked, tmp_path, "a.example")
    locked.run("lock")
    found = locked.facts("audit verify")
    told = {event["kind"]: event["seq"] for event in locked.facts("audit show")}
    assert found["whole"] and found["signed_until"] >= told["issued"]


def test_incident16_a_revocation_that_was_taken_from_the_lists_is_found(told):
    authority, serial = told
    change(authority, "DROP TRIGGER revocation_stays", "DELETE FROM revocation")
    outcome = authority.attempt("audit verify")
    assert outcome.status == NO
    assert serial in outcome.out and "revocation" in outcome.out


# --- show -------------------------------------------------------------------

def test_events_are_chosen_by_kind_object_actor_time_and_number(told):
    authority, serial = told
    everything = authority.facts("audit show")
    assert [event["seq"] for event in everything] == list(
        range(1, len(everything) + 1))
    by_kind = authority.facts("audit show", "--kind", "revoked")
    assert [event["object"] for event in by_kind] == [serial]
    about = authority.facts("audit show", "--object", serial)
    assert [event["kind"] for event in about] == ["issued", "revoked"]
    assert authority.facts("audit show", "--actor", "nobody") == []
    assert authority.facts("audit show", "--limit", "2") == everything[-2:]
    assert authority.facts("audit show", "--since", "1h") == everything
    assert authority.facts("audit show", "--since", "2100-01-01T00:00:00Z") == []


def test_wrong_choices_are_usage(told):
    authority, _ = told
    for words in (["--kind", "nothing"], ["--limit", "0"], ["--since", "then"]):
        authority.refuses(USAGE, "audit show", *words)


# --- export -----------------------------------------------------------------

def verified(path, *certificate):
    return subprocess.run([sys.executable, SCRIPT, path, *certificate],
                          capture_output=True, text=True, timeout=300)


def test_an_export_is_verified_without_chancery(told, tmp_path):
    authority, _ = told
    certificate = authority.directory / "keys" / "issuing.crt"
    out = tmp_path / "journal.jsonl"
    authority.run("audit export", "--out", out)
    lines = out.read_text().splitlines()
    assert list(json.loads(lines[0])) == ["seq", "at", "at_ms", "kind", "actor",
                                          "object", "detail", "hash"]
    outcome = verified(out, certificate)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    checkpoints = sum('"kind":"checkpoint"' in line for line in lines)
    assert outcome.stdout == (f"whole: {len(lines)} events, {checkpoints} "
                              "checkpoints verified\n")
    authority.refuses(CONFLICT, "audit export", "--out", out)
    authority.run("audit export", "--out", out, "--force")


def test_the_script_finds_what_was_touched(told, tmp_path):
    authority, _ = told
    certificate = authority.directory / "keys" / "issuing.crt"
    lines = authority.run("audit export").out.splitlines()
    touched = tmp_path / "touched.jsonl"
    assert json.loads(lines[-1])["kind"] == "checkpoint"
    for changed in (lines[:3] + lines[4:],
                    lines[:2] + [lines[3], lines[2]] + lines[4:],
                    [line.replace("uid:", "uid:9", 1) for line in lines],
                    lines[:5] + [lines[5].replace('"at_ms":1', '"at_ms":2')] +
                    lines[6:]):
        touched.write_text("\n".join(changed) + "\n")
        assert verified(touched).returncode == 1
    touched.write_text("\n".join(lines) + "\n")
    root = tmp_path / "root.pem"
    root.write_text(authority.run("ca show", "--ca", "root").out)
    outcome = verified(touched, root)
    assert outcome.returncode == 1 and "does not hold" in outcome.stdout
    assert verified(touched, certificate).returncode == 0


def test_csv_has_the_same_columns_and_texts(told):
    authority, _ = told
    rows = list(csv.DictReader(io.StringIO(
        authority.run("audit export", "--format", "csv").out)))
    lines = [json.loads(line) for line in
             authority.run("audit export").out.splitlines()]
    assert len(rows) == len(lines)
    for row, line in zip(rows, lines):
        assert row == {name: str(value) for name, value in line.items()}


# --- doctor and the clock ---------------------------------------------------

def test_doctor_finds_nothing_wrong_and_changes_nothing(told):
    authority, _ = told
    found = authority.facts("doctor")
    assert [check["check"] for check in found] == ["clock", "store", "journal",
                                                   "keys"]
    assert all(check["ok"] for check in found)


def test_doctor_finds_keys_that_others_read(told):
    authority, _ = told
    (authority.directory / "keys" / "issuing.key").chmod(0o644)
    outcome = authority.attempt("doctor", "--json")
    assert outcome.status == NO
    assert [check["check"] for check in outcome.facts if not check["ok"]] == [
        "keys"]


def put_clock_behind(authority, seconds):
    """As far as the authority knows: the last time it remembers is later."""
    change(authority, "UPDATE number SET value = value + "
           f"{1000 * seconds} WHERE name = 'clock-latest-ms'")


def test_kb004_properties06_a_clock_behind_the_journal_issues_nothing(
        authority, tmp_path):
    issue(authority, tmp_path, "a.example")
    count = len(authority.facts("list"))
    latest = authority.facts("audit show", "--limit", "1")[0]["at_ms"]
    put_clock_behind(authority, 7200)
    assert authority.attempt("doctor").status == NO
    outcome = authority.attempt("issue", "--profile", "server", "--san",
                                "dns:b.example", "--key-out", tmp_path / "b.key")
    assert outcome.status == 8 and "--accept-clock" in outcome.err
    assert not (tmp_path / "b.key").exists()
    assert len(authority.facts("list")) == count
    later = [event for event in authority.facts("audit show")
             if event["kind"] in ("clock-behind", "refused")]
    assert {event["kind"] for event in later} == {"clock-behind", "refused"}
    # Nothing is told at the wrong time: all of it at the latest one known.
    assert all(event["at_ms"] > latest + 7000000 for event in later)
    assert authority.facts("doctor", "--accept-clock") == {
        "accepted": True, "was": "behind",
        "ahead_ms": pytest.approx(-7200000, abs=300000)}
    accepted = authority.facts("audit show", "--kind", "clock-accepted")
    assert len(accepted) == 1 and accepted[0]["at_ms"] < latest + 3600000
    issue(authority, tmp_path, "c.example")
    assert authority.facts("doctor", "--accept-clock")["accepted"] is False
    assert authority.facts("audit verify")["whole"]
