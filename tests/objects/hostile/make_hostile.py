#!/usr/bin/python3
"""Makes the hostile files of this folder: requests/, keys/, configs/.

    tests/objects/hostile/make_hostile.py [FOLDER]      default: this one

expected.tsv says of each file with which exit codes the program may end (by
INTERFACES.md: 3 malformed, 5 refused by a rule; 0 where it is taken without
the trick and that is told; 1 for keys, which `keys prove` finds unusable) and
what is wrong with it.  The codes here are a first guess: a row that is in the
file keeps its own.
The committed files are those the tests use: signatures and keys differ from
run to run, so a new run is a change of its own.  Needs python3-cryptography.
"""
import base64
import hashlib
import pathlib
import sys

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import (
    dsa, ec, ed25519, padding, rsa)

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                   pathlib.Path(__file__).parent)
ROWS = []
P256_ORDER = int("ffffffff00000000ffffffffffffffffbce6faada7179e84"
                 "f3b9cac2fc632551", 16)


# --- DER, written by hand so that it can be written wrongly ----------------

def tlv(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + len(body).to_bytes(size, "big") + body


def sequence(*parts):
    return tlv(0x30, *parts)


def set_of(*parts):
    return tlv(0x31, *parts)


def octets(*parts):
    return tlv(0x04, *parts)


def bits(data, spare=0):
    return tlv(0x03, bytes([spare]), data)


def integer(value):
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big",
                                    signed=True))


def oid(text):
    arcs = [int(arc) for arc in text.split(".")]
    body = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        digits = [arc & 0x7f]
        while arc := arc >> 7:
            digits.append(0x80 | arc & 0x7f)
        body += bytes(reversed(digits))
    return tlv(0x06, body)


def utf8(text):
    return tlv(0x0c, text.encode() if isinstance(text, str) else text)


NULL = b"\x05\x00"
COMMON_NAME, SAN = "2.5.4.3", "2.5.29.17"
ECDSA_SHA256 = sequence(oid("1.2.840.10045.4.3.2"))
RSA_SHA256 = sequence(oid("1.2.840.113549.1.1.11"), NULL)
RSA_KEY = sequence(oid("1.2.840.113549.1.1.1"), NULL)
P256_KEY = sequence(oid("1.2.840.10045.2.1"), oid("1.2.840.10045.3.1.7"))


def name(value=None, kind=COMMON_NAME):
    value = utf8("hostile.example.org") if value is None else value
    return sequence(set_of(sequence(oid(kind), value)))


def dns(text):
    return tlv(0x82, text if isinstance(text, bytes) else text.encode())


def extension(kind, value, critical=False):
    return sequence(oid(kind), b"\x01\x01\xff" if critical else b"",
                    octets(value))


def asks(*extensions):
    """The extensionRequest attribute, RFC 2985 5.4.2."""
    return sequence(oid("1.2.840.113549.1.9.14"), set_of(sequence(*extensions)))


def san(*names):
    return extension(SAN, sequence(*names))


# --- requests --------------------------------------------------------------

EC = ec.generate_private_key(ec.SECP256R1())


def spki_of(key):
    return key.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)


def sign(key, body, digest=hashes.SHA256()):
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(body, padding.PKCS1v15(), digest)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(body)
    if isinstance(key, dsa.DSAPrivateKey):
        return key.sign(body, digest)
    return key.sign(body, ec.ECDSA(digest))


def request(attributes=None, subject=None, key=EC, spki=None, version=0,
            algorithm=ECDSA_SHA256, signature=None, digest=hashes.SHA256(),
            spare=0, trailer=b""):
    if attributes is None:
        attributes = [asks(san(dns("hostile.example.org")))]
    information = sequence(
        version if isinstance(version, bytes) else integer(version),
        name() if subject is None else subject,
        spki_of(key) if spki is None else spki,
        tlv(0xa0, *attributes), trailer)
    if signature is None:
        signature = sign(key, information, digest)
    return sequence(information, algorithm, bits(signature, spare))


def put(folder, file, data, exits, what):
    path = OUT / folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    ROWS.append(f"{folder}/{file}\t{exits}\t{what}")


