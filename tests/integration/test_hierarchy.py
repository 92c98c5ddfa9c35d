"""Authorities below authorities: ca add, request, install, cross-sign,
rollover, retire; chains judged by openssl, GnuTLS and python-cryptography."""
import datetime
import sqlite3

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from consumers import say
from making import make_request, read_certificate, split_pem
from program import (CONFLICT, MALFORMED, NOT_ALLOWED, NOT_FOUND, REFUSED,
                     UNAVAILABLE, USAGE, Chancery, same, snapshot)

NAME = "www.example.org"
DAY = datetime.timedelta(days=1)


# --- helpers --------------------------------------------------------------------

def issue(authority, *arguments, name=NAME):
    return authority.facts("issue", "--profile", "server", "--csr",
                           make_request(authority.directory.parent / "leaf.csr",
                                        dns=[name]), *arguments)


def write(path, *pems):
    path.write_text("".join(pems))
    return path


def openssl_verifies(folder, leaf, between, root):
    """By this one root alone."""
    words = ["openssl", "verify", "-no-CApath", "-no-CAstore", "-CAfile",
             write(folder / "v-root.pem", root)]
    if between:
        words += ["-untrusted", write(folder / "v-between.pem", *between)]
    return say(*words, write(folder / "v-leaf.pem", leaf))


def gnutls_verifies(folder, leaf, between, root):
    write(folder / "g-chain.pem", leaf, *between)
    write(folder / "g-root.pem", root)
    return say("certtool", "--verify", "--infile", folder / "g-chain.pem",
               "--load-ca-certificate", folder / "g-root.pem")


def assert_signed_by(child, parent):
    """Names, and the signature by the parent's key (all are EC here)."""
    assert child.issuer == parent.subject
    parent.public_key().verify(child.signature, child.tbs_certificate_bytes,
                               ec.ECDSA(child.signature_hash_algorithm))


def same_key(one, other):
    return (one.public_key().public_numbers() ==
            other.public_key().public_numbers())


def python_verifies(leaf, between, root):
    """Signatures, names, dates and path lengths, one after another."""
    chain = [read_certificate(pem) for pem in [leaf, *between, root]]
    for below, (child, parent) in enumerate(zip(chain, chain[1:])):
        assert_signed_by(child, parent)
        limits = parent.extensions.get_extension_for_class(
            x509.BasicConstraints)
        assert limits.critical and limits.value.ca
        between_them = sum(1 for one in chain[1:below + 1]
                           if one.subject != one.issuer)
        assert (limits.value.path_length is None or
                between_them <= limits.value.path_length)
    return True


def all_verify(folder, leaf, between, root):
    for verdict, words in (openssl_verifies(folder, leaf, between, root),
                           gnutls_verifies(folder, leaf, between, root)):
        assert verdict, words
    assert python_verifies(leaf, between, root)


def shown(authority, name):
    return authority.run("ca show", "--ca", name).out


def roots(authority):
    return split_pem(
        (authority.directory / "publish/roots.pem").read_text())


def names(authority):
    return {row["name"] for row in authority.facts("ca list")}


def events(authority, kind):
    with sqlite3.connect(
            f"file:{authority.directory}/chancery.db?mode=ro",
            uri=True) as store:
        return [row[0] for row in store.execute(
            "SELECT object FROM journal WHERE kind = ? ORDER BY seq", (kind,))]


