"""kb 13: material that can't be read is named, with owner, mode and what is
required."""
import os
import shutil

import pytest

from program import NOT_ALLOWED, REFUSED, Chancery

pytestmark = pytest.mark.skipif(os.geteuid() != 0,
                                reason="needs to become nobody")
NOBODY = 65534
AS_NOBODY = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
ISSUE = ["--profile", "server", "--san", "www.example.org"]


@pytest.fixture
def of_nobody(shared_authority, tmp_path):
    """A copy of an authority that belongs to nobody, beside a folder where
    nobody may write."""
    for folder in [tmp_path, *tmp_path.parents][:-2]:
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode & 0o7777 | 0o011)
    copy = tmp_path / "authority"
    shutil.copytree(shared_authority.directory, copy, symlinks=True)
    for path in [copy, *copy.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    (tmp_path / "out").mkdir()
    os.chown(tmp_path / "out", NOBODY, NOBODY)
    return Chancery(shared_authority.program, copy)


def test_its_owner_issues_without_being_root(of_nobody, tmp_path):
    of_nobody.run("issue", *ISSUE, "--key-out", tmp_path / "out/key",
                  **AS_NOBODY)
    assert of_nobody.facts("status", **AS_NOBODY)["locked"] is False


def test_root_leaves_every_file_to_its_owner(of_nobody, tmp_path):
    of_nobody.run("issue", *ISSUE, "--key-out", tmp_path / "key")
    of_nobody.run("lock")
    of_nobody.run("unlock")
    for path in [of_nobody.directory, *of_nobody.directory.rglob("*")]:
        assert path.stat().st_uid == NOBODY, path
    of_nobody.run("issue", *ISSUE, "--key-out", tmp_path / "out/key",
                  **AS_NOBODY)


UNREADABLE = ["keys/issuing.key", "keys/issuing.crt", "keys/unlock", "keys",
              "chancery.yaml", "chancery.db", "sign.log", "lock"]


@pytest.mark.parametrize("name", UNREADABLE)
def test_kb013_what_is_unreadable_is_named_with_owner_mode_and_need(
        name, of_nobody, tmp_path):
    path = of_nobody.directory / name
    mode = 0o700 if path.is_dir() else 0o600
    path.chmod(mode)
    os.chown(path, 0, 0)
    outcome = of_nobody.attempt("issue", *ISSUE, "--key-out",
                                tmp_path / "out/key", **AS_NOBODY)
    assert outcome.status == NOT_ALLOWED, str(outcome)
    sentence = outcome.err.rstrip("\n")
    assert "\n" not in sentence
    assert str(path) in sentence, sentence
    assert "root" in sentence and f"{mode:04o}"[1:] in sentence, sentence
    assert list((tmp_path / "out").iterdir()) == []


def test_kb013_a_closed_folder_on_the_way_is_the_one_that_is_named(
        of_nobody, tmp_path):
    above = tmp_path / "above"
    above.mkdir(mode=0o700)
    of_nobody.directory.rename(above / "authority")
    moved = Chancery(of_nobody.program, above / "authority")
    outcome = moved.attempt("status", **AS_NOBODY)
    assert outcome.status == NOT_ALLOWED, str(outcome)
    sentence = outcome.err.rstrip("\n")
    assert f"{above} " in sentence or f"{above}:" in sentence, sentence
    assert "root" in sentence and "700" in sentence, sentence


@pytest.mark.parametrize("mode", [0o644, 0o440])
def test_kb013_a_passphrase_that_others_can_read_is_named(
        mode, of_nobody, tmp_path):
    unlock = of_nobody.directory / "keys/unlock"
    unlock.chmod(mode)
    outcome = of_nobody.attempt("issue", *ISSUE, "--key-out",
                                tmp_path / "out/key", **AS_NOBODY)
    assert outcome.status == REFUSED, str(outcome)
    assert str(unlock) in outcome.err and f"{mode:o}" in outcome.err


def test_kb013_an_unreadable_key_is_listed_with_the_reason(of_nobody):
    key = of_nobody.directory / "keys/issuing.key"
    os.chown(key, 0, 0)
    rows = {row["label"]: row for row in of_nobody.facts(
        "keys list", **AS_NOBODY)}
    assert rows["issuing.key"]["usable"] is False
    assert "root" in rows["issuing.key"]["why"]
    assert rows["root/root.key"]["usable"] is True


def test_kb013_an_unreadable_request_and_passphrase_are_named(
        of_nobody, tmp_path):
    closed = tmp_path / "closed"
    closed.write_text("x")
    closed.chmod(0o600)
    for arguments in (["--csr", closed],
                      ["--san", "a.example", "--key-out", tmp_path / "out/k",
                       "--passphrase-file", closed]):
        outcome = of_nobody.attempt("issue", "--profile", "server",
                                    *arguments, **AS_NOBODY)
        assert outcome.status == NOT_ALLOWED, str(outcome)
        assert str(closed) in outcome.err and "root" in outcome.err
