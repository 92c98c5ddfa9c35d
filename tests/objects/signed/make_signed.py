#!/usr/bin/env python3
"""Makes the files of this folder: signatures as programs write them.

  make_signed.py FOLDER

The keys are thrown away. The committed files are the ones the tests use; a new
run makes other keys, so it is a change of its own, and the times in
signed_fixture.h go with it. Needs openssl, osslsigncode, python3-cryptography.
"""
import datetime
import pathlib
import subprocess
import sys
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Purpose

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "integration"))
from portable_executable import portable_executable  # noqa: E402

OUT = pathlib.Path(sys.argv[1]).resolve()
WORK = pathlib.Path(tempfile.mkdtemp())
LONG = (datetime.datetime(2020, 1, 1), datetime.datetime(2046, 1, 1))
SHORT = (datetime.datetime(2026, 1, 1), datetime.datetime(2026, 12, 31))
BEFORE = datetime.datetime(2026, 3, 1)
CONTENT = b"Two lines,\nthe second without a last end"


def run(*words, **options):
    return subprocess.run([str(word) for word in words], cwd=WORK, check=True,
                          capture_output=True, **options).stdout


# --- certificates -----------------------------------------------------------

def new_key(kind):
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


class Holder:
    """Its files: NAME.pem, NAME.key in the work folder."""

    def __init__(self, name, issuer=None, dates=LONG, kind="ec", purposes=(),
                 critical=False, digital=True):
        self.name = name
        self.key = new_key(kind)
        self.subject = x509.Name([
            x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME,
                               "Chancery Tests"),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        issuer = issuer or self
        is_authority = not purposes
        builder = x509.CertificateBuilder(
            issuer.subject, self.subject, self.key.public_key(),
            x509.random_serial_number(), *dates).add_extension(
                x509.BasicConstraints(is_authority, None), True
            ).add_extension(x509.SubjectKeyIdentifier.from_public_key(
                self.key.public_key()), False).add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(
                    issuer.key.public_key()), False).add_extension(
                x509.KeyUsage(digital, False, False, False, False,
                              is_authority, is_authority, False, False), True)
        if purposes:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage(purposes), critical)
        self.certificate = builder.sign(issuer.key, hashes.SHA256())
        pem = serialization.Encoding.PEM
        (WORK / f"{name}.pem").write_bytes(self.certificate.public_bytes(pem))
        (WORK / f"{name}.key").write_bytes(self.key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))

    def der(self):
        return self.certificate.public_bytes(serialization.Encoding.DER)


def keep(holder, name=None):
    (OUT / f"{name or holder.name}.crt").write_bytes(holder.der())


# --- DER --------------------------------------------------------------------

def encode(tag, *parts):
    contents = b"".join(parts)
    length = len(contents)
    if length < 0x80:
        return bytes([tag, length]) + contents
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + contents


def split(der):
    """(tag, contents, rest)"""
    tag, length, start = der[0], der[1], 2
    if length & 0x80:
        start += length & 0x7f
        length = int.from_bytes(der[2:start], "big")
    return tag, der[start:start + length], der[start + length:]


def elements(contents):
    found = []
    while contents:
        rest = split(contents)[2]
        found.append(contents[:len(contents) - len(rest)])
        contents = rest
    return found


def oid(text):
    numbers = [int(number) for number in text.split(".")]
    octets = bytes([40 * numbers[0] + numbers[1]])
    for number in numbers[2:]:
        part = [number & 0x7f]
        while number := number >> 7:
            part.insert(0, 0x80 | number & 0x7f)
        octets += bytes(part)
    return encode(6, octets)


def signed_data(der):
    """The fields of SignedData, and those of its first signer."""
    wrapped = split(elements(split(der)[1])[1])[1]
    fields = elements(split(wrapped)[1])
    return fields, elements(split(elements(split(fields[-1])[1])[0])[1])


def joined(fields, signer):
    signer = encode(0x30, *signer)
    data = encode(0x30, *fields[:-1], encode(0x31, signer))
    return encode(0x30, oid("1.2.840.113549.1.7.2"), encode(0xa0, data))


def signature_of(der):
    signer = signed_data(der)[1]
    return next(split(part)[1] for part in signer if part[0] == 4)