class Foreign:
    """A root of somebody else, made by python-cryptography."""

    def __init__(self, days=3650, path_length=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(
            NameOID.COMMON_NAME, "Foreign Root")])
        self.now = datetime.datetime.now(datetime.timezone.utc)
        self.certificate = self.sign(
            self.name, self.key.public_key(), days=days,
            path_length=path_length)
        self.pem = self.to_pem(self.certificate)

    @staticmethod
    def to_pem(certificate):
        return certificate.public_bytes(serialization.Encoding.PEM).decode()

    def sign(self, subject, key, *, days=1000, path_length=None, ca=True,
             critical=True, cert_sign=True, crl_sign=True, begin=-1,
             issuer=None, extra=(), signer=None, identifier=True):
        now = self.now
        builder = (x509.CertificateBuilder()
                   .subject_name(subject).issuer_name(issuer or self.name)
                   .public_key(key).serial_number(x509.random_serial_number())
                   .not_valid_before(now + begin * DAY)
                   .not_valid_after(now + days * DAY)
                   .add_extension(x509.BasicConstraints(
                       ca, path_length if ca else None), critical)
                   .add_extension(x509.KeyUsage(
                       False, False, False, False, False, cert_sign, crl_sign,
                       False, False), True)
                   .add_extension(
                       x509.AuthorityKeyIdentifier.from_issuer_public_key(
                           (signer or self.key).public_key()), False))
        if identifier:
            builder = builder.add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key), False)
        for extension, is_critical in extra:
            builder = builder.add_extension(extension, is_critical)
        return builder.sign(signer or self.key, hashes.SHA256())

    def certify(self, request_pem, **how):
        request = x509.load_pem_x509_csr(request_pem.encode())
        return self.to_pem(
            self.sign(request.subject, request.public_key(), **how))


@pytest.fixture
def waiting(authority, tmp_path):
    """(authority, request): the key of "issuing2" waits for a certificate."""
    request = tmp_path / "issuing2.csr"
    authority.run("ca request", "--name", "issuing2", "--out", request)
    return authority, request.read_text()


# --- ca add ----------------------------------------------------------------------

def test_an_added_authority_issues_and_its_chain_verifies(authority, tmp_path):
    made = authority.facts("ca add", "issuing2")
    assert made["issues"] and made["parent"] == "root"
    facts = issue(authority, "--ca", "issuing2")
    all_verify(tmp_path, facts["certificate"], facts["chain"],
               roots(authority)[0])
    published = authority.directory / "publish"
    assert (published / "ca/issuing2.cer").read_bytes() == read_certificate(
        made["certificate"]).public_bytes(serialization.Encoding.DER)
    assert made["certificate"] in split_pem(
        (published / "intermediates.pem").read_text())
    assert events(authority, "authority-added") == ["issuing2"]
    key = authority.directory / "keys/issuing2.key"
    assert key.stat().st_mode & 0o777 == 0o600


def test_two_that_issue_are_ambiguous_without_ca(authority, tmp_path):
    authority.run("ca add", "issuing2")
    # The first household after it publishes the list of the new one, too.
    assert issue(authority, "--ca", "issuing")["certificate"]
    refused = authority.refuses(
        CONFLICT, "issue", "--profile", "server", "--csr",
        make_request(tmp_path / "a.csr", dns=[NAME]))
    assert "--ca" in refused.err


def test_kb073_the_same_addition_again_is_no_failure(authority):
    first = authority.facts("ca add", "issuing2")
    before = snapshot(authority.directory / "keys")
    again = authority.facts("ca add", "issuing2")
    assert again["already_there"] and not first["already_there"]
    assert again["sha256"] == first["sha256"]
    assert snapshot(authority.directory / "keys") == before


def test_files_that_a_kill_left_out_are_made_from_the_store(authority):
    authority.run("ca add", "issuing2")
    keys, published = (authority.directory / name
                       for name in ("keys", "publish"))
    before = snapshot(published)
    (keys / "issuing2.crt").unlink()
    (published / "ca/issuing2.cer").unlink()
    (published / "intermediates.pem").unlink()
    authority.run("ca add", "issuing2")
    assert snapshot(published) == before
    assert issue(authority, "--ca", "issuing2")["certificate"]


def test_a_key_that_a_kill_left_alone_is_taken(authority):
    authority.run("ca request", "--name", "other")
    keys = authority.directory / "keys"
    (keys / "other.key").rename(keys / "issuing2.key")
    before = keys_of(authority)
    made = authority.facts("ca add", "issuing2")
    assert read_certificate(made["certificate"]).public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)
    assert keys_of(authority) == before


