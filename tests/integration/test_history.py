"""show SERIAL --history, and every kind of event with what it must tell."""
import json
import re

import waiting
from program import ROOT

KINDS = re.findall(r'\[EVENT_[A-Z_]+\] = \{"([a-z-]+)"',
                   (ROOT / "src" / "authority" / "event.c").read_text())


def issue(authority, folder, name, *more):
    key = folder / f"{name}.key"
    outcome = authority.attempt(
        "issue", "--profile", "server", "--san", f"dns:{name}", "--key-out", key,
        "--out", folder / f"{name}.pem", *more)
    return outcome


def last_serial(authority):
    return authority.facts("list")[-1]["serial"]


# --- history ----------------------------------------------------------------

def test_history_tells_a_certificate_from_its_request_to_its_end(
        authority, tmp_path):
    assert issue(authority, tmp_path, "a.example").status == 0
    serial = last_serial(authority)
    history = authority.facts("show", serial, "--history")["history"]
    (issued,) = history["events"]
    detail = issued["detail"]
    assert issued["kind"] == "issued" and issued["actor"].startswith("uid:")
    assert detail["outcome"] == "done" and detail["door"] == "control"
    assert detail["profile"] == "server" and detail["authority"] == "issuing"
    assert detail["lint"].endswith("rules, no findings")
    assert 0 < detail["sign_log"] <= (
        authority.directory / "sign.log").stat().st_size
    profile = authority.facts("profiles show", "server")
    assert detail["profile_sha256"] in str(profile)
    assert detail["sha256"] == authority.facts("show", serial)["sha256"]
    assert history["lists"] == []

    authority.run("hold", serial)
    authority.run("unhold", serial)
    authority.run("revoke", serial, "--reason", "keyCompromise")
    history = authority.facts("show", serial, "--history")["history"]
    assert [event["kind"] for event in history["events"]] == [
        "issued", "held", "released", "revoked"]
    assert history["events"][-1]["detail"]["revocation_reason"] == (
        "keyCompromise")
    assert [on["list"] for on in history["lists"]] == ["complete"]
    text = authority.run("show", serial, "--history").out
    for words in ("a certificate was issued, by uid:", "door: control",
                  "in the version: " + detail["profile_sha256"],
                  "reason: keyCompromise", "it is on the complete list"):
        assert words in text, text


def test_history_of_a_request_has_who_asked_and_who_approved(
        authority, tmp_path):
    waiting.add_profile(authority, "solo", 1)
    authority.run("issue", "--profile", "solo", "--san", "dns:a.example",
                  "--key-out", tmp_path / "a.key")
    request = authority.facts("requests list")[0]["id"]
    authority.run("requests approve", request)
    history = authority.facts(
        "show", last_serial(authority), "--history")["history"]["events"]
    assert [event["kind"] for event in history] == [
        "request-received", "request-approved", "issued"]
    detail = history[-1]["detail"]
    assert detail["request"] == request
    assert detail["asked_by"] == history[0]["actor"]
    assert detail["approvers"] == [history[1]["actor"]]
    assert detail["profile_sha256"] == history[0]["detail"]["profile_sha256"]


# --- every kind -------------------------------------------------------------

# Those that the commands below cause: kind -> (actor, outcome); None: whoever.
HERE = {
    "key-made": (None, "done"), "established": (None, "done"),
    "keeper-started": ("keeper", "done"), "keeper-stopped": ("keeper", "done"),
    "profile-used": ("keeper", "done"), "checkpoint": ("signer", "done"),
    "settings-changed": ("keeper", "done"),
    "settings-refused": ("keeper", "refused"),
    "issued": (None, "done"), "refused": (None, "refused"),
    "renewed": (None, "done"),
    "revoked": (None, "done"), "held": (None, "done"),
    "released": (None, "done"), "revocation-refused": (None, "refused"),
    "mass-revocation-started": (None, "done"),
    "mass-revocation-done": (None, "done"),
    "crl-signed": (None, "done"), "crl-published": (None, "done"),
    "paused": (None, "done"), "resumed": (None, "done"),
    "pause-refused": (None, "refused"),
    "person-added": (None, "done"), "person-renewed": (None, "done"),
    "person-ended": (None, "done"), "person-refused": (None, "refused"),
    "link-made": (None, "done"), "token-made": (None, "done"),
    "token-ended": (None, "done"), "token-refused": (None, "refused"),
    "account-added": (None, "done"), "account-ended": (None, "done"),
    "account-refused": (None, "refused"),
    "denial-refused": (None, "refused"), "approval-refused": (None, "refused"),
    "fetch-refused": (None, "refused"),
    "key-proved": (None, "done"),
    "clock-behind": ("keeper", "refused"), "clock-accepted": (None, "done"),
    "ceremony-started": ("keeper", "done"),
    "ceremony-ended": ("keeper", "done"),
    "authority-added": (None, "done"), "authority-requested": (None, "done"),
}

