"""Requests made by python-cryptography, for names no command line takes."""
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.name import _ASN1Type as StringType
from cryptography.x509.oid import NameOID

OIDS = {"CN": NameOID.COMMON_NAME, "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME, "L": NameOID.LOCALITY_NAME,
        "ST": NameOID.STATE_OR_PROVINCE_NAME, "C": NameOID.COUNTRY_NAME}


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def attribute(kind, text, string=StringType.UTF8String):
    return x509.NameAttribute(OIDS[kind], text, string, _validate=False)


def make_request(path, attributes=(), dns=(), key=None):
    """Writes a PEM request and returns its path."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name(list(attributes)))
    if dns:
        builder = builder.add_extension(x509.SubjectAlternativeName(
            [x509.DNSName(name) for name in dns]), False)
    request = builder.sign(key or new_key(), hashes.SHA256())
    path.write_bytes(request.public_bytes(serialization.Encoding.PEM))
    return path


def read_certificate(pem):
    return x509.load_pem_x509_certificate(
        pem.encode() if isinstance(pem, str) else pem)


def split_pem(text):
    """Each block of a file as a text of its own."""
    end = "-----END CERTIFICATE-----\n"
    return [part + end for part in text.split(end) if part.strip()]


def string_types(name):
    """(attribute, string type) of each attribute."""
    return [(part.oid, part._type) for part in name]