def keys_of(authority):
    return {row["sha256"] for row in authority.facts("keys list")}


def test_a_foreign_file_in_a_keys_place_is_left_alone(authority):
    key = authority.directory / "keys/issuing2.key"
    key.write_text("somebody's notes\n")
    key.chmod(0o600)
    authority.refuses(CONFLICT, "ca add", "issuing2")
    assert key.read_text() == "somebody's notes\n"


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "-x y", "x" * 64])
def test_a_name_that_is_no_name_of_a_file_is_refused(authority, name):
    authority.refuses(MALFORMED, "ca add", "--", name)


def test_a_dry_run_of_ca_add_changes_nothing(authority):
    before = snapshot(authority.directory)
    assert authority.facts("ca add", "issuing2", "--dry-run")["dry_run"]
    assert same(before, snapshot(authority.directory))


def test_an_issuing_authority_makes_none_below_it(authority):
    refused = authority.refuses(
        NOT_ALLOWED, "ca add", "below", "--ca", "issuing")
    assert "may make no authorities" in refused.err


def test_a_root_that_was_taken_away_is_asked_for(chancery, tmp_path):
    chancery.run("init", "--root-out", tmp_path / "root")
    refused = chancery.refuses(UNAVAILABLE, "ca add", "issuing2")
    assert "root" in refused.err
    chancery.run("ca add", "issuing2", "--root-dir", tmp_path / "root")
    assert issue(chancery, "--ca", "issuing2")["certificate"]


def test_a_list_of_a_root_that_was_taken_away_asks_for_its_folder(
        chancery, tmp_path):
    chancery.run("init", "--root-out", tmp_path / "root")
    (tmp_path / "root").rename(tmp_path / "away")
    refused = chancery.refuses(UNAVAILABLE, "ca crl", "--ca", "root")
    assert "--root-dir" in refused.err
    chancery.run("ca crl", "--ca", "root", "--root-dir", tmp_path / "away")


def test_a_served_authority_is_not_changed(locked, pristine_locked):
    passphrase = pristine_locked[1]
    locked.run("unlock", "--passphrase-file", passphrase)
    try:
        refused = locked.attempt("ca add", "issuing2", "--passphrase-file",
                                 passphrase)
        assert refused.status == UNAVAILABLE, str(refused)
        assert "served" in refused.err and "lock" in refused.err
        assert not (locked.directory / "keys/issuing2.key").exists()
    finally:
        locked.run("lock")


# --- three levels, an offline root ---------------------------------------------

def test_kb070_three_levels_below_an_offline_root_verify(chancery, tmp_path):
    passphrase = tmp_path / "root-passphrase"
    passphrase.write_text("of the root alone\n")
    root = ["--root-dir", tmp_path / "root", "--root-passphrase-file",
            passphrase]
    chancery.run("init", "--url", "http://pki.example.org", "--root-out",
                 tmp_path / "root", "--root-passphrase-file", passphrase)
    policy = chancery.facts("ca add", "policy", "--path-length", "1", *root)
    assert not policy["issues"]
    chancery.run("ca add", "issuing2", "--ca", "policy", *root)
    (tmp_path / "root").rename(tmp_path / "far away")
    facts = issue(chancery, "--ca", "issuing2")
    assert len(facts["chain"]) == 2
    all_verify(tmp_path, facts["certificate"], facts["chain"],
               roots(chancery)[0])


def test_the_serving_signer_has_no_root_key(authority):
    authority.run("ca add", "policy", "--path-length", "1")
    keys = {row["name"] for row in authority.facts("status")["keys"]}
    assert keys == {"issuing"}