# Those that other tests cause, and which.
ELSEWHERE = {
    **dict.fromkeys(["unlocked", "locked", "passphrase-changed", "key-unusable",
                     "checkpoint-failed", "store-migrated"],
                    "test_properties39_keys_and_schema_are_told"),
    **dict.fromkeys(["request-received", "request-approved"],
                    "test_history_of_a_request_has_who_asked_and_who_approved"),
    **dict.fromkeys(["request-denied", "request-withdrawn", "request-fetched",
                     "request-failed"], "test_requests.py"),
    **dict.fromkeys(["rollover-planned", "rollover-certified",
                     "rollover-crossed", "rollover-published",
                     "rollover-switched", "rollover-undone", "rollover-refused",
                     "authority-installed", "cross-signed",
                     "cross-sign-refused", "authority-retired",
                     "retire-refused", "issuer-ends-soon"],
                    "test_hierarchy.py"),
    **dict.fromkeys(["delta-signed", "shard-signed", "crl-failed"],
                    "test_revocation.py"),
    **dict.fromkeys(["disk-full", "reserve-freed", "reserve-filled"],
                    "test_full_disk.py"),
    **dict.fromkeys(["notices-sent"], "test_watch.py"),
    **dict.fromkeys(["recovered"], "recovery_test.c"),
    **dict.fromkeys(["twin"], "twins_test.c"),
    **dict.fromkeys(["not-allowed", "sign-in-refused"], "test_people.py"),
    **dict.fromkeys(["link-used", "link-refused"], "people_test.c"),
    **dict.fromkeys(["clock-jumped"], "journal_test.c"),
    **dict.fromkeys(["unlock-refused", "clock-refused", "tell-refused",
                     "resume-refused", "install-refused"],
                    "events_test.c"),
}


def test_properties39_commands_tell_what_they_do(authority, tmp_path):
    run, attempt = authority.run, authority.attempt
    run("status")
    issue(authority, tmp_path, "a.example")
    serial = last_serial(authority)
    attempt("issue", "--profile", "nothing", "--san", "dns:x.example",
            "--key-out", tmp_path / "x.key")
    attempt("renew", tmp_path / "a.example.pem")
    run("hold", serial)
    run("unhold", serial)
    run("revoke", serial)
    attempt("unhold", serial)
    issue(authority, tmp_path, "m.example")
    attempt("revoke", "--where", "name=m.example", "--yes")
    run("pause", "--profile", "client")
    run("resume", "--profile", "client")
    attempt("pause", "--profile", "nothing")
    attempt("requests approve", "nothing")
    attempt("requests deny", "nothing", "--reason", "no")
    attempt("requests fetch", "nothing", "--key", tmp_path / "a.example.key")
    attempt("admin add", "alice", "--role", "approver", "--link")
    attempt("admin add", "alice", "--role", "approver", "--link")
    attempt("admin revoke", "alice")
    attempt("admin revoke", "nobody")
    attempt("token create", "t", "--role", "operator", "--profiles", "server",
            "--names", "*.example")
    attempt("token revoke", "t")
    attempt("token revoke", "t2")
    attempt("account add", "acc", "--profiles", "server", "--names", "*.example")
    attempt("account revoke", "acc")
    attempt("account revoke", "acc2")
    run("keys prove")
    attempt("ca add", "second")
    attempt("ca request", "--name", "third", "--out", tmp_path / "third.csr")
    settings = authority.directory / "chancery.yaml"
    settings.write_text(settings.read_text() + "# changed\n")
    run("status")
    waiting.change(authority, "UPDATE number SET value = value + 7200000"
                   " WHERE name = 'clock-latest-ms'")
    issue(authority, tmp_path, "c.example")
    run("doctor", "--accept-clock")
    settings.chmod(0o666)
    attempt("status")

    told = {}
    for kind, *rest in waiting.look(
            authority, "SELECT kind, actor, object, detail FROM journal"):
        told.setdefault(kind, []).append(rest)
    missing = []
    for kind, (actor, outcome) in HERE.items():
        if kind not in told:
            missing.append(kind)
            continue
        for told_actor, object_, detail in told[kind]:
            detail = json.loads(detail)
            assert detail["outcome"] == outcome, (kind, detail)
            assert actor in (None, told_actor), (kind, told_actor)
            assert told_actor, kind
            assert outcome == "done" or detail["reason"], (kind, detail)
            if actor is None and outcome == "done" and told_actor not in (
                    "keeper", "signer"):
                assert detail["door"] in ("control", "founding"), (kind, detail)
    assert not missing


def test_properties39_keys_and_schema_are_told(locked, tmp_path):
    passphrase, other = tmp_path / "passphrase", tmp_path / "other"
    passphrase.write_text("the passphrase of the tests\n")
    other.write_text("another passphrase of the tests\n")
    waiting.change(
        locked, "UPDATE number SET value = 0 WHERE name = 'checkpoint-ms'")
    locked.run("pause", "--profile", "client")
    locked.run("unlock", "--passphrase-file", passphrase)
    locked.run("lock")
    locked.attempt("issue", "--profile", "server", "--san", "dns:a.example",
                   "--key-out", tmp_path / "a.key", "--passphrase-file", other)
    locked.run("keys passphrase", "--passphrase-file", passphrase,
               "--new-passphrase-file", other)
    waiting.change(locked, "UPDATE number SET value = 1"
                   " WHERE name = 'schema-seen'")
    locked.run("status")
    told = {kind: (actor, json.loads(detail)) for kind, actor, detail in
            waiting.look(locked, "SELECT kind, actor, detail FROM journal")}
    for kind, outcome in (("unlocked", "done"), ("locked", "done"),
                          ("key-unusable", "refused"),
                          ("checkpoint-failed", "refused"),
                          ("passphrase-changed", "done"),
                          ("store-migrated", "done")):
        assert told[kind][1]["outcome"] == outcome, kind
    assert "locked" in told["checkpoint-failed"][1]["reason"]
    assert told["store-migrated"][1]["from"] == 1
    assert "door" in told["passphrase-changed"][1]
    assert locked.facts("audit verify")["whole"]


def test_properties39_every_kind_has_its_trigger_in_a_test():
    assert set(KINDS) == set(HERE) | set(ELSEWHERE)
    assert not set(HERE) & set(ELSEWHERE)