def with_attribute(der, kind, value, certificates=()):
    """An unsigned attribute for the first signer; certificates added."""
    fields, signer = signed_data(der)
    place = next(i for i, part in enumerate(fields) if part[0] == 0xa0)
    fields[place] = encode(0xa0, split(fields[place])[1], *certificates)
    held = split(signer.pop())[1] if signer[-1][0] == 0xa1 else b""
    attribute = encode(0x30, oid(kind), encode(0x31, value))
    return joined(fields, signer + [encode(0xa1, held, attribute)])


# --- CMS --------------------------------------------------------------------

def sign(name, signers, *options, form="DER", content=CONTENT):
    (WORK / "content").write_bytes(content)
    words = ["openssl", "cms", "-sign", "-in", "content", "-outform", form,
             "-out", OUT / name, "-certfile", "authority.pem"]
    for signer in signers:
        words += ["-signer", f"{signer}.pem", "-inkey", f"{signer}.key"]
    run(*words, *options)
    return (OUT / name).read_bytes()


def stamp(content, authority, digest="sha256"):
    """The answer of a time-stamping server."""
    (WORK / "ts.conf").write_text(f"""
[tsa]
default_tsa = a
[a]
serial = serial
default_policy = 1.2.3.4
digests = sha1, sha256
signer_digest = sha256
signer_cert = {authority}.pem
signer_key = {authority}.key
accuracy = secs:1
ordering = yes
ess_cert_id_alg = sha256
""")
    (WORK / "serial").write_text("01")
    (WORK / "stamped").write_bytes(content)
    run("openssl", "ts", "-query", "-data", "stamped", "-" + digest, "-cert",
        "-out", "query")
    run("openssl", "ts", "-reply", "-config", "ts.conf", "-section", "a",
        "-queryfile", "query", "-out", "reply")
    return (WORK / "reply").read_bytes()


def token_of(reply):
    return elements(split(reply)[1])[1]


def certificates():
    root = Holder("root")
    authority = Holder("authority", root)
    both = [Purpose.EMAIL_PROTECTION, Purpose.CODE_SIGNING]
    stamping = [Purpose.TIME_STAMPING]
    Holder("signer", authority, purposes=both)
    Holder("second", authority, purposes=both)
    revocations(authority, Holder("short", authority, SHORT, purposes=both))
    Holder("rsa", authority, kind="rsa", purposes=both)
    Holder("ed25519", authority, kind="ed25519", purposes=both)
    Holder("server", authority, purposes=[Purpose.SERVER_AUTH])
    Holder("stamper", root, SHORT, purposes=stamping, critical=True)
    Holder("loose", root, purposes=stamping)
    Holder("mixed", root, purposes=stamping + both, critical=True)
    stranger = Holder("stranger-root")
    Holder("stranger", stranger, purposes=stamping, critical=True)
    keep(root)
    keep(authority)
    keep(stranger)
    (OUT / "signer.crt").write_bytes(x509.load_pem_x509_certificate(
        (WORK / "signer.pem").read_bytes()).public_bytes(
            serialization.Encoding.DER))
    return root, authority


def messages():
    binary = "-binary"
    attached = sign("attached.der", ["signer"], "-nodetach", binary)
    sign("attached.pem", ["signer"], "-nodetach", binary, form="PEM")
    sign("stream.ber", ["signer"], "-nodetach", binary, "-stream")
    sign("detached.der", ["signer"], binary)
    sign("detached-text.der", ["signer"])
    sign("mail.eml", ["signer"], form="SMIME")
    sign("mail-opaque.eml", ["signer"], "-nodetach", form="SMIME")
    sign("noattr.der", ["signer"], "-nodetach", binary, "-noattr")
    sign("two.der", ["signer", "second"], "-nodetach", binary)
    sign("keyid.der", ["signer"], "-nodetach", binary, "-keyid")
    sign("cades.der", ["signer"], "-nodetach", binary, "-cades")
    sign("rsa.der", ["rsa"], "-nodetach", binary)
    sign("rsa-pss.der", ["rsa"], "-nodetach", binary, "-keyopt",
         "rsa_padding_mode:pss")
    (OUT / "attributes.der").write_bytes(attributes_as_content(attached))
    (OUT / "ed25519.der").write_bytes(by_ed25519(attached))
    sign("sha1.der", ["signer"], "-nodetach", binary, "-md", "sha1")
    sign("nocerts.der", ["signer"], "-nodetach", binary, "-nocerts")
    sign("server.der", ["server"], "-nodetach", binary)
    short = sign("short.der", ["short"], "-nodetach", binary)
    add_stamps(short)
    fields = signed_data(attached)[0]
    (OUT / "unsigned.der").write_bytes(encode(
        0x30, oid("1.2.840.113549.1.7.2"),
        encode(0xa0, encode(0x30, *fields[:-1], encode(0x31)))))
    (WORK / "content").write_bytes(CONTENT)
    run("openssl", "cms", "-encrypt", "-in", "content", "-outform", "DER",
        "-out", OUT / "encrypted.der", "rsa.pem")
    (OUT / "content.txt").write_bytes(CONTENT)