def test_properties10_an_authority_is_made_in_a_ceremony_alone(
        locked, pristine_locked, tmp_path):
    request = make_request(tmp_path / "sub.csr", [attribute_cn("Below")])
    made = locked.facts("issue", "--profile", "subordinate", "--csr", request,
                        "--ca", "root", "--passphrase-file",
                        pristine_locked[1])
    limits = read_certificate(made["certificate"]).extensions
    assert limits.get_extension_for_class(x509.BasicConstraints).value.ca
    locked.run("unlock", "--passphrase-file", pristine_locked[1])
    try:
        refused = locked.attempt("issue", "--profile", "subordinate", "--csr",
                                 request, "--ca", "root")
        assert refused.status == UNAVAILABLE, str(refused)
    finally:
        locked.run("lock")


@pytest.mark.parametrize("name", ["root", "issuing"])
def test_properties10_nobody_asks_for_an_authority_that_is_there(
        authority, tmp_path, name):
    """An administrator, in a ceremony: only cross-sign and rollover may."""
    subject = list(read_certificate(shown(authority, name)).subject)
    for attributes in (subject, [x509.NameAttribute(one.oid, one.value.upper())
                                 for one in subject]):
        refused = authority.refuses(
            REFUSED, "issue", "--profile", "subordinate", "--ca", "root",
            "--csr", make_request(tmp_path / "sub.csr", attributes))
        assert f'the name of the authority "{name}"' in refused.err
        refused = authority.refuses(
            REFUSED, "issue", "--profile", "subordinate", "--ca", "root",
            "--csr", make_request(tmp_path / "sub.csr", [attribute_cn("B")]),
            "--subject", x509.Name(attributes).rfc4514_string())
        assert f'the name of the authority "{name}"' in refused.err


def attribute_cn(text):
    return x509.NameAttribute(NameOID.COMMON_NAME, text)


# --- request and install ---------------------------------------------------------

def install(authority, tmp_path, *pems, options=()):
    return authority.attempt(
        "ca install", write(tmp_path / "answer.pem", *pems), *options)


def refused_install(authority, tmp_path, status, *pems, options=()):
    """kb 35: a failed installation leaves everything as it was."""
    before = names(authority)
    refused = authority.refuses(
        status, "ca install", write(tmp_path / "answer.pem", *pems), *options)
    assert names(authority) == before
    return refused.err


def test_a_list_of_authorities_tells_of_keys_that_wait(authority, tmp_path):
    authority.run("ca request", "--name", "issuing2", "--out", tmp_path / "a.csr")
    last = authority.run("ca list").out.splitlines()[-1]
    assert last.startswith("issuing2 ") and "ca install FILE" in last


def test_kb070_a_subordinate_of_a_foreign_root_issues(waiting, tmp_path):
    authority, request = waiting
    foreign = Foreign()
    # The order in the file means nothing.
    done = install(authority, tmp_path, foreign.pem, foreign.certify(request))
    assert done.status == 0, str(done)
    facts = issue(authority, "--ca", "issuing2")
    all_verify(tmp_path, facts["certificate"], facts["chain"], foreign.pem)
    assert foreign.pem in roots(authority)
    assert events(authority, "authority-installed") == ["issuing2"]


def test_kb073_the_same_answer_twice_is_present_already(waiting, tmp_path):
    authority, request = waiting
    foreign = Foreign()
    answer = foreign.certify(request)
    assert install(authority, tmp_path, answer, foreign.pem).status == 0
    # The first household after it publishes the list of the new one.
    assert issue(authority, "--ca", "issuing2")["certificate"]
    before = snapshot(authority.directory / "publish")
    again = install(authority, tmp_path, answer, foreign.pem)
    assert again.status == 0 and "present already" in again.out, str(again)
    assert snapshot(authority.directory / "publish") == before


def test_an_answer_for_another_one_than_was_named_changes_nothing(
        waiting, tmp_path):
    authority, request = waiting
    foreign = Foreign()
    answer = foreign.certify(request)
    before = same_request(authority)
    outcome = install(authority, tmp_path, answer, foreign.pem,
                      options=("--ca", "issuing"))
    assert outcome.status == CONFLICT
    assert '"issuing2"' in outcome.err and '"issuing"' in outcome.err
    assert same_request(authority) == before
    authority.refuses(USAGE, "ca request", "--ca", "issuing2", "--name",
                      "issuing2")
    assert install(authority, tmp_path, answer, foreign.pem,
                   options=("--ca", "issuing2")).status == 0


