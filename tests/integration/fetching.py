"""Certificates that name addresses, and servers there that may be hostile."""
import base64
import contextlib
import datetime
import socket
import struct
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import (AuthorityInformationAccessOID,
                                   NameOID)

NOW = datetime.datetime(2027, 1, 1, tzinfo=datetime.timezone.utc)
DAY = datetime.timedelta(days=1)
AT = "2027-01-01T00:00:00Z"


def named(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def access(method, urls):
    return [x509.AccessDescription(method,
                                   x509.UniformResourceIdentifier(url))
            for url in urls]


def points(urls):
    return [x509.DistributionPoint(
        [x509.UniformResourceIdentifier(url)], None, None, None)
        for url in urls]


class Holder:
    """A certificate and its key."""

    def __init__(self, name, issuer=None, authority=False, issuers=(),
                 lists=(), deltas=(), responders=()):
        self.name = named(name)
        self.key = ec.generate_private_key(ec.SECP256R1())
        signer = issuer or self
        self.issuer = signer
        builder = (x509.CertificateBuilder().subject_name(self.name)
                   .issuer_name(signer.name).public_key(self.key.public_key())
                   .serial_number(x509.random_serial_number())
                   .not_valid_before((NOW - DAY).replace(tzinfo=None))
                   .not_valid_after((NOW + 90 * DAY).replace(tzinfo=None))
                   .add_extension(x509.BasicConstraints(authority, None),
                                  critical=True)
                   .add_extension(x509.SubjectKeyIdentifier.from_public_key(
                       self.key.public_key()), critical=False)
                   .add_extension(
                       x509.AuthorityKeyIdentifier.from_issuer_public_key(
                           signer.key.public_key()), critical=False))
        said = (access(AuthorityInformationAccessOID.CA_ISSUERS, issuers)
                + access(AuthorityInformationAccessOID.OCSP, responders))
        if said:
            builder = builder.add_extension(
                x509.AuthorityInformationAccess(said), critical=False)
        if lists:
            builder = builder.add_extension(
                x509.CRLDistributionPoints(points(lists)), critical=False)
        if deltas:
            builder = builder.add_extension(
                x509.FreshestCRL(points(deltas)), critical=False)
        self.certificate = builder.sign(signer.key, hashes.SHA256())
        self.der = self.certificate.public_bytes(serialization.Encoding.DER)

    def write(self, path):
        path.write_bytes(self.certificate.public_bytes(
            serialization.Encoding.PEM))
        return path

    def crl(self, *revoked, days=7, number=1, base=None):
        builder = (x509.CertificateRevocationListBuilder()
                   .issuer_name(self.name)
                   .last_update((NOW - DAY).replace(tzinfo=None))
                   .next_update((NOW - DAY + days * DAY).replace(tzinfo=None))
                   .add_extension(x509.CRLNumber(number), critical=False))
        if base:
            builder = builder.add_extension(x509.DeltaCRLIndicator(base),
                                            critical=True)
        for holder in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(holder.certificate.serial_number)
                .revocation_date((NOW - DAY).replace(tzinfo=None)).build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(
            serialization.Encoding.DER)

    def answer(self, request, holder, good=True, nonce=True, at=NOW):
        """An OCSP answer to a request, which is looked at first."""
        asked = ocsp.load_der_ocsp_request(request)
        assert asked.serial_number == holder.certificate.serial_number
        status = (ocsp.OCSPCertStatus.GOOD if good
                  else ocsp.OCSPCertStatus.REVOKED)
        when = at.replace(tzinfo=None)
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=holder.certificate, issuer=self.certificate,
            algorithm=asked.hash_algorithm, cert_status=status,
            this_update=when, next_update=when + DAY,
            revocation_time=None if good else when - DAY,
            revocation_reason=None).responder_id(
                ocsp.OCSPResponderEncoding.HASH, self.certificate)
        if nonce:
            value = asked.extensions.get_extension_for_class(
                x509.OCSPNonce).value.nonce
            builder = builder.add_extension(
                x509.OCSPNonce(value if nonce is True else nonce),
                critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(
            serialization.Encoding.DER)


def plain(body, kind="application/pkix-crl", status="200 OK", more=""):
    return (f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{more}"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def moved(location):
    return (f"HTTP/1.1 302 Found\r\nLocation: {location}\r\n"
            "Content-Length: 0\r\n\r\n").encode()


class Server:
    """Answers each path by a function of the request's bytes, or by bytes.

    A function may yield pieces; what it yields is sent as it comes."""

    def __init__(self, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.socket(family)
        self.listener.bind((host, 0))
        self.listener.listen(64)
        self.port = self.listener.getsockname()[1]
        self.place = (f"[{host}]" if ":" in host else host) + f":{self.port}"
        self.paths, self.requests, self.connections = {}, [], 0
        self.stopped = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, path):
        return f"http://{self.place}{path}"

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(peer,),
                             daemon=True).start()

    def read(self, peer):
        text = b""
        while b"\r\n\r\n" not in text:
            piece = peer.recv(65536)
            if not piece:
                return text
            text += piece
        head, _, body = text.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                while len(body) < int(value):
                    body += peer.recv(65536)
        return head + b"\r\n\r\n" + body

    def serve(self, peer):
        with peer, contextlib.suppress(OSError):
            request = self.read(peer)
            if not request:
                return
            self.requests.append(request)
            path = request.split(b" ")[1].decode()
            answer = self.paths.get(path, plain(b"", status="404 Not Found"))
            if callable(answer):
                answer = answer(request)
            if isinstance(answer, bytes):
                answer = [answer]
            for piece in answer:
                peer.sendall(piece)

    def hang(self, _request):
        """Says nothing until the server stops."""
        self.stopped.wait(30)
        return b""

    def close(self):
        # A thread that waits in accept would keep it listening.
        self.stopped.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def slowly(text, seconds=0.5):
    for byte in text:
        yield bytes([byte])
        time.sleep(seconds)


def endlessly(head=b""):
    yield head
    while True:
        yield b"\0" * 65536


def pem(der):
    return (b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der)
            + b"-----END CERTIFICATE-----\n")


