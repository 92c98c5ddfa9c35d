"""Weak keys at the door that there is, `issue --csr`: refused by name, each in
a real request (properties 7)."""
import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

import weak_keys as weak
from making import make_request, read_certificate
from program import MALFORMED, REFUSED

SERVER = ["--profile", "server", "--san", "www.example.org"]
P = 2**255 - 19


def weak_rsa(modulus, factor, exponent=65537):
    return (weak.rsa_spki(modulus, exponent),
            weak.signer_of(modulus, factor, exponent))


def of_size(size):
    def make():
        modulus, sign = weak.exact_rsa(size)
        return weak.rsa_spki(modulus), sign
    return make


def of_exponent(exponent):
    def make():
        modulus, sign = weak.exact_rsa(2048)
        return weak.rsa_spki(modulus, exponent), sign
    return make


def small_factor():
    return weak.rsa_spki(743 * (weak.random_number(2038) | 1)), None


def even_modulus():
    modulus, _ = weak.exact_rsa(2048)
    return weak.rsa_spki(modulus - 1), None


def close(gap):
    return lambda: weak_rsa(*weak.close_primes(gap))


def square():
    prime = weak.prime_from(weak.random_number(1024))
    return weak.rsa_spki(prime * prime), None


def point(change):
    return lambda: (weak.ec_spki(change(weak.good_point())), None)


def on_curve(name):
    return lambda: (weak.ec_spki(weak.good_point(), weak.oid(name)), None)


def edwards(number):
    return lambda: (weak.ed25519_spki(number.to_bytes(32, "little")), None)


# The y of a point of order 8 (SP 800-186, D.1.3).
ORDER_8 = int.from_bytes(bytes.fromhex(
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    "little")
WEAK = {
    "rsa-size": [of_size(size) for size in (1024, 2047, 2049, 2056, 3071)],
    "rsa-odd-modulus": [even_modulus],
    "rsa-exponent": [of_exponent(number) for number in (
        1, 3, 17, 65536, 2**64 + 13)],
    "rsa-small-factors": [small_factor],
    "rsa-roca": [lambda: (weak.rsa_spki(weak.roca_modulus()), None)] * 3,
    "rsa-close-primes": [close(2**300), close(2**500), square],
    "ec-named-curve": [
        lambda: (weak.explicit_p256(), None),
        lambda: (weak.ec_spki(weak.good_point(), weak.der(5)), None),
        on_curve("1.3.132.0.10"), on_curve("1.3.132.0.33")],
    "ec-not-infinity": [point(lambda _: b"\0")],
    "ec-uncompressed-point": [
        point(lambda good: bytes([2 + good[-1] % 2]) + good[1:33]),
        point(lambda good: bytes([6 + good[-1] % 2]) + good[1:]),
        point(lambda good: good[:-1])],
    "ec-on-curve": [
        point(lambda good: good[:-1] + bytes([good[-1] ^ 1])),
        point(lambda good: b"\4" + b"\xff" * 32 + good[33:])],
    "raw-length": [lambda: (weak.ed25519_spki(bytes(range(31))), None),
                   lambda: (weak.ed25519_spki(bytes(range(33))), None)],
    "ed25519-canonical": [edwards(P + 3), edwards(2**255 - 2)],
    "ed25519-small-order": [edwards(1), edwards(0), edwards(P - 1),
                            edwards(ORDER_8)],
    "ed25519-on-curve": [edwards(2), edwards(7)],
}


@pytest.mark.parametrize("test", WEAK)
def test_properties07_a_weak_key_is_refused_by_the_name_of_its_test(
        test, open_authority, tmp_path, serials):
    issued = serials(open_authority)
    for i, make in enumerate(WEAK[test]):
        spki, sign = make()
        path = weak.request_of(spki, tmp_path / f"{i}.csr", sign)
        outcome = open_authority.refuses(REFUSED, "issue", *SERVER, "--csr",
                                         path)
        assert f"(test {test}" in outcome.err, f"{test} {i}: {outcome}"
    assert serials(open_authority) == issued


def test_incident26_explicit_parameters_never_reach_the_library(
        open_authority, tmp_path):
    """The curve is decided on its DER."""
    spki = weak.explicit_p256()
    path = weak.request_of(spki, tmp_path / "explicit.csr")
    outcome = open_authority.refuses(REFUSED, "issue", *SERVER, "--csr", path)
    assert "ec-named-curve" in outcome.err and "RFC 5480" in outcome.err


GOOD = {
    "rsa2048": lambda: rsa.generate_private_key(65537, 2048),
    "rsa3072": lambda: rsa.generate_private_key(65537, 3072),
    "p256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
}


@pytest.mark.parametrize("kind", GOOD)
def test_properties07_good_keys_pass(kind, open_authority, tmp_path):
    path = make_request(tmp_path / "good.csr", key=GOOD[kind]())
    open_authority.run("issue", *SERVER, "--csr", path)


def test_kb054_a_size_that_tls_fails_on_is_refused_with_those_that_work(
        open_authority, tmp_path):
    for size in (2050, 2176, 2560, 3584):
        modulus, sign = weak.exact_rsa(size)
        path = weak.request_of(weak.rsa_spki(modulus),
                               tmp_path / f"{size}.csr", sign)
        outcome = open_authority.refuses(REFUSED, "issue", *SERVER, "--csr",
                                         path)
        assert str(size) in outcome.err and "rsa-size" in outcome.err
        assert all(good in outcome.err for good in ("2048", "3072", "4096"))


def test_properties07_the_authoritys_own_key_is_refused(
        open_authority, tmp_path):
    """Taken from its certificate: who asks can't sign for it, either."""
    for ca in ("issuing", "root"):
        certificate = read_certificate(
            open_authority.run("ca show", "--ca", ca).out)
        spki = certificate.public_key().public_bytes(
            serialization.Encoding.DER,
            serialization.PublicFormat.SubjectPublicKeyInfo)
        path = weak.request_of(spki, tmp_path / f"{ca}.csr")
        outcome = open_authority.refuses({REFUSED, MALFORMED}, "issue",
                                         *SERVER, "--csr", path)
        assert outcome.err


def test_properties07_a_blocked_key_is_refused(authority, tmp_path):
    key = GOOD["p256"]()
    digest = hashlib.sha256(key.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)).hexdigest()
    path = make_request(tmp_path / "blocked.csr", key=key)
    authority.run("issue", *SERVER, "--csr", path)
    with (authority.directory / "chancery.yaml").open("a") as settings:
        settings.write(f"blocked-keys: [{digest}]\n")
    outcome = authority.refuses(REFUSED, "issue", *SERVER, "--csr", path)
    assert "blocked" in outcome.err