def same_request(authority):
    """What waits goes on waiting; --ca says --name."""
    facts = authority.facts("ca request", "--ca", "issuing2")
    assert facts["already_there"] is True
    return facts["request"]


def test_an_intermediate_above_comes_with_the_chain(waiting, tmp_path):
    authority, request = waiting
    foreign = Foreign()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([attribute_cn("Foreign Policy")])
    policy = foreign.sign(name, key.public_key(), days=2000)
    answer = foreign.certify(request, issuer=name, signer=key)
    done = install(authority, tmp_path, Foreign.to_pem(policy), answer,
                   options=("--root", write(tmp_path / "r.pem", foreign.pem)))
    assert done.status == 0, str(done)
    facts = issue(authority, "--ca", "issuing2")
    assert len(facts["chain"]) == 2
    all_verify(tmp_path, facts["certificate"], facts["chain"], foreign.pem)


def test_kb071_a_missing_issuer_is_named_with_its_identifier(
        waiting, tmp_path):
    authority, request = waiting
    foreign = Foreign()
    err = refused_install(authority, tmp_path, NOT_FOUND,
                          foreign.certify(request))
    identifier = x509.SubjectKeyIdentifier.from_public_key(
        foreign.key.public_key()).digest.hex()
    assert "CN=Foreign Root" in err and identifier in err, err
    assert "answer.pem" in err, err


@pytest.mark.parametrize("fault, words", [
    (dict(ca=False, cert_sign=False), "CA:TRUE"),
    (dict(critical=False), "not critical"),
    (dict(cert_sign=False), "keyCertSign"),
    (dict(crl_sign=False), "cRLSign"),
    (dict(identifier=False), "subjectKeyIdentifier"),
    (dict(days=5000), "within the dates of its issuer"),
    (dict(begin=1), "not valid before"),
    (dict(begin=-20, days=-10), "was valid until"),
])
def test_kb045_an_answer_that_is_no_good_authority_is_refused(
        waiting, tmp_path, fault, words):
    authority, request = waiting
    foreign = Foreign()
    err = refused_install(authority, tmp_path, REFUSED,
                          foreign.certify(request, **fault), foreign.pem)
    assert words in err, err
    # kb 35: what was refused did no harm to what is right.
    assert install(authority, tmp_path, foreign.certify(request),
                   foreign.pem).status == 0


def test_a_path_that_is_too_long_is_refused(waiting, tmp_path):
    authority, request = waiting
    foreign = Foreign(path_length=0)
    err = refused_install(authority, tmp_path, REFUSED,
                          foreign.certify(request), foreign.pem)
    assert "allows 0 authorities below it" in err, err


def test_an_answer_of_another_signer_is_refused(waiting, tmp_path):
    authority, request = waiting
    foreign = Foreign()
    other = ec.generate_private_key(ec.SECP256R1())
    forged = x509.load_pem_x509_csr(request.encode())
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(
        foreign.key.public_key())
    builder = (x509.CertificateBuilder().subject_name(forged.subject)
               .issuer_name(foreign.name).public_key(forged.public_key())
               .serial_number(5).not_valid_before(foreign.now - DAY / 2)
               .not_valid_after(foreign.now + 10 * DAY)
               .add_extension(x509.BasicConstraints(True, None), True)
               .add_extension(x509.KeyUsage(
                   False, False, False, False, False, True, True, False,
                   False), True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(
                   forged.public_key()), False)
               .add_extension(identifier, False))
    answer = Foreign.to_pem(builder.sign(other, hashes.SHA256()))
    err = refused_install(authority, tmp_path, REFUSED, answer, foreign.pem)
    assert "is not signed by CN=Foreign Root" in err, err