def by_ed25519(attached):
    """RFC 8419, 3: openssl 3.0 does not write it."""
    pem = (WORK / "ed25519.pem").read_bytes()
    certificate = x509.load_pem_x509_certificate(pem)
    key = serialization.load_pem_private_key(
        (WORK / "ed25519.key").read_bytes(), None)
    digest = hashes.Hash(hashes.SHA512())
    digest.update(CONTENT)
    attributes = encode(
        0x30, oid("1.2.840.113549.1.9.3"),
        encode(0x31, oid("1.2.840.113549.1.7.1"))) + encode(
            0x30, oid("1.2.840.113549.1.9.4"),
            encode(0x31, encode(4, digest.finalize())))
    serial = certificate.serial_number.to_bytes(21, "big").lstrip(b"\0")
    serial = serial if serial[0] < 0x80 else b"\0" + serial
    fields, signer = signed_data(attached)
    place = next(i for i, part in enumerate(fields) if part[0] == 0xa0)
    fields[place] = encode(0xa0, split(fields[place])[1],
                           certificate.public_bytes(
                               serialization.Encoding.DER))
    return joined(fields, [
        signer[0],
        encode(0x30, certificate.issuer.public_bytes(), encode(2, serial)),
        encode(0x30, oid("2.16.840.1.101.3.4.2.3")),
        encode(0xa0, attributes),
        encode(0x30, oid("1.3.101.112")),
        encode(4, key.sign(encode(0x31, attributes)))])


def attributes_as_content(attached):
    """What was signed over attributes, given out as a signature over content
    that is those attributes."""
    fields, signer = signed_data(attached)
    attributes = next(part for part in signer if part[0] == 0xa0)
    signer.remove(attributes)
    fields[2] = encode(0x30, oid("1.2.840.113549.1.7.1"), encode(
        0xa0, encode(4, encode(0x31, split(attributes)[1]))))
    return joined(fields, signer)


def revocations(authority, short):
    """The list of 2026-11-01, with the signer revoked before or after
    short-stamped.exe was stamped."""
    for name, month in ("earlier", 2), ("later", 6):
        entry = x509.RevokedCertificateBuilder(
            short.certificate.serial_number,
            datetime.datetime(2026, month, 1)).build()
        crl = x509.CertificateRevocationListBuilder(
            authority.subject, datetime.datetime(2026, 11, 1),
            datetime.datetime(2046, 1, 1), [], [entry]).add_extension(
                x509.CRLNumber(1), False).add_extension(
                    x509.AuthorityKeyIdentifier.from_issuer_public_key(
                        authority.key.public_key()), False).sign(
                            authority.key, hashes.SHA256())
        (OUT / f"revoked-{name}.crl").write_bytes(
            crl.public_bytes(serialization.Encoding.DER))


def add_stamps(short):
    kind = "1.2.840.113549.1.9.16.2.14"
    value = signature_of(short)
    for authority in ["stamper", "loose", "mixed", "stranger"]:
        token = token_of(stamp(value, authority)) if authority in (
            "stamper", "stranger") else token_by_hand(value, authority)
        (OUT / f"short-{authority}.der").write_bytes(
            with_attribute(short, kind, token))
    other = token_of(stamp(b"another signature", "stamper"))
    (OUT / "short-other.der").write_bytes(with_attribute(short, kind, other))
    (OUT / "short-counter.der").write_bytes(countersigned(short))
    (OUT / "answer.tsr").write_bytes(stamp(CONTENT, "stamper"))
    (OUT / "token.der").write_bytes(token_of(stamp(CONTENT, "stamper")))
    (OUT / "sha1.tsr").write_bytes(stamp(CONTENT, "stamper", "sha1"))


