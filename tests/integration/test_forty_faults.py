"""kb 94: whatever is wrong has a code and a rule of its own, so that it is known
what to mend.  Each fault is put into a chain that is good without it."""
import hashlib
import json
import re
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

import mutants
from mutants import (BASIC, CONSTRAINTS, DAY, HOST, MAPPINGS, NAMES, NOW,
                     PURPOSES, USAGE, Workshop, dns, general, moment, policies,
                     sequence, subtrees)
from program import DONE, MALFORMED, NO, OBJECTS, SURROUNDINGS
from surgery import (BITS, INTEGER, OCTETS, SEQUENCE, Extension, elements, flip,
                     name, oid, split, tlv)

ROOT_AT, ISSUING_AT, LEAF_AT = 0, 1, 2
SHA256 = hashes.SHA256()
SAID = re.compile(r"\(rule ([a-z-]+), .+\)$")


class Scene:
    """A chain of three, and what is asked of it."""

    def __init__(self, workshop, folder):
        self.folder, self.pairs = folder, workshop.pairs["p256"]
        self.places = workshop.chain("p256", 1)
        self.options, self.roots = [], "root"
        self.signed = self.spoils_leaf = None

    def body(self, at):
        return self.places[at].body

    def extend(self, at, type_, value, critical=False):
        body = self.body(at)
        body.extensions = [one for one in body.extensions if one.type != type_]
        body.extensions.append(Extension(type_, value, critical))

    def drop(self, at, type_):
        body = self.body(at)
        body.extensions = [one for one in body.extensions if one.type != type_]

    def date(self, at, begin, end):
        self.body(at).validity = sequence(moment(NOW + begin * DAY),
                                          moment(NOW + end * DAY))

    def write(self, what, content):
        path = self.folder / what
        path.write_bytes(content)
        return path

    def made(self):
        """The three, as DER: root, issuing, leaf; signed once, at the end."""
        if not self.signed:
            self.signed = [place.body.sign(place.signer.sign)
                           for place in self.places]
        return self.signed

    def arguments(self):
        root, issuing, leaf = self.made()
        if self.spoils_leaf:
            leaf = self.spoils_leaf(leaf)
        files = {"root": self.write("root.der", root),
                 "issuing": self.write("issuing.der", issuing)}
        chosen = [files[self.roots]] if self.roots else [
            OBJECTS / "verify" / "root.pem"]
        between = [] if self.roots == "issuing" else [files["issuing"]]
        if self.roots is None:
            between.append(files["root"])
        return [self.write("leaf.der", leaf), "--roots", *chosen,
                *(word for file in between for word in ("--untrusted", file)),
                *self.options]

    # --- what tells of revocation ---------------------------------------------

    def read(self, at):
        return x509.load_der_x509_certificate(self.made()[at])

    def list(self, revoked=(), signer=None, until=5, extensions=()):
        signer = signer or self.places[LEAF_AT].signer
        builder = (x509.CertificateRevocationListBuilder()
                   .issuer_name(self.read(ISSUING_AT).subject)
                   .last_update(NOW - 9 * DAY).next_update(NOW + until * DAY)
                   .add_extension(x509.CRLNumber(1), False)
                   .add_extension(x509.AuthorityKeyIdentifier(
                       hashlib.sha1(signer.public).digest(), None, None),
                                  False))
        for serial in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial)
                .revocation_date(NOW - 8 * DAY).build())
        for extension in extensions:
            builder = builder.add_extension(extension, True)
        made = builder.sign(signer.private, SHA256)
        return made.public_bytes(serialization.Encoding.DER)

    def with_list(self, encoded):
        self.options += ["--revocation", "hard", "--crl",
                         self.write("list.crl", encoded)]

    def answer(self, responder=ISSUING_AT, until=5):
        """By hand: libraries date an answer now (RFC 6960, 4.2.1)."""
        issuing, leaf = self.body(ISSUING_AT), self.body(LEAF_AT)
        key = split(elements(split(issuing.key)[1])[1])[1][1:]
        identifier = sequence(
            sequence(oid("1.3.14.3.2.26"), mutants.NULL),
            tlv(OCTETS, hashlib.sha1(issuing.subject).digest()),
            tlv(OCTETS, hashlib.sha1(key).digest()), leaf.serial)
        single = sequence(identifier, tlv(0x80), moment(NOW - 9 * DAY, True),
                          tlv(0xA0, moment(NOW + until * DAY, True)))
        told = sequence(tlv(0xA1, self.body(responder).subject),
                        moment(NOW - 9 * DAY, True), sequence(single))
        signed = sequence(
            told, mutants.ALGORITHMS["p256"],
            tlv(BITS, b"\0" + self.pairs[responder].sign(told)),
            tlv(0xA0, sequence(self.made()[responder])))
        return sequence(tlv(0x0A, b"\0"), tlv(0xA0, sequence(
            oid("1.3.6.1.5.5.7.48.1.1"), tlv(OCTETS, signed))))

    def with_answer(self, encoded):
        self.options += ["--revocation", "hard", "--ocsp",
                         self.write("answer.ocsp", encoded)]

    def named(self, *names):
        """The leaf has these names; what is asked stands in options."""
        self.extend(LEAF_AT, NAMES, sequence(*names))


