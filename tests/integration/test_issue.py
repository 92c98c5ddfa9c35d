"""issue: requests of other programs in, certificates the world accepts out."""
import datetime
import pathlib
import re

import pytest

import consumers
from consumers import say
from making import make_request, new_key, read_certificate, split_pem
from program import (CONFLICT, MALFORMED, NOT_FOUND, OBJECTS, REFUSED, ROOT,
                     USAGE, changes, snapshot)

REQUESTS = sorted(path.name for path in (OBJECTS / "requests").glob("*.csr"))
NAME = "www.example.org"
DAY = datetime.timedelta(days=1)


def issue(authority, *arguments, profile="server", **options):
    return authority.facts("issue", "--profile", profile, *arguments, **options)


def key_of_request(path):
    """The SubjectPublicKeyInfo in PEM, by openssl."""
    form = "PEM" if path.read_bytes().startswith(b"-----") else "DER"
    done, words = say("openssl", "req", "-inform", form, "-in", path, "-noout",
                      "-pubkey")
    assert done, words
    return words


# --- what other programs ask --------------------------------------------------------

@pytest.mark.parametrize("request_file", REQUESTS)
def test_every_request_of_other_programs_is_issued(
        request_file, open_authority, tmp_path):
    path = OBJECTS / "requests" / request_file
    name = f"{path.stem}.example.org"
    facts = issue(open_authority, "--csr", path)
    assert facts["names"] == [f"dns:{name}"], facts
    assert "CN=" + name in facts["subject"]
    leaf = tmp_path / "leaf.pem"
    leaf.write_text(facts["certificate"])
    done, words = say("openssl", "x509", "-in", leaf, "-noout", "-pubkey")
    assert done and words == key_of_request(path)
    between = tmp_path / "issuing.pem"
    between.write_text(facts["chain"][0])
    accepted, words = consumers.openssl(
        leaf, [between], open_authority.directory / "publish/roots.pem", name,
        tmp_path)
    assert accepted, words


def test_every_kind_of_key_and_maker_has_its_request():
    makers = {path.split("-")[0] for path in REQUESTS}
    kinds = {path.split("-")[1][:-4] for path in REQUESTS}
    assert makers == {"openssl", "certtool", "keytool", "certutil", "python",
                      "node"}
    assert kinds == {"p256", "p384", "p521", "rsa2048", "rsa3072", "rsa4096",
                     "ed25519"}


# --- docs/algorithms.md -------------------------------------------------------------

COLUMNS = {"OpenSSL": "openssl", "GnuTLS": "gnutls", "NSS": "nss",
           "Java": "java", "node": "node", "python-cryptography": "python"}


