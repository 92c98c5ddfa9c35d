"""OCSP of a served authority, asked by OpenSSL and GnuTLS."""
import base64
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

import pytest

from program import SURROUNDINGS
from served import exchange, get, served, until

ISSUE = ["issue", "--profile", "server", "--san", "www.example.org"]


class Relying:
    """Who asks about certificates of a served authority."""

    def __init__(self, server, tmp_path):
        self.server, self.folder = server, tmp_path
        self.issuer = server.authority.directory / "keys" / "issuing.crt"
        self.root = server.authority.directory / "publish" / "roots.pem"

    def run(self, *words):
        done = subprocess.run(
            [str(word) for word in words], env=SURROUNDINGS,
            capture_output=True, timeout=30, check=False)
        return done.returncode, (done.stdout + done.stderr).decode()

    def openssl(self, certificate, *words):
        """What `openssl ocsp` says, once it has verified the answer."""
        status, said = self.run(
            "openssl", "ocsp", "-issuer", self.issuer, *words, "-cert",
            certificate, "-url", self.server.url("plain", "/ocsp"), "-CAfile",
            self.root, "-verify_other", self.issuer)
        if status != 0 and "trylater (3)" in said:
            return said
        assert status == 0, said
        assert "Response verify OK" in said, said
        return said

    def status(self, certificate, *words):
        """"trylater" until a responder has its certificate, at the start."""
        said = self.openssl(certificate, *words)
        if "trylater (3)" in said:
            return "trylater"
        line, = [line for line in said.splitlines()
                 if line.startswith(f"{certificate}: ")]
        return line.rsplit(" ", 1)[1]

    def becomes(self, certificate, status, seconds=5):
        """How long it took."""
        begin = time.monotonic()
        until(lambda: self.status(certificate, "-no_nonce") == status,
              f"{status} in the answer", seconds)
        return time.monotonic() - begin


def issue(authority, folder):
    number = len(list(folder.glob("leaf*.pem")))
    certificate = folder / f"leaf{number}.pem"
    authority.run(*ISSUE, "--key-out", folder / f"key{number}", "--out",
                  certificate)
    return certificate


@pytest.fixture
def relying(authority, tmp_path):
    with served(authority, tmp_path) as server:
        asker = Relying(server, tmp_path)
        asker.first = issue(authority, tmp_path)
        asker.becomes(asker.first, "good", 20)
        yield asker


def nobody_of_us(folder):
    """A certificate of an issuer that is none of ours."""
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Nobody", "-keyout",
         folder / "nobody.key", "-out", folder / "nobody.pem"],
        env=SURROUNDINGS, capture_output=True, check=False)
    assert made.returncode == 0, made.stderr
    return folder / "nobody.pem"


# --- what is answered ---------------------------------------------------------

def test_openssl_verifies_good_answers_with_and_without_nonce(relying):
    assert relying.status(relying.first, "-no_nonce") == "good"
    assert relying.status(relying.first, "-nonce") == "good"
    assert relying.status(relying.first, "-sha256", "-no_nonce") == "good"
    assert "WARNING: no nonce" not in relying.openssl(relying.first, "-nonce")


def der(tag, *parts):
    content = b"".join(parts)
    assert len(content) < 256
    return (bytes([tag, len(content)] if len(content) < 128
                  else [tag, 0x81, len(content)]) + content)


def with_nonce(question, nonce):
    """A request of OpenSSL without extensions (two heads of two bytes each),
    with a nonce put in (RFC 9654)."""
    oid = bytes.fromhex("06092b0601050507300102")
    extension = der(0x30, oid, der(0x04, der(0x04, nonce)))
    return der(0x30, der(0x30, question[4:], der(0xA2, der(0x30, extension))))


def read_answer(connection):
    said = b""
    while b"\r\n\r\n" not in said:
        said += connection.recv(65536)
    head, _, body = said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = int(head.lower().split(b"content-length:")[1].split()[0])
    while len(body) < length:
        body += connection.recv(65536)
    return body


def test_many_who_ask_at_once_each_get_their_own_nonce(relying):
    """They are signed in groups: nobody gets the answer to another."""
    asked = relying.folder / "question.der"
    relying.run("openssl", "ocsp", "-issuer", relying.issuer, "-cert",
                relying.first, "-no_nonce", "-reqout", asked)
    ports = [relying.server.ports["plain"]] * 60
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(
            socket.create_connection(("127.0.0.1", port), timeout=30))
            for port in ports]
        for turn in range(3):
            nonces = [os.urandom(32) for _ in connections]
            for connection, nonce in zip(connections, nonces):
                body = with_nonce(asked.read_bytes(), nonce)
                connection.sendall(
                    b"POST /ocsp HTTP/1.1\r\nHost: localhost\r\n"
                    b"Content-Type: application/ocsp-request\r\n"
                    b"Content-Length: %d\r\n\r\n" % len(body) + body)
            for connection, nonce in zip(connections, nonces):
                answer = read_answer(connection)
                assert answer.count(nonce) == 1, turn
                assert not any(other in answer for other in nonces
                               if other != nonce)


def test_kb101_after_revoke_ocsp_says_revoked_within_a_second(relying):
    authority = relying.server.authority
    times = []
    for _ in range(5):
        certificate = issue(authority, relying.folder)
        relying.becomes(certificate, "good")
        authority.run("revoke", certificate, "--reason", "keyCompromise")
        times.append(relying.becomes(certificate, "revoked"))
        assert "Reason: keyCompromise" in relying.openssl(certificate)
    print("seconds from the acknowledged revocation:", times)
    assert max(times) <= 1