# --- the faults ---------------------------------------------------------------

FAULTS = []


def fault(code, rule):
    def put(spoil):
        FAULTS.append(pytest.param(spoil, code, rule, id=spoil.__name__))
        return spoil
    return put


def options(code, rule, title, *words, names=None):
    def spoil(scene):
        scene.options += words
        if names:
            scene.named(*names)
    spoil.__name__ = title
    fault(code, rule)(spoil)


@fault("malformed", "certificate-readable")
def two_algorithms(scene):
    scene.body(LEAF_AT).outer = mutants.ALGORITHMS["p384"]


@fault("malformed", "extensions-readable")
def no_purpose_listed(scene):
    scene.extend(LEAF_AT, PURPOSES, sequence())


@fault("issuer-missing", "issuer-found")
def issuer_of_another_name(scene):
    scene.body(LEAF_AT).issuer = name("Nobody")


@fault("root-untrusted", "anchor-trusted")
def root_of_others(scene):
    scene.roots = None


@fault("self-signed-untrusted", "anchor-trusted")
def leaf_by_itself(scene):
    leaf = scene.places[LEAF_AT]
    leaf.signer = scene.pairs[LEAF_AT]
    leaf.body.issuer = leaf.body.subject
    scene.drop(LEAF_AT, mutants.AUTHORITY_KEY)


@fault("distrusted", "not-distrusted")
def on_the_list(scene):
    scene.options += ["--distrusted",
                      scene.write("bad.der", scene.made()[ISSUING_AT])]


@fault("algorithm-refused", "signature-algorithm")
def signed_with_sha1(scene):
    scene.body(LEAF_AT).algorithm = tlv(SEQUENCE, oid("1.2.840.10045.4.1"))


@fault("key-too-weak", "key-strength")
def rsa_of_768_bits(scene):
    modulus = b"\0" + b"\xc1" * 96
    key = tlv(SEQUENCE, tlv(INTEGER, modulus), tlv(INTEGER, b"\1\0\1"))
    scene.body(LEAF_AT).key = tlv(
        SEQUENCE, tlv(SEQUENCE, oid("1.2.840.113549.1.1.1"), mutants.NULL),
        tlv(BITS, b"\0" + key))


@fault("signature-invalid", "signature")
def another_serial(scene):
    scene.spoils_leaf = lambda leaf: flip(leaf, 30 * 8)


@fault("not-yet-valid", "not-before")
def of_tomorrow(scene):
    scene.date(LEAF_AT, 1, 9)


@fault("expired", "not-after")
def of_yesterday(scene):
    scene.date(LEAF_AT, -9, -1)