# --- proof of possession ------------------------------------------------------

def body_of(key, name="www.example.org"):
    """What a request says, to be signed by whoever."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    spki = key.public_key().public_bytes(
        serialization.Encoding.DER,
        serialization.PublicFormat.SubjectPublicKeyInfo)
    return weak.der(0x30, weak.integer(0), subject.public_bytes(), spki,
                    weak.der(0xa0))


def sealed(path, body, signature, algorithm="1.2.840.10045.4.3.2"):
    """ECDSA with SHA-256, unless another algorithm is named."""
    path.write_bytes(weak.der(
        0x30, body, weak.der(0x30, weak.oid(algorithm)),
        weak.bits(signature)))
    return path


def test_properties08_a_request_that_its_key_has_not_signed_is_refused(
        open_authority, tmp_path, serials):
    own, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    body, algorithm = body_of(own), ec.ECDSA(hashes.SHA256())
    good = own.sign(body, algorithm)
    issued = serials(open_authority)
    for signature, words in (
            (other.sign(body, algorithm), "does not match"),
            (own.sign(body_of(own, "mail.example.org"), algorithm),
             "does not match"),
            (own.sign(body, ec.ECDSA(hashes.SHA384())), "does not match"),
            (b"", "signature"), (bytes(64), "signature")):
        outcome = open_authority.refuses(
            {MALFORMED, REFUSED}, "issue", *SERVER, "--csr",
            sealed(tmp_path / "request.der", body, signature))
        assert words in outcome.err, f"{signature.hex()}: {outcome}"
    open_authority.refuses(
        {MALFORMED, REFUSED}, "issue", *SERVER, "--csr",
        sealed(tmp_path / "request.der", body, good, "1.2.840.10045.4.3.3"))
    assert serials(open_authority) == issued
    open_authority.run("issue", *SERVER, "--csr",
                       sealed(tmp_path / "request.der", body, good))
