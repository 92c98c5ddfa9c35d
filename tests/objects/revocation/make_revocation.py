#!/usr/bin/env python3
"""Writes objects.txt: a line "name base64" for each certificate, revocation
list and OCSP answer of the tests of x509/chain/revocation.

    make_revocation.py > objects.txt

The keys are thrown away; every run gives other bytes that say the same.
"""

import base64
import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def day(text):
    return datetime.datetime.fromisoformat(text).replace(
        tzinfo=datetime.timezone.utc)


START, END = day("2025-01-01"), day("2035-01-01")
THIS, NEXT = day("2026-01-01"), day("2026-02-01")
REVOKED_AT = day("2025-12-20")
Flag = x509.ReasonFlags
keys = {name: ec.generate_private_key(ec.SECP256R1()) for name in (
    "root", "ca", "ca-other", "ca-mute", "indirect", "leaf", "responder",
    "stranger", "root-two", "indirect-two")}
written = {}


def put(name, what):
    der = what if isinstance(what, bytes) else what.public_bytes(
        serialization.Encoding.DER)
    written[name] = der
    print(name, base64.b64encode(der).decode())
    return what


def named(text):
    return x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme"),
                      x509.NameAttribute(NameOID.COMMON_NAME, text)])


ROOT, CA, INDIRECT = named("Root"), named("CA"), named("Indirect")
LEAF, OTHER = 0x1001, named("Other CA")


def usage(*bits):
    names = ("digital_signature", "content_commitment", "key_encipherment",
             "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
             "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: name in bits for name in names}), True


def identifier(key):
    return x509.SubjectKeyIdentifier.from_public_key(keys[key].public_key())


def certificate(name, subject, key, issuer, signer, serial, extensions=(),
                end=END):
    builder = (x509.CertificateBuilder().subject_name(subject)
               .issuer_name(issuer).public_key(keys[key].public_key())
               .serial_number(serial).not_valid_before(START)
               .not_valid_after(end))
    builder = builder.add_extension(identifier(key), False)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    return put(name, builder.sign(keys[signer], hashes.SHA256()))


AUTHORITY = (x509.BasicConstraints(True, None), True)


def uri(text):
    return x509.UniformResourceIdentifier("http://crl.example/" + text)


def points(*those):
    return x509.CRLDistributionPoints(list(those)), False


def point(full=None, relative=None, reasons=None, issuer=None):
    return x509.DistributionPoint(
        full, relative, reasons and frozenset(reasons), issuer)


RELATIVE = x509.RelativeDistinguishedName(
    [x509.NameAttribute(NameOID.COMMON_NAME, "shard 7")])

root = certificate("root", ROOT, "root", ROOT, "root", 1,
                   [AUTHORITY, usage("key_cert_sign", "crl_sign")])
ca = certificate("ca", CA, "ca", ROOT, "root", 2,
                 [AUTHORITY, usage("key_cert_sign", "crl_sign")])
certificate("ca-other", CA, "ca-other", ROOT, "root", 3,
            [usage("crl_sign")])
certificate("ca-mute", CA, "ca-mute", ROOT, "root", 4,
            [AUTHORITY, usage("key_cert_sign")])
certificate("indirect", INDIRECT, "indirect", ROOT, "root", 5,
            [usage("crl_sign")])

# Another trusted root, and one below it that has taken the name.
root_two = named("Root Two")
certificate("root-two", root_two, "root-two", root_two, "root-two", 1,
            [AUTHORITY, usage("key_cert_sign", "crl_sign")])
certificate("indirect-two", INDIRECT, "indirect-two", root_two, "root-two", 5,
            [usage("crl_sign")])


def leaf(name, *extensions):
    return certificate(name, named("leaf"), "leaf", CA, "ca", LEAF, extensions)


plain = leaf("leaf")
leaf("leaf-shard", points(point([uri("1.crl")])))
leaf("leaf-relative", points(point(relative=RELATIVE)))
leaf("leaf-indirect", points(point(
    [uri("all.crl")], issuer=[x509.DirectoryName(INDIRECT)])))
leaf("leaf-reasons", points(point([uri("1.crl")], reasons=[
    Flag.key_compromise]), point([uri("2.crl")])))


def responder(name, *extensions, issuer=CA, signer="ca", end=END):
    return certificate(name, named("Responder"), "responder", issuer, signer,
                       6, [usage("digital_signature"), *extensions], end)


PURPOSE = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), False)
delegate = responder("responder", PURPOSE)
no_purpose = responder("responder-without-purpose")
of_root = responder("responder-of-root", PURPOSE, issuer=ROOT, signer="root")
expired = responder("responder-expired", PURPOSE, end=day("2025-06-01"))
no_check = responder("responder-no-check", PURPOSE, (x509.OCSPNoCheck(), False))
usurper = responder("responder-usurping", PURPOSE, signer="stranger")