@fault("not-an-authority", "issuer-version")
def issuer_of_version_one(scene):
    body = scene.body(ISSUING_AT)
    body.version, body.extensions = b"", None


@fault("not-an-authority", "basic-constraints")
def issuer_that_is_no_authority(scene):
    scene.extend(ISSUING_AT, BASIC, sequence(), True)


@fault("path-too-long", "path-length")
def root_with_none_below(scene):
    scene.extend(ROOT_AT, BASIC, bytes.fromhex("30060101ff020100"), True)


options("path-too-long", "max-depth", "depth_of_none", "--max-depth", "0")


@fault("not-an-authority", "key-cert-sign")
def issuer_for_lists_alone(scene):
    scene.extend(ISSUING_AT, USAGE, bytes.fromhex("03020102"), True)


@fault("critical-extension-unknown", "critical-extensions")
def critical_and_unknown(scene):
    scene.extend(LEAF_AT, "1.2.3.4.5", mutants.NULL, True)


@fault("usage-mismatch", "issuer-purpose")
def issuer_for_clients(scene):
    scene.extend(ISSUING_AT, PURPOSES, sequence(oid(mutants.CLIENT)))
    scene.options += ["--purpose", "server"]


options("usage-mismatch", "leaf-purpose", "leaf_for_servers", "--purpose",
        "client")


options("name-mismatch", "name-dns", "another_host", "--name", "x.test")
options("name-missing", "name-dns", "no_host", "--name", HOST,
        names=[general(0x81, b"who@example.org")])
options("name-mismatch", "name-ip", "another_address", "--name", "192.0.2.2",
        names=[general(0x87, b"\xc0\0\2\1")])
options("name-missing", "name-ip", "no_address", "--name", "192.0.2.2")
options("name-mismatch", "name-email", "another_mailbox", "--name",
        "who@example.org", names=[general(0x81, b"else@example.org")])
options("name-missing", "name-email", "no_mailbox", "--name",
        "who@example.org")
options("name-mismatch", "name-uri", "another_uri", "--name",
        "https://x.test/", names=[general(0x86, b"https://www.example.org/")])
options("name-missing", "name-uri", "no_uri", "--name", "https://x.test/")


@fault("name-constraint-violated", "permitted-names")
def name_that_is_not_permitted(scene):
    scene.extend(ISSUING_AT, CONSTRAINTS, subtrees([dns("test")]), True)


@fault("name-constraint-violated", "excluded-names")
def name_that_is_excluded(scene):
    scene.extend(ISSUING_AT, CONSTRAINTS, subtrees([], [dns(HOST)]), True)


@fault("name-constraint-violated", "constraint-form")
def constraint_of_another_form(scene):
    other = tlv(0xA0, oid("1.2.3"), tlv(0xA0, mutants.NULL))
    scene.extend(ISSUING_AT, CONSTRAINTS, subtrees([other]), True)
    scene.named(dns(HOST), other)


options("policy-violated", "policy", "no_policy", "--require-explicit-policy")


@fault("policy-violated", "policy-mapping")
def any_policy_mapped(scene):
    scene.extend(ISSUING_AT, mutants.POLICIES, policies("2.5.29.32.0"))
    scene.extend(ISSUING_AT, MAPPINGS, sequence(
        sequence(oid("2.5.29.32.0"), oid("1.2.4"))))


@fault("profile-violated", "profile")
def serial_of_nought(scene):
    scene.body(LEAF_AT).serial = tlv(INTEGER, b"\0")
    scene.options += ["--profile", "rfc5280"]


@fault("revoked", "not-revoked")
def leaf_on_the_list(scene):
    scene.with_list(scene.list([scene.read(LEAF_AT).serial_number]))
    scene.roots = "issuing"


options("revocation-unknown", "status-known", "no_list", "--revocation", "hard")


@fault("crl-malformed", "crl-readable")
def list_without_its_end(scene):
    scene.with_list(scene.list()[:-9])
    scene.roots = "issuing"