def test_an_answer_for_another_key_is_refused(waiting, tmp_path):
    authority, _ = waiting
    foreign = Foreign()
    other = ec.generate_private_key(ec.SECP256R1())
    err = refused_install(
        authority, tmp_path, NOT_FOUND, Foreign.to_pem(foreign.sign(
            x509.Name([attribute_cn("Another")]), other.public_key())),
        foreign.pem)
    assert "issuing2" in err and "key that waits" in err, err


def test_a_dry_run_of_ca_install_checks_the_chain(waiting, tmp_path):
    authority, request = waiting
    foreign, short = Foreign(), Foreign(path_length=0)
    before = snapshot(authority.directory)
    done = install(authority, tmp_path, foreign.certify(request), foreign.pem,
                   options=("--dry-run",))
    assert done.status == 0 and "The chain is good: issuing2" in done.out
    err = refused_install(authority, tmp_path, REFUSED, short.certify(request),
                          short.pem, options=("--dry-run",))
    assert "allows 0 authorities below it" in err, err
    assert same(before, snapshot(authority.directory))
    answer = foreign.certify(request)
    assert install(authority, tmp_path, answer, foreign.pem).status == 0
    again = install(authority, tmp_path, answer, options=("--dry-run",))
    assert again.status == 0 and "present already" in again.out, str(again)


def test_the_same_request_comes_out_again(waiting):
    authority, request = waiting
    assert authority.run("ca request", "--name", "issuing2").out == request


# --- init --subordinate ----------------------------------------------------------

def test_a_folder_without_a_root_waits_for_its_certificate(chancery, tmp_path):
    request = tmp_path / "issuing.csr"
    chancery.run("init", "--subordinate", "--name", "Below", "--out", request)
    refused = chancery.refuses(
        NOT_FOUND, "issue", "--profile", "server", "--csr",
        make_request(tmp_path / "a.csr", dns=[NAME]))
    assert "ca install" in refused.err, refused.err
    foreign = Foreign()
    done = install(chancery, tmp_path, foreign.certify(request.read_text()),
                   foreign.pem)
    assert done.status == 0, str(done)
    facts = issue(chancery)
    all_verify(tmp_path, facts["certificate"], facts["chain"], foreign.pem)


# --- cross-sign --------------------------------------------------------------------

def test_kb070_a_cross_certificate_leads_to_our_root(
        authority, pristine, tmp_path, program):
    partner = Chancery(program, tmp_path / "partner")
    partner.run("init", "--name", "Partner")
    facts = issue(partner)
    theirs = write(tmp_path / "partner-root.pem", roots(partner)[0])
    crossed = authority.facts("ca cross-sign", theirs)["certificate"]
    bridge, original = read_certificate(crossed), read_certificate(
        roots(partner)[0])
    assert bridge.subject == original.subject
    assert same_key(bridge, original)
    for kind in (x509.SubjectKeyIdentifier, x509.BasicConstraints):
        assert (bridge.extensions.get_extension_for_class(kind).value ==
                original.extensions.get_extension_for_class(kind).value)
    all_verify(tmp_path, facts["certificate"], [*facts["chain"], crossed],
               roots(authority)[0])
    published = authority.directory / "publish/ca/root-cross-1.cer"
    assert published.read_bytes() == bridge.public_bytes(
        serialization.Encoding.DER)
    assert events(authority, "cross-signed") == ["root"]


def test_a_cross_certificate_in_a_file_is_told_in_words(authority, tmp_path):
    path = write(tmp_path / "foreign.pem", Foreign(path_length=1).pem)
    out = tmp_path / "bridge.pem"
    authority.refuses(
        USAGE, "ca cross-sign", path, "--lifetime", "0d", "--out", out)
    assert not out.exists()
    told = authority.run("ca cross-sign", path, "--out", out).out
    assert told.startswith(f"{out}: ")
    assert "certified by root, valid until 20" in told


