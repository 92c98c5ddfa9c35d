"""What a soak was promised, and who broke a promise: certificates that were
handed out, revocations that were acknowledged, and times when a part of the
server was away."""
import contextlib
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

OCSP_SECONDS, CRL_SECONDS = 5, 60


class Unavailable(Exception):
    """An answer that is right only while a part of the server is away."""


class Wrong(Exception):
    """An answer that is never right."""


class Disturbances:
    """When a part was away: from its end until all answered again."""

    def __init__(self):
        self.lock = threading.Lock()
        self.spans = []

    def begin(self):
        with self.lock:
            self.spans.append([time.monotonic(), None])

    def end(self):
        with self.lock:
            self.spans[-1][1] = time.monotonic()

    def meet(self, begin):
        """Was a part away at some time from begin until now?"""
        with self.lock:
            return any(until is None or until >= begin
                       for _, until in self.spans)

    def calm_since(self):
        """Infinity while a part is away."""
        with self.lock:
            return max((float("inf") if until is None else until
                        for _, until in self.spans), default=0.0)


class Entry:
    def __init__(self, certificate):
        self.certificate = certificate
        self.is_asked = False  # somebody wanted it revoked
        self.revoked_at = None  # that was acknowledged


class Books:
    """Certificates by serial; shared by all who ask."""

    def __init__(self, issuer, disturbances):
        self.issuer, self.disturbances = issuer, disturbances
        self.lock = threading.Lock()
        self.entries = {}
        self.list_number = 0

    def issued(self, pem, name):
        """Takes in what was handed out, once it is what was asked for."""
        certificate = x509.load_pem_x509_certificate(
            pem if isinstance(pem, bytes) else pem.encode())
        check_signature(self.issuer, certificate.signature,
                        certificate.tbs_certificate_bytes, certificate)
        names = certificate.extensions.get_extension_for_class(
            x509.SubjectAlternativeName).value
        if names.get_values_for_type(x509.DNSName) != [name]:
            raise Wrong(f"{name} was asked for, not {names}")
        with self.lock:
            if certificate.serial_number in self.entries:
                raise Wrong(f"serial {certificate.serial_number:x} twice")
            entry = Entry(certificate)
            self.entries[certificate.serial_number] = entry
        return entry

    def some(self, random, is_valid=False):
        """One of them; None: there is none yet."""
        with self.lock:
            entries = [entry for entry in self.entries.values()
                       if not (is_valid and entry.is_asked)]
        return random.choice(entries) if entries else None

    def all(self):
        with self.lock:
            return list(self.entries.values())

    def is_due(self, entry, asked_at, seconds):
        """Must the revocation be known?"""
        return entry.revoked_at is not None and asked_at - max(
            entry.revoked_at, self.disturbances.calm_since()) > seconds

    def judge_status(self, entry, told, asked_at, seconds=OCSP_SECONDS):
        """told: an answer of OCSP in DER, to a question of asked_at."""
        answer = ocsp.load_der_ocsp_response(told)
        if answer.response_status == ocsp.OCSPResponseStatus.TRY_LATER:
            raise Unavailable("tryLater")
        if answer.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
            raise Wrong(f"OCSP: {answer.response_status}")
        if answer.serial_number != entry.certificate.serial_number:
            raise Wrong("OCSP: of another serial")
        responder, = answer.certificates
        check_signature(self.issuer, responder.signature,
                        responder.tbs_certificate_bytes, responder)
        check_signature(responder, answer.signature, answer.tbs_response_bytes,
                        answer)
        status = answer.certificate_status
        serial = f"{entry.certificate.serial_number:x}"
        if status == ocsp.OCSPCertStatus.UNKNOWN:
            raise Wrong(f"OCSP: {serial} is unknown")
        if status == ocsp.OCSPCertStatus.REVOKED and not entry.is_asked:
            raise Wrong(f"OCSP: {serial} is revoked")
        if status == ocsp.OCSPCertStatus.GOOD and self.is_due(
                entry, asked_at, seconds):
            raise Wrong(f"OCSP: {serial} is good, revoked "
                        f"{asked_at - entry.revoked_at:.1f} s before")
        return status

    def judge_list(self, told, asked_at, seconds=CRL_SECONDS):
        crl = x509.load_der_x509_crl(told)
        check_signature(self.issuer, crl.signature, crl.tbs_certlist_bytes, crl)
        number = crl.extensions.get_extension_for_class(
            x509.CRLNumber).value.crl_number
        listed = {revoked.serial_number for revoked in crl}
        for entry in self.all():
            serial = entry.certificate.serial_number
            if serial in listed and not entry.is_asked:
                raise Wrong(f"CRL: {serial:x} was never revoked")
            if serial not in listed and self.is_due(entry, asked_at, seconds):
                raise Wrong(f"CRL {number}: {serial:x} is missing")
        with self.lock:
            self.list_number, before = max(number, self.list_number), \
                self.list_number
        return number, before


def check_signature(issuer, signature, signed, what):
    issuer.public_key().verify(
        signature, signed, ec.ECDSA(what.signature_hash_algorithm))


class Tally:
    """How often each was done, was not available, and went wrong."""

    def __init__(self):
        self.lock = threading.Lock()
        self.done, self.away, self.wrong = {}, {}, []

    def count(self, which, name):
        with self.lock:
            which[name] = which.get(name, 0) + 1

    @contextlib.contextmanager
    def attempt(self, name, disturbances):
        begin = time.monotonic()
        try:
            yield
            self.count(self.done, name)
        except Unavailable as unavailable:
            if disturbances.meet(begin):
                self.count(self.away, name)
            else:
                self.tell(name, f"nothing was away: {unavailable}")
        except Exception as error:  # whatever it is, it is told
            self.tell(name, f"{type(error).__name__}: {error}")

    def tell(self, name, words):
        with self.lock:
            self.wrong.append(f"{name}: {words}")
