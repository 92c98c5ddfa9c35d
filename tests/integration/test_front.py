"""The fronts as strangers meet them: framing, deadlines, ceilings, files."""
import contextlib
import os
import re
import select
import signal
import socket
import ssl
import time

from served import exchange, get, served, until

HELLO = b"GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n"

# What may be understood in two ways is refused once, and nothing behind it is
# taken for another request. (Hundreds of cases: tests/unit/server/http_*.)
AMBIGUOUS = {
    "length and coding":
        b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths":
        b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n"
        b"Content-Length: 50\r\n\r\n",
    "a length that is no number":
        b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Length: 0x0\r\n\r\n",
    "a space before the colon":
        b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Length : 50\r\n\r\n",
    "a coding that is not known":
        b"POST /ocsp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
    "a folded line":
        b"GET /version HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n",
    "a bare line feed": b"GET /version HTTP/1.1\nHost: a\n\n",
    "a zero": b"GET /version HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
    "no host": b"GET /version HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /version HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a body that is not allowed":
        b"GET /version HTTP/1.1\r\nHost: a\r\nContent-Length: 50\r\n\r\n",
    "a chunk's size that is none":
        b"POST /ocsp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
        b"\r\n0_0\r\n\r\n",
}


def tls_exchange(server, text):
    context = ssl.create_default_context(cafile=str(server.roots))
    with socket.create_connection(
            ("127.0.0.1", server.ports["public"]), 20) as bare, \
            context.wrap_socket(bare, server_hostname="127.0.0.1") as tls:
        tls.sendall(text)
        pieces = []
        while piece := tls.recv(65536):
            pieces.append(piece)
        return b"".join(pieces)


def test_properties28_no_request_is_counted_as_two(authority, tmp_path):
    with served(authority, tmp_path) as server:
        for what, text in AMBIGUOUS.items():
            for answer in (exchange(server.ports["plain"], text + HELLO),
                           tls_exchange(server, text + HELLO)):
                assert re.match(rb"HTTP/1\.1 (400|413|501) ", answer), what
                assert answer.count(b"HTTP/1.1 ") == 1, (what, answer)
                assert b"\r\nConnection: close\r\n" in answer, what
                assert b'"version"' not in answer, what


def test_requests_sent_ahead_are_answered_in_order(authority, tmp_path):
    last = HELLO.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    health = HELLO.replace(b"/version", b"/health")
    with served(authority, tmp_path) as server:
        for ask in (lambda text: exchange(server.ports["plain"], text),
                    lambda text: tls_exchange(server, text)):
            answer = ask(HELLO + health + HELLO + last)
            assert answer.count(b"HTTP/1.1 200 OK") == 4
            assert re.findall(rb'"(version|status)"', answer) == [
                b"version", b"status", b"version", b"version"]


# --- deadlines ----------------------------------------------------------------

def trickling(port, beginning, byte):
    connection = socket.create_connection(("127.0.0.1", port), 20)
    connection.sendall(beginning)
    return connection, byte


def test_properties27_who_trickles_is_cut_at_the_deadline(authority, tmp_path):
    """Head, body and handshake: each ends 10 s after it began, whatever comes
    meanwhile; others are answered as ever."""
    with served(authority, tmp_path) as server, contextlib.ExitStack() as stack:
        plain, public = server.ports["plain"], server.ports["public"]
        slow = [
            trickling(plain, b"GET /version HTTP/1.1\r\nX: ", b"x"),
            trickling(plain, b"POST /ocsp HTTP/1.1\r\nHost: a\r\n"
                      b"Content-Length: 4000\r\n\r\n", b"x"),
            # A record of the handshake that announces more than comes.
            trickling(public, b"\x16\x03\x01\x02\x00\x01", b"\0"),
        ]
        for connection, _ in slow:
            stack.enter_context(connection)
        began, ended, slowest = time.monotonic(), {}, 0
        while len(ended) < len(slow) and time.monotonic() < began + 20:
            for number, (connection, byte) in enumerate(slow):
                if number in ended:
                    continue
                if select.select([connection], [], [], 0)[0]:
                    with contextlib.suppress(ConnectionResetError):
                        connection.recv(65536)
                    ended[number] = time.monotonic() - began
                else:
                    with contextlib.suppress(BrokenPipeError):
                        connection.sendall(byte)
            asked = time.monotonic()
            assert get(server, "/version")[0] == 200
            slowest = max(slowest, time.monotonic() - asked)
            time.sleep(0.2)
        assert sorted(ended) == [0, 1, 2]
        for number, seconds in ended.items():
            assert 9.5 < seconds < 14, (number, ended)
        assert slowest < 2