# --- lists ------------------------------------------------------------------

def entry(serial=LEAF, reason=None, issuer=None, extra=None):
    builder = (x509.RevokedCertificateBuilder().serial_number(serial)
               .revocation_date(REVOKED_AT))
    if reason:
        builder = builder.add_extension(x509.CRLReason(reason), False)
    if issuer:
        builder = builder.add_extension(
            x509.CertificateIssuer([x509.DirectoryName(issuer)]), True)
    if extra:
        builder = builder.add_extension(*extra)
    return builder.build()


def scope(full=None, relative=None, users=False, authorities=False,
          reasons=None, indirect=False, attributes=False):
    return x509.IssuingDistributionPoint(
        full, relative, users, authorities, reasons and frozenset(reasons),
        indirect, attributes), True


def crl(name, *entries, issuer=CA, signer="ca", key=None, number=10,
        extensions=(), this=THIS, end=NEXT):
    builder = (x509.CertificateRevocationListBuilder().issuer_name(issuer)
               .last_update(this).next_update(end))
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
            identifier(key or signer)), False)
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    for one in entries:
        builder = builder.add_revoked_certificate(one)
    return put(name, builder.sign(keys[signer], hashes.SHA256()))


UNKNOWN = (x509.UnrecognizedExtension(
    x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"), True)

crl("root-empty", issuer=ROOT, signer="root")
crl("root-revokes-ca", entry(2, Flag.ca_compromise), issuer=ROOT,
    signer="root")
crl("root-revokes-signers", entry(3), entry(5), issuer=ROOT, signer="root",
    number=11)
empty = crl("empty")
crl("revoked", entry(reason=Flag.key_compromise))
crl("held-earlier", entry(reason=Flag.certificate_hold), number=9)
crl("held", entry(reason=Flag.certificate_hold))
crl("neighbour", entry(LEAF + 1), entry(LEAF - 1))
crl("expired", end=day("2026-01-10"))
crl("expired-revoked", entry(), end=day("2026-01-10"))
crl("future", this=day("2026-01-20"))
crl("without-number", number=None)
crl("shard-1", extensions=[scope([uri("1.crl")])])
crl("shard-2", extensions=[scope([uri("2.crl")])])
crl("shard-1-loud", extensions=[scope([x509.UniformResourceIdentifier(
    "HTTP://CRL.example/1.crl")])])
crl("shard-1-path", extensions=[scope([uri("1.CRL")])])
crl("relative", extensions=[scope(relative=RELATIVE)])
crl("relative-in-full", extensions=[scope([x509.DirectoryName(
    x509.Name([*CA.rdns, RELATIVE]))])])
crl("users", extensions=[scope(users=True)])
crl("authorities", extensions=[scope(authorities=True)])
crl("attributes", extensions=[scope(attributes=True)])
FEW = [Flag.key_compromise, Flag.ca_compromise]
REST = [Flag.affiliation_changed, Flag.superseded, Flag.cessation_of_operation,
        Flag.certificate_hold, Flag.privilege_withdrawn, Flag.aa_compromise]
crl("some-reasons", extensions=[scope(reasons=FEW)])
crl("some-reasons-responder", entry(6, Flag.key_compromise),
    extensions=[scope(reasons=FEW)])
crl("other-reasons", extensions=[scope(reasons=REST)])
crl("other-reasons-revoked", entry(reason=Flag.superseded),
    extensions=[scope(reasons=REST)])
crl("indirect-empty", issuer=INDIRECT, signer="indirect",
    extensions=[scope([uri("all.crl")], indirect=True)])
crl("indirect-named-alone", issuer=INDIRECT, signer="indirect",
    extensions=[scope([uri("all.crl")])])
crl("indirect-revoked", entry(7, issuer=OTHER), entry(8, issuer=CA), entry(),
    issuer=INDIRECT, signer="indirect",
    extensions=[scope([uri("all.crl")], indirect=True)])
crl("indirect-of-others", entry(), entry(9, issuer=CA),
    entry(issuer=OTHER), entry(8), issuer=INDIRECT, signer="indirect",
    extensions=[scope([uri("all.crl")], indirect=True)])
crl("indirect-usurping", entry(8, issuer=CA), entry(), issuer=INDIRECT,
    signer="indirect-two",
    extensions=[scope([uri("all.crl")], indirect=True)])
DELTA = (x509.DeltaCRLIndicator(10), True)
crl("delta", number=11, extensions=[DELTA])
crl("delta-revoked", entry(reason=Flag.superseded), number=11,
    extensions=[DELTA])
crl("delta-removes", entry(reason=Flag.remove_from_crl), number=11,
    extensions=[DELTA])
crl("delta-too-new", entry(), number=13,
    extensions=[(x509.DeltaCRLIndicator(12), True)])
crl("delta-too-old", entry(), number=10,
    extensions=[(x509.DeltaCRLIndicator(9), True)])
crl("delta-of-shard", entry(), number=11,
    extensions=[DELTA, scope([uri("1.crl")])])
crl("delta-of-shard-2", entry(), number=11,
    extensions=[DELTA, scope([uri("2.crl")])])
crl("by-other-key", signer="ca-other")
crl("by-other-key-revoked", entry(), signer="ca-other")
crl("by-mute-key", signer="ca-mute")
crl("by-stranger", signer="stranger")
crl("forged", signer="stranger", key="ca")
crl("critical", extensions=[UNKNOWN])
crl("critical-entry", entry(7, extra=UNKNOWN))


# --- lists that no library writes -------------------------------------------

def tlv(tag, *contents):
    inside = b"".join(contents)
    size = len(inside)
    head = bytes([size]) if size < 0x80 else (
        b"\x81" + bytes([size]) if size < 0x100 else
        b"\x82" + size.to_bytes(2, "big"))
    return bytes([tag]) + head + inside


def parts(der):
    """The elements inside one element."""
    def head(at):
        size, skip = der[at + 1], 2
        if size >= 0x80:
            skip += size & 0x7f
            size = int.from_bytes(der[at + 2:at + skip], "big")
        return skip, size
    skip, _ = head(0)
    found, at = [], skip
    while at < len(der):
        more, size = head(at)
        found.append(der[at:at + more + size])
        at += more + size
    return found


def signed(name, body, algorithm, signer="ca", behind=()):
    signature = keys[signer].sign(body, ec.ECDSA(hashes.SHA256()))
    put(name, tlv(0x30, body, algorithm, tlv(0x03, b"\0", signature), *behind))


body, algorithm, _ = parts(written["empty"])
fields = parts(body)
signed("version-1-with-extensions", tlv(0x30, *fields[1:]), algorithm)
signed("version-1", tlv(0x30, *fields[1:5]), algorithm)
signed("empty-entries", tlv(0x30, *fields[:5], tlv(0x30), *fields[5:]),
       algorithm)
signed("two-algorithms", body,
       tlv(0x30, bytes.fromhex("06082a8648ce3d040303")))
signed("without-end", tlv(0x30, *fields[:4], *fields[5:]), algorithm)
body, algorithm, _ = parts(written["revoked"])
fields = parts(body)
signed("version-1-entry", tlv(0x30, *fields[1:6]), algorithm)


# --- OCSP answers -----------------------------------------------------------

def body_of(der):
    """ResponseData, its algorithm, and what is behind the signature."""
    response_bytes = parts(parts(parts(der)[1])[0])
    found = parts(parts(response_bytes[1])[0])
    return found[0], found[1], found[3:]


def response(name, body, algorithm, signer, behind=()):
    signature = keys[signer].sign(body, ec.ECDSA(hashes.SHA256()))
    inside = tlv(0x30, body, algorithm, tlv(0x03, b"\0", signature), *behind)
    return put(name, tlv(0x30, bytes.fromhex("0a0100"), tlv(
        0xa0, tlv(0x30, bytes.fromhex("06092b0601050507300101"),
                  tlv(0x04, inside)))))


def answer(name, status=ocsp.OCSPCertStatus.GOOD, reason=None,
           algorithm=hashes.SHA1(), signer="ca", by=None, enclosed=(),
           encoding=ocsp.OCSPResponderEncoding.NAME, this=THIS, end=NEXT,
           extensions=(), subject=plain):
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=subject, issuer=ca, algorithm=algorithm, cert_status=status,
        this_update=this, next_update=end,
        revocation_time=REVOKED_AT if status ==
        ocsp.OCSPCertStatus.REVOKED else None,
        revocation_reason=reason).responder_id(encoding, by or ca)
    if enclosed:
        builder = builder.certificates(list(enclosed))
    for value, critical in extensions:
        builder = builder.add_extension(value, critical)
    body, algorithm, behind = body_of(builder.sign(
        keys[signer], hashes.SHA256()).public_bytes(
            serialization.Encoding.DER))
    # It was produced when it says so, and not today.
    fields = parts(body)
    fields[1] = tlv(0x18, this.strftime("%Y%m%d%H%M%SZ").encode())
    return response(name, tlv(0x30, *fields), algorithm, signer, behind)


HASH = ocsp.OCSPResponderEncoding.HASH
answer("ocsp-good")
answer("ocsp-good-sha256", algorithm=hashes.SHA256(), encoding=HASH)
answer("ocsp-revoked", ocsp.OCSPCertStatus.REVOKED, Flag.superseded)
answer("ocsp-unknown", ocsp.OCSPCertStatus.UNKNOWN)
answer("ocsp-expired", end=day("2026-01-10"))
answer("ocsp-future", this=day("2026-01-20"))
answer("ocsp-without-end", end=None, this=day("2026-01-10"))
answer("ocsp-without-end-old", end=None)
answer("ocsp-nonce", extensions=[(x509.OCSPNonce(b"0123456789abcdef"), False)])
answer("ocsp-critical", extensions=[UNKNOWN])
for name, one in (("", delegate), ("-without-purpose", no_purpose),
                  ("-of-root", of_root), ("-expired", expired),
                  ("-usurping", usurper), ("-no-check", no_check)):
    answer("ocsp-delegated" + name, signer="responder", by=one, enclosed=[one])
answer("ocsp-delegated-by-key", signer="responder", by=delegate,
       enclosed=[root, delegate], encoding=HASH)
answer("ocsp-delegate-not-enclosed", signer="responder", by=delegate)
put("ocsp-try-later", ocsp.OCSPResponseBuilder.build_unsuccessful(
    ocsp.OCSPResponseStatus.TRY_LATER))


body, algorithm, _ = body_of(written["ocsp-good"])
response("ocsp-forged", body, algorithm, "stranger")
# Good and revoked in one answer.
fields = parts(body)
singles = [parts(parts(body_of(written[name])[0])[2])[0]
           for name in ("ocsp-good", "ocsp-revoked")]
response("ocsp-good-and-revoked", tlv(0x30, *fields[:2], tlv(
    0x30, *singles)), algorithm, "ca")