def refuse(file, data, what, exits="3"):
    put("requests", file + ".csr", data, exits, what)


def pem(label, data, width=64):
    text = base64.b64encode(data).decode()
    lines = [text[i:i + width] for i in range(0, len(text), width)]
    return "\n".join([f"-----BEGIN {label}-----", *lines,
                      f"-----END {label}-----", ""])


def make_broken_encodings():
    good = request()
    noise = b"".join(hashlib.sha256(b"%d" % i).digest() for i in range(16))
    refuse("empty", b"", "no byte at all")
    refuse("noise", noise, "512 bytes of noise")
    refuse("text", "Please issue a certificate.\n", "a sentence")
    for share, cut in (("first-byte", 1), ("head", 3), ("half", len(good) // 2),
                       ("all-but-one", len(good) - 1)):
        refuse("cut-after-" + share, good[:cut], f"cut after {cut} bytes")
    refuse("trailing-byte", good + b"\0", "a byte after the request")
    refuse("twice", good + good, "two requests in a row")
    refuse("indefinite-length", b"\x30\x80" + good[4:] + b"\0\0",
           "a length in BER's indefinite form")
    refuse("length-written-long", b"\x30\x83\x00" + good[2:],
           "a length with a leading zero")
    refuse("length-2-to-63", b"\x30\x88\x7f" + b"\xff" * 7 + good,
           "a length of 2^63 - 1")
    refuse("length-of-127-bytes", b"\x30\xff" + b"\x01" * 127,
           "a length that is 127 bytes long")
    deep = b""
    for _ in range(12000):
        deep = tlv(0x30, deep)
        if len(deep) > 60000:
            break
    refuse("deep", deep, "sequences in sequences, thousands deep")
    refuse("large", sequence(octets(b"\0" * 70000)), "above 64 KiB")
    refuse("version-1", request(version=1), "version 1; RFC 2986 knows 0")
    refuse("version-of-1000-bytes", request(version=tlv(2, b"\x01" * 1000)),
           "a version of 1000 bytes")
    refuse("trailing-element", request(trailer=integer(7)),
           "an element after the attributes")
    refuse("spare-bits", request(spare=7), "a signature with spare bits", "3 5")
    refuse("no-signature", request(signature=b""), "an empty signature", "3 5")


def make_broken_pem():
    good = request()
    text = pem("CERTIFICATE REQUEST", good)
    refuse("pem-cut", text[:len(text) // 2], "PEM cut in the middle")
    refuse("pem-without-end", text.split("-----END")[0], "PEM without END")
    refuse("pem-wrong-end", text.replace("END CERTIFICATE REQUEST",
                                         "END CERTIFICATE"),
           "END of another kind than BEGIN")
    refuse("pem-bad-character", text.replace("\nM", "\n*", 1).replace(
        "A", "\u00c4", 1), "characters that aren't base64")
    refuse("pem-empty", pem("CERTIFICATE REQUEST", b""), "PEM without content")
    refuse("pem-other-kind", pem("CERTIFICATE", good),
           "a request that says it is a certificate")
    refuse("pem-private-key", EC.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()), "a private key in place of a request")
    refuse("pem-one-long-line", "-----BEGIN CERTIFICATE REQUEST-----\n"
           + "A" * 100000 + "\n", "a line of 100,000 characters")
    refuse("pem-zero-bytes", text.replace("\n", "\n\0"), "zero bytes in PEM")


def make_broken_names():
    refuse("subject-with-zero", request(subject=name(utf8("a\0b"))),
           "a zero in the subject", "3 5")
    refuse("subject-bad-utf8", request(subject=name(utf8(b"a\xc0\xafb"))),
           "an overlong character in UTF8String")
    refuse("subject-surrogate", request(subject=name(utf8(b"a\xed\xa0\x80b"))),
           "a lone surrogate in UTF8String")
    refuse("subject-odd-bmp", request(subject=name(tlv(0x1e, b"\0a\0"))),
           "a BMPString of three bytes")
    refuse("subject-not-printable",
           request(subject=name(tlv(0x13, b"a@b_c*"))),
           "a PrintableString with @", "3 5 0")
    refuse("subject-empty-set", request(subject=sequence(set_of())),
           "a relative name without an attribute")
    refuse("subject-long", request(subject=name(utf8("x" * 5000))),
           "a common name of 5,000 characters", "3 5")
    refuse("subject-of-1000-names", request(subject=sequence(*[
        set_of(sequence(oid("2.5.4.11"), utf8("x"))) for _ in range(1000)])),
           "1,000 units in the subject", "3 5")
    for file, value, what in (
            ("zero", b"good.example.org\0.evil.org", "a zero"),
            ("space", b"a b.example.org", "a blank"),
            ("newline", b"a.example.org\nb.example.org", "a line end"),
            ("slash", b"a.example.org/../b", "slashes"),
            ("dots", b"a..example.org", "an empty label"),
            ("latin", "\u00e4.example.org".encode("latin1"), "Latin-1"),
            ("long-label", b"x" * 64 + b".example.org", "a label of 64"),
            ("long", b".".join([b"x" * 60] * 5), "304 characters"),
            ("wildcards", b"*.*.org", "two wildcards"),
            ("wildcard-inside", b"a*b.example.org", "a wildcard in a label"),
            ("empty", b"", "nothing")):
        refuse("dns-" + file, request([asks(san(dns(value)))]),
               "a DNS name with " + what, "3 5")
    refuse("ip-of-5-bytes", request([asks(san(tlv(0x87, b"\x7f\0\0\1\1")))]),
           "an address of five bytes", "3 5")
    refuse("san-empty", request([asks(san())]), "a SAN without a name", "3 5")
    refuse("san-unknown-choice", request([asks(san(tlv(0x89, b"x")))]),
           "a choice that GeneralName doesn't have")
    refuse("san-5000-names", request([asks(san(*[
        dns("%04d.org" % i) for i in range(5000)]))]), "5,000 names", "3 5")
    refuse("san-trailing", request([asks(extension(
        SAN, sequence(dns("a.example.org")) + b"\0"))]), "a byte after the SAN",
           "3 5")


def make_tricks():
    names = san(dns("hostile.example.org"))
    refuse("extension-twice", request([asks(names, names)]), "two SANs", "3 5")
    refuse("extension-request-twice", request([asks(names), asks(names)]),
           "two extensionRequest attributes", "3 5")
    refuse("asks-to-be-an-authority", request([asks(
        names, extension("2.5.29.19", sequence(b"\x01\x01\xff"), True),
        extension("2.5.29.15", b"\x03\x02\x01\x06", True))]),
           "asks for CA:TRUE and keyCertSign", "5 0")
    refuse("asks-for-any-purpose", request([asks(names, extension(
        "2.5.29.37", sequence(oid("2.5.29.37.0"))))]),
           "asks for anyExtendedKeyUsage", "5 0")
    refuse("unknown-critical", request([asks(names, extension(
        "1.3.6.1.4.1.99999.1", NULL, True))]),
           "an unknown critical extension", "5 0")
    refuse("attribute-without-value", request(
        [sequence(oid("1.2.840.113549.1.9.14"), set_of())]),
           "an extensionRequest without a value")


def make_bad_signatures():
    good = request()
    refuse("signature-altered", good[:-1] + bytes([good[-1] ^ 1]),
           "the last bit of the signature is another", "5 3")
    other = ec.generate_private_key(ec.SECP256R1())
    refuse("signed-by-another-key", request(spki=spki_of(other)),
           "asks for a key that didn't sign it", "5")
    refuse("signature-zero", request(signature=sequence(integer(0),
                                                        integer(0))),
           "r = s = 0", "5 3")
    refuse("signature-s-plus-order", request(signature=sequence(
        integer(1), integer(P256_ORDER + 1))), "s above the order", "5 3")
    refuse("algorithm-of-another-key", request(algorithm=RSA_SHA256),
           "an RSA signature by an EC key", "5 3")
    large = rsa.generate_private_key(65537, 2048)
    sha1 = sequence(oid("1.2.840.113549.1.1.5"), NULL)
    md5 = sequence(oid("1.2.840.113549.1.1.4"), NULL)
    refuse("signed-with-sha1", request(key=large, algorithm=sha1,
                                       digest=hashes.SHA1()), "SHA-1", "5")
    refuse("signed-with-md5", request(key=large, algorithm=md5,
                                      digest=hashes.MD5()), "MD5", "5")
    refuse("unknown-algorithm", request(algorithm=sequence(
        oid("1.3.6.1.4.1.99999.2"))), "an algorithm nobody knows", "5 3")


def make_bad_keys():
    def rsa_spki(modulus, exponent):
        return sequence(RSA_KEY, bits(sequence(modulus, exponent)))

    small = rsa.generate_private_key(65537, 1024)
    refuse("rsa-1024", request(key=small, algorithm=RSA_SHA256),
           "an RSA key of 1024 bits", "5")
    tiny = rsa.generate_private_key(65537, 512)
    refuse("rsa-512", request(key=tiny, algorithm=RSA_SHA256),
           "an RSA key of 512 bits", "5")
    modulus = rsa.generate_private_key(65537, 2048).public_key()\
        .public_numbers().n
    for file, n, e, what in (
            ("rsa-exponent-1", integer(modulus), integer(1), "e = 1"),
            ("rsa-exponent-even", integer(modulus), integer(65536), "e even"),
            ("rsa-exponent-huge", integer(modulus), integer(modulus - 2),
             "e as long as n"),
            ("rsa-modulus-negative", tlv(2, b"\x80" + b"\x01" * 255),
             integer(65537), "n negative"),
            ("rsa-modulus-zero", integer(0), integer(65537), "n = 0"),
            ("rsa-65536", tlv(2, b"\0" + b"\xff" * 8192), integer(65537),
             "65,536 bits")):
        refuse(file, request(spki=rsa_spki(n, e), algorithm=RSA_SHA256,
                             signature=b"\1" * 256), "an RSA key with " + what,
               "3 5")
    point = EC.public_key().public_bytes(
        serialization.Encoding.X962,
        serialization.PublicFormat.UncompressedPoint)
    for file, data, what in (
            ("off-curve", point[:-1] + bytes([point[-1] ^ 1]), "not on P-256"),
            ("at-infinity", b"\0", "at infinity"),
            ("short", point[:-1], "one byte too short"),
            ("hybrid", bytes([6 | point[-1] & 1]) + point[1:],
             "in the hybrid form")):
        refuse("ec-point-" + file, request(spki=sequence(P256_KEY, bits(data))),
               "an EC point " + what, "3 5")
    explicit = sequence(oid("1.2.840.10045.2.1"), sequence(
        integer(1), sequence(oid("1.2.840.10045.1.1"),
                             integer(2**256 - 2**224 + 2**192 + 2**96 - 1)),
        sequence(octets(b"\xff" * 32), octets(b"\x5a" * 32)), octets(point),
        integer(P256_ORDER), integer(1)))
    refuse("ec-explicit-parameters", request(
        spki=sequence(explicit, bits(point))), "a curve of its own making",
           "3 5")
    koblitz = ec.generate_private_key(ec.SECP256K1())
    refuse("ec-secp256k1", request(key=koblitz), "a curve we don't offer", "5")
    short = ec.generate_private_key(ec.SECP224R1())
    refuse("ec-p224", request(key=short), "a curve we don't offer", "5")
    old = dsa.generate_private_key(2048)
    refuse("dsa", request(key=old, algorithm=sequence(
        oid("2.16.840.1.101.3.4.3.2"))), "a DSA key", "5")
    refuse("ed25519-short", request(spki=sequence(
        sequence(oid("1.3.101.112")), bits(b"\1" * 31)),
        algorithm=sequence(oid("1.3.101.112")), signature=b"\1" * 64),
           "an Ed25519 key of 31 bytes", "3 5")
    refuse("ml-dsa-short", request(spki=sequence(
        sequence(oid("2.16.840.1.101.3.4.3.17")), bits(b"\1" * 100)),
        algorithm=sequence(oid("2.16.840.1.101.3.4.3.17")),
        signature=b"\1" * 2420), "an ML-DSA-44 key of 100 bytes", "3 5")


# --- keys ------------------------------------------------------------------

def plain(key):
    return key.private_bytes(serialization.Encoding.DER,
                             serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def pbes2(derivation):
    """EncryptedPrivateKeyInfo with AES-256-CBC and the given derivation."""
    aes = sequence(oid("2.16.840.1.101.3.4.1.42"), octets(b"\0" * 16))
    return sequence(sequence(oid("1.2.840.113549.1.5.13"),
                             sequence(derivation, aes)), octets(b"\0" * 160))


def make_keys():
    def key(file, data, what, exits="3 5"):
        put("keys", file + ".key", data, exits, what)

    good = plain(EC)
    text = pem("PRIVATE KEY", good)
    encrypted = EC.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"another passphrase")).decode()
    key("empty", b"", "no byte at all")
    key("noise", hashlib.sha512(b"noise").digest() * 8, "512 bytes of noise")
    key("cut", text[:len(text) // 2], "cut in the middle")
    key("encrypted-cut", encrypted[:len(encrypted) // 2], "cut in the middle")
    key("other-passphrase", encrypted, "encrypted for somebody else", "3 4 5 8")
    key("empty-lines", b"\n" * 65536, "65,536 line ends")
    key("request", pem("CERTIFICATE REQUEST", request()), "a request")
    key("public-key", pem("PUBLIC KEY", spki_of(EC)), "a public key")
    key("certificate-label", pem("CERTIFICATE", good),
        "a key that says it is a certificate")
    for file, scalar in (("zero", 0), ("order", P256_ORDER),
                         ("too-long", 2**300)):
        size = max(32, (scalar.bit_length() + 7) // 8)
        key("ec-scalar-" + file, pem("PRIVATE KEY", sequence(
            integer(0), P256_KEY, octets(sequence(
                integer(1), octets(scalar.to_bytes(size, "big")))))),
            "an EC key whose scalar is out of range")
    numbers = EC.private_numbers()
    other = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(
        serialization.Encoding.X962,
        serialization.PublicFormat.UncompressedPoint)
    key("ec-other-public-key", pem("PRIVATE KEY", sequence(
        integer(0), P256_KEY, octets(sequence(
            integer(1), octets(numbers.private_value.to_bytes(32, "big")),
            tlv(0xa1, bits(other)))))), "an EC key with another's public key")
    n = rsa.generate_private_key(65537, 2048).private_numbers()
    key("rsa-inconsistent", pem("PRIVATE KEY", sequence(
        integer(0), RSA_KEY, octets(sequence(
            integer(0), integer(n.public_numbers.n), integer(65537),
            integer(n.d), integer(n.p), integer(n.q + 2), integer(n.dmp1),
            integer(n.dmq1), integer(n.iqmp))))), "RSA with p times q not n")
    key("dsa", pem("PRIVATE KEY", plain(dsa.generate_private_key(2048))), "DSA")
    for file, count in (("iterations-2-to-31", 2**31 - 1),
                        ("iterations-2-to-62", 2**62), ("iterations-0", 0)):
        key("pbkdf2-" + file, pem("ENCRYPTED PRIVATE KEY", pbes2(sequence(
            oid("1.2.840.113549.1.5.12"), sequence(
                octets(b"\0" * 16), integer(count),
                sequence(oid("1.2.840.113549.2.9"), NULL))))),
            f"PBKDF2 with {count} iterations", "3 4 5 8")
    key("scrypt-2-to-40", pem("ENCRYPTED PRIVATE KEY", pbes2(sequence(
        oid("1.3.6.1.4.1.11591.4.11"), sequence(
            octets(b"\0" * 16), integer(2**40), integer(8), integer(1))))),
        "scrypt that wants a pebibyte", "3 4 5 8")
    key("pbe-md5-des", pem("ENCRYPTED PRIVATE KEY", sequence(sequence(
        oid("1.2.840.113549.1.5.3"), sequence(octets(b"\0" * 8),
                                              integer(2048))),
        octets(b"\0" * 160))), "PBES1 with MD5 and DES", "3 4 5 8")


# --- settings --------------------------------------------------------------

def make_configs():
    def config(file, text, what, exits="3"):
        put("configs", file + ".yaml", text, exits, what)

    head = "name: Example\n"
    config("noise", hashlib.sha512(b"config").digest() * 4, "noise")
    config("zero", head + "url: \"a\0b\"\n", "a zero byte")
    config("bad-utf8", b"name: Ex\xc0\xafample\n", "bad UTF-8")
    config("zero-by-escape", "name: \"a\\0b\"\n", "a zero by an escape")
    config("utf-16", "\ufeffname: Example\n".encode("utf-16-le"), "UTF-16",
           "3 0")
    config("unknown-key", head + "nmae: Example\n", "a key nobody knows")
    config("unknown-profile-key", head + "profiles:\n  server:\n"
           "    purpose: [serverAuth]\n", "a misspelt key of a profile")
    config("twice", head + head, "a key twice")
    config("sequence", "- name: Example\n", "a list in place of a mapping")
    config("text", "Example\n", "a text in place of a mapping")
    config("two-documents", head + "---\n" + head, "two documents")
    config("tab", "profiles:\n\tserver:\n", "a tab for indentation")
    config("cut", head + "profiles: [\n", "cut in a list")
    config("quote-open", "name: \"Example\n", "a quote that never ends")
    config("tag", "name: !!python/object/apply:os.system [id]\n", "a tag")
    config("alias", "name: &a Example\nurl: *a\n", "an alias")
    config("merge", head + "profiles:\n  server: &s {}\n"
           "  client:\n    <<: *s\n", "a merge key")
    laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for before, now in zip("abcdefgh", "bcdefghi"):
        laughs += f"{now}: &{now} [" + ",".join([f"*{before}"] * 9) + "]\n"
    config("billion-laughs", laughs, "aliases of aliases of aliases")
    config("deep", "a: " + "[" * 20000 + "\n", "20,000 lists in each other")
    config("deep-mappings", "".join("%sa:\n" % (" " * i) for i in range(200)),
           "200 mappings in each other")
    config("long-name", "name: " + "x" * 20000 + "\n",
           "a name of 20,000 characters", "3 5")
    config("name-is-a-list", "name: [a, b]\n", "a list for a name")
    config("name-is-a-mapping", "name: {a: b}\n", "a mapping for a name")
    config("name-with-line-end", "name: \"a\\nb\"\n", "a line end in a name",
           "3 5")
    for file, value in (("negative", "-90d"), ("huge", "99999999999999999999d"),
                        ("overflow", "9223372036854775807y"), ("unit", "90q"),
                        ("float", "1e9d"), ("zero", "0d"), ("empty", "''")):
        config("lifetime-" + file, head + "profiles:\n  server:\n"
               "    purposes: [serverAuth]\n    lifetime: " + value + "\n",
               "a lifetime of " + value, "3 5")
    config("crl-shards-huge", head + "crl-shards: 4294967297\n",
           "2^32 + 1 shards", "3 5")
    config("unknown-algorithm", head + "key: hmac\n", "hmac as a key", "3 5")
    config("url-file", head + "url: file:///etc\n", "a file as the url", "3 5")
    config("many-profiles", head + "profiles:\n" + "".join(
        f"  p{i}:\n    purposes: [serverAuth]\n" for i in range(1000)),
           "1,000 profiles", "3 5")


make_broken_encodings()
make_broken_pem()
make_broken_names()
make_tricks()
make_bad_signatures()
make_bad_keys()
make_keys()
make_configs()
EXPECTED = OUT / "expected.tsv"
KEPT = dict(row.split("\t")[:2] for row in EXPECTED.read_text().splitlines()
            ) if EXPECTED.exists() else {}
ROWS = [(path, KEPT.get(path, exits), what)
        for path, exits, what in (row.split("\t") for row in ROWS)]
EXPECTED.write_text("\n".join(sorted(map("\t".join, ROWS))) + "\n")
print(f"{len(ROWS)} files")
