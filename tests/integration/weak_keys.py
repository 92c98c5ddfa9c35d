"""Public keys that must not be certified, in real requests.

A request is signed by the key it asks for, so each weak key is made with its
private half where that is possible; where it isn't (a point off the curve, an
ROCA modulus), the request has a signature that can't be checked, and the key is
refused first."""
import base64
import hashlib
import math
import random

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# A fixed seed: every run has the same keys.
ODDS = random.Random(20081)


# --- DER by hand --------------------------------------------------------------

def der(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def integer(number):
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def oid(text):
    first, second, *rest = map(int, text.split("."))
    octets = bytes([first * 40 + second])
    for arc in rest:
        piece = [arc & 0x7f]
        while arc := arc >> 7:
            piece.insert(0, 0x80 | arc & 0x7f)
        octets += bytes(piece)
    return der(6, octets)


def bits(octets):
    return der(3, b"\0", octets)


RSA = der(0x30, oid("1.2.840.113549.1.1.1"), der(5))
EC = oid("1.2.840.10045.2.1")
P256 = oid("1.2.840.10045.3.1.7")
ED25519 = der(0x30, oid("1.3.101.112"))


def rsa_spki(modulus, exponent=65537):
    return der(0x30, RSA, bits(der(0x30, integer(modulus),
                                   integer(exponent))))


def ec_spki(point, parameters=P256):
    return der(0x30, der(0x30, EC, parameters), bits(point))


def ed25519_spki(octets):
    return der(0x30, ED25519, bits(octets))


# Key's identifier: a signature that such a key could make.
SIGNATURES = {oid("1.2.840.113549.1.1.1"):
              der(0x30, oid("1.2.840.113549.1.1.11"), der(5)),
              EC: der(0x30, oid("1.2.840.10045.4.3.2")),
              ED25519: ED25519}


def request_of(spki, path, sign=None):
    """A PEM request for the key; without a signer, with 64 bytes of noise."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "weak")])
    info = der(0x30, integer(0), name.public_bytes(), spki, der(0xa0))
    algorithm = next(row for kind, row in SIGNATURES.items() if kind in spki)
    signature = sign(info) if sign else bytes(64)
    whole = der(0x30, info, algorithm, bits(signature))
    path.write_text("-----BEGIN CERTIFICATE REQUEST-----\n" +
                    base64.encodebytes(whole).decode() +
                    "-----END CERTIFICATE REQUEST-----\n")
    return path


# --- numbers ------------------------------------------------------------------

SMALL_PRIMES = math.prod(number for number in range(3, 4000, 2)
                         if all(number % part for part in range(3, 64, 2)
                                if part < number))


def is_prime(number):
    return (math.gcd(number, SMALL_PRIMES) == 1 and
            pow(2, number - 1, number) == 1)


def prime_from(number):
    number |= 1
    while not is_prime(number):
        number += 2
    return number


def random_number(size):
    """With its two highest bits set, as primes of keys have."""
    return ODDS.getrandbits(size) | 3 << (size - 2)


def signer_of(modulus, factor, exponent):
    """PKCS#1 v1.5 with SHA-256 by arithmetic: no library takes such keys."""
    order = (factor - 1) * (modulus // factor - 1)
    secret = pow(exponent, -1, order)
    size = (modulus.bit_length() + 7) // 8
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")

    def sign(message):
        digest = prefix + hashlib.sha256(message).digest()
        padded = b"\0\1" + b"\xff" * (size - len(digest) - 3) + b"\0" + digest
        return pow(int.from_bytes(padded, "big"), secret, modulus).to_bytes(
            size, "big")
    return sign


def close_primes(gap):
    first = prime_from(random_number(1024))
    second = prime_from(first + gap)
    return first * second, first


def roca_modulus():
    """A power of 65537 modulo the product of the primes up to 167, as
    Infineon's library made them (CVE-2017-15361)."""
    product = math.prod(number for number in range(2, 168)
                        if all(number % part for part in range(2, number)))
    remainder = pow(65537, ODDS.getrandbits(64), product)
    high = random_number(2048)
    return high - high % product + remainder


def exact_rsa(size):
    """(modulus, signer) with just so many bits, odd sizes too, which OpenSSL
    rounds down."""
    first = prime_from(random_number(size // 2))
    modulus = first * prime_from(random_number(size - size // 2))
    assert modulus.bit_length() == size
    return modulus, signer_of(modulus, first, 65537)


def good_point():
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(serialization.Encoding.X962,
                            serialization.PublicFormat.UncompressedPoint)


def explicit_p256():
    """P-256 with its parameters spelt out (incident 26, CVE-2022-0778)."""
    prime = 2**256 - 2**224 + 2**192 + 2**96 - 1
    field = der(0x30, oid("1.2.840.10045.1.1"), integer(prime))
    curve = der(0x30, der(4, (prime - 3).to_bytes(32, "big")),
                der(4, bytes.fromhex("5ac635d8aa3a93e7b3ebbd55769886bc"
                                     "651d06b0cc53b0f63bce3c3e27d2604b")))
    base = bytes.fromhex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")
    order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
    parameters = der(0x30, integer(1), field, curve, der(4, base),
                     integer(order), integer(1))
    return ec_spki(good_point(), parameters)