@fault("crl-signature-invalid", "crl-signature")
def list_with_another_bit(scene):
    encoded = scene.list()
    scene.with_list(flip(encoded, (len(encoded) - 4) * 8))
    scene.roots = "issuing"


@fault("crl-expired", "crl-current")
def list_of_last_week(scene):
    scene.with_list(scene.list(until=-2))
    scene.roots = "issuing"


@fault("revocation-unknown", "crl-issuer")
def list_by_a_stranger(scene):
    scene.with_list(scene.list(signer=scene.pairs[4]))
    scene.roots = "issuing"


@fault("revocation-unknown", "crl-scope")
def list_of_authorities(scene):
    scene.with_list(scene.list(extensions=[x509.IssuingDistributionPoint(
        None, None, False, True, None, False, False)]))
    scene.roots = "issuing"


@fault("revocation-unknown", "crl-critical-extensions")
def list_with_what_nobody_knows(scene):
    scene.with_list(scene.list(extensions=[x509.UnrecognizedExtension(
        x509.ObjectIdentifier("1.2.3.4"), mutants.NULL)]))
    scene.roots = "issuing"


@fault("revocation-unknown", "ocsp-readable")
def answer_without_its_end(scene):
    scene.with_answer(scene.answer()[:-9])
    scene.roots = "issuing"


@fault("revocation-unknown", "ocsp-signature")
def answer_with_another_bit(scene):
    encoded = scene.answer()
    place = encoded.index(mutants.ALGORITHMS["p256"]) + 40
    scene.with_answer(flip(encoded, place * 8))
    scene.roots = "issuing"


@fault("revocation-unknown", "ocsp-responder")
def answer_by_the_leaf(scene):
    scene.with_answer(scene.answer(LEAF_AT))
    scene.roots = "issuing"


@fault("revocation-unknown", "ocsp-current")
def answer_of_last_week(scene):
    scene.with_answer(scene.answer(until=-2))
    scene.roots = "issuing"


# --- and what is told of them -------------------------------------------------

@pytest.fixture(scope="module")
def workshop():
    return Workshop()


def ask(program, arguments, status):
    done = subprocess.run(
        [program, "verify", *map(str, arguments), "--time",
         str(int(NOW.timestamp())), "--json"], capture_output=True, timeout=60,
        env=SURROUNDINGS, check=False)
    assert done.returncode in status, (done.stdout, done.stderr)
    return json.loads(done.stdout)


@pytest.mark.parametrize("spoil, code, rule", FAULTS)
def test_kb094_a_fault_has_its_code_its_rule_and_its_remedy(
        spoil, code, rule, hardened_program, workshop, tmp_path):
    scene = Scene(workshop, tmp_path)
    spoil(scene)
    value = ask(hardened_program, scene.arguments(), (NO, MALFORMED))
    assert (value["code"], SAID.search(value["sentence"]).group(1)) == (
        code, rule), value["sentence"]
    assert value["remedy"], value["sentence"]
    failed = [check for row in value["path"] for check in row["checks"]
              if check["outcome"] == "fail" and check["rule"] == rule]
    assert failed and failed[0]["reference"] and failed[0]["evidence"]


def test_kb094_without_a_fault_the_chain_is_good(
        hardened_program, workshop, tmp_path):
    scene = Scene(workshop, tmp_path)
    scene.options += ["--name", HOST, "--purpose", "server"]
    assert ask(hardened_program, scene.arguments(), (DONE,))["valid"]
    for put in ("with_list", "with_answer"):
        scene = Scene(workshop, tmp_path)
        getattr(scene, put)(scene.list() if put == "with_list"
                            else scene.answer())
        scene.roots = "issuing"
        assert ask(hardened_program, scene.arguments(), (DONE,))["valid"]


def test_kb094_forty_faults_give_forty_pairs_of_code_and_rule():
    pairs = [tuple(fault.values[1:]) for fault in FAULTS]
    assert len(pairs) >= 40
    assert len(set(pairs)) == len(pairs)
