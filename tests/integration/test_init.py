"""init: an authority is made whole, or the disk stays as it was."""
import os
import pwd
import re
import stat
import subprocess

import pytest

from consumers import openssl, say
from making import make_request, read_certificate, split_pem
from program import (CONFLICT, DONE, MALFORMED, NOT_ALLOWED, NOT_FOUND,
                     REFUSED, SURROUNDINGS, UNAVAILABLE, USAGE, Chancery,
                     changes, same, snapshot)

NOBODY = {"user": 65534, "group": 65534, "extra_groups": []}


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def verified(authority, tmp_path, *arguments, name="www.example.org"):
    """Issues for a new key and has openssl verify the chain; the facts."""
    key = tmp_path / "first.key"
    facts = authority.facts("issue", "--profile", "server", "--san", name,
                            "--key-out", key, *arguments)
    leaf = tmp_path / "first.pem"
    leaf.write_text(facts["certificate"])
    between = []
    for i, pem in enumerate(facts["chain"]):
        between.append(tmp_path / f"between{i}.pem")
        between[-1].write_text(pem)
    accepted, words = openssl(leaf, between,
                              authority.directory / "publish/roots.pem", name,
                              tmp_path)
    assert accepted, words
    return facts


def test_a_root_and_an_issuing_authority_below_it_are_the_default(
        chancery, tmp_path):
    facts = chancery.facts("init", "--name", "Integration Test")
    assert set(facts) >= {"directory", "root", "issuing", "unlocks_by_itself"}
    for part in ("root", "issuing"):
        assert set(facts[part]) >= {"subject", "sha256", "not_after",
                                    "certificate_file"}
    assert facts["root"]["subject"] == "CN=Integration Test Root"
    assert facts["issuing"]["subject"] == "CN=Integration Test"
    assert facts["unlocks_by_itself"] is True
    issued = verified(chancery, tmp_path)
    assert issued["issuer"] == "CN=Integration Test"
    assert len(issued["chain"]) == 1
    root = read_certificate(
        (chancery.directory / "publish/roots.pem").read_bytes())
    issuing = read_certificate(issued["chain"][0])
    assert root.issuer == root.subject == issuing.issuer


def test_what_is_secret_has_modes_that_keep_it_so(shared_authority):
    keys = shared_authority.directory / "keys"
    assert mode_of(keys) == 0o700
    assert mode_of(keys / "root") == 0o700
    assert mode_of(keys / "issuing.key") == 0o600
    assert mode_of(keys / "root" / "root.key") == 0o600
    assert mode_of(keys / "unlock") == 0o400
    assert mode_of(keys / "unlock-root") == 0o400
    for key in (keys / "issuing.key", keys / "root" / "root.key"):
        assert "BEGIN ENCRYPTED PRIVATE KEY" in key.read_text()
    for name in ("chancery.db", "sign.log", "lock"):
        assert mode_of(shared_authority.directory / name) & 0o077 == 0, name


def test_what_is_published_can_be_read_by_any_web_server(shared_authority):
    directory = shared_authority.directory
    assert mode_of(directory) & 0o011 == 0o011
    for path in (directory / "publish").rglob("*"):
        wanted = 0o755 if path.is_dir() else 0o644
        assert mode_of(path) == wanted, path
    for name in ("root", "issuing"):
        done, words = say("openssl", "x509", "-inform", "DER", "-noout", "-in",
                          directory / "publish/ca" / f"{name}.cer")
        assert done, words


def test_one_tier_is_one_authority_that_issues(released, tmp_path):
    facts = released.facts("init", "--name", "Alone", "--one-tier")
    assert facts["issuing"] is None
    assert facts["root"]["subject"].startswith("CN=Alone")
    issued = verified(released, tmp_path)
    assert issued["issuer"] == facts["root"]["subject"]
    assert issued["chain"] == []
    assert [row["name"] for row in released.facts("ca list")] == ["root"]


def test_name_url_and_key_are_taken(released, tmp_path):
    name = "Zoë & Söhne, \"GmbH\" <西部>"
    released.run("init", "--name", name, "--url", "http://pki.example.org",
                 "--key", "p384")
    settings = released.facts("config show")
    assert settings["name"] == name
    assert settings["url"] == "http://pki.example.org"
    rows = {row["name"]: row for row in released.facts("ca list")}
    assert {row["key"] for row in rows.values()} == {"p384"}
    issued = verified(released, tmp_path)
    issuer = read_certificate(issued["certificate"]).issuer
    assert [part.value for part in issuer] == [name]
    text = say("openssl", "x509", "-noout", "-text", "-in",
               tmp_path / "first.pem")[1]
    assert "URI:http://pki.example.org/ca/issuing.cer" in text