def stated():
    """{kind: {consumer: accepts}} as docs/algorithms.md has it."""
    table, heads = {}, None
    for line in (ROOT / "docs/algorithms.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == "Kind":
            heads = cells[1:]
        elif heads and line.startswith("|") and not line.startswith("|--"):
            for kind in cells[0].split(", "):
                table[kind] = {COLUMNS[head]: cell.split()[0]
                               for head, cell in zip(heads, cells[1:])}
        elif not line.startswith("|"):
            heads = heads if not table else None
    return table


def is_measured_here():
    """The table is about Debian 12; a later release may accept more."""
    return 'VERSION_ID="12"' in pathlib.Path("/etc/os-release").read_text()


# Every kind costs six consumers, one of them a virtual machine; how fast
# RSA-4096 keys are made is luck.
@pytest.mark.parametrize("kind", ["p256", "p384", "p521", "rsa2048", "rsa3072",
                                  "rsa4096", "ed25519", "mldsa44", "mldsa65",
                                  "mldsa87"])
def test_kb001_each_consumer_takes_the_kinds_that_the_page_says(
        kind, released, java, tmp_path):
    authority = released
    if kind not in authority.facts_of_version()["algorithms"]:
        assert kind.startswith("mldsa"), f"{kind} is not offered"
        assert stated()[kind]["openssl"] in ("from", "no")
        pytest.skip(f"no {kind} in this library")
    authority.run("init", "--name", f"Table {kind}", "--key", kind)
    request = OBJECTS / "requests" / f"openssl-{kind}.csr"
    facts = issue(authority, *(
        ["--csr", request] if request.exists() else
        ["--key-out", tmp_path / "key", "--key", kind]), "--san", NAME)
    leaf, between = tmp_path / "leaf.pem", tmp_path / "between.pem"
    leaf.write_text(facts["certificate"])
    between.write_text(facts["chain"][0])
    found, said = {}, {}
    for consumer in consumers.NAMES:
        found[consumer], said[consumer] = consumers.verdict_of(
            consumer, java, leaf, [between],
            authority.directory / "publish/roots.pem", NAME, tmp_path)
    assert found["openssl"], said["openssl"]
    for consumer, word in stated()[kind].items():
        if is_measured_here() or word == "yes":
            assert found[consumer] == (word == "yes"), (
                consumer, said[consumer])


def test_the_page_has_each_kind_and_each_consumer():
    table = stated()
    assert len(table) == 10
    assert all(set(row) == set(consumers.NAMES) for row in table.values())


# --- what is in it ------------------------------------------------------------------

def test_a_certificate_is_what_its_profile_says(open_authority, tmp_path):
    facts = issue(open_authority, "--san", NAME, "--key-out", tmp_path / "key")
    text = say("openssl", "x509", "-noout", "-text", "-in",
               written(tmp_path, facts))[1]
    assert "TLS Web Server Authentication" in text
    assert "TLS Web Client Authentication" not in text
    assert re.search(r"Key Usage: critical\s+Digital Signature\n", text), text
    assert "CA:TRUE" not in text
    assert f"DNS:{NAME}" in text
    client = issue(open_authority, "--subject", "CN=Zoe", "--key-out",
                   tmp_path / "key2", profile="client")
    text = say("openssl", "x509", "-noout", "-text", "-in",
               written(tmp_path, client))[1]
    assert "TLS Web Client Authentication" in text
    assert "TLS Web Server Authentication" not in text


def written(tmp_path, facts):
    path = tmp_path / f"{facts['serial']}.pem"
    path.write_text(facts["certificate"])
    return path


def lifetime(facts):
    return (datetime.datetime.fromisoformat(facts["not_after"][:-1]) -
            datetime.datetime.fromisoformat(facts["not_before"][:-1]))


def test_kb004_the_lifetime_is_what_was_asked_or_the_profiles(
        open_authority, tmp_path):
    def ask(*arguments):
        key = tmp_path / f"key{len(list(tmp_path.iterdir()))}"
        return lifetime(issue(open_authority, "--san", NAME, "--key-out", key,
                              *arguments))

    second = datetime.timedelta(seconds=1)
    # RFC 5280, 4.1.2.5: both ends belong to it.
    assert ask() in (90 * DAY, 90 * DAY - second)
    assert ask("--lifetime", "24h") in (DAY, DAY - second)
    end = (datetime.datetime.utcnow() + 30 * DAY).replace(microsecond=0)
    facts = issue(open_authority, "--san", NAME, "--key-out", tmp_path / "e",
                  "--not-after", end.isoformat() + "Z")
    assert facts["not_after"] == end.isoformat() + "Z"


def test_kb064_a_lifetime_beyond_the_profiles_is_refused(
        open_authority, tmp_path):
    outcome = open_authority.refuses(
        REFUSED, "issue", "--profile", "server", "--san", NAME, "--key-out",
        tmp_path / "key", "--lifetime", "398d")
    assert "397" in outcome.err
    assert not (tmp_path / "key").exists()


def test_a_request_may_come_from_a_pipe(open_authority, tmp_path):
    path = make_request(tmp_path / "request.pem", dns=[NAME])
    facts = issue(open_authority, "--csr", "-", text=path.read_text())
    assert facts["names"] == [f"dns:{NAME}"]


def test_kinds_of_names_are_known_without_their_prefix(
        open_authority, tmp_path):
    facts = issue(open_authority, "--san", "www.example.org", "--san",
                  "192.0.2.1", "--san", "DNS:b.example.org", "--san",
                  "ip:2001:db8::1", "--key-out", tmp_path / "key")
    assert facts["names"] == ["dns:www.example.org", "ip:192.0.2.1",
                              "dns:b.example.org", "ip:2001:db8::1"]
    facts = issue(open_authority, "--san", "zoe@example.org", "--key-out",
                  tmp_path / "key2", profile="client")
    assert facts["names"] == ["email:zoe@example.org"]


def test_how_names_were_understood_is_told_on_standard_error(
        open_authority, tmp_path):
    outcome = open_authority.run(
        "issue", "--profile", "server", "--san", "www.example.org", "--san",
        "192.0.2.1", "--subject", "/O=Acme, Inc./CN=www", "--key-out",
        tmp_path / "key")
    assert "dns:www.example.org, ip:192.0.2.1" in outcome.err
    assert "CN=www,O=Acme\\, Inc." in outcome.err
    assert read_certificate(outcome.out)


def test_a_chain_is_the_certificate_and_its_issuers_without_the_root(
        open_authority, tmp_path):
    path = make_request(tmp_path / "request.pem", dns=[NAME])
    chain = split_pem(open_authority.run(
        "issue", "--profile", "server", "--csr", path, "--chain").out)
    assert len(chain) == 2
    leaf, issuing = map(read_certificate, chain)
    assert leaf.issuer == issuing.subject != issuing.issuer


def test_der_is_written_when_asked(open_authority, tmp_path):
    path = make_request(tmp_path / "request.pem", dns=[NAME])
    out = tmp_path / "leaf.der"
    open_authority.run("issue", "--profile", "server", "--csr", path, "--der",
                       "--out", out)
    done, words = say("openssl", "x509", "-inform", "DER", "-noout", "-in", out)
    assert done, words


# --- files --------------------------------------------------------------------------

def test_a_new_key_is_private_and_the_certificates(open_authority, tmp_path):
    key, out = tmp_path / "www.key", tmp_path / "www.pem"
    open_authority.run("issue", "--profile", "server", "--san", NAME,
                       "--key-out", key, "--out", out)
    assert key.stat().st_mode & 0o777 == 0o600
    assert out.stat().st_mode & 0o777 == 0o644
    of_key = say("openssl", "pkey", "-in", key, "-pubout")[1]
    assert of_key == say("openssl", "x509", "-in", out, "-noout", "-pubkey")[1]
    assert {path.name for path in tmp_path.iterdir()} == {"www.key", "www.pem"}


def test_kb029_a_new_key_says_at_once_that_it_is_the_only_copy(
        open_authority, tmp_path):
    key = tmp_path / "www.key"
    outcome = open_authority.run("issue", "--profile", "server", "--san", NAME,
                                 "--key-out", key, "--out", tmp_path / "a.pem")
    assert (f"{key}: its private key, the only copy: the authority keeps none; "
            "it can be exported\n") in outcome.err


def test_kb112_many_names_and_wildcards_are_one_certificates(
        open_authority, tmp_path):
    names = ["*.example.org"] + [f"www.{number}.example" for number in range(99)]
    out = tmp_path / "many.pem"
    open_authority.run("issue", "--profile", "server", "--key-out",
                       tmp_path / "many.key", "--out", out,
                       *(word for name in names for word in ("--san", name)))
    root = open_authority.run("ca show", "--ca", "root").out
    (tmp_path / "root.pem").write_text(root)
    (tmp_path / "issuing.pem").write_text(
        open_authority.run("ca show", "--ca", "issuing").out)
    for name, fits in (("mail.example.org", True), ("www.98.example", True),
                       ("a.b.example.org", False), ("example.org", False),
                       ("www.99.example", False)):
        done, words = say("openssl", "verify", "-CAfile", tmp_path / "root.pem",
                          "-untrusted", tmp_path / "issuing.pem",
                          "-verify_hostname", name, out)
        assert done == fits, (name, words)


def test_a_new_key_is_encrypted_with_a_passphrase_of_the_requester(
        open_authority, tmp_path):
    key, passphrase = tmp_path / "www.key", tmp_path / "passphrase"
    passphrase.write_text("of the requester\n")
    open_authority.run("issue", "--profile", "server", "--san", NAME,
                       "--key-out", key, "--key-passphrase-file", passphrase)
    assert "BEGIN ENCRYPTED PRIVATE KEY" in key.read_text()
    done, words = say("openssl", "pkey", "-in", key, "-passin",
                      f"file:{passphrase}", "-noout")
    assert done, words


@pytest.mark.parametrize("there", ["www.key", "www.pem"])
def test_files_that_are_there_are_kept_without_force(
        there, open_authority, tmp_path, serials):
    (tmp_path / there).write_text("mine")
    arguments = ["--profile", "server", "--san", NAME, "--key-out",
                 tmp_path / "www.key", "--out", tmp_path / "www.pem"]
    before, issued = snapshot(tmp_path), serials(open_authority)
    outcome = open_authority.refuses(CONFLICT, "issue", *arguments)
    assert str(tmp_path / there) in outcome.err and "--force" in outcome.err
    after = snapshot(tmp_path)
    assert after == before, changes(before, after)
    assert serials(open_authority) == issued
    open_authority.run("issue", *arguments, "--force")
    assert (tmp_path / there).read_text().startswith("-----BEGIN")


def test_a_refused_request_leaves_no_file(open_authority, tmp_path, serials):
    issued = serials(open_authority)
    for more in (["--lifetime", "10y"], ["--subject", "DC=example"],
                 ["--san", "uri:https://example.org"], ["--ca", "root"]):
        open_authority.refuses(
            {REFUSED, 4, 6, 7, 8}, "issue", "--profile", "server", "--san",
            NAME, "--key-out", tmp_path / "key", "--out", tmp_path / "out",
            *more)
        assert list(tmp_path.iterdir()) == [], more
    assert serials(open_authority) == issued


def test_a_dry_run_issues_and_writes_nothing(open_authority, tmp_path, serials):
    issued = serials(open_authority)
    outcome = open_authority.run(
        "issue", "--dry-run", "--profile", "server", "--san", NAME,
        "--key-out", tmp_path / "key", "--out", tmp_path / "out")
    assert NAME in outcome.out + outcome.err
    assert list(tmp_path.iterdir()) == []
    assert serials(open_authority) == issued


WRONG = {
    "no profile": (["--san", NAME, "--key-out", "KEY"], USAGE),
    "a profile that isn't there": (
        ["--profile", "sevrer", "--san", NAME, "--key-out", "KEY"], NOT_FOUND),
    "a request that isn't there": (
        ["--profile", "server", "--csr", "/nonexistent/x"], NOT_FOUND),
    "neither request nor key": (["--profile", "server"], USAGE),
    "both request and key": (
        ["--profile", "server", "--csr", "x", "--key-out", "KEY"], USAGE),
    "a key for nobody": (["--profile", "server", "--key-out", "KEY"], USAGE),
    "a lifetime that is none": (
        ["--profile", "server", "--san", NAME, "--key-out", "KEY",
         "--lifetime", "soon"], USAGE),
    "a lifetime of no time": (
        ["--profile", "server", "--san", NAME, "--key-out", "KEY",
         "--lifetime", "0d"], USAGE),
    "a lifetime below zero": (
        ["--profile", "server", "--san", NAME, "--key-out", "KEY",
         "--lifetime", "-1d"], USAGE),
    "an end that has passed": (
        ["--profile", "server", "--san", NAME, "--key-out", "KEY",
         "--not-after", "2001-01-01T00:00:00Z"], REFUSED),
    "a subject that can't be read": (
        ["--profile", "server", "--san", NAME, "--key-out", "KEY",
         "--subject", "no equals sign"], MALFORMED),
    "a folder that isn't there": (
        ["--profile", "server", "--san", NAME, "--key-out",
         "/nonexistent/key"], NOT_FOUND),
    "an authority that isn't there": (
        ["--profile", "server", "--san", NAME, "--key-out", "KEY", "--ca",
         "nobody"], NOT_FOUND),
    "a kind of key that is none": (
        ["--profile", "server", "--san", NAME, "--key-out", "KEY", "--key",
         "p255"], USAGE),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_told_in_one_sentence(what, open_authority, tmp_path):
    arguments, status = WRONG[what]
    open_authority.refuses(status, "issue", *[
        tmp_path / "key" if word == "KEY" else word for word in arguments])
    assert list(tmp_path.iterdir()) == []


# --- asked again --------------------------------------------------------------------

def test_the_same_idempotency_key_gives_the_same_certificate(
        open_authority, tmp_path, serials):
    path = make_request(tmp_path / "request.pem", dns=[NAME])
    first = issue(open_authority, "--csr", path, "--idempotency-key", "order 1")
    count = len(serials(open_authority))
    again = issue(open_authority, "--csr", path, "--idempotency-key", "order 1")
    assert again["certificate"] == first["certificate"]
    assert len(serials(open_authority)) == count
    other = make_request(tmp_path / "other.pem", dns=[NAME], key=new_key())
    open_authority.refuses(CONFLICT, "issue", "--profile", "server", "--csr",
                           other, "--idempotency-key", "order 1")


def test_kb043_serials_are_positive_random_and_at_most_20_octets(
        open_authority, serials):
    numbers = serials(open_authority)
    assert len(numbers) == len(set(numbers)) > 3
    for number in numbers:
        assert len(number) == 17 and 1 <= number[0] <= 0x7f
    # Halves of 64 bits that come twice would say that they aren't random.
    assert len({number[1:9] for number in numbers}) == len(numbers)
    assert len({number[9:] for number in numbers}) == len(numbers)


def test_a_key_is_never_written_to_standard_output(authority):
    refused = authority.refuses(USAGE, "issue", "--profile", "server", "--san",
                                "a.example", "--key-out", "-")
    assert "never written to standard output" in refused.err