def test_properties27_one_address_has_64_connections(authority, tmp_path):
    with served(authority, tmp_path, listeners=["plain"]) as server, \
            contextlib.ExitStack() as stack:
        def begin():
            connection = socket.create_connection(
                ("127.0.0.1", server.ports["plain"]), 20)
            stack.enter_context(connection)
            connection.sendall(HELLO[:-2])
            return connection

        before = [begin() for _ in range(64)]
        turned_away = begin()
        assert turned_away.recv(4096).startswith(
            b"HTTP/1.1 503 Service Unavailable\r\n")
        # One that becomes idle gives way to the next.
        before[7].sendall(b"\r\n")
        assert before[7].recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
        last = begin()
        last.sendall(b"\r\n")
        assert last.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
        assert before[7].recv(4096) == b""


# --- without a keeper that answers --------------------------------------------

def test_properties25_a_keeper_that_stands_still_stops_no_list(
        authority, tmp_path):
    with served(authority, tmp_path) as server:
        keeper = server.child("keeper")
        os.kill(keeper, signal.SIGSTOP)
        try:
            with socket.create_connection(
                    ("127.0.0.1", server.ports["plain"]), 20) as waits:
                waits.sendall(HELLO.replace(b"/version", b"/health"))
                for _ in range(20):
                    began = time.monotonic()
                    status, headers, body = get(server, "/crl/issuing.crl")
                    assert time.monotonic() - began < 2
                    assert status == 200 and body[:1] == b"\x30"
                    assert headers["content-type"] == "application/pkix-crl"
                assert not select.select([waits], [], [], 0)[0]
                os.kill(keeper, signal.SIGCONT)
                assert waits.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
        finally:
            os.kill(keeper, signal.SIGCONT)


# --- files --------------------------------------------------------------------

def test_what_a_client_has_is_not_sent_again(authority, tmp_path):
    with served(authority, tmp_path, listeners=["plain"]) as server:
        status, headers, body = get(server, "/crl/issuing.crl")
        assert status == 200
        assert int(headers["content-length"]) == len(body)
        assert body == (authority.directory / "publish" / "crl" /
                        "issuing.crl").read_bytes()
        for condition in (f"If-None-Match: {headers['etag']}",
                          f"If-Modified-Since: {headers['last-modified']}"):
            answer = exchange(
                server.ports["plain"],
                b"GET /crl/issuing.crl HTTP/1.1\r\nHost: a\r\n" +
                condition.encode() + b"\r\nConnection: close\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 304 Not Modified\r\n")
            assert answer.endswith(b"\r\n\r\n")
        answer = exchange(server.ports["plain"],
                          b"HEAD /crl/issuing.crl HTTP/1.1\r\nHost: a\r\n"
                          b"Connection: close\r\n\r\n")
        assert f"\r\nContent-Length: {len(body)}\r\n".encode() in answer
        assert answer.endswith(b"\r\n\r\n")
        # A new list is another thing.
        authority.run("ca crl")
        assert get(server, "/crl/issuing.crl")[1]["etag"] != headers["etag"]


def test_no_path_leads_out_of_what_is_published(authority, tmp_path):
    (authority.directory / "publish" / "crl" / "away.crl").symlink_to(
        authority.directory / "chancery.db")
    with served(authority, tmp_path, listeners=["plain"]) as server:
        for path in ("/ca/../../chancery.db", "/ca/%2e%2e/keys/unlock",
                     "/crl/..%2f..%2fchancery.db", "/crl/away.crl",
                     "/chancery.yaml", "/keys/unlock", "/ocsp.table",
                     "/crl/", "/ca//issuing.cer"):
            status, headers, _ = get(server, path)
            assert status in (400, 404), path
            assert headers["x-content-type-options"] == "nosniff"


# --- the log ------------------------------------------------------------------

def test_a_request_is_one_line_with_its_id_and_without_its_query(
        authority, tmp_path):
    with served(authority, tmp_path, listeners=["plain"]) as server:
        answer = exchange(
            server.ports["plain"],
            b"GET /nothing?token=hidden HTTP/1.1\r\nHost: a\r\n"
            b"Authorization: Bearer concealed\r\nAccept: text/html\r\n"
            b"Connection: close\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 404 Not Found\r\n")
        number = re.search(rb"X-Request-Id: ([a-z2-7]{26})\r\n", answer)[1]
        assert answer.count(number) == 2  # the page tells it, too
        line = until(lambda: [line for line in server.log.splitlines()
                              if number.decode() in line], "the line")
        assert len(line) == 1
        for words in ('listener="plain"', 'peer="127.0.0.1"', 'method="GET"',
                      'path="/nothing"', 'status="404"', "bytes=", "ms="):
            assert words in line[0]
        assert "hidden" not in server.log
        assert "concealed" not in server.log