class Names:
    """A DNS server that answers each name by a function of how often it was
    asked: addresses, None for silence, or "long" to be asked over TCP."""

    HOST = "127.0.0.9"

    def __init__(self, answers):
        self.answers, self.asked = answers, {}
        self.packets = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.packets.bind((self.HOST, 53))
        self.listener = socket.create_server((self.HOST, 53))
        for serve in (self.serve_packets, self.serve_streams):
            threading.Thread(target=serve, daemon=True).start()

    def answer(self, query, is_stream):
        end = 12
        while query[end]:
            end += query[end] + 1
        name = query[13:13 + query[12]].decode()
        question, kind = query[12:end + 5], query[end + 2]
        if name == "long" and not is_stream:
            return query[:2] + b"\x87\x80\0\1" + bytes(6) + question
        addresses = []
        if kind == 1:
            self.asked[name] = self.asked.get(name, 0) + 1
            addresses = self.answers[name](self.asked[name])
        if addresses is None:
            return None
        rows = b"".join(b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4"
                        + socket.inet_aton(address) for address in addresses)
        return (query[:2] + b"\x85\x80\0\1" + struct.pack(">H", len(addresses))
                + bytes(4) + question + rows)

    def serve_packets(self):
        with contextlib.suppress(OSError):
            while True:
                query, peer = self.packets.recvfrom(4096)
                if not query:  # closed
                    return
                answer = self.answer(query, False)
                if answer:
                    self.packets.sendto(answer, peer)

    def serve_streams(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.listener.accept()
                while head := peer.recv(2):
                    query = peer.recv(struct.unpack(">H", head)[0])
                    answer = self.answer(query, True)
                    peer.sendall(struct.pack(">H", len(answer)) + answer)

    def close(self):
        for one in (self.packets, self.listener):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
