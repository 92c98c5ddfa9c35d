#!/usr/bin/env python3
"""Makes the files of this folder: one key with its certificate, in PKCS#12 as
programs write it, and as nobody should.

    tests/objects/pkcs12/make_pkcs12.py [FOLDER]   default: this one

The password is "geheim" where there is one; the keys protect nothing. Needs
openssl with its legacy provider, pk12util, certutil and keytool. What openssl
3.0 can't write (PBMAC1, no password, scrypt, BER, bombs) is written here.
"""
import hashlib
import hmac
import os
import pathlib
import subprocess
import sys
import tempfile

PASSWORD = "geheim"
OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else
                   pathlib.Path(__file__).parent).resolve()


def run(*arguments):
    surroundings = {name: value for name, value in os.environ.items()
                    if name != "JAVA_TOOL_OPTIONS"}
    subprocess.run([str(one) for one in arguments], check=True,
                   env=surroundings, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


# --- DER ---------------------------------------------------------------------

def element(tag, *parts):
    contents = b"".join(parts)
    size = len(contents)
    if size < 0x80:
        return bytes([tag, size]) + contents
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + contents


def sequence(*parts):
    return element(0x30, *parts)


def integer(number):
    return element(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(contents):
    return element(4, contents)


def oid(dotted):
    arcs = [int(arc) for arc in dotted.split(".")]
    contents = bytes([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        digits = [arc & 0x7f]
        while arc := arc >> 7:
            digits.insert(0, 0x80 | arc & 0x7f)
        contents += bytes(digits)
    return element(6, contents)


def members(contents):
    """(tag, contents) of each element."""
    found = []
    while contents:
        size, head = contents[1], 2
        if size >= 0x80:
            head += size & 0x7f
            size = int.from_bytes(contents[2:head], "big")
        found.append((contents[0], contents[head:head + size]))
        contents = contents[head + size:]
    return found


def safe_of(pfx):
    """The authenticated safe: what the MAC is over."""
    info = members(members(pfx)[0][1])[1][1]
    return members(members(info)[1][1])[0][1]


DATA = oid("1.2.840.113549.1.7.1")
SHA256 = sequence(oid("2.16.840.1.101.3.4.2.1"), element(5))
SALT = bytes(range(8))


def pfx(safe, mac=b""):
    return sequence(integer(3),
                    sequence(DATA, element(0xa0, octets(safe))), mac)


def mac_data(algorithm, value, iterations):
    return sequence(sequence(algorithm, octets(value)), octets(SALT),
                    integer(iterations))


# --- derivations -------------------------------------------------------------

def pkcs12_key(password, iterations):
    """RFC 7292, B.2, for a MAC with SHA-256; password: bytes, b"" for none."""
    def fill(text):
        return (text * 64)[:(len(text) + 63) // 64 * 64] if text else b""
    block = bytes([3]) * 64 + fill(SALT) + fill(password)
    for _ in range(iterations):
        block = hashlib.sha256(block).digest()
    return block


def classic(safe, password, iterations=2048):
    value = hmac.digest(pkcs12_key(password, iterations), safe, "sha256")
    return mac_data(SHA256, value, iterations)


def pbmac1(safe, iterations=2048):
    """RFC 9579."""
    with_sha256 = sequence(oid("1.2.840.113549.2.9"), element(5))
    derivation = sequence(
        oid("1.2.840.113549.1.5.12"),
        sequence(octets(SALT), integer(iterations), integer(32), with_sha256))
    algorithm = sequence(oid("1.2.840.113549.1.5.14"),
                         sequence(derivation, with_sha256))
    key = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), SALT,
                              min(iterations, 2048), 32)
    return mac_data(algorithm, hmac.digest(key, safe, "sha256"), 1)


# --- files -------------------------------------------------------------------

def write(name, contents):
    (OUT / name).write_bytes(contents)


def make_key(work):
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "7300", "-subj",
        "/O=Chancery Tests/CN=in a container", "-keyout", work / "key",
        "-out", work / "crt")
    run("openssl", "x509", "-in", work / "crt", "-outform", "DER", "-out",
        OUT / "certificate.der")
    run("openssl", "pkey", "-in", work / "key", "-pubout", "-outform", "DER",
        "-out", OUT / "public.der")


def openssl(work, name, *options, password=PASSWORD):
    run("openssl", "pkcs12", "-export", "-inkey", work / "key", "-in",
        work / "crt", "-name", "Schlüssel", "-passout", f"pass:{password}",
        "-iter", "2048", "-out", OUT / name, *options)
    return (OUT / name).read_bytes()


def by_openssl(work):
    openssl(work, "aes256.p12")
    openssl(work, "rc2-40.p12", "-legacy", "-descert", "-certpbe",
            "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-RC2-40")
    openssl(work, "3des.p12", "-legacy", "-certpbe", "PBE-SHA1-3DES",
            "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1")
    openssl(work, "no-mac.p12", "-nomac")
    openssl(work, "empty-password.p12", password="")


def by_others(work):
    run("openssl", "pkcs12", "-export", "-inkey", work / "key", "-in",
        work / "crt", "-name", "nss", "-passout", "pass:" + PASSWORD, "-out",
        work / "p12")
    (work / "nss").mkdir()
    run("certutil", "-N", "-d", work / "nss", "--empty-password")
    run("pk12util", "-i", work / "p12", "-d", work / "nss", "-W", PASSWORD)
    run("pk12util", "-o", OUT / "nss.p12", "-n", "nss", "-d", work / "nss",
        "-W", PASSWORD)
    run("keytool", "-importkeystore", "-srckeystore", work / "p12",
        "-srcstorepass", PASSWORD, "-destkeystore", OUT / "java.p12",
        "-deststoretype", "PKCS12", "-deststorepass", PASSWORD)


def shrouded(work, *options):
    """A safe with the key alone, encrypted as openssl pkcs8 does."""
    run("openssl", "pkcs8", "-topk8", "-in", work / "key", "-outform", "DER",
        "-passout", "pass:" + PASSWORD, "-out", work / "pkcs8", *options)
    bag = sequence(oid("1.2.840.113549.1.12.10.1.2"),
                   element(0xa0, (work / "pkcs8").read_bytes()))
    return sequence(sequence(DATA, element(0xa0, octets(sequence(bag)))))


def scrypt_bomb():
    parameters = sequence(octets(SALT), integer(1 << 22), integer(8),
                          integer(1))
    algorithm = sequence(
        oid("1.2.840.113549.1.5.13"),
        sequence(sequence(oid("1.3.6.1.4.1.11591.4.11"), parameters),
                 sequence(oid("2.16.840.1.101.3.4.1.42"),
                          octets(bytes(16)))))
    bag = sequence(oid("1.2.840.113549.1.12.10.1.2"), element(
        0xa0, sequence(algorithm, octets(bytes(32)))))
    return sequence(sequence(DATA, element(0xa0, octets(sequence(bag)))))


def in_ber(safe, mac):
    """Indefinite lengths, and the content in parts of 100 bytes."""
    end = b"\0\0"
    parts = b"".join(octets(safe[i:i + 100])
                     for i in range(0, len(safe), 100))
    return (b"\x30\x80" + integer(3) + b"\x30\x80" + DATA + b"\xa0\x80" +
            b"\x24\x80" + parts + end * 3 + mac + end)


def by_hand(work):
    safe = safe_of((OUT / "aes256.p12").read_bytes())
    wide = (PASSWORD + "\0").encode("utf-16-be")
    mac = classic(safe, wide)
    write("pbmac1.p12", pfx(safe, pbmac1(safe)))
    write("ber.p12", in_ber(safe, mac))
    write("bomb-mac.p12", pfx(safe, mac_data(SHA256, bytes(32), 5000001)))
    write("bomb-negative.p12", pfx(safe, sequence(
        sequence(SHA256, octets(bytes(32))), octets(SALT),
        element(2, b"\xff"))))
    write("bomb-pbmac1.p12", pfx(safe, pbmac1(safe, 1 << 40)))
    write("bomb-scrypt.p12", pfx(scrypt_bomb()))
    write("unknown-mac.p12", pfx(safe, mac_data(
        sequence(oid("1.2.3.4")), bytes(32), 1)))
    scrypt = shrouded(work, "-scrypt")
    write("scrypt.p12", pfx(scrypt, classic(scrypt, wide)))
    plain = sequence()
    write("absent-password.p12", pfx(plain, classic(plain, b"")))
    enveloped = sequence(sequence(oid("1.2.840.113549.1.7.3"),
                                  element(0xa0, sequence(integer(0)))))
    write("enveloped.p12", pfx(enveloped, classic(enveloped, wide)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        make_key(pathlib.Path(folder))
        by_openssl(pathlib.Path(folder))
        by_others(pathlib.Path(folder))
        by_hand(pathlib.Path(folder))
