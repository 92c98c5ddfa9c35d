"""Profiles: seen, judged and kept to, as an administrator meets them."""
import hashlib
import os
import shutil

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from consumers import say
from making import read_certificate
from program import (MALFORMED, NO, NOT_ALLOWED, NOT_FOUND, REFUSED, USAGE,
                     Chancery)

PROFILES = ["server", "client", "email", "code-signing", "time-stamping",
            "ocsp", "subordinate"]
WEB = ("  web:\n    purposes: [serverAuth]\n    key-usage: [digitalSignature]\n"
       "    keys: [p256]\n    lifetime: 90d\n    names: [dns, ip]\n"
       "    subject: [CN]\n")


def settings(authority):
    return authority.directory / "chancery.yaml"


def add(authority, text):
    with settings(authority).open("a") as file:
        file.write(text)


@pytest.fixture(scope="module")
def published(pristine, tmp_path_factory):
    """An authority whose lists have an address, in sixteen parts."""
    folder = tmp_path_factory.mktemp("published")
    text = settings(pristine).read_text()
    text = text.replace("crl-shards: 1\n", "crl-shards: 16\n")
    (folder / "init.yaml").write_text("url: http://pki.example.org\n" + text)
    made = Chancery(pristine.program, folder / "authority")
    made.run("init", "--config", folder / "init.yaml")
    return made


def issue(authority, folder, profile, *arguments):
    authority.run("issue", "--profile", profile, "--key-out", folder / "a.key",
                  "--out", folder / "a.pem", "--force", *arguments)
    return read_certificate((folder / "a.pem").read_text())


# --- list, show ---------------------------------------------------------------

