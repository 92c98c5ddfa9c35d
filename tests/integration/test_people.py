"""People with a role, tokens and accounts: who may do what, how they are known,
and that no secret of theirs is anywhere but where it was shown."""
import base64
import hashlib
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from consumers import say
from making import read_certificate
from program import (CONFLICT, MALFORMED, NOT_ALLOWED, NOT_FOUND, REFUSED,
                     UNAVAILABLE, USAGE)

NOBODY, OTHER, THIRD = 65534, 65533, 65532
AUTHORITIES = 2  # certificates that are there from the start


def as_user(number):
    return {"user": number, "group": number, "extra_groups": []}


def events(authority):
    """(kind, actor, object, details) of the journal, read past the program."""
    path = authority.directory / "chancery.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        return [(kind, actor, thing, json.loads(detail))
                for kind, actor, thing, detail in store.execute(
                    "SELECT kind, actor, object, detail FROM journal"
                    " ORDER BY seq")]


def kinds(authority):
    return [event[0] for event in events(authority)]


def row_of(authority, name, *options):
    rows = [row for row in authority.facts("admin list", *options)
            if row["name"] == name]
    assert len(rows) <= 1
    return rows[0] if rows else None


def add(authority, name, role, *way, **options):
    return authority.facts("admin add", name, "--role", role, *way, **options)


def certificate_of(authority, folder, name="alice"):
    """A client certificate as its owner would have it: (PEM file, DER)."""
    path = folder / f"{name}.pem"
    authority.run("issue", "--profile", "client", "--subject", f"CN={name}",
                  "--key-out", folder / f"{name}.key", "--out", path)
    der = read_certificate(path.read_bytes()).public_bytes(
        serialization.Encoding.DER)
    return path, der


# --- how a person is known ----------------------------------------------------

def test_kb053_a_certificate_is_taken_in_any_encoding(authority, tmp_path):
    pem, der = certificate_of(authority, tmp_path)
    files = {"pem": pem.read_bytes(), "der": der,
             "base64": base64.encodebytes(der)}
    wanted = hashlib.sha256(der).hexdigest()
    for number, (name, content) in enumerate(files.items()):
        path = tmp_path / f"given.{name}"
        path.write_bytes(content)
        facts = add(authority, "alice", "operator", "--certificate", path)
        assert facts["certificate_sha256"] == wanted
        assert facts["renewed"] is (number > 0)
    row = row_of(authority, "alice")
    assert row["certificate_sha256"] == wanted
    assert row["role"] == "operator" and row["state"] == "active"
    assert row["added_by"] == f"uid:{os.geteuid()}"


def test_a_certificate_is_one_persons(authority, tmp_path):
    pem, _ = certificate_of(authority, tmp_path)
    add(authority, "alice", "auditor", "--certificate", pem)
    outcome = authority.refuses(CONFLICT, "admin add", "bob", "--role",
                                "operator", "--certificate", pem)
    assert "another person's" in outcome.err
    outcome = authority.refuses(CONFLICT, "admin add", "alice", "--role",
                                "operator", "--certificate", pem)
    assert "a person has one role" in outcome.err
    assert kinds(authority).count("person-refused") == 2


def test_one_way_in_is_needed_and_one_alone(authority, tmp_path):
    for words in ([], ["--link", "--local-user", "nobody"],
                  ["--link", "--p12-out", tmp_path / "p12"]):
        authority.refuses(USAGE, "admin add", "alice", "--role", "operator",
                          *words)
    authority.refuses(USAGE, "admin add", "alice", "--link")
    authority.refuses(MALFORMED, "admin add", "alice", "--role", "king",
                      "--link")
    authority.refuses(NOT_FOUND, "admin add", "alice", "--role", "operator",
                      "--local-user", "no-such-user")
    authority.refuses(REFUSED, "admin add", "uid:0", "--role", "operator",
                      "--link")


def test_a_dry_run_checks_and_changes_nothing(authority, tmp_path):
    before = kinds(authority)
    p12 = tmp_path / "alice.p12"
    facts = add(authority, "alice", "operator", "--p12-out", p12, "--dry-run")
    assert facts["dry_run"] is True and "password" not in facts
    facts = add(authority, "alice", "operator", "--link", "--dry-run")
    assert facts["dry_run"] is True and "link" not in facts
    facts = authority.facts("token create", "ci", "--role", "operator",
                            "--dry-run")
    assert "token" not in facts
    facts = authority.facts("account add", "printer", "--dry-run")
    assert "password" not in facts
    assert authority.facts("admin list") == []
    assert authority.facts("token list") == []
    assert authority.facts("account list") == []
    assert len(authority.facts("list")) == AUTHORITIES and not p12.exists()
    ours = ("person", "token", "account", "link", "issued")
    assert not [kind for kind in kinds(authority)[len(before):]
                if kind.startswith(ours)]
    add(authority, "alice", "operator", "--link")
    outcome = authority.attempt("admin add", "alice", "--role", "auditor",
                                "--link", "--dry-run")
    assert outcome.status == CONFLICT