def token_by_hand(value, authority):
    """openssl ts refuses to sign with such a certificate."""
    info = split(split(elements(split(elements(split(split(elements(split(
        token_of(stamp(value, "stamper")))[1])[1])[1])[1])[2])[1])[1])[1])[1]
    (WORK / "info").write_bytes(info)
    run("openssl", "cms", "-sign", "-in", "info", "-binary", "-nodetach",
        "-outform", "DER", "-out", "made", "-econtent_type",
        "1.2.840.113549.1.9.16.1.4", "-cades", "-signer", f"{authority}.pem",
        "-inkey", f"{authority}.key")
    return (WORK / "made").read_bytes()


def countersigned(der):
    """RFC 5652, 11.4, as old Authenticode has it."""
    (WORK / "value").write_bytes(signature_of(der))
    run("openssl", "cms", "-sign", "-in", "value", "-binary", "-outform",
        "DER", "-out", "made", "-signer", "stamper.pem", "-inkey",
        "stamper.key")
    signer = encode(0x30, *signed_data((WORK / "made").read_bytes())[1])
    certificate = x509.load_pem_x509_certificate(
        (WORK / "stamper.pem").read_bytes()).public_bytes(
            serialization.Encoding.DER)
    return with_attribute(der, "1.2.840.113549.1.9.6", signer, [certificate])


# --- programs ---------------------------------------------------------------

def program(name, signer, *options, source=None, stamped=None):
    words = ["osslsigncode", "sign", "-certs", f"{signer}.pem", "-ac",
             "authority.pem", "-key", f"{signer}.key", "-h", "sha256", *options]
    if stamped:
        words += ["-TSA-certs", "stamper.pem", "-TSA-key", "stamper.key",
                  "-TSA-time", str(int(stamped.replace(
                      tzinfo=datetime.timezone.utc).timestamp()))]
    path = OUT / name
    path.unlink(missing_ok=True)
    run(*words, "-in", source or WORK / "plain", "-out", path)
    return path


def table_of(file):
    """(offset of its directory entry, offset, length)"""
    optional = int.from_bytes(file[0x3c:0x40], "little") + 24
    place = optional + 112 + 4 * 8
    return (place, int.from_bytes(file[place:place + 4], "little"),
            int.from_bytes(file[place + 4:place + 8], "little"))


def with_table(file, entries):
    place, start, _ = table_of(file)
    length = len(entries).to_bytes(4, "little")
    return (file[:place] + start.to_bytes(4, "little") + length +
            file[place + 8:start] + entries)


def entry_of(file):
    _, start, length = table_of(file)
    return file[start:start + length]


def entry_around(der):
    contents = der + bytes(-len(der) % 8)
    return ((8 + len(contents)).to_bytes(4, "little") + b"\0\2\2\0" + contents)


def programs():
    plain = portable_executable()
    (WORK / "plain").write_bytes(plain)
    (OUT / "plain.exe").write_bytes(plain)
    signed = program("signed.exe", "signer").read_bytes()
    program("short.exe", "short")
    program("short-stamped.exe", "short", stamped=BEFORE)
    nested = program("nested.exe", "rsa", "-nest", source=OUT / "signed.exe")
    second = program("second.exe", "second").read_bytes()
    (OUT / "several.exe").write_bytes(
        with_table(signed, entry_of(signed) + entry_of(second)))
    (OUT / "second.exe").unlink()
    entry = entry_of((OUT / "short.exe").read_bytes())
    der = entry[8:len(entry) - len(split(entry[8:])[2])]
    (OUT / "short-counter.exe").write_bytes(
        with_table(signed, entry_around(countersigned(der))))
    program("sha1.exe", "signer", "-h", "sha1")
    assert nested.stat().st_size > len(signed)


if __name__ == "__main__":
    certificates()
    messages()
    programs()