def test_the_profiles_of_a_new_authority_are_seven(pristine):
    rows = pristine.facts("profiles list")
    assert [row["name"] for row in rows] == PROFILES
    assert all(row["approvals"] == 0 for row in rows)
    lines = pristine.run("profiles list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["NAME", *PROFILES]


def test_incident43_a_profile_is_shown_with_the_hash_of_its_text(pristine):
    for row in pristine.facts("profiles list"):
        shown = pristine.facts("profiles show", row["name"])
        digest = hashlib.sha256(shown["text"].encode()).hexdigest()
        assert shown["sha256"] == row["sha256"] == digest
        assert pristine.run("profiles show", row["name"]).out == (
            f"# version {digest}\n{shown['text']}")


def test_incident43_a_comment_is_no_new_version_and_a_lifetime_is(authority):
    before = authority.facts("profiles show", "server")["sha256"]
    text = settings(authority).read_text()
    settings(authority).write_text("# of ours\n" + text)
    assert authority.facts("profiles show", "server")["sha256"] == before
    settings(authority).write_text(text.replace("lifetime: 90d",
                                                "lifetime: 91d", 1))
    assert authority.facts("profiles show", "server")["sha256"] != before


def test_a_profile_that_is_not_there_is_told_with_those_that_are(pristine):
    outcome = pristine.refuses(NOT_FOUND, "profiles show", "weB")
    assert ", ".join(PROFILES) in outcome.err
    pristine.refuses(USAGE, "profiles show")


# --- lint ---------------------------------------------------------------------

def test_a_new_authority_has_no_finding(pristine):
    assert pristine.run("profiles lint").out == "nothing found\n"
    assert pristine.facts("profiles lint") == {"is_used": True, "findings": []}


def test_properties55_esc1_is_refused_by_name(authority):
    add(authority, WEB.replace("serverAuth", "clientAuth")
        + "    who: [token]\n")
    outcome = authority.attempt("profiles lint")
    assert outcome.status == REFUSED
    assert outcome.out.startswith(
        "ESC1 (names chosen by who asks), profile web: token may ask")
    finding, = authority.attempt("profiles lint", "--json").facts["findings"]
    assert (finding["rule"], finding["profile"]) == ("ESC1", "web")
    assert not finding["is_hint"]


def test_properties55_esc4_settings_that_others_write_are_refused(authority):
    os.chmod(settings(authority), 0o666)
    outcome = authority.attempt("profiles lint")
    assert outcome.status == REFUSED
    assert outcome.out.startswith("ESC4 (profiles that others may change)")
    # A draft elsewhere is judged by what it says alone.
    authority.run("profiles lint", "--config", settings(authority))


@pytest.mark.parametrize("switch, rule", [
    ("san-from-attributes: yes", "ESC6"), ("managers: [a]", "ESC7"),
    ("plain-http-enrolment: yes", "ESC8"),
    ("application-policies: [a]", "ESC15")])
def test_properties55_a_switch_that_does_not_exist_is_told_with_its_place(
        authority, switch, rule):
    add(authority, WEB + f"    {switch}\n")
    lines = len(settings(authority).read_text().splitlines())
    for command in ["profiles lint", "config check"]:
        outcome = authority.refuses(MALFORMED, command)
        assert f"line {lines}, column 5" in outcome.err
        assert f"no such switch exists: {rule} (" in outcome.err


def test_incident18_a_profile_without_keys_is_a_hint(authority):
    add(authority, WEB.replace("[p256]", "[]"))
    outcome = authority.attempt("profiles lint")
    assert outcome.status == NO
    assert outcome.out.startswith("hint: no-keys (a profile without keys)")


def test_a_file_is_judged_where_there_is_no_authority(pristine, tmp_path):
    nowhere = Chancery(pristine.program, tmp_path / "nothing")
    file = tmp_path / "new.yaml"
    shutil.copy(settings(pristine), file)
    nowhere.run("profiles lint", "--config", file)
    with file.open("a") as text:
        text.write(WEB + "    who: [anyone]\n    wildcards: yes\n")
    nowhere.refuses(REFUSED, "config check", file)
    outcome = nowhere.attempt("profiles lint", "--config", file)
    assert outcome.status == REFUSED
    assert [line.split()[0] for line in outcome.out.splitlines()] == [
        "open-names", "open-wildcards"]


# --- what they do -------------------------------------------------------------

def test_allowed_names_are_kept_to(authority, tmp_path):
    add(authority, WEB + '    allowed-names: ["*.example.org", 10.0.0.0/8]\n'
        "    wildcards: no\n")
    leaf = issue(authority, tmp_path, "web", "--san", "www.example.org",
                 "--san", "10.1.2.3", "--subject", "CN=www.example.org")
    names = leaf.extensions.get_extension_for_oid(
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME).value
    assert names.get_values_for_type(x509.DNSName) == ["www.example.org"]
    for wrong in [["--san", "www.evil.test"], ["--san", "192.0.2.1"],
                  ["--san", "www.example.org", "--subject", "CN=evil.test"]]:
        outcome = authority.refuses(
            REFUSED, "issue", "--profile", "web", "--key-out",
            tmp_path / "b.key", *wrong)
        assert "matches none of the allowed-names of profile web" in outcome.err
    outcome = authority.refuses(
        REFUSED, "issue", "--profile", "web", "--key-out", tmp_path / "b.key",
        "--san", "*.example.org")
    assert "takes no wildcards" in outcome.err
    assert not (tmp_path / "b.key").exists()


def test_kb040_ten_units_of_64_and_a_name_of_253_issue(authority, tmp_path):
    host = ".".join(["a" * 63] * 3 + ["b" * 53, "example"])
    assert len(host) == 253
    subject = ",".join(f"OU={i}{'u' * 63}" for i in range(10))
    leaf = issue(authority, tmp_path, "server", "--san", host, "--subject",
                 f"CN=ten,{subject},O=Acme")
    units = leaf.subject.get_attributes_for_oid(
        x509.NameOID.ORGANIZATIONAL_UNIT_NAME)
    assert len(units) == 10 and {len(unit.value) for unit in units} == {64}
    outcome = authority.refuses(
        REFUSED, "issue", "--profile", "server", "--key-out",
        tmp_path / "b.key", "--san", "a.test", "--subject", f"OU={'u' * 65}")
    assert "OU " in outcome.err
    assert "has 65 characters; at most 64 may be" in outcome.err


def test_kb055_a_country_is_one_of_iso_3166(authority, tmp_path):
    for country in ["AX", "SS", "CW", "ZW"]:
        issue(authority, tmp_path, "server", "--san", "a.test", "--subject",
              f"CN=a,C={country}")
    outcome = authority.refuses(
        REFUSED, "issue", "--profile", "server", "--key-out",
        tmp_path / "b.key", "--san", "a.test", "--subject", "CN=a,C=YU")
    assert "no country that ISO 3166 knows" in outcome.err


def test_kb063_certificates_name_the_list_of_their_serial(published, tmp_path):
    for _ in range(5):
        leaf = issue(published, tmp_path, "server", "--san", "a.example.org")
        shard = (leaf.serial_number & 0xffffffff) % 16
        point, = leaf.extensions.get_extension_for_oid(
            ExtensionOID.CRL_DISTRIBUTION_POINTS).value
        assert [name.value for name in point.full_name] == [
            f"http://pki.example.org/crl/issuing/{shard}.crl"]
    _, text = say("openssl", "x509", "-in", tmp_path / "a.pem", "-noout",
                  "-ext", "crlDistributionPoints,authorityInfoAccess")
    assert "URI:http://pki.example.org/crl/issuing/" in text
    assert "URI:http://pki.example.org/ca/issuing.cer" in text


def test_kb063_a_root_names_no_list_and_what_is_below_it_does(published):
    root = read_certificate(published.run("ca show", "--ca", "root").out)
    below = read_certificate(published.run("ca show", "--ca", "issuing").out)
    found = {extension.oid for extension in root.extensions}
    assert ExtensionOID.CRL_DISTRIBUTION_POINTS not in found
    assert ExtensionOID.AUTHORITY_INFORMATION_ACCESS not in found
    point, = below.extensions.get_extension_for_oid(
        ExtensionOID.CRL_DISTRIBUTION_POINTS).value
    assert point.full_name[0].value.startswith(
        "http://pki.example.org/crl/root")


def test_responders_are_never_asked_about_and_stamps_are_critical(
        published, tmp_path):
    leaf = issue(published, tmp_path, "ocsp", "--subject", "CN=Responder")
    found = {extension.oid for extension in leaf.extensions}
    assert ExtensionOID.OCSP_NO_CHECK in found
    assert ExtensionOID.CRL_DISTRIBUTION_POINTS not in found
    leaf = issue(published, tmp_path, "time-stamping", "--subject", "CN=Clock")
    purposes = leaf.extensions.get_extension_for_oid(
        ExtensionOID.EXTENDED_KEY_USAGE)
    assert purposes.critical
    assert list(purposes.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def test_mail_is_signed_and_read_with_keys_of_both_kinds(published, tmp_path):
    for kind in ["rsa2048", "p256"]:
        leaf = issue(published, tmp_path, "email", "--key", kind, "--san",
                     "alice@example.org")
        usage = leaf.extensions.get_extension_for_oid(
            ExtensionOID.KEY_USAGE).value
        assert usage.digital_signature
        assert usage.key_encipherment == (kind == "rsa2048")
        assert usage.key_agreement == (kind == "p256")
    outcome = published.refuses(
        REFUSED, "issue", "--profile", "email", "--key-out",
        tmp_path / "b.key", "--subject", "CN=Alice")
    assert "requires an alternative name" in outcome.err


def test_an_issuing_authority_makes_no_other(published, tmp_path):
    """Its path length is 0: only a root makes authorities."""
    outcome = published.attempt("issue", "--profile", "subordinate", "--ca",
                                "issuing", "--key-out", tmp_path / "b.key",
                                "--subject", "CN=Below")
    assert outcome.status in {REFUSED, NOT_ALLOWED, NOT_FOUND}, outcome
    assert "issuing" in outcome.err and not outcome.out
