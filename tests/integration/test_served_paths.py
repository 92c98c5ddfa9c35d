"""The first answers of a server, and those it gives while parts are away."""
import os
import signal
import socket
import ssl
import threading
import time

import pytest

from program import DONE
from served import exchange, get, served, start, await_readiness, until
from serving import listens

PLAIN = ["/", "/roots", "/roots.pem", "/health", "/version", "/ca/issuing.cer",
         "/crl/issuing.crl", "/certsrv/CertEnroll/cacerts.htm"]


def trusting(server):
    return ssl.create_default_context(cafile=server.roots)


def get_over_tls(server, path, listener="public", seconds=20):
    context = trusting(server)
    with socket.create_connection(
            ("127.0.0.1", server.ports[listener]), seconds) as raw:
        with context.wrap_socket(raw, server_hostname="localhost") as tls:
            tls.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                        "Connection: close\r\n\r\n".encode())
            pieces = []
            while piece := tls.recv(65536):
                pieces.append(piece)
    return int(b"".join(pieces).split()[1])


def test_kb011_the_first_request_is_answered_200(authority, tmp_path):
    """Whichever is the first, and over whichever door."""
    for path in ("/health", "/roots", "/crl/issuing.crl"):
        with served(authority, tmp_path) as server:
            assert get(server, path)[0] == 200
        with served(authority, tmp_path) as server:
            assert get_over_tls(server, path) == 200


def test_kb011_requests_before_it_is_ready_are_answered(authority, tmp_path):
    """They wait at the address while the parts start, in any order."""
    server = start(authority, tmp_path / "serve-early.log")
    try:
        until(lambda: listens(server.ports["plain"]), "the address")
        assert get(server, "/health")[0] == 200
        await_readiness(server)
        assert server.end() == 0
    finally:
        server.process.kill()
        server.process.stdout.close()


def test_what_the_plain_door_serves(authority, tmp_path):
    with served(authority, tmp_path) as server:
        for path in PLAIN:
            status, headers, body = get(server, path)
            assert status == 200, path
            assert int(headers["content-length"]) == len(body)
            assert get_over_tls(server, path) == 200


def test_kb119_a_listener_without_a_certificate_lets_nobody_in(
        locked, pristine_locked, tmp_path):
    """A locked authority has none for its listeners yet; plain goes on."""
    with served(locked, tmp_path) as server:
        assert server.facts["locked"] is True
        assert get(server, "/crl/issuing.crl")[0] == 200
        assert get(server, "/roots.pem")[0] == 200
        with pytest.raises((OSError, ssl.SSLError)):
            get_over_tls(server, "/health", seconds=2)
        assert 'listener="public"' in server.log
        assert "certificate" in server.log
        locked.run("unlock", "--passphrase-file", pristine_locked[1])

        def answers():
            try:
                return get_over_tls(server, "/health", seconds=3) == 200
            except (OSError, ssl.SSLError):
                return False

        until(answers, "a certificate of its own", seconds=90)


def test_properties25_lists_are_served_while_keeper_and_signer_are_away(
        authority, tmp_path):
    with served(authority, tmp_path) as server:
        for role in ("signer", "keeper"):
            os.kill(server.child(role), signal.SIGSTOP)
        for _ in range(20):
            for path in ("/crl/issuing.crl", "/ca/issuing.cer", "/roots.pem"):
                begun = time.monotonic()
                assert get(server, path, seconds=5)[0] == 200
                assert time.monotonic() - begun < 1
        for role in ("signer", "keeper"):
            server.kill(role)
        assert get(server, "/crl/issuing.crl")[0] == 200
        until(lambda: get(server, "/health")[0] == 200, "the keeper's return")


def test_properties31_what_was_in_flight_when_the_keeper_died_gets_503(
        authority, tmp_path):
    with served(authority, tmp_path) as server:
        os.kill(server.child("keeper"), signal.SIGSTOP)
        answers = []
        asked = threading.Thread(
            target=lambda: answers.append(get(server, "/health")))
        asked.start()
        time.sleep(0.3)
        server.kill("keeper")
        asked.join(20)
        status, headers, _ = answers[0]
        assert status == 503 and "retry-after" in headers
        until(lambda: get(server, "/health")[0] == 200, "the keeper's return")


@pytest.mark.parametrize("role,most", [("keeper", 5), ("signer", 10),
                                       ("front", 5)])
def test_properties31_a_killed_role_answers_again_soon(
        authority, tmp_path, role, most):
    """Generous bounds: a loaded machine, and a sanitizer."""
    with served(authority, tmp_path, listeners=["plain"]) as server:
        begun = time.monotonic()
        server.kill(role)
        until(lambda: get_quietly(server) == 200, "an answer")
        assert time.monotonic() - begun < most
        assert authority.run("audit verify").status == DONE


def get_quietly(server):
    try:
        return get(server, "/health")[0]
    except (OSError, AssertionError):
        return 0


def test_a_stop_lets_a_request_finish(authority, tmp_path):
    """Whose head was half there when the end began."""
    with served(authority, tmp_path) as server:
        with socket.create_connection(
                ("127.0.0.1", server.ports["plain"]), 20) as slow:
            slow.sendall(b"GET /crl/issuing.crl HTTP/1.1\r\nHost: a\r\n")
            time.sleep(0.3)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            slow.sendall(b"Connection: close\r\n\r\n")
            answer = b""
            while piece := slow.recv(65536):
                answer += piece
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:100]
        assert server.process.wait(20) == 0
        with pytest.raises(OSError):
            exchange(server.ports["plain"], b"GET / HTTP/1.1\r\n\r\n", 2)