def test_a_cross_certificate_gets_narrower_and_never_wider(
        authority, tmp_path):
    foreign = Foreign(path_length=1)
    path = write(tmp_path / "foreign.pem", foreign.pem)
    narrow = read_certificate(authority.facts(
        "ca cross-sign", path, "--path-length", "0")["certificate"])
    assert narrow.extensions.get_extension_for_class(
        x509.BasicConstraints).value.path_length == 0
    refused = authority.refuses(
        REFUSED, "ca cross-sign", path, "--path-length", "2")
    assert "does not widen" in refused.err


def test_limits_that_would_be_lost_refuse_a_cross_certificate(
        authority, tmp_path):
    foreign = Foreign()
    limited = foreign.sign(
        foreign.name, foreign.key.public_key(),
        extra=[(x509.NameConstraints([x509.DNSName("example.org")], None),
                True)])
    refused = authority.refuses(
        REFUSED, "ca cross-sign",
        write(tmp_path / "limited.pem", Foreign.to_pem(limited)))
    assert "nameConstraints" in refused.err, refused.err


def test_a_leaf_is_not_cross_signed(authority, tmp_path):
    leaf = write(tmp_path / "l.pem", issue(authority)["certificate"])
    authority.refuses(REFUSED, "ca cross-sign", leaf)


# --- rollover ----------------------------------------------------------------------

STEPS = ["plan", "key", "certify", "cross", "publish", "switch"]


def roll(authority, *arguments, upto="switch"):
    for step in STEPS[:STEPS.index(upto) + 1]:
        facts = authority.facts("ca rollover", *arguments)
        assert facts["step"] == step, facts
    return facts


def test_a_rollover_of_the_issuing_authority_switches_keys(
        authority, tmp_path):
    before = issue(authority)
    done = roll(authority)
    assert done["next"] == "retire"
    after = issue(authority)
    root = roots(authority)[0]
    for facts in (before, after):
        all_verify(tmp_path, facts["certificate"], facts["chain"], root)
    old, new = (read_certificate(shown(authority, name))
                for name in ("issuing", "issuing-2"))
    assert old.subject == new.subject
    assert not same_key(old, new)
    retired = authority.directory / "keys/retired"
    assert {path.name for path in retired.iterdir()} == {
        "issuing.key", "issuing.crt"}
    assert not (authority.directory / "keys/issuing.key").exists()
    refused = authority.refuses(
        NOT_ALLOWED, "issue", "--ca", "issuing", "--profile", "server",
        "--csr", make_request(tmp_path / "a.csr", dns=[NAME]))
    assert "retired" in refused.err


def test_the_old_key_signs_its_lists_after_the_switch(authority):
    serial = issue(authority)["serial"]
    roll(authority)
    authority.run("revoke", serial)
    listed = x509.load_der_x509_crl(
        (authority.directory / "publish/crl/issuing.crl").read_bytes())
    old = read_certificate(shown(authority, "issuing"))
    assert listed.is_signature_valid(old.public_key())
    assert listed.get_revoked_certificate_by_serial_number(
        int(serial.replace(":", ""), 16))


@pytest.mark.parametrize("upto", STEPS[:-1])
def test_each_step_before_the_switch_is_taken_back(authority, tmp_path, upto):
    before = snapshot(authority.directory / "publish")
    roll(authority, upto=upto)
    for step in reversed(STEPS[:STEPS.index(upto) + 1]):
        authority.run("ca rollover", "--undo")
    assert authority.facts("ca rollover", "--dry-run")["step"] == "plan"
    after = {path: facts for path, facts in
             snapshot(authority.directory / "publish").items()
             if not path.startswith("crl")}
    assert after == {path: facts for path, facts in before.items()
                     if not path.startswith("crl")}
    assert not list((authority.directory / "publish/ca").glob("*-2.cer"))
    facts = issue(authority)
    all_verify(tmp_path, facts["certificate"], facts["chain"],
               roots(authority)[0])
    roll(authority)


