"""Whatever is wrong with an input: one sentence, the right exit code, and
nothing changes."""
import json
import shutil

import pytest

from making import read_certificate
from program import DONE, NO, Chancery, changes, hostile, snapshot

CODES = {1: None, 2: "usage", 3: "malformed", 4: None, 5: "refused",
         6: "not-found", 7: "conflict", 8: "unavailable", 9: "internal"}


def rows_of(folder):
    return [pytest.param(*row, id=row[0].name) for row in hostile(folder)]


def check_error(text, status):
    """The object that --json writes to standard error."""
    error = json.loads(text)
    assert set(error) == {"error"}
    assert set(error["error"]) == {"code", "sentence", "remedy"}
    assert error["error"]["code"] == CODES[status]
    assert error["error"]["sentence"] and "\n" not in error["error"]["sentence"]


@pytest.mark.parametrize("path, statuses, what", rows_of("requests"))
def test_a_hostile_request_is_refused_and_nothing_changes(
        path, statuses, what, open_authority, tmp_path, serials):
    out = tmp_path / "out.pem"
    arguments = ["--profile", "server", "--csr", path, "--out", out]
    issued = serials(open_authority)
    if statuses == {DONE}:
        check_nothing_of_the_trick(
            open_authority.facts("issue", *arguments, "--force"))
        return
    outcome = open_authority.refuses(statuses, "issue", *arguments)
    assert outcome.err.startswith("chancery: "), str(outcome)
    assert "rror:" not in outcome.err, str(outcome)
    assert outcome.err.isprintable() or outcome.err[:-1].isprintable()
    assert serials(open_authority) == issued
    assert list(tmp_path.iterdir()) == []
    again = open_authority.refuses(statuses, "issue", *arguments, "--json")
    check_error(again.err, outcome.status)
    assert serials(open_authority) == issued


def check_nothing_of_the_trick(facts):
    """What was taken has nothing of what the request tried to get."""
    certificate = read_certificate(facts["certificate"])
    for extension in certificate.extensions:
        name = type(extension.value).__name__
        assert name in ("KeyUsage", "ExtendedKeyUsage", "BasicConstraints",
                        "SubjectAlternativeName", "SubjectKeyIdentifier",
                        "AuthorityKeyIdentifier"), extension
        if name == "BasicConstraints":
            assert not extension.value.ca
        if name == "KeyUsage":
            assert not extension.value.key_cert_sign
        if name == "ExtendedKeyUsage":
            assert [use.dotted_string for use in extension.value] == [
                "1.3.6.1.5.5.7.3.1"]
    assert facts["notices"], "what was left out was not told"


@pytest.mark.parametrize("path, statuses, what", rows_of("configs"))
def test_hostile_settings_are_refused_and_nothing_is_made(
        path, statuses, what, chancery, tmp_path):
    before = snapshot(tmp_path)
    checked = chancery.attempt("config check", path)
    assert checked.status in statuses, str(checked)
    if checked.status == DONE:
        assert statuses == {DONE}
        return
    sentence = checked.err.rstrip("\n")
    assert sentence and "\n" not in sentence and checked.out == ""
    assert path.name in sentence
    outcome = chancery.attempt("init", "--config", path, "--json")
    assert outcome.status == checked.status, str(outcome)
    assert outcome.out == ""
    check_error(outcome.err, outcome.status)
    after = snapshot(tmp_path)
    assert after == before, changes(before, after)


@pytest.mark.parametrize("path, statuses, what", rows_of("keys"))
def test_a_hostile_key_is_listed_unusable_with_the_reason(
        path, statuses, what, program, tmp_path):
    authority = Chancery(program, tmp_path / "authority")
    keys = authority.directory / "keys"
    keys.mkdir(mode=0o700, parents=True)
    shutil.copy(path, keys / "hostile.key")
    (keys / "hostile.key").chmod(0o600)
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("not the one\n")
    before = snapshot(tmp_path)
    rows = authority.facts("init", "--list-keys")
    assert [row["label"] for row in rows] == ["hostile.key"]
    assert rows[0]["usable"] is False and rows[0]["why"], rows
    assert "\n" not in rows[0]["why"]
    proved = authority.attempt("keys prove", "--passphrase-file", passphrase,
                               "--json")
    assert statuses == {NO}
    assert proved.status == NO, str(proved)
    assert [row["usable"] for row in proved.facts] == [False]
    assert snapshot(tmp_path) == before


def test_every_hostile_file_is_in_the_table():
    folders = {row[0].parent for kind in ("requests", "configs", "keys")
               for row in hostile(kind)}
    for folder in folders:
        files = {path.name for path in folder.iterdir()}
        listed = {row[0].name for row in hostile(folder.name)}
        assert files == listed
