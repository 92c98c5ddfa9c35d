"""Made the objects of this folder: what the viewer shows, each extension once,
and names that would deceive a reader.  Run in an empty folder with
python3-cryptography and openssl; keys are fresh, so the bytes differ."""
import datetime
import subprocess

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as EKU
from cryptography.x509.oid import NameOID, ObjectIdentifier as OID

DER = serialization.Encoding.DER
START = datetime.datetime(2026, 1, 1)
END = datetime.datetime(2027, 1, 1)


def der(tag, contents):
    length = len(contents)
    if length < 128:
        return bytes([tag, length]) + contents
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + contents


def oid(text):
    encoded = x509.ObjectIdentifier(text)
    arcs = [int(arc) for arc in encoded.dotted_string.split(".")]
    out = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        part = bytes([arc & 0x7F])
        while arc > 127:
            arc >>= 7
            part = bytes([0x80 | (arc & 0x7F)]) + part
        out += part
    return der(6, out)


def name(*attributes):
    return x509.Name([x509.NameAttribute(kind, value, *rest)
                      for kind, value, *rest in attributes])


def builder(subject, issuer, key, serial):
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
            .public_key(key.public_key()).serial_number(serial)
            .not_valid_before(START).not_valid_after(END))


def raw(number, value):
    return x509.UnrecognizedExtension(OID(number), value)


def sct_list():
    sct = (b"\0" + bytes(range(32)) + (1767225600123).to_bytes(8, "big") +
           b"\0\0" + b"\4\3" + b"\0\4" + b"\x30\2\5\0")
    body = len(sct).to_bytes(2, "big") + sct
    return der(4, len(body).to_bytes(2, "big") + body)


def policies():
    notice = x509.UserNotice(
        x509.NoticeReference("Example Org", [1, 2]), "Read this, please")
    return x509.CertificatePolicies([
        x509.PolicyInformation(
            OID("2.23.140.1.2.2"), ["http://pki.example.org/cps", notice]),
        x509.PolicyInformation(OID("1.3.6.1.4.1.55555.1"), None)])


def points(host):
    return [x509.DistributionPoint(
        [x509.UniformResourceIdentifier(f"http://{host}/a.crl")], None,
        frozenset([x509.ReasonFlags.key_compromise,
                   x509.ReasonFlags.superseded]),
        [x509.DirectoryName(name((NameOID.COMMON_NAME, "List Issuer")))])]


def leaf_extensions(key):
    web = x509.UniformResourceIdentifier("http://ca.example.org/ca.cer")
    return [
        (x509.KeyUsage(True, True, False, False, True, False, False, True,
                       False), True),
        (x509.ExtendedKeyUsage([EKU.SERVER_AUTH, EKU.CLIENT_AUTH,
                                OID("1.3.6.1.4.1.311.20.2.2"),
                                OID("1.3.6.1.4.1.55555.9")]), False),
        (x509.SubjectAlternativeName([
            x509.DNSName("www.example.org"), x509.DNSName("*.example.org"),
            x509.RFC822Name("a@example.org"),
            x509.IPAddress(__import__("ipaddress").ip_address("2001:db8::1")),
            x509.UniformResourceIdentifier("https://example.org/"),
            x509.RegisteredID(OID("1.2.3.4")),
            x509.DirectoryName(name((NameOID.COMMON_NAME, "Directory, Ltd"))),
            x509.OtherName(OID("1.3.6.1.4.1.311.20.2.3"),
                           der(12, b"alice@corp.example.org"))]), False),
        (x509.IssuerAlternativeName([x509.DNSName("ca.example.org")]), False),
        (x509.BasicConstraints(False, None), True),
        (policies(), False),
        (x509.CRLDistributionPoints(points("crl.example.org")), False),
        (x509.FreshestCRL(points("delta.example.org")), False),
        (x509.AuthorityInformationAccess([
            x509.AccessDescription(OID("1.3.6.1.5.5.7.48.1"),
                x509.UniformResourceIdentifier("http://ocsp.example.org/")),
            x509.AccessDescription(OID("1.3.6.1.5.5.7.48.2"), web)]), False),
        (x509.SubjectInformationAccess([
            x509.AccessDescription(OID("1.3.6.1.5.5.7.48.5"), web)]), False),
        (x509.AuthorityKeyIdentifier(
            bytes(20), [x509.DirectoryName(name(
                (NameOID.COMMON_NAME, "Issuer")))], 77), False),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        (x509.TLSFeature([x509.TLSFeatureType.status_request]), False),
        (x509.OCSPNoCheck(), False),
        (x509.PrecertPoison(), True),
        (raw("1.3.6.1.4.1.11129.2.4.2", sct_list()), False),
        (raw("2.5.29.16", der(0x30, der(0x80, b"20260101000000Z") +
                              der(0x81, b"20270101000000Z"))), False),
        (raw("1.3.6.1.4.1.311.20.2", der(0x1e, "WebServer".encode(
            "utf-16-be"))), False),
        (raw("1.3.6.1.4.1.311.21.7", der(0x30, oid(
            "1.3.6.1.4.1.311.21.8.1.2.3") + b"\2\1\x64\2\1\3")), False),
        (raw("1.3.6.1.4.1.311.21.1", b"\2\3\2\0\1"), False),
        (raw("1.3.6.1.4.1.311.21.10", der(0x30, der(0x30, oid(
            "1.3.6.1.5.5.7.3.1")))), False),
        (raw("1.3.6.1.4.1.311.25.2", der(0x30, der(0xA0, oid(
            "1.3.6.1.4.1.311.25.2.1") + der(0xA0, der(
                4, b"S-1-5-21-1-2-3-500"))))), False),
        (raw("2.16.840.1.113730.1.1", b"\3\2\6\xc0"), False),
        (raw("2.16.840.1.113730.1.13", der(0x16, b"made by hand")), False),
        (raw("1.3.6.1.5.5.7.1.3", der(0x30, der(0x30, oid(
            "0.4.0.1862.1.1")) + der(0x30, oid("0.4.0.1862.1.6") + der(
                0x30, oid("0.4.0.1862.1.6.3"))))), False),
        (raw("1.3.6.1.4.1.55555.2", b"\x0c\x05hello"), False),
    ]


