"""The listing of keys, their proof, and what protects them."""
import shutil

import pytest

from consumers import say
from program import (NO, NOT_FOUND, UNAVAILABLE, USAGE, Chancery, same,
                     snapshot)

NOT_AUTHENTICATED = 4
KEYS = ["sha256", "algorithm", "bits", "home", "label", "usable", "why",
        "certificates", "used_by", "exportable", "copies"]


def by_label(authority, *arguments):
    rows = authority.facts("keys list", *arguments)
    return {row["label"]: row for row in rows}


def spki_sha256(path, *arguments):
    done, words = say("sh", "-c", "openssl x509 -in \"$0\" -noout -pubkey | "
                      "openssl pkey -pubin -outform DER | openssl sha256 -r",
                      path)
    assert done, words
    return words.split()[0]


def certificate_sha256(path):
    done, words = say("openssl", "x509", "-in", path, "-noout",
                      "-fingerprint", "-sha256")
    assert done, words
    return words.strip().rpartition("=")[2].replace(":", "").lower()


@pytest.fixture
def authority(authority, hardened_program):
    """Keys are opened several times as fast without sanitizers; hostile ones
    are read with them by test_hostile.py."""
    return Chancery(hardened_program, authority.directory)


@pytest.fixture
def passphrases(tmp_path):
    """Files with one passphrase each."""
    def make(text):
        path = tmp_path / text.split()[0]
        path.write_text(text + "\n")
        return path
    return make


# --- list -------------------------------------------------------------------------

def test_the_listing_has_exactly_the_keys_that_scripts_rely_on(
        shared_authority):
    rows = shared_authority.facts("keys list")
    assert len(rows) == 2
    for row in rows:
        assert list(row) == KEYS
        assert row["algorithm"] == "p256" and row["bits"] == 256
        assert row["home"] == "file"
        assert row["usable"] is True and row["why"] == ""
    keys = shared_authority.directory / "keys"
    for label, certificate, user in (
            ("issuing.key", keys / "issuing.crt", "issuing"),
            ("root/root.key", keys / "root/root.crt", "root")):
        row = by_label(shared_authority)[label]
        assert row["sha256"] == spki_sha256(certificate)
        assert row["certificates"] == [certificate_sha256(certificate)]
        assert row["used_by"] == [user]


def test_kb029_a_listing_says_what_can_leave_and_where_its_copies_are(
        authority):
    alone = "can be exported; the only copy here is keys/issuing.key\n"
    assert alone in authority.run("keys list").out
    keys = authority.directory / "keys"
    shutil.copy(keys / "issuing.key", keys / "saved.key")
    row = by_label(authority)["issuing.key"]
    assert row["exportable"] is True
    assert row["copies"] == ["issuing.key", "saved.key"]
    assert by_label(authority)["root/root.key"]["copies"] == ["root/root.key"]
    listed = authority.run("keys list").out
    assert alone not in listed
    assert ("can be exported; copies here are keys/issuing.key and "
            "keys/saved.key\n") in listed
    (keys / "saved.key").write_bytes(b"no key at all\n")
    broken = by_label(authority)["saved.key"]
    assert broken["exportable"] is False
    assert alone in authority.run("keys list").out


