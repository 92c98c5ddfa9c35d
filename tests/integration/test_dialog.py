"""init on a terminal: it asks, shows what it will make, and takes no for no."""
import signal

import pytest

from program import CONFLICT, NO, snapshot
from terminal import Terminal

CONTROL_C, CONTROL_D = "\x03", "\x04"


def begin(authority, *arguments):
    return Terminal([authority.program, "init", "--dir", authority.directory,
                     *arguments], HOME=str(authority.directory.parent))


def answer(terminal, name="Dialog", key="p256", tiers="2", admin=""):
    """Answers the questions up to the last one; what the preview showed."""
    terminal.expect("Name of the authority")
    terminal.expect(": ")
    terminal.say(name + "\n")
    terminal.expect("published can be fetched")
    terminal.expect(": ")
    terminal.say("http://pki.example.org\n")
    terminal.expect("Kind of the authorities' keys")
    terminal.expect(": ")
    terminal.say(key + "\n")
    terminal.expect("Tiers")
    terminal.expect("]: ")
    terminal.say(tiers + "\n")
    terminal.expect("first administrator")
    terminal.expect("alone): ")
    terminal.say(admin + "\n")
    if admin:
        terminal.expect("one use): ")
        terminal.say("\n")
    return terminal.expect("yes or no")[1]


def test_the_answers_are_what_is_made(released):
    terminal = begin(released)
    preview = answer(terminal, name="Zoë's & Co", key="p384")
    assert "Zoë's & Co Root" in preview and "UTF8String" in preview
    assert "P-384" in preview
    assert "20 years" in preview and "10 years" in preview
    assert "http://pki.example.org" in preview
    assert str(released.directory) in preview
    terminal.say("yes\n")
    status, seen = terminal.end(120)
    assert status == 0, seen
    rows = {row["name"]: row for row in released.facts("ca list")}
    assert rows["root"]["subject"] == "CN=Zoë's & Co Root"
    assert {row["key"] for row in rows.values()} == {"p384"}
    assert released.facts("config show")["url"] == "http://pki.example.org"


def test_an_empty_answer_takes_what_is_in_brackets(released):
    terminal = begin(released)
    preview = answer(terminal, name="", key="", tiers="")
    assert "Chancery" in preview and "P-256" in preview
    terminal.say("no\n")
    status, seen = terminal.end()
    assert status == NO, seen


def test_a_first_administrator_can_be_named(released):
    terminal = begin(released)
    preview = answer(terminal, admin="alice")
    assert "First administrator: alice, by a link for one use" in preview
    terminal.say("yes\n")
    status, seen = terminal.end(120)
    assert status == 0, seen
    assert "http://pki.example.org/admin/link/" in seen
    assert [(row["name"], row["role"]) for row in
            released.facts("admin list")] == [("alice", "administrator")]


def test_one_tier_can_be_chosen(released):
    terminal = begin(released)
    preview = answer(terminal, tiers="1")
    assert "Issuing" not in preview
    terminal.say("yes\n")
    status, seen = terminal.end(120)
    assert status == 0, seen
    assert len(released.facts("ca list")) == 1


def test_a_no_leaves_nothing(released, tmp_path):
    before = snapshot(tmp_path)
    terminal = begin(released)
    answer(terminal)
    terminal.say("no\n")
    status, seen = terminal.end()
    assert status == NO, seen
    assert "Nothing was done" in seen
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("key", [CONTROL_C, CONTROL_D])
@pytest.mark.parametrize("at", ["the first question", "the last question"])
def test_leaving_a_question_leaves_nothing(at, key, released, tmp_path):
    before = snapshot(tmp_path)
    terminal = begin(released)
    if at == "the last question":
        answer(terminal)
        terminal.expect(": ")
    else:
        terminal.expect("Name of the authority")
        terminal.expect(": ")
    terminal.say(key)
    status, seen = terminal.end()
    # Before it reads, Ctrl-C ends it as it ends any program.
    assert status in (NO, -signal.SIGINT), (status, seen)
    assert snapshot(tmp_path) == before


def test_several_lists_are_asked_for_their_address_until_there_is_one(
        released):
    terminal = begin(released, "--crl-shards", "4")
    terminal.expect("Name of the authority")
    terminal.expect(": ")
    terminal.say("\n")
    terminal.expect("several revocation lists need it")
    terminal.expect(": ")
    terminal.say("\n")
    terminal.expect("Not possible: the url begins with neither")
    terminal.expect(": ")
    terminal.say("http://pki.example.org\n")
    terminal.expect("Kind of the authorities' keys")
    terminal.say(CONTROL_D)
    terminal.end()


def test_a_wrong_answer_is_told_and_asked_again(released, tmp_path):
    terminal = begin(released, "--one-tier")
    terminal.expect("Name of the authority")
    terminal.expect(": ")
    terminal.say("x" * 65 + "\n")
    terminal.expect("64")
    terminal.expect(": ")
    terminal.say("Right\n")
    terminal.expect("published can be fetched")
    terminal.expect(": ")
    terminal.say("file:///etc\n")
    terminal.expect("published can be fetched")
    terminal.expect(": ")
    terminal.say("\n")
    terminal.expect("keys that work here")
    terminal.expect(": ")
    terminal.say("rsa1024\n")
    terminal.expect("one of")
    terminal.expect("Kind of the authorities' keys")
    terminal.expect(": ")
    terminal.say("p256\n")
    terminal.expect("alone): ")
    terminal.say("uid:0\n")
    terminal.expect("no colon")
    terminal.expect("alone): ")
    terminal.say("\n")
    terminal.expect("yes or no")
    terminal.expect(": ")
    terminal.say("perhaps\n")
    terminal.expect("yes or no")
    terminal.say("no\n")
    assert terminal.end()[0] == NO
    assert not released.directory.exists()


def test_yes_asks_nothing_on_a_terminal(released):
    terminal = begin(released, "--yes", "--name", "Unattended")
    status, seen = terminal.end(120)
    assert status == 0 and "yes or no" not in seen, seen
    assert released.facts("status")["name"] == "Unattended"


def test_a_used_folder_is_told_before_any_question(authority):
    terminal = begin(authority)
    status, seen = terminal.end()
    assert status == CONFLICT, seen
    assert "Name of" not in seen


def test_a_passphrase_is_asked_for_without_echo(locked, tmp_path):
    terminal = Terminal([
        locked.program, "issue", "--dir", locked.directory, "--profile",
        "server", "--san", "www.example.org", "--key-out", tmp_path / "key",
        "--out", tmp_path / "out"])
    terminal.expect("assphrase")
    terminal.expect(": ")
    terminal.say("the passphrase of the tests\n")
    status, seen = terminal.end(120)
    assert status == 0, seen
    assert "of the tests" not in seen
    assert (tmp_path / "out").read_text().startswith("-----BEGIN")


def test_a_new_passphrase_is_asked_for_twice(authority, tmp_path):
    terminal = Terminal([authority.program, "keys", "passphrase", "--dir",
                         authority.directory])
    for text in ("of mine", "of nobody", "of mine", "of mine"):
        terminal.expect(": ")
        terminal.say(text + "\n")
    status, seen = terminal.end(120)
    assert status == 0, seen
    assert "of mine" not in seen and not (
        authority.directory / "keys/unlock").exists()
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("of mine\n")
    authority.run("keys prove", "--passphrase-file", passphrase)
