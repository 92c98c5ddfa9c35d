"""verify.py ROOT NAME LEAF BETWEEN...: does python-cryptography follow the
chain to ROOT and find NAME and the server's purpose in the leaf?"""
import datetime
import sys

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa


def read(path):
    with open(path, "rb") as file:
        return x509.load_pem_x509_certificate(file.read())


def check_signature(certificate, issuer):
    key = issuer.public_key()
    body = certificate.tbs_certificate_bytes
    digest = certificate.signature_hash_algorithm
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(certificate.signature, body, padding.PKCS1v15(), digest)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(certificate.signature, body, ec.ECDSA(digest))
    else:
        key.verify(certificate.signature, body)


root, name, *chain = sys.argv[1:]
chain = [read(path) for path in chain] + [read(root)]
now = datetime.datetime.utcnow()
for certificate, issuer in zip(chain, chain[1:]):
    assert certificate.issuer.public_bytes() == issuer.subject.public_bytes()
    basic = issuer.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical and basic.value.ca, "the issuer is not an authority"
    assert certificate.not_valid_before <= now <= certificate.not_valid_after
    check_signature(certificate, issuer)
extensions = chain[0].extensions
names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
assert name in names.get_values_for_type(x509.DNSName), f"not for {name}"
purposes = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
assert x509.ExtendedKeyUsageOID.SERVER_AUTH in purposes, "not for servers"