def authority_extensions():
    network = __import__("ipaddress").ip_network("10.0.0.0/8")
    return [
        (x509.KeyUsage(False, False, False, False, False, True, True, False,
                       False), True),
        (x509.BasicConstraints(True, 1), True),
        (x509.NameConstraints(
            [x509.DNSName("example.org"), x509.IPAddress(network)],
            [x509.DNSName("secret.example.org")]), True),
        (x509.PolicyConstraints(0, 2), True),
        (x509.InhibitAnyPolicy(1), True),
        (raw("2.5.29.33", der(0x30, der(0x30, oid("1.2.3.4") +
                                        oid("1.2.3.5")))), False),
    ]


def write(path, contents):
    with open(path, "wb") as file:
        file.write(contents)


def certificate(path, subject, issuer, key, signer, serial, extensions):
    made = builder(subject, issuer, key, serial)
    for extension, critical in extensions:
        made = made.add_extension(extension, critical)
    made = made.sign(signer, hashes.SHA256())
    write(path, made.public_bytes(DER))
    return made


HOSTILE = name(
    (NameOID.COUNTRY_NAME, "DE"),
    (NameOID.ORGANIZATION_NAME, "AT&T, \"Q\" <b>+;= #\\ "),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "\u202egnp.exe\u2066"),
    (NameOID.ORGANIZATIONAL_UNIT_NAME, "one\ntwo\x1b[31mred\x1b[0m"),
    (NameOID.COMMON_NAME, "www.example.org\0.evil.example"),
    (NameOID.COMMON_NAME, "<script>alert('x')</script>"))


def main():
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    root_name = name((NameOID.ORGANIZATION_NAME, "Example"),
                     (NameOID.COMMON_NAME, "Example Root"))
    root = certificate("root.der", root_name, root_name, root_key, root_key,
                       1, authority_extensions())
    leaf = certificate("zoo.der", name((NameOID.COMMON_NAME, "Zoo")),
                       root_name, key, root_key, 0x1234567890,
                       leaf_extensions(key))
    certificate("names.der", HOSTILE, root_name, key, root_key, 3,
                [(x509.SubjectAlternativeName([
                    x509.DNSName("a.example\x00.evil"),
                    x509.DNSName("\"><img src=x onerror=y>")]), False)])
    answer = ocsp.OCSPResponseBuilder().add_response(
        leaf, root, hashes.SHA1(), ocsp.OCSPCertStatus.REVOKED, START, END,
        START, x509.ReasonFlags.key_compromise).responder_id(
            ocsp.OCSPResponderEncoding.HASH, root).certificates([root])
    write("revoked.ocsp", answer.sign(root_key, hashes.SHA256())
          .public_bytes(DER))
    stamp(root_name, root_key)


def stamp(root_name, root_key):
    tsa = ec.generate_private_key(ec.SECP256R1())
    made = certificate("tsa.der", name((NameOID.COMMON_NAME, "Stamp")),
                       root_name, tsa, root_key, 9, [
                           (x509.ExtendedKeyUsage([EKU.TIME_STAMPING]), True),
                           (x509.KeyUsage(True, False, False, False, False,
                                          False, False, False, False), True)])
    write("tsa.pem", made.public_bytes(serialization.Encoding.PEM))
    write("tsa.key", tsa.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    write("stamped", b"stamped\n")
    write("tsa.cnf", b"[tsa]\ndefault_tsa=one\n[one]\nserial=serial\n"
          b"default_policy=1.2.3.4\ndigests=sha256\nsigner_digest=sha256\n"
          b"accuracy=secs:1\nordering=yes\ntsa_name=yes\n"
          b"ess_cert_id_chain=no\n")
    write("serial", b"2A\n")
    run = lambda *words: subprocess.run(["openssl", "ts", *words], check=True)
    run("-query", "-data", "stamped", "-sha256", "-cert", "-out", "stamp.tsq")
    run("-reply", "-config", "tsa.cnf", "-queryfile", "stamp.tsq", "-signer",
        "tsa.pem", "-inkey", "tsa.key", "-out", "answer.tsr")
    run("-reply", "-config", "tsa.cnf", "-in", "answer.tsr", "-token_out",
        "-out", "token.tst")


main()
