"""renew: a certificate takes over from an older one."""
import os
import shutil
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

import waiting
from consumers import say
from making import attribute, make_request, new_key, read_certificate
from program import (CONFLICT, NOT_ALLOWED, NOT_FOUND, REFUSED, UNAVAILABLE,
                     USAGE)
from waiting import add_profile, look

NAME = "www.example.org"
NOBODY = 41004


def issue(authority, folder, name=NAME, *arguments):
    """(certificate file, key file) of a fresh certificate."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    authority.run("issue", "--profile", "server", "--san", name, "--subject",
                  "CN=" + name, "--key-out", key, "--out", certificate,
                  *arguments)
    return certificate, key


def serial(path):
    text = f"{read_certificate(path.read_text()).serial_number:x}"
    return text.zfill(len(text) + len(text) % 2)


def names(made):
    return [name.value for name in made.extensions.get_extension_for_class(
        x509.SubjectAlternativeName).value]


def belongs(certificate, key):
    made = read_certificate(certificate.read_text())
    held = serialization.load_pem_private_key(key.read_bytes(), None)
    return made.public_key().public_numbers() == \
        held.public_key().public_numbers()


# --- in its place ---------------------------------------------------------------------

def test_a_new_certificate_and_key_take_the_places_of_the_old_ones(
        authority, tmp_path):
    certificate, key = issue(authority, tmp_path)
    old, old_key = certificate.read_bytes(), key.read_bytes()
    facts = authority.facts("renew", certificate)
    assert facts["state"] == "renewed"
    assert facts["serial"] == serial(certificate) != facts["renews"]
    made, before = read_certificate(certificate.read_text()), read_certificate(
        old.decode())
    assert names(made) == names(before) == [NAME]
    assert made.subject == before.subject
    assert made.not_valid_after - made.not_valid_before == \
        before.not_valid_after - before.not_valid_before
    assert belongs(certificate, key) and key.read_bytes() != old_key
    assert key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / f"{NAME}.crt.old").read_bytes() == old
    assert (tmp_path / f"{NAME}.key.old").read_bytes() == old_key
    assert sorted(path.suffix for path in tmp_path.iterdir()
                  if path.is_file()) == [".crt", ".key", ".old", ".old"]
    [(detail,)] = look(authority, "SELECT detail FROM journal WHERE kind ="
                       " 'renewed' AND object = ?", facts["renews"])
    assert facts["serial"] in detail and "old key" in detail


def test_the_old_key_can_be_kept(authority, tmp_path):
    certificate, key = issue(authority, tmp_path)
    before, held = serial(certificate), key.read_bytes()
    authority.run("renew", certificate, "--reuse-key")
    assert serial(certificate) != before and key.read_bytes() == held
    assert belongs(certificate, key)


def test_key_and_certificate_in_one_file_stay_in_one_file(authority, tmp_path):
    certificate, key = issue(authority, tmp_path, NAME, "--chain")
    both = tmp_path / "both.pem"
    both.write_text(key.read_text() + certificate.read_text())
    key.unlink()
    authority.run("renew", both)
    text = both.read_text()
    assert text.count("BEGIN CERTIFICATE") == 2 and "PRIVATE KEY" in text
    assert both.stat().st_mode & 0o777 == 0o600
    assert belongs(both, both)
    assert not (tmp_path / "both.pem.key.new").exists()


def test_der_stays_der(authority, tmp_path):
    certificate, key = issue(authority, tmp_path, NAME, "--der")
    authority.run("renew", certificate)
    made = x509.load_der_x509_certificate(certificate.read_bytes())
    assert names(made) == [NAME]


@pytest.mark.parametrize("left", ["key.new", "both", "crt.new"])
def test_what_was_broken_off_is_finished(left, authority, tmp_path):
    certificate, key = issue(authority, tmp_path)
    old = serial(certificate)
    fresh, fresh_key = tmp_path / "fresh.crt", tmp_path / "fresh.key"
    authority.run("renew", certificate, "--out", fresh, "--key-out", fresh_key)
    new = serial(fresh)
    shutil.move(fresh_key, tmp_path / f"{NAME}.key.new")
    if left != "key.new":
        shutil.move(fresh, tmp_path / f"{NAME}.crt.new")
    if left == "crt.new":
        shutil.move(tmp_path / f"{NAME}.key.new", key)
    facts = authority.facts("renew", certificate)
    assert facts["state"] == ("renewed" if left == "key.new" else "finished")
    # the same key for the same old certificate: the same certificate
    assert serial(certificate) == new != old
    assert belongs(certificate, key)
    assert not list(tmp_path.glob("*.new"))


# --- elsewhere -----------------------------------------------------------------------------

def test_a_request_brings_the_new_key_and_no_names(authority, tmp_path):
    certificate, _ = issue(authority, tmp_path)
    key = new_key()
    csr = make_request(tmp_path / "new.csr", [attribute("CN", "other")],
                       ["other.example.org"], key)
    out = tmp_path / "new.crt"
    authority.run("renew", certificate, "--csr", csr, "--out", out)
    made = read_certificate(out.read_text())
    assert names(made) == [NAME]
    assert made.public_key().public_numbers() == \
        key.public_key().public_numbers()


def test_kb060_a_renewal_in_pkcs7_is_signed_by_the_old_key(
        authority, tmp_path):
    certificate, key = issue(authority, tmp_path)
    csr = make_request(tmp_path / "new.csr", dns=[NAME])
    done, words = say("openssl", "req", "-in", csr, "-outform", "DER", "-out",
                      tmp_path / "new.der")
    assert done, words
    done, words = say("openssl", "cms", "-sign", "-binary", "-nodetach", "-in",
                      tmp_path / "new.der", "-signer", certificate, "-inkey",
                      key, "-outform", "DER", "-out", tmp_path / "new.p7",
                      "-econtent_type", "pkcs7-data")
    assert done, words
    out = tmp_path / "new.crt"
    authority.run("renew", tmp_path / "new.p7", "--out", out)
    assert names(read_certificate(out.read_text())) == [NAME]


# --- who may ------------------------------------------------------------------------------------

def test_incident13_without_role_the_old_key_is_needed(
        pristine_locked):
    if os.geteuid() != 0:
        pytest.skip("only root becomes another user")
    served = waiting.Served(pristine_locked)
    served.serve()
    try:
        made, folder = served.authority, served.folder
        certificate, key = issue(made, folder)
        _, other = issue(made, folder, "other.example.org")
        theirs = make_request(folder / "new.csr", dns=[NAME])
        for path in (certificate, key, other, theirs):
            path.chmod(0o644)
        words = ["renew", certificate, "--csr", theirs]
        done = served.attempt_as(NOBODY, *words)
        assert done.status == 0, str(done)
        wrong = served.attempt_as(NOBODY, *words, "--key", other)
        assert wrong.status == CONFLICT, str(wrong)
        key.unlink()
        refused = served.attempt_as(NOBODY, *words)
        assert refused.status == NOT_ALLOWED, str(refused)
        assert made.run("renew", certificate, "--csr", theirs)
    finally:
        served.remove()


def test_incident13_revoked_and_held_ones_are_refused(
        authority, tmp_path):
    cases = []
    for number, status in enumerate((1, 2)):
        certificate, _ = issue(authority, tmp_path, f"s{number}.example.org")
        waiting.change(authority, "UPDATE certificate SET status = ? WHERE"
                       " hex(serial) LIKE ?", status,
                       "%" + serial(certificate).upper())
        cases.append((certificate, "revoked" if status == 1 else "held"))
    for certificate, word in cases:
        before = certificate.read_bytes()
        refused = authority.refuses(REFUSED, "renew", certificate)
        assert word in refused.err, refused.err
        assert certificate.read_bytes() == before


def test_kb061_every_other_state_is_renewed(authority, tmp_path):
    fresh, _ = issue(authority, tmp_path, "fresh.example.org")
    ended, _ = issue(authority, tmp_path, "ended.example.org", "--lifetime",
                     "2s")
    again, _ = issue(authority, tmp_path, "again.example.org")
    authority.run("renew", again)
    time.sleep(2)
    for certificate in (fresh, ended, again):
        before = serial(certificate)
        authority.run("renew", certificate)
        assert serial(certificate) != before


def test_incident13_entitlement_is_todays(authority, tmp_path):
    certificate, _ = issue(authority, tmp_path)
    text = waiting.settings(authority).read_text()
    authority.run("pause", "--profile", "server")
    assert "resume" in authority.refuses(UNAVAILABLE, "renew",
                                         certificate).err
    authority.run("resume", "--profile", "server")
    waiting.settings(authority).write_text(text.replace(
        "    names: [dns, ip]\n    names-required: yes\n",
        "    names: [dns, ip]\n    names-required: yes\n"
        "    allowed-names: [\"*.example.com\"]\n"))
    refused = authority.refuses(REFUSED, "renew", certificate)
    assert NAME in refused.err
    waiting.settings(authority).write_text(
        text.replace("  server:\n", "  servers:\n"))
    assert "server" in authority.refuses(NOT_FOUND, "renew", certificate).err


def test_a_shorter_lifetime_of_today_is_kept_to(authority, tmp_path):
    certificate, _ = issue(authority, tmp_path, NAME, "--lifetime", "300d")
    waiting.edit(authority, "    lifetime: 90d\n    longest-lifetime: 397d",
                 "    lifetime: 20d\n    longest-lifetime: 100d")
    authority.run("renew", certificate)
    made = read_certificate(certificate.read_text())
    assert (made.not_valid_after - made.not_valid_before).days == 99


def test_what_another_authority_issued_or_an_authority_is_refused(
        authority, tmp_path):
    published = authority.directory / "keys"
    for name, statuses in (("issuing", (REFUSED, NOT_FOUND)),):
        copy = tmp_path / f"{name}.crt"
        shutil.copy(published / f"{name}.crt", copy)
        authority.refuses(statuses, "renew", copy, "--csr", make_request(
            tmp_path / "a.csr", dns=[NAME]))
    done, words = say("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                      "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x",
                      "-keyout", tmp_path / "x.key", "-out",
                      tmp_path / "x.crt")
    assert done, words
    authority.refuses(NOT_FOUND, "renew", tmp_path / "x.crt")


def test_a_renewal_that_people_approve_waits_and_is_taken_up_again(
        authority, tmp_path):
    add_profile(authority, "solo", 1)
    certificate, key = tmp_path / "www.crt", tmp_path / "www.key"
    first, _ = waiting.ask(authority, "www", tmp_path, "solo")
    authority.run("requests approve", first)
    authority.run("requests fetch", first, "--key", key, "--out", certificate)
    before = serial(certificate)
    ident = authority.facts("renew", certificate)["request"]["id"]
    assert serial(certificate) == before
    assert authority.facts("renew", certificate)["request"]["id"] == ident
    authority.run("requests approve", ident)
    assert authority.facts("renew", certificate)["state"] == "renewed"
    assert serial(certificate) != before and belongs(certificate, key)


# --- all that are due ----------------------------------------------------------------------

def test_all_due_renews_what_is_in_the_last_third_of_its_life(
        authority, tmp_path):
    fresh, _ = issue(authority, tmp_path, "fresh.example.org")
    due, due_key = issue(authority, tmp_path, "due.example.org", "--lifetime",
                         "6s")
    alone, alone_key = issue(authority, tmp_path, "alone.example.org",
                             "--lifetime", "6s")
    alone_key.unlink()
    (tmp_path / "notes.txt").write_text("no certificate\n")
    time.sleep(5)
    before = {path: path.read_bytes() for path in (fresh, due, alone)}
    planned = authority.facts("renew", "--all-due", tmp_path, "--dry-run")
    assert {path: path.read_bytes() for path in before} == before
    rows = authority.facts("renew", "--all-due", tmp_path)
    for told, state in ((planned, "would-renew"), (rows, "renewed")):
        states = {row["file"].rsplit("/", 1)[1]: row["state"] for row in told}
        assert states == {"alone.example.org.crt": "skipped",
                          "due.example.org.crt": state,
                          "fresh.example.org.crt": "not-due"}
    assert fresh.read_bytes() == before[fresh]
    assert due.read_bytes() != before[due] and belongs(due, due_key)


def test_all_due_goes_on_after_a_refusal_and_ends_with_its_kind(
        authority, tmp_path):
    first, _ = issue(authority, tmp_path, "a.example.org", "--lifetime", "3s")
    second, _ = issue(authority, tmp_path, "b.example.org", "--lifetime", "3s")
    waiting.change(authority, "UPDATE certificate SET status = 1 WHERE"
                   " hex(serial) LIKE ?", "%" + serial(first).upper())
    time.sleep(3)
    before = serial(second)
    done = authority.attempt("renew", "--all-due", tmp_path)
    assert done.status == REFUSED, str(done)
    assert "1 of 2" in done.err and "revoked" in done.err
    assert serial(second) != before


@pytest.mark.parametrize("words", [
    (), ("--all-due", "--out", "x"), ("x", "--reuse-key", "--csr", "y"),
    ("x", "--csr", "y", "--key-out", "z")])
def test_wrong_usage_is_told(words, authority):
    authority.refuses(USAGE, "renew", *words)