def test_without_a_name_nothing_of_the_host_is_stored(released):
    released.run("init")
    host = os.uname().nodename
    for row in released.facts("ca list"):
        assert host not in row["subject"]
    if len(host) < 4:
        pytest.skip("the host's name is too short to be looked for")
    for path in released.directory.rglob("*"):
        if path.is_file():
            assert host.encode() not in path.read_bytes(), path


def test_the_root_goes_where_root_out_says(released, tmp_path):
    out = tmp_path / "stick"
    released.run("init", "--name", "Apart", "--root-out", out)
    assert mode_of(out) == 0o700
    assert {path.name for path in out.iterdir()} == {
        "root.key", "root.crt", "unlock-root"}
    assert not (released.directory / "keys/root").exists()
    assert not (released.directory / "keys/unlock-root").exists()
    for path in out.iterdir():
        path.unlink()
    out.rmdir()
    verified(released, tmp_path)


def test_root_out_never_writes_into_a_folder_that_is_there(released, tmp_path):
    out = tmp_path / "stick"
    out.mkdir()
    (out / "mine").write_text("mine")
    before = snapshot(tmp_path)
    outcome = released.attempt("init", "--root-out", out)
    assert outcome.status == CONFLICT, str(outcome)
    assert str(out) in outcome.err
    assert snapshot(tmp_path) == before, changes(before, snapshot(tmp_path))


# --- settings from a file ---------------------------------------------------------

SETTINGS = """name: From a file
url: http://pki.example.org
key: p256
profiles:
  web:
    purposes: [serverAuth]
    key-usage: [digitalSignature]
    names: [dns]
    names-required: yes
    subject: [CN]
    keys: [p256]
    lifetime: 30d
    longest-lifetime: 90d
"""