# --- a .p12 -------------------------------------------------------------------

@pytest.fixture(scope="module")
def with_p12(pristine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("p12")
    authority = pristine.copy(folder / "authority")
    path = folder / "alice.p12"
    return authority, path, add(authority, "alice", "administrator",
                                "--p12-out", path)


def test_the_p12_holds_the_persons_certificate(with_p12):
    authority, path, facts = with_p12
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(facts["password"]) == 24 and facts["p12_file"] == str(path)
    key, certificate, chain = pkcs12.load_key_and_certificates(
        path.read_bytes(), facts["password"].encode())
    der = certificate.public_bytes(serialization.Encoding.DER)
    assert hashlib.sha256(der).hexdigest() == facts["certificate_sha256"]
    assert certificate.subject.rfc4514_string() == "CN=alice"
    assert (key.public_key().public_numbers() ==
            certificate.public_key().public_numbers())
    assert len(chain) == 1 and chain[0].subject == certificate.issuer
    usage = certificate.extensions.get_extension_for_class(
        x509.ExtendedKeyUsage).value
    assert x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH in usage
    assert row_of(authority, "alice")["certificate_sha256"] == \
        facts["certificate_sha256"]


def test_incident56_the_p12_is_encrypted_as_it_says(with_p12):
    _, path, facts = with_p12
    done, words = say("openssl", "pkcs12", "-in", path, "-info", "-noout",
                      "-passin", f"pass:{facts['password']}")
    assert done, words
    assert "MAC: sha256, Iteration 600000" in words
    found = re.findall(r"PBES2, PBKDF2, AES-256-CBC, Iteration (\d+), "
                       r"PRF hmacWithSHA256", words)
    assert found == ["600000", "600000"], words


def test_the_p12_opens_with_keytool(with_p12):
    if shutil.which("keytool") is None:
        pytest.skip("keytool is not installed")
    _, path, facts = with_p12
    done, words = say("keytool", "-list", "-v", "-keystore", path,
                      "-storetype", "PKCS12", "-storepass", facts["password"])
    assert done and "PrivateKeyEntry" in words, words
    assert "Certificate chain length: 2" in words, words


def test_the_p12_opens_with_nss(with_p12, tmp_path):
    if shutil.which("pk12util") is None:
        pytest.skip("pk12util is not installed")
    _, path, facts = with_p12
    base = f"sql:{tmp_path}"
    assert say("certutil", "-N", "-d", base, "--empty-password")[0]
    done, words = say("pk12util", "-i", path, "-d", base, "-W",
                      facts["password"], "-K", "")
    assert done, words
    assert "alice" in say("certutil", "-L", "-d", base)[1]
    assert "alice" in say("certutil", "-K", "-d", base)[1]


def test_the_p12_opens_with_gnutls(with_p12):
    if shutil.which("certtool") is None:
        pytest.skip("certtool is not installed")
    _, path, facts = with_p12
    done, words = say("certtool", "--p12-info", "--inder", "--infile", path,
                      "--password", facts["password"])
    assert done and "Friendly name: alice" in words, words
    assert words.count("BEGIN CERTIFICATE") == 2 and "PRIVATE KEY" in words


def test_a_passphrase_of_ones_own_is_not_shown(authority, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("dödelige horse battery\n")
    path = tmp_path / "bob.p12"
    outcome = authority.run("admin add", "bob", "--role", "approver",
                            "--p12-out", path, "--passphrase-file", secret)
    assert "horse" not in outcome.out + outcome.err
    assert "password" not in outcome.out.lower()
    assert pkcs12.load_key_and_certificates(
        path.read_bytes(), "dödelige horse battery".encode())[0] is not None
    authority.refuses(CONFLICT, "admin add", "carol", "--role", "approver",
                      "--p12-out", path)


def test_what_could_not_be_bound_is_not_issued(authority, tmp_path):
    add(authority, "alice", "operator", "--link")
    authority.refuses(CONFLICT, "admin add", "alice", "--role", "auditor",
                      "--p12-out", tmp_path / "alice.p12")
    assert len(authority.facts("list")) == AUTHORITIES
    assert not (tmp_path / "alice.p12").exists()


def test_a_locked_authority_makes_no_p12_but_a_link(locked, tmp_path):
    outcome = locked.refuses(UNAVAILABLE, "admin add", "alice", "--role",
                             "operator", "--p12-out", tmp_path / "p12")
    assert "chancery unlock" in outcome.err
    assert add(locked, "alice", "operator", "--link")["link"]


# --- links --------------------------------------------------------------------

def test_a_link_is_shown_once_and_kept_as_its_hash(authority):
    facts = add(authority, "alice", "operator", "--link")
    path, secret = facts["link"].rsplit("/", 1)
    assert path == "/admin/link" and re.fullmatch(r"[\w-]{43}", secret)
    with sqlite3.connect(authority.directory / "chancery.db") as store:
        kept, = store.execute("SELECT link_sha256 FROM person").fetchone()
    assert kept == hashlib.sha256(secret.encode()).hexdigest()
    assert "link-made" in kinds(authority)
    again = add(authority, "alice", "operator", "--link")
    assert again["link"] != facts["link"] and again["renewed"] is True


def test_a_link_has_the_url_where_there_is_one(released):
    released.run("init", "--url", "http://pki.example.org")
    link = add(released, "alice", "operator", "--link")["link"]
    assert link.startswith("http://pki.example.org/admin/link/")


# --- ends ---------------------------------------------------------------------

def test_the_last_administrator_stays_and_names_are_given_once(authority):
    add(authority, "alice", "administrator", "--link")
    outcome = authority.refuses(CONFLICT, "admin revoke", "alice")
    assert "last administrator with a way in" in outcome.err
    add(authority, "bob", "administrator", "--local-user", str(OTHER))
    authority.run("admin revoke", "alice")
    authority.refuses(NOT_FOUND, "admin revoke", "alice")
    authority.refuses(CONFLICT, "admin revoke", "bob")
    authority.refuses(CONFLICT, "admin add", "alice", "--role", "operator",
                      "--link")
    assert [row["name"] for row in authority.facts("admin list")] == ["bob"]
    row = row_of(authority, "alice", "--all")
    assert row["state"] == "ended" and row["ended_at"]
    assert "person-ended" in kinds(authority)


# --- other users of this machine ----------------------------------------------

needs_root = pytest.mark.skipif(os.geteuid() != 0,
                                reason="needs to become others")


@pytest.fixture
def opened(pristine_locked, tmp_path):
    """An authority held open by `unlock`, which every user can reach."""
    made, passphrase = pristine_locked
    for folder in [tmp_path, *tmp_path.parents][:-2]:
        if not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode & 0o7777 | 0o011)
    authority = made.copy(tmp_path / "authority")
    (tmp_path / "out").mkdir()
    (tmp_path / "out").chmod(0o777)
    authority.run("unlock", "--passphrase-file", passphrase)
    yield authority
    authority.run("lock")


def issue_as(authority, user, folder, status=0):
    number = len(list(folder.iterdir()))
    outcome = authority.attempt(
        "issue", "--profile", "server", "--san", "www.example.org",
        "--key-out", folder / f"key{number}", **as_user(user))
    assert outcome.status == status, str(outcome)
    return outcome


@needs_root
def test_properties37_a_local_user_does_what_the_role_allows(opened, tmp_path):
    out = tmp_path / "out"
    add(opened, "olga", "operator", "--local-user", str(NOBODY))
    add(opened, "anna", "approver", "--local-user", str(OTHER))
    add(opened, "otto", "auditor", "--local-user", str(THIRD))
    issue_as(opened, NOBODY, out)
    assert ("issued", "olga") in [event[:2] for event in events(opened)]
    for user in (OTHER, THIRD):
        issue_as(opened, user, out, NOT_ALLOWED)
    changes = [["admin add", "eve", "--role", "operator", "--link"],
               ["admin revoke", "olga"],
               ["token create", "t", "--role", "operator"],
               ["token revoke", "t"], ["account add", "a"],
               ["account revoke", "a"]]
    for user, name in ((NOBODY, "olga"), (OTHER, "anna"), (THIRD, "otto")):
        for words in changes:
            outcome = opened.refuses(NOT_ALLOWED, *words, **as_user(user))
            assert f"{name}, as " in outcome.err
    for user in (OTHER, THIRD):
        opened.refuses(NOT_ALLOWED, "pause", "--all", **as_user(user))
    refused = [event for event in events(opened) if event[0] == "not-allowed"]
    assert len(refused) == 3 * len(changes) + 2
    assert {event[1] for event in refused} == {"olga", "anna", "otto"}


@needs_root
def test_a_user_without_a_role_is_refused_and_cannot_fill_the_journal(opened):
    outcome = opened.refuses(NOT_ALLOWED, "pause", "--all", **as_user(OTHER))
    assert f"uid:{OTHER} has no role here" in outcome.err
    assert "chancery admin add" in outcome.err
    for _ in range(3):
        opened.refuses(NOT_ALLOWED, "admin revoke", "alice", **as_user(OTHER))
    assert kinds(opened).count("sign-in-refused") == 1
    assert "not-allowed" not in kinds(opened)


@needs_root
def test_a_role_that_has_ended_ends_in_open_connections_too(opened, tmp_path):
    add(opened, "olga", "operator", "--local-user", str(NOBODY))
    issue_as(opened, NOBODY, tmp_path / "out")
    opened.run("admin revoke", "olga")
    issue_as(opened, NOBODY, tmp_path / "out", NOT_ALLOWED)


CONNECT = """
import os, socket, sys, time
os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
held = []
for _ in range(80):
    one = socket.socket(socket.AF_UNIX); one.connect(sys.argv[1])
    held.append(one)
print("held", flush=True); sys.stdin.read()
"""


@needs_root
def test_others_leave_room_for_administrators(opened, tmp_path):
    add(opened, "olga", "operator", "--local-user", str(NOBODY))
    holders = []
    for user in (NOBODY, OTHER):
        holders.append(subprocess.Popen(
            ["python3", "-c", CONNECT, str(opened.directory / "control.sock"),
             str(user)], stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert holders[-1].stdout.readline() == b"held\n"
    try:
        assert opened.facts("status")["served"] is True
        opened.run("pause", "--all")
    finally:
        for holder in holders:
            holder.communicate()


# --- tokens and accounts ------------------------------------------------------

def test_a_token_is_256_bits_kept_as_their_hash(authority):
    facts = authority.facts("token create", "ci", "--role", "operator",
                            "--profiles", "server,client", "--names",
                            "*.ci.example.org", "--names", "10.0.0.0/8")
    assert re.fullmatch(r"chy_[\w-]{43}", facts["token"])
    row, = authority.facts("token list")
    assert row["profiles"] == ["server", "client"]
    assert row["names"] == ["*.ci.example.org", "10.0.0.0/8"]
    assert row["role"] == "operator" and row["state"] == "active"
    with sqlite3.connect(authority.directory / "chancery.db") as store:
        kept, = store.execute("SELECT sha256 FROM token").fetchone()
    assert kept == hashlib.sha256(facts["token"].encode()).hexdigest()
    authority.refuses(CONFLICT, "token create", "ci", "--role", "auditor")
    authority.run("token revoke", "ci")
    authority.refuses(NOT_FOUND, "token revoke", "ci")
    authority.refuses(CONFLICT, "token create", "ci", "--role", "auditor")
    assert authority.facts("token list") == []
    assert authority.facts("token list", "--all")[0]["state"] == "ended"
    assert {"token-made", "token-ended", "token-refused"} <= \
        set(kinds(authority))


def test_a_token_has_its_limits(authority):
    for status, words in (
            (REFUSED, ["--role", "administrator"]),
            (REFUSED, ["--role", "operator", "--lifetime", "91d"]),
            (NOT_FOUND, ["--role", "operator", "--profiles", "nosuch"]),
            (REFUSED, ["--role", "operator", "--names", "*"]),
            (USAGE, ["--role", "operator", "--lifetime", "soon"]),
            (USAGE, [])):
        authority.refuses(status, "token create", "ci", *words)
    assert authority.facts("token create", "ci", "--role", "operator",
                           "--lifetime", "90d")["token"]


def test_incident18_an_empty_list_is_shown_as_nothing(authority):
    outcome = authority.run("token create", "ci", "--role", "operator")
    assert "it may ask for nothing" in outcome.err
    row, = authority.facts("token list")
    assert row["profiles"] == [] and row["names"] == []
    assert "profiles none; names none" in authority.run("token list").out


@pytest.mark.parametrize("command, asker", [
    (["account add"], "account"),
    (["token create", "--role", "operator"], "token")])
def test_a_profile_that_takes_no_such_asker_is_told_at_once(
        authority, command, asker):
    words = [command[0], asker, *command[1:], "--profiles", "server,client"]
    told = authority.run(*words, "--dry-run")
    assert (f"Not for any {asker} yet: server client. Add {asker} to `who`"
            in told.err)
    path = authority.directory / "chancery.yaml"
    path.write_text(path.read_text().replace(
        "who: [administrator, operator]",
        f"who: [administrator, operator, {asker}]\n"
        "    allowed-names: [example.org]", 1))
    assert authority.facts(*words)["not_open"] == ["client"]
    watching = authority.facts("token create", "watching", "--role", "auditor",
                               "--profiles", "server,client")
    assert watching["not_open"] == []


def test_an_account_has_a_password_of_its_own_or_a_random_one(
        authority, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("correct horse battery\n")
    outcome = authority.run("account add", "printer", "--password-file",
                            secret, "--profiles", "server", "--names",
                            "printer.example.org")
    assert "horse" not in outcome.out + outcome.err
    made = authority.facts("account add", "scanner", "--profiles", "server")
    assert len(made["password"]) == 24
    with sqlite3.connect(authority.directory / "chancery.db") as store:
        for kept, in store.execute("SELECT password FROM account"):
            assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    secret.write_text("too short\n")
    authority.refuses(REFUSED, "account add", "fax", "--password-file", secret)
    authority.refuses(CONFLICT, "account add", "printer")
    authority.run("account revoke", "printer")
    authority.refuses(NOT_FOUND, "account revoke", "printer")
    assert [row["name"] for row in authority.facts("account list")] == \
        ["scanner"]
    assert {"account-added", "account-ended", "account-refused"} <= \
        set(kinds(authority))


def test_kb022_a_password_is_never_an_argument(authority):
    for words in (["account add", "a", "--password", "correct horse battery"],
                  ["admin add", "a", "--role", "operator", "--p12-out", "f",
                   "--passphrase", "correct horse battery"]):
        outcome = authority.refuses(USAGE, *words)
        assert "horse" not in outcome.err


# --- secrets ------------------------------------------------------------------

def test_properties43_no_secret_of_a_person_is_kept_anywhere(
        authority, tmp_path):
    given = tmp_path / "given"
    given.write_text("marker horse battery\n")
    secrets = [
        add(authority, "alice", "operator", "--link")["link"].split("/")[-1],
        add(authority, "bob", "approver", "--p12-out",
            tmp_path / "bob.p12")["password"],
        authority.facts("token create", "ci", "--role", "operator")["token"],
        authority.facts("account add", "scanner")["password"],
        "marker horse battery"]
    authority.run("account add", "printer", "--password-file", given)
    said = "".join(authority.run(words, "--all").out
                   for words in ("admin list", "token list", "account list"))
    said += json.dumps(events(authority))
    for secret in secrets:
        assert secret not in said
        for path in authority.directory.rglob("*"):
            if path.is_file():
                assert secret.encode() not in path.read_bytes(), path


# --- init ---------------------------------------------------------------------

def test_init_makes_the_first_administrator(released, tmp_path):
    path = tmp_path / "alice.p12"
    facts = released.facts("init", "--admin", "alice", "--admin-p12", path)
    made = facts["admin"]
    assert made["role"] == "administrator" and path.exists()
    assert pkcs12.load_key_and_certificates(
        path.read_bytes(), made["password"].encode())[0] is not None
    assert row_of(released, "alice")["certificate_sha256"] == \
        made["certificate_sha256"]


def test_init_shows_the_link_of_the_first_administrator(released):
    outcome = released.run("init", "--admin", "Zoë", "--admin-link")
    assert re.search(r"^/admin/link/[\w-]{43}$", outcome.out, re.MULTILINE)
    assert row_of(released, "Zoë")["role"] == "administrator"


def test_init_with_an_administrator_that_cannot_be_makes_nothing(
        released, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("")
    for status, words in (
            (USAGE, ["--admin", "alice"]), (USAGE, ["--admin-link"]),
            (USAGE, ["--admin", "a", "--admin-link", "--admin-p12", "f"]),
            (REFUSED, ["--admin", "uid:0", "--admin-link"]),
            (CONFLICT, ["--admin", "alice", "--admin-p12", taken])):
        released.refuses(status, "init", *words)
        assert not released.directory.exists()


def test_init_without_a_word_of_it_makes_nobody(released):
    assert "admin" not in released.facts("init")
    assert released.facts("admin list") == []