def test_broken_keys_are_listed_with_why_beside_the_good_ones(
        authority, tmp_path):
    keys = authority.directory / "keys"
    good = (keys / "issuing.key").read_text()
    (keys / "garbage.key").write_bytes(b"\x00\xff garbage\n" * 9)
    (keys / "cut.key").write_text(good[:len(good) // 2])
    (keys / "empty.key").write_text("")
    shutil.copy(keys / "root/root.key", keys / "other.key")
    done, words = say("openssl", "genpkey", "-algorithm", "ED25519", "-out",
                      keys / "mismatch.key")
    assert done, words
    shutil.copy(keys / "issuing.crt", keys / "mismatch.crt")
    (keys / "folder.key").mkdir()
    (keys / "link.key").symlink_to("/nonexistent")
    rows = by_label(authority)
    assert rows["issuing.key"]["usable"] and rows["root/root.key"]["usable"]
    for label in ("garbage.key", "cut.key", "empty.key", "mismatch.key",
                  "link.key", "other.key"):
        assert rows[label]["usable"] is False, rows[label]
        assert rows[label]["why"] and rows[label]["used_by"] == [], label
        assert list(rows[label]) == KEYS
    assert "mismatch.crt" in rows["mismatch.key"]["why"]
    assert "passphrase" in rows["other.key"]["why"]
    assert len({rows[label]["why"] for label in (
        "garbage.key", "mismatch.key", "link.key", "other.key")}) == 4
    text = authority.run("keys list").out
    for label in rows:
        assert label in text
    (keys / "mismatch.crt").unlink()
    authority.run("issue", "--profile", "server", "--san", "a.example",
               "--key-out", tmp_path / "key")


def test_a_locked_key_is_unusable_because_it_is_locked(authority):
    authority.run("lock")
    rows = by_label(authority)
    assert rows["issuing.key"]["usable"] is False
    assert rows["issuing.key"]["why"] == "locked"
    assert list(rows["issuing.key"]) == KEYS


# --- prove ------------------------------------------------------------------------

def test_prove_answers_by_its_exit_code(authority):
    authority.run("keys prove")
    issuing = by_label(authority)["issuing.key"]["sha256"]
    authority.run("keys prove", issuing)
    assert authority.run("keys prove", issuing.upper(), "--json").facts[0][
        "label"] == "issuing.key"
    authority.refuses(NOT_FOUND, "keys prove", "0" * 64)
    authority.refuses(USAGE, "keys prove", "issuing")
    (authority.directory / "keys/garbage.key").write_text("garbage")
    assert authority.attempt("keys prove").status == NO
    authority.run("keys prove", issuing)
    (authority.directory / "keys/issuing.key").write_text("garbage")
    assert authority.attempt("keys prove").status == NO


def test_a_key_that_broke_is_told_when_it_should_sign(authority, tmp_path):
    (authority.directory / "keys/issuing.key").write_text("garbage")
    outcome = authority.refuses(
        {3, UNAVAILABLE}, "issue", "--profile", "server", "--san", "a.example",
        "--key-out", tmp_path / "key")
    assert "no private key" in outcome.err


def test_a_certificate_of_another_key_is_told_when_it_should_sign(
        authority, tmp_path):
    keys = authority.directory / "keys"
    shutil.copy(keys / "root/root.crt", keys / "issuing.crt")
    outcome = authority.attempt("issue", "--profile", "server", "--san",
                             "a.example", "--key-out", tmp_path / "key")
    assert outcome.status != 0 and "issuing" in outcome.err, str(outcome)


# --- passphrase -------------------------------------------------------------------

def test_a_new_passphrase_takes_the_place_of_the_old_one(
        authority, passphrases, tmp_path):
    first, second, wrong = map(passphrases, (
        "first of them", "second of them", "wrong one"))
    unlock = authority.directory / "keys/unlock"
    authority.run("keys passphrase", "--new-passphrase-file", first)
    assert not unlock.exists()
    issue = ["issue", "--profile", "server", "--san", "a.example"]
    authority.refuses(UNAVAILABLE, *issue, "--key-out", tmp_path / "a")
    authority.run(*issue, "--key-out", tmp_path / "a", "--passphrase-file", first)
    before = snapshot(authority.directory)
    authority.refuses(NOT_AUTHENTICATED, "keys passphrase", "--passphrase-file",
                   wrong, "--new-passphrase-file", second)
    authority.refuses(UNAVAILABLE, "keys passphrase", "--new-passphrase-file",
                   second)
    assert same(before, snapshot(authority.directory))
    authority.run("keys passphrase", "--passphrase-file", first,
               "--new-passphrase-file", second)
    authority.refuses(NOT_AUTHENTICATED, *issue, "--key-out", tmp_path / "b",
                   "--passphrase-file", first)
    authority.run(*issue, "--key-out", tmp_path / "b", "--passphrase-file",
               second)
    authority.run("keys passphrase", "--passphrase-file", second, "--random")
    assert unlock.stat().st_mode & 0o777 == 0o400
    authority.run(*issue, "--key-out", tmp_path / "c")
    assert by_label(authority)["root/root.key"]["usable"] is True
    assert not [path for path in authority.directory.rglob("*")
                if ".new" in path.name or "tmp" in path.name]


def test_the_roots_passphrase_is_its_own(authority, passphrases):
    own = passphrases("root of all")
    authority.run("keys passphrase", "--ca", "root", "--new-passphrase-file", own)
    rows = by_label(authority)
    assert rows["root/root.key"]["why"] == "locked"
    assert rows["issuing.key"]["usable"] is True
    assert by_label(authority, "--passphrase-file", own)["root/root.key"][
        "usable"] is True
    assert (authority.directory / "keys/unlock").exists()


def test_a_passphrase_that_is_refused_changes_nothing(authority, passphrases,
                                                      tmp_path):
    before = snapshot(authority.directory)
    for arguments, statuses in (
            (["--new-passphrase-file", "/dev/null"], {3, 5}),
            (["--new-passphrase-file", "/nonexistent/x"], {NOT_FOUND}),
            (["--ca", "nobody", "--random"], {NOT_FOUND}),
            (["--random", "--new-passphrase-file", tmp_path], {USAGE}),
            ([], {USAGE, UNAVAILABLE})):
        authority.refuses(statuses, "keys passphrase", *arguments)
    authority.run("keys passphrase", "--random", "--dry-run")
    assert same(before, snapshot(authority.directory))


def test_openssl_reads_a_key_with_its_passphrase_and_sees_the_work_in_it(
        authority):
    key = authority.directory / "keys/issuing.key"
    unlock = authority.directory / "keys/unlock"
    done, words = say("openssl", "pkey", "-in", key, "-passin",
                      f"file:{unlock}", "-noout", "-check")
    assert done, words
    text = say("openssl", "asn1parse", "-in", key)[1]
    assert "PBES2" in text and "aes-256-cbc" in text, text
    assert "scrypt" in text or "PBKDF2" in text