def test_the_same_settings_twice_change_nothing(chancery, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text(SETTINGS)
    chancery.run("init", "--config", settings)
    assert (chancery.directory / "chancery.yaml").read_text() == SETTINGS
    issued = chancery.facts("issue", "--profile", "web", "--san",
                            "www.example.org", "--key-out", tmp_path / "key")
    assert issued["issuer"] == "CN=From a file"
    before = snapshot(tmp_path)
    outcome = chancery.run("init", "--config", settings)
    assert "already" in outcome.out + outcome.err, str(outcome)
    assert same(before, snapshot(tmp_path))
    facts = chancery.facts("init", "--config", settings)
    assert facts["already_set_up"] is True
    assert facts["root"]["subject"] == "CN=From a file Root"
    assert same(before, snapshot(tmp_path))


def test_other_settings_are_a_conflict_and_change_nothing(released, tmp_path):
    settings = tmp_path / "settings.yaml"
    settings.write_text(SETTINGS)
    released.run("init", "--config", settings)
    settings.write_text(SETTINGS.replace("30d", "31d"))
    before = snapshot(tmp_path)
    released.refuses(CONFLICT, "init", "--config", settings)
    assert snapshot(tmp_path) == before, changes(before, snapshot(tmp_path))


def test_a_used_folder_is_a_conflict_and_stays_byte_for_byte(authority):
    before = snapshot(authority.directory)
    for more in ([], ["--name", "Another"], ["--one-tier"]):
        outcome = authority.refuses(CONFLICT, "init", *more)
        assert str(authority.directory) in outcome.err
    after = snapshot(authority.directory)
    assert after == before, changes(before, after)


# --- refusals ---------------------------------------------------------------------

REFUSED_SETTINGS = {
    "a key that is none": (["--key", "hmac"], {USAGE}),
    "a key without a size": (["--key", "rsa"], {USAGE}),
    "no key": (["--key", ""], {USAGE}),
    "an empty name": (["--name", ""], {USAGE, MALFORMED, REFUSED}),
    "a blank name": (["--name", "   "], {MALFORMED, REFUSED}),
    "a name with a line end": (["--name", "a\nb"], {MALFORMED, REFUSED}),
    "a name with an escape": (["--name", "a\x1b[2J"], {MALFORMED, REFUSED}),
    "a name that is too long": (["--name", "x" * 65], {MALFORMED, REFUSED}),
    "a name that is no UTF-8": (["--name", b"a\xff"], {MALFORMED, REFUSED}),
    "a url of files": (["--url", "file:///etc"], {MALFORMED, REFUSED}),
    "a url that is none": (["--url", "pki"], {MALFORMED, REFUSED}),
    "a url with a blank": (["--url", "http://a b"], {MALFORMED, REFUSED}),
    "shards without end": (["--crl-shards", "4294967297"],
                           {USAGE, MALFORMED, REFUSED}),
    "no shard": (["--crl-shards", "0"], {USAGE, MALFORMED, REFUSED}),
    "shards without an address": (["--crl-shards", "4"], {USAGE}),
    "a key that isn't there": (["--use-key", "0" * 64], {NOT_FOUND}),
    "a key that is no hash": (["--use-key", "zz"], {USAGE, MALFORMED}),
    "settings that aren't there": (["--config", "/nonexistent/x"],
                                   {NOT_FOUND}),
    "a passphrase that isn't there": (["--passphrase-file", "/nonexistent/x"],
                                      {NOT_FOUND}),
    "an empty passphrase": (["--passphrase-file", "/dev/null"],
                            {MALFORMED, REFUSED}),
    "a root that issues, taken away": (["--one-tier", "--root-out", "ROOT"],
                                       {USAGE, REFUSED}),
    "an option nobody knows": (["--nmae", "x"], {USAGE}),
    "an operand": (["Example"], {USAGE}),
}


@pytest.mark.parametrize("what", REFUSED_SETTINGS)
def test_a_refused_init_leaves_the_disk_as_it_was(what, chancery, tmp_path):
    arguments, statuses = REFUSED_SETTINGS[what]
    arguments = [tmp_path / "out" if word == "ROOT" else word
                 for word in arguments]
    words = [word if isinstance(word, bytes) else str(word)
             for word in arguments]
    before = snapshot(tmp_path)
    outcome = run_words(chancery, "init", *words)
    assert outcome.returncode in statuses, outcome
    sentence = outcome.stderr.decode("utf-8", "replace").rstrip("\n")
    assert sentence.startswith("chancery: ") and "\n" not in sentence
    assert outcome.stdout == b""
    after = snapshot(tmp_path)
    assert after == before, changes(before, after)


def test_lists_without_an_address_are_refused_with_the_cure(
        released, tmp_path):
    refused = released.refuses(USAGE, "init", "--crl-shards", "4")
    assert "4 revocation lists need an address" in refused.err
    assert "(--url URL)" in refused.err
    (tmp_path / "init.yaml").write_text("name: Shards\ncrl-shards: 16\n")
    refused = released.refuses(USAGE, "init", "--config",
                               tmp_path / "init.yaml")
    assert "16 revocation lists" in refused.err
    assert "in the file of --config" in refused.err
    assert not released.directory.exists()


def run_words(chancery, command, *words, **options):
    """As attempt, for arguments that are no text."""
    environment = dict(SURROUNDINGS, HOME="/nonexistent",
                       **options.pop("environment", {}))
    return subprocess.run(
        [str(chancery.program), command, "--dir", str(chancery.directory),
         *words], env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=120, **options)


def test_kb002_a_bad_kind_of_key_names_the_valid_ones(released, tmp_path):
    offered = released.facts_of_version()["algorithms"]
    outcome = released.refuses(USAGE, "init", "--key", "rsa1024")
    assert all(kind in outcome.err for kind in offered), outcome.err
    assert not released.directory.exists()


def test_kb002_a_kind_this_library_lacks_is_refused_by_name(
        released, tmp_path):
    offered = released.facts_of_version()["algorithms"]
    known = ["mldsa44", "mldsa65", "mldsa87"]
    for kind in [kind for kind in known if kind not in offered][:1]:
        before = snapshot(tmp_path)
        outcome = released.attempt("init", "--key", kind)
        assert outcome.status in (USAGE, 8), str(outcome)
        assert "ML-DSA" in outcome.err or kind in outcome.err, outcome.err
        assert "p256" in outcome.err, outcome.err
        assert snapshot(tmp_path) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become nobody")
def test_kb003_kb013_a_folder_that_takes_no_file_is_named(chancery, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o755)
    for folder in [tmp_path, *tmp_path.parents][:-2]:
        if not mode_of(folder) & 0o001:
            folder.chmod(mode_of(folder) | 0o011)
    inside = Chancery(chancery.program, closed / "authority")
    before = snapshot(tmp_path)
    outcome = inside.attempt("init", **NOBODY)
    assert outcome.status == NOT_ALLOWED, str(outcome)
    assert str(closed) in outcome.err
    assert "root" in outcome.err and "755" in outcome.err, outcome.err
    after = snapshot(tmp_path)
    assert after == before, changes(before, after)


def test_kb003_a_file_where_the_folder_should_be_is_named(chancery, tmp_path):
    chancery.directory.write_text("mine")
    before = snapshot(tmp_path)
    outcome = chancery.attempt("init")
    assert outcome.status in (NOT_ALLOWED, REFUSED, NOT_FOUND, CONFLICT), str(
        outcome)
    assert str(chancery.directory) in outcome.err
    assert snapshot(tmp_path) == before


def test_kb003_a_missing_parent_is_named(chancery, tmp_path):
    missing = Chancery(chancery.program, tmp_path / "no" / "authority")
    outcome = missing.attempt("init")
    assert outcome.status == NOT_FOUND, str(outcome)
    assert str(tmp_path / "no") in outcome.err
    assert snapshot(tmp_path) == {".": snapshot(tmp_path)["."]}


@pytest.fixture
def mounted(request, tmp_path):
    """A tmpfs with these options; its size is in the options, too."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("mounting wants root")
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", request.param, "tmpfs",
                           str(folder)], capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"tmpfs can't be mounted: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("mounted", ["ro"], indirect=True)
def test_kb003_a_read_only_file_system_is_named(mounted, released):
    inside = Chancery(released.program, mounted / "authority")
    outcome = inside.attempt("init")
    assert outcome.status in (NOT_ALLOWED, UNAVAILABLE), str(outcome)
    assert str(mounted) in outcome.err, outcome.err
    assert "Read-only file system" in outcome.err, outcome.err


@pytest.mark.parametrize("mounted", ["size=64k"], indirect=True)
def test_kb003_a_full_file_system_is_named_and_left_empty(mounted, released):
    inside = Chancery(released.program, mounted / "authority")
    outcome = inside.attempt("init")
    assert outcome.status == UNAVAILABLE, str(outcome)
    assert str(mounted) in outcome.err, outcome.err
    assert os.listdir(mounted) == []


# --- without a person -------------------------------------------------------------

def test_kb005_nothing_is_asked_without_a_terminal(released, tmp_path):
    outcome = released.run("init", text="no\nno\nno\n")
    assert "?" not in outcome.err, outcome.err
    verified(released, tmp_path)


@pytest.mark.parametrize("home", [None, "", "/nonexistent/home"])
def test_kb006_home_is_not_needed(home, released, tmp_path):
    environment = dict(SURROUNDINGS)
    if home is not None:
        environment["HOME"] = home
    words = ["--dir", str(released.directory)]
    for command in (["init", *words], ["keys", "prove", *words],
                    ["issue", *words, "--profile", "server", "--san",
                     "www.example.org", "--key-out", str(tmp_path / "key")]):
        done = subprocess.run([str(released.program), *command],
                              env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120)
        assert done.returncode == DONE, done


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become nobody")
@pytest.mark.parametrize("home", [None, ""])
def test_kb006_without_home_the_folder_is_that_of_the_users_record(home, program):
    environment = dict(SURROUNDINGS)
    if home is not None:
        environment["HOME"] = home
    done = subprocess.run([str(program), "status"], env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, cwd="/", **NOBODY)
    assert done.returncode in (USAGE, NOT_FOUND), done
    sentence = done.stderr.decode().rstrip("\n")
    folder = pwd.getpwuid(65534).pw_dir + "/.local/share/chancery"
    assert folder in sentence and "\n" not in sentence, sentence


def test_the_fingerprint_that_init_prints_is_openssls(released):
    outcome = released.run("init", "--name", "Fingerprint")
    done, words = say("openssl", "x509", "-noout", "-fingerprint", "-sha256",
                      "-in", released.directory / "publish/roots.pem")
    assert done, words
    fingerprint = words.strip().rpartition("=")[2]
    printed = re.findall(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", outcome.out)
    assert fingerprint in printed, outcome.out
    rows = {row["name"]: row for row in released.facts("ca list")}
    assert rows["root"]["sha256"] == fingerprint.replace(":", "").lower()


def test_a_dry_run_makes_nothing(released, tmp_path):
    before = snapshot(tmp_path)
    outcome = released.run("init", "--dry-run", "--name", "Later")
    assert "Later" in outcome.out + outcome.err
    assert snapshot(tmp_path) == before


def test_an_existing_key_is_used_and_listed_before(released, tmp_path):
    keys = released.directory / "keys"
    keys.mkdir(mode=0o700, parents=True)
    done, words = say("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                      "ec_paramgen_curve:P-256", "-out", keys / "old.key")
    assert done, words
    (keys / "old.key").chmod(0o600)
    rows = released.facts("init", "--list-keys")
    assert [row["label"] for row in rows] == ["old.key"]
    assert rows[0]["usable"] is True
    released.run("init", "--use-key", rows[0]["sha256"])
    used = {row["sha256"]: row for row in released.facts("keys list")}
    assert used[rows[0]["sha256"]]["used_by"] == ["issuing"]
    verified(released, tmp_path)


def test_the_request_of_another_program_is_issued(authority, tmp_path):
    request = make_request(tmp_path / "request.pem", dns=["www.example.org"])
    outcome = authority.run("issue", "--profile", "server", "--csr", request,
                            "--chain")
    assert len(split_pem(outcome.out)) == 2