def test_no_step_is_taken_back_after_the_switch(authority):
    roll(authority)
    refused = authority.attempt("ca rollover", "--undo")
    assert refused.status == CONFLICT, str(refused)


def test_steps_out_of_order_are_refused(authority):
    refused = authority.refuses(CONFLICT, "ca rollover", "--step", "switch")
    assert "next step" in refused.err


def test_a_step_again_is_no_failure(authority):
    roll(authority, upto="certify")
    before = names(authority)
    authority.run("ca rollover", "--step", "certify")
    assert names(authority) == before


def test_kb070_chains_verify_by_the_old_and_the_new_root(authority, tmp_path):
    before = issue(authority)
    old = roots(authority)[0]
    roll(authority, "--ca", "root")
    old_now, new = roots(authority)
    assert old_now == old
    assert read_certificate(new).subject == read_certificate(old).subject
    roll(authority, "--ca", "issuing")
    after = issue(authority)
    bridges = [x509.load_der_x509_certificate(path.read_bytes())
               for path in sorted((authority.directory / "publish/ca").glob(
                   "root*-cross-*.cer"))]
    by_key = {bridge.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo):
        Foreign.to_pem(bridge) for bridge in bridges}

    def bridge_of(pem):
        return by_key[read_certificate(pem).public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)]

    all_verify(tmp_path, before["certificate"], before["chain"], old)
    all_verify(tmp_path, after["certificate"], after["chain"], new)
    all_verify(tmp_path, before["certificate"],
               [*before["chain"], bridge_of(old)], new)
    all_verify(tmp_path, after["certificate"],
               [*after["chain"], bridge_of(new)], old)


def test_retire_waits_for_what_is_valid_or_is_forced(authority):
    issue(authority)
    roll(authority)
    refused = authority.attempt("ca rollover")
    assert refused.status == CONFLICT, str(refused)
    assert "valid" in refused.err and "--force" in refused.err
    authority.run("ca rollover", "--force")
    retired = authority.directory / "keys/retired"
    assert [path.name for path in retired.iterdir()] == ["issuing.key"]
    last = x509.load_der_x509_crl(
        (authority.directory / "publish/crl/issuing.crl").read_bytes())
    assert last.next_update - last.last_update > 300 * DAY
    assert issue(authority)["certificate"]
    assert "retired" in [row["state"] for row in authority.facts("ca list")
                         if row["name"] == "issuing"]


def test_ca_retire_ends_an_authority_in_two_steps(authority, tmp_path):
    authority.run("ca add", "clients")
    issue(authority, "--ca", "clients")
    first = authority.facts("ca retire", "clients")
    assert (first["state"], first["valid"]) == ("retiring", 1)
    authority.refuses(
        NOT_ALLOWED, "issue", "--ca", "clients", "--profile", "server",
        "--csr", make_request(tmp_path / "a.csr", dns=[NAME]))
    second = authority.facts("ca retire", "--ca", "clients", "--force")
    assert second["state"] == "retired"
    assert issue(authority)["certificate"]


def test_an_end_is_never_meant_for_the_one_that_happens_to_issue(authority):
    for words in ([], ["issuing", "--ca", "issuing"]):
        outcome = authority.refuses(USAGE, "ca retire", *words)
        assert "named once" in outcome.err
    assert issue(authority)["certificate"]


# --- kb 64 ---------------------------------------------------------------------------

def test_kb064_an_issuer_that_ends_soon_is_told(authority):
    authority.run("ca add", "short", "--lifetime", "100d")
    facts = issue(authority, "--ca", "short", "--lifetime", "30d")
    assert any("ends-soon" in notice for notice in facts["notices"]), facts
    facts = issue(authority, "--ca", "issuing")
    assert not any("ends-soon" in notice for notice in facts["notices"])
    assert "short" in events(authority, "issuer-ends-soon")
    assert [row["name"] for row in authority.facts("status")["ends_soon"]] == [
        "short"]
