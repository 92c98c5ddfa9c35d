"""What the commands print, for programs and for people."""
import datetime
import re
import subprocess

import pytest

from consumers import CLEAN, say
from making import make_request, read_certificate
from program import (CONFLICT, DONE, MALFORMED, NOT_FOUND, SURROUNDINGS, USAGE,
                     Chancery)
from terminal import Terminal

COMMANDS = ["init", "issue", "list", "show", "keys list", "keys prove",
            "keys passphrase", "ca list", "ca show", "unlock", "lock",
            "status", "config path", "config check", "config show", "version"]
LISTED = {"serial", "status", "subject", "issuer", "names", "not_before",
          "not_after", "profile", "issued_at", "revoked_at", "reason",
          "sha256", "delivered"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def plainly(program, *words, **options):
    """The program with these words and nothing else."""
    done = subprocess.run(
        [str(program), *words], env=dict(SURROUNDINGS, HOME="/nonexistent"),
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, **options)
    assert 0 <= done.returncode < 10, done
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.fixture(scope="module")
def www(open_authority, tmp_path_factory):
    """The facts of one certificate."""
    folder = tmp_path_factory.mktemp("www")
    request = make_request(folder / "request.pem", dns=["www.example.org"])
    return open_authority.facts(
        "issue", "--profile", "server", "--csr", request, "--subject",
        "CN=Find Me,O=Acme\\, Inc.")


# --- list -------------------------------------------------------------------------

def test_issue_json_has_the_keys_that_scripts_rely_on(www):
    assert set(www) >= {"serial", "subject", "issuer", "profile", "not_before",
                        "not_after", "sha256", "names", "certificate", "chain",
                        "file", "notices"}
    assert re.fullmatch(r"[0-9a-f]{34}", www["serial"])
    assert re.fullmatch(r"[0-9a-f]{64}", www["sha256"])
    assert TIME.fullmatch(www["not_before"]) and TIME.fullmatch(
        www["not_after"])


def test_list_json_has_the_keys_that_scripts_rely_on(open_authority, www):
    rows = {row["serial"]: row for row in open_authority.facts("list")}
    for row in rows.values():
        assert set(row) == LISTED
        assert row["delivered"] is True and row["revoked_at"] is None
        assert TIME.fullmatch(row["issued_at"])
    for key in ("subject", "issuer", "names", "not_before", "not_after",
                "profile", "sha256"):
        assert rows[www["serial"]][key] == www[key]
    certificate = read_certificate(www["certificate"])
    assert f"{certificate.serial_number:034x}" == www["serial"]


def test_list_finds_what_it_is_asked_for(open_authority, www):
    def found(*arguments):
        return [row["serial"] for row in open_authority.facts(
            "list", *arguments)]

    everything = found()
    assert found("--status", "all") == everything
    assert found("--status", "valid") == everything
    assert found("--status", "revoked") == []
    assert found("--status", "expired") == []
    assert found("--search", "FIND me") == [www["serial"]]
    assert www["serial"] in found("--search", "WWW.example.org")
    assert found("--search", www["serial"][4:20].upper()) == [www["serial"]]
    assert www["serial"] in found("--expiring", "91d")
    assert www["serial"] not in found("--expiring", "1d")
    assert found("--limit", "1") == everything[:1]
    assert found("--limit", "2", "--search", "integration") == everything[:2]
    for arguments in (["--status", "vlaid"], ["--limit", "0"],
                      ["--limit", "x"], ["--expiring", "soon"],
                      ["--limit"]):
        open_authority.refuses(USAGE, "list", *arguments)


def test_list_for_people_is_a_line_for_each(open_authority, www):
    lines = open_authority.run("list").out.splitlines()
    assert len(lines) == 1 + len(open_authority.facts("list"))
    line = [line for line in lines if www["serial"] in line][0]
    assert "valid" in line and www["not_after"] in line and "server" in line
    assert "CN=Find Me" in line and "\033" not in line


# --- show -------------------------------------------------------------------------

def test_show_takes_a_serial_in_every_form(open_authority, www):
    serial = www["serial"]
    colons = ":".join(serial[i:i + 2] for i in range(0, len(serial), 2))
    for form in (serial, serial.upper(), colons, colons.upper(),
                 "0x" + serial, "0X" + serial.upper(), serial.lstrip("0")):
        facts = open_authority.facts("show", form)
        assert facts["serial"] == serial, form
    assert set(facts) == LISTED | {"certificate"}
    assert facts["certificate"] == www["certificate"]
    text = open_authority.run("show", serial).out
    assert www["certificate"] in text and "Find Me" in text


def test_show_never_takes_a_decimal_number(open_authority, www):
    decimal = str(int(www["serial"], 16))
    open_authority.refuses({NOT_FOUND, MALFORMED}, "show", decimal)


@pytest.mark.parametrize("serial, status", [
    ("0123456789abcdef", NOT_FOUND), ("00" * 20, NOT_FOUND),
    ("xyz", MALFORMED), ("", MALFORMED), ("12:3", None),
    ("ab" * 1000, MALFORMED), ("-5", None), ("1 2", MALFORMED)])
def test_show_of_no_certificate_says_so(serial, status, open_authority):
    statuses = {status} if status else {USAGE, MALFORMED, NOT_FOUND}
    open_authority.refuses(statuses, "show", serial)


def test_show_takes_one_serial(open_authority, www):
    open_authority.refuses(USAGE, "show")
    open_authority.refuses(USAGE, "show", www["serial"], www["serial"])


# --- ca ---------------------------------------------------------------------------

def test_ca_list_has_the_keys_that_scripts_rely_on(open_authority):
    rows = {row["name"]: row for row in open_authority.facts("ca list")}
    assert set(rows) == {"root", "issuing"}
    for row in rows.values():
        assert set(row) == {"name", "subject", "sha256", "key", "issues",
                            "state",
                            "not_after"}
    assert rows["issuing"]["issues"] is True and rows["root"]["issues"] is False
    text = open_authority.run("ca list").out
    assert rows["root"]["sha256"] in text


def test_ca_list_of_one_is_that_one(open_authority):
    (row,) = open_authority.facts("ca list", "--ca", "root")
    assert row["name"] == "root"
    assert open_authority.run("ca list", "--ca", "root").out.count(
        "sha256") == 1
    outcome = open_authority.refuses(NOT_FOUND, "ca list", "--ca", "nobody")
    assert "root" in outcome.err and "issuing" in outcome.err


def test_ca_show_is_the_issuing_authority_unless_named(
        open_authority, tmp_path):
    rows = {row["name"]: row for row in open_authority.facts("ca list")}
    for arguments, name in (([], "issuing"), (["--ca", "root"], "root"),
                            (["--ca=issuing"], "issuing")):
        pem = open_authority.run("ca show", *arguments).out
        facts = open_authority.facts("ca show", *arguments)
        assert facts["sha256"] == rows[name]["sha256"]
        assert facts["certificate"] == pem
        out = tmp_path / f"{name}{len(arguments)}.der"
        open_authority.run("ca show", "--der", "--out", out, *arguments)
        published = open_authority.directory / "publish/ca" / f"{name}.cer"
        assert out.read_bytes() == published.read_bytes()
    open_authority.refuses(CONFLICT, "ca show", "--out", out)
    open_authority.run("ca show", "--out", out, "--force")
    open_authority.refuses(NOT_FOUND, "ca show", "--ca", "nobody")
    open_authority.refuses(NOT_FOUND, "ca show", "--out", "/nonexistent/x")


def test_authorities_are_what_rfc_5280_wants(open_authority, tmp_path):
    for name, lifetime in (("root", 20), ("issuing", 10)):
        pem = open_authority.run("ca show", "--ca", name).out
        (tmp_path / name).write_text(pem)
        text = say("openssl", "x509", "-noout", "-text", "-in",
                   tmp_path / name)[1]
        assert re.search(r"Basic Constraints: critical\s+CA:TRUE", text), text
        assert re.search(r"Key Usage: critical\s+Certificate Sign, CRL Sign",
                         text), text
        certificate = read_certificate(pem)
        years = (certificate.not_valid_after - certificate.not_valid_before
                 ) / datetime.timedelta(days=365.25)
        assert lifetime - 0.1 < years < lifetime + 0.1


# --- config and version -----------------------------------------------------------

def test_config_shows_the_file_in_force(open_authority):
    path = open_authority.run("config path").out.rstrip("\n")
    assert path == str(open_authority.directory / "chancery.yaml")
    with open(path, encoding="utf-8") as file:
        assert open_authority.run("config show").out == file.read()
    facts = open_authority.facts("config show")
    assert set(facts) == {"name", "url", "key", "one_tier", "crl_shards",
                          "profiles"}
    assert {row["name"] for row in facts["profiles"]} == {
        "server", "client", "email", "code-signing", "time-stamping", "ocsp",
        "subordinate"}
    for row in facts["profiles"]:
        assert {"name", "purposes", "key_usage", "names", "names_required",
                "subject", "keys", "lifetime", "longest_lifetime",
                "approvals", "who"} <= set(row)
    assert open_authority.run("config check").out.endswith("is right\n")
    assert open_authority.facts("config path") == {"path": path}


def test_a_wrong_setting_is_told_with_line_and_column(
        open_authority, tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("name: Example\nurl: http://a.example\nkye: p256\n")
    outcome = open_authority.refuses(MALFORMED, "config check", wrong)
    assert re.search(r"wrong.*, line 3, column \d", outcome.err), outcome
    assert "kye" in outcome.err
    open_authority.refuses(NOT_FOUND, "config check", tmp_path / "nothing")


def test_settings_that_went_wrong_are_told_by_every_command(
        authority, tmp_path):
    settings = authority.directory / "chancery.yaml"
    settings.write_text(settings.read_text() + "kye: p256\n")
    for command in (["status"], ["config check"], ["config show", "--json"],
                    ["issue", "--profile", "server", "--san", "a.example",
                     "--key-out", tmp_path / "key"]):
        outcome = authority.refuses(MALFORMED, *command)
        assert "kye" in outcome.err, command
    assert "kye: p256" in authority.run("config show").out


def test_version_json_has_the_keys_that_scripts_rely_on(program):
    status, out, err = plainly(program, "version", "--json")
    assert status == DONE and err == ""
    facts = Chancery(program, "/nonexistent").facts_of_version()
    assert set(facts) == {"version", "openssl", "sqlite", "algorithms"}
    assert set(facts["openssl"]) == {"in_use", "built_with"}
    status, out, _ = plainly(program, "--version")
    assert status == DONE and facts["version"] in out
    assert all(kind in out for kind in facts["algorithms"])


# --- words ------------------------------------------------------------------------

NEAREST = {"isue": "issue", "staus": "status", "lsit": "list", "shwo": "show",
           "inti": "init", "verison": "version", "unlok": "unlock"}


@pytest.mark.parametrize("word", NEAREST)
def test_an_unknown_command_names_the_nearest_one(word, program):
    status, out, err = plainly(program, word)
    assert status == USAGE and out == "" and err.count("\n") == 1
    assert f'"{NEAREST[word]}"' in err, err


TRANSLATED = {"sign": "chancery issue", "req": "chancery issue",
              "x509": "chancery view FILE", "-viewstore": "chancery ca list",
              "ca.crt": None, "certificate": "chancery issue",
              "-submit": "chancery issue", "genrsa": "chancery issue",
              "fingerprint": "chancery ca list"}


@pytest.mark.parametrize("word", TRANSLATED)
def test_a_word_of_other_programs_is_translated(word, program):
    status, out, err = plainly(program, word)
    assert status == USAGE and out == "" and err.count("\n") == 1
    if TRANSLATED[word]:
        assert TRANSLATED[word] in err, err


@pytest.mark.parametrize("words", [
    [], ["keys"], ["keys", "lsit"], ["ca", "frobnicate"], ["list", "--jsno"],
    ["issue", "--profile"], ["version", "--dir", "x"], ["list", "operand"],
    ["issue", "-subj", "/CN=x"], ["list", "--json=yes"], ["", ""],
    ["list", "--limit", "1", "--limit", "2"], ["\x1b[2J"], ["a\nb"],
    ["x" * 5000]])
def test_wrong_usage_is_one_printable_sentence(words, program):
    status, out, err = plainly(program, *words)
    assert status == USAGE and out == "", (status, out, err)
    assert err.startswith("chancery: ") and err.count("\n") == 1, err
    assert err[:-1].isprintable(), err


def test_a_secret_given_as_an_argument_is_refused_and_not_repeated(program):
    for words in (["issue", "--passphrase", "hunter2"],
                  ["issue", "--password=hunter2"],
                  ["unlock", "--passphrase=hunter2"]):
        status, out, err = plainly(program, *words)
        assert status == USAGE and "hunter2" not in out + err, err


# --- help, manual pages, completion -----------------------------------------------

@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command, program):
    words = command.split()
    status, out, err = plainly(program, *words, "--help")
    assert status == DONE and err == ""
    assert "Example" in out and f"chancery {command}" in out
    examples = out.partition("Example")[2]
    assert all(len(line) <= 80 or line in examples for line in out.splitlines())
    assert plainly(program, "help", *words)[1] == out
    options = set(re.findall(r"--[a-z][a-z-]+", out))
    page = plainly(program, "--man-page", "-".join(words))[1]
    assert options <= set(re.findall(r"--[a-z][a-z-]+",
                                     page.replace("\\-", "-")))


def test_help_lists_every_command(program):
    status, out, err = plainly(program, "help")
    assert status == DONE and err == ""
    assert plainly(program, "--help")[1] == out
    for command in COMMANDS:
        assert command in out, command


@pytest.mark.parametrize("page", ["chancery", *(
    command.replace(" ", "-") for command in COMMANDS)])
def test_manual_pages_render_without_a_warning(page, program, tmp_path):
    status, text, err = plainly(program, "--man-page", page)
    assert status == DONE and err == ""
    path = tmp_path / f"{page}.1"
    path.write_text(text)
    done = subprocess.run(
        ["man", "--warnings", "-E", "UTF-8", "-l", str(path)],
        env=dict(CLEAN, MANROFFSEQ="", MANWIDTH="80"), capture_output=True,
        stdin=subprocess.DEVNULL, timeout=60)
    assert done.returncode == 0 and done.stderr == b"", done.stderr
    for heading in (b"NAME", b"SYNOPSIS", b"DESCRIPTION"):
        assert heading in done.stdout, done.stdout


def completions(script, *words):
    """What bash offers for the last of the words."""
    line = f"""
source {script} || exit 3
COMP_WORDS=({" ".join(f"'{word}'" for word in words)})
COMP_CWORD={len(words) - 1}
_chancery || exit 4
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    done = subprocess.run(["bash", "--norc", "-u", "-c", line], env=CLEAN,
                          capture_output=True, timeout=30)
    assert done.returncode == 0 and done.stderr == b"", done.stderr
    return {word.strip() for word in done.stdout.decode().splitlines()}


@pytest.fixture
def script(program, tmp_path):
    path = tmp_path / "completion"
    path.write_text(plainly(program, "--bash-completion")[1])
    return path


def test_completion_offers_commands_options_and_values(script):
    assert completions(script, "chancery", "in") == {"init"}
    assert completions(script, "chancery", "") >= {
        command.split()[0] for command in COMMANDS}
    assert completions(script, "chancery", "keys", "") == {
        "list", "prove", "passphrase"}
    assert "--profile" in completions(script, "chancery", "issue", "--pro")
    assert completions(script, "chancery", "issue", "--profile", "s") == {
        "server"}
    assert completions(script, "chancery", "init", "--key", "rsa") == {
        "rsa2048", "rsa3072", "rsa4096"}
    assert "--random" in completions(script, "chancery", "keys", "passphrase",
                                     "--")


def test_completion_works_with_the_tab_key(script):
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], PS1="ready$ ",
                        HISTFILE="/dev/null")
    terminal.expect("ready$ ")
    terminal.say(f"source {script}\n")
    terminal.expect("ready$ ")
    terminal.say("chancery in\t")
    terminal.expect("chancery init ", seconds=20)
    terminal.say("--root-o\t")
    terminal.expect("--root-out ", seconds=20)
    terminal.say("\x15exit\n")
    terminal.end()


def test_a_reader_that_goes_early_is_no_fault(open_authority):
    process = open_authority.start("list")
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) in (DONE, 8)
    assert err == b"", err


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export_whose_reader_goes_early_is_no_want_of_room(
        form, open_authority):
    process = open_authority.start("audit export", "--format", form)
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 8
    assert err == b"", err


def test_an_export_to_a_full_device_asks_for_room(open_authority):
    with open("/dev/full", "wb") as full:
        process = open_authority.start("audit export", stdout=full)
        err = process.stderr.read().decode()
        process.stderr.close()
    assert process.wait(60) == 8
    assert "standard output" in err and "o space" in err, err