def test_a_held_certificate_is_revoked_until_it_is_released(relying):
    authority = relying.server.authority
    authority.run("hold", relying.first)
    relying.becomes(relying.first, "revoked")
    assert "Reason: certificateHold" in relying.openssl(relying.first)
    authority.run("unhold", relying.first)
    relying.becomes(relying.first, "good")


def test_incident51_a_serial_that_was_never_issued_is_unknown(relying):
    said = relying.run(
        "openssl", "ocsp", "-issuer", relying.issuer, "-serial", "0x1234",
        "-url", relying.server.url("plain", "/ocsp"), "-CAfile", relying.root,
        "-verify_other", relying.issuer)[1]
    assert "0x1234: unknown" in said
    assert "Response verify OK" in said


def test_an_issuer_that_is_none_of_ours_is_unauthorized(relying):
    nobody = nobody_of_us(relying.folder)
    said = relying.run(
        "openssl", "ocsp", "-issuer", nobody, "-cert", nobody, "-url",
        relying.server.url("plain", "/ocsp"))[1]
    assert "unauthorized (6)" in said


def test_gnutls_verifies_the_answers(relying):
    tool = shutil.which("ocsptool")
    assert tool, "ocsptool of gnutls-bin is wanted"
    said = relying.run(
        tool, f"--ask={relying.server.url('plain', '/ocsp')}",
        "--load-issuer", relying.issuer, "--load-cert", relying.first,
        "--load-trust", relying.root)[1]
    assert "Certificate Status: good" in said, said


def post(server, body, kind="application/ocsp-request"):
    head = (f"POST /ocsp HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}"
            f"\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n")
    answer = exchange(server.ports["plain"], head.encode() + body)
    head, _, body = answer.partition(b"\r\n\r\n")
    return head, body


def request_of(relying, certificate, *words):
    file = relying.folder / "request.der"
    status, said = relying.run("openssl", "ocsp", "-issuer", relying.issuer,
                               *words, "-cert", certificate, "-reqout", file)
    assert status == 0, said
    return file.read_bytes()


def test_what_is_no_request_is_malformed_with_status_200(relying):
    for body in (b"0", b"\x30\x03\x02\x01\x05", bytes(1000)):
        head, answer = post(relying.server, body)
        assert head.startswith(b"HTTP/1.1 200 "), head
        assert b"application/ocsp-response" in head
        assert answer == bytes.fromhex("30030a0101")


def test_get_answers_as_post_does_from_the_table(relying):
    der = request_of(relying, relying.first, "-no_nonce")
    path = "/ocsp/" + urllib.parse.quote(
        base64.b64encode(der).decode(), safe="")

    def same():
        """A front sees a new table within a second; live answers differ."""
        status, _, body = get(relying.server, path)
        assert status == 200
        return body == post(relying.server, der)[1]
    until(same, "the same answer from the table", 5)


def test_incident47_after_a_rollover_certificates_of_both_keys_are_answered(
        authority, tmp_path):
    old = issue(authority, tmp_path)
    gone = issue(authority, tmp_path)
    for _ in ("plan", "key", "certify", "cross", "publish", "switch"):
        authority.run("ca rollover")
    new = issue(authority, tmp_path)
    with served(authority, tmp_path) as server:
        asker = Relying(server, tmp_path)
        asker.issuer = authority.directory / "keys/issuing-2.crt"
        asker.becomes(new, "good", 20)
        asker.issuer = authority.directory / "keys/retired/issuing.crt"
        asker.becomes(old, "good", 20)
        assert asker.status(old, "-nonce") == "good"
        authority.run("revoke", gone)
        asker.becomes(gone, "revoked")


# --- when something dies ------------------------------------------------------

def test_the_status_signer_that_is_killed_is_back(relying):
    relying.server.kill("status")

    def answers():
        said = relying.run(
            "openssl", "ocsp", "-issuer", relying.issuer, "-nonce", "-cert",
            relying.first, "-url", relying.server.url("plain", "/ocsp"),
            "-CAfile", relying.root, "-verify_other", relying.issuer)[1]
        return "Response verify OK" in said and ": good" in said
    begin = time.monotonic()
    until(answers, "an answer with a nonce")
    print("seconds until a nonce is answered again:", time.monotonic() - begin)


class Asking(threading.Thread):
    """Asks without end; what was not a good answer is kept."""

    def __init__(self, server, der):
        super().__init__()
        self.server, self.der = server, der
        self.answers, self.failed, self.slowest = 0, [], 0.0
        self.ends = False

    def run(self):
        while not self.ends:
            begin = time.monotonic()
            try:
                head, body = post(self.server, self.der)
                if not head.startswith(b"HTTP/1.1 200 ") or len(body) < 100:
                    self.failed.append((head, body))
            except OSError as failure:
                self.failed.append(failure)
            self.slowest = max(self.slowest, time.monotonic() - begin)
            self.answers += 1


def test_properties25_status_is_answered_while_signers_and_keeper_are_down(
        relying):
    der = request_of(relying, relying.first, "-no_nonce")
    until(lambda: post(relying.server, der)[1] == post(relying.server, der)[1],
          "the same answer from the table")
    asking = Asking(relying.server, der)
    asking.start()
    for role in ("signer", "keeper", "status", "keeper", "signer"):
        with_it = relying.server.child(role)
        os.kill(with_it, signal.SIGSTOP if role == "keeper" else
                signal.SIGKILL)
        time.sleep(0.5)
        if role == "keeper":
            os.kill(with_it, signal.SIGKILL)
        time.sleep(0.5)
        until(lambda: {"signer", "keeper", "status"} <=
              set(relying.server.children()), "all roles")
    asking.ends = True
    asking.join()
    print(asking.answers, "answers, the slowest in", asking.slowest, "s")
    assert asking.answers > 50
    assert asking.failed[:1] == []
