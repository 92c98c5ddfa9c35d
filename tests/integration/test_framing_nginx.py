"""The same bytes to a front and to nginx: what one takes for one request, the
other never takes for two (docs/http.md). CHANCERY_LONG=1: a hundred times as
many, from a seed of the day."""
import collections
import contextlib
import random
import re
import socket
import time

import pytest

from served import served
from serving import free_port, served as running

STREAMS = 1500
ANSWER = re.compile(rb"HTTP/1\.[01] (\d{3}) ")
NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log stderr crit;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 1000000; lingering_close off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; 
    location / {{ return 200 "x"; }}
    location /style.css {{ types {{ text/css css; }} return 200 "last"; }} }}
}}
"""
SEEDS = [
    b"GET /version HTTP/1.1\r\nHost: a\r\n\r\n",
    b"HEAD /version HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
    b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Type: application/ocsp-request"
    b"\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Type: application/ocsp-request"
    b"\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Type: application/ocsp-request"
    b"\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n"
    b"X: 1\r\n\r\n",
    b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Type: application/ocsp-request"
    b"\r\nContent-Length: 38\r\n\r\nGET /version HTTP/1.1\r\nHost: a\r\nA: b\r\n"
    b"\r\n",
]
PIECES = [
    b"\r\n", b"\n", b"\r", b" ", b"\t", b"\0", b":", b"0", b"1", b"\x0b", b"\xff",
    b"Content-Length: 0\r\n", b"Content-Length: 5\r\n", b"Content-Length: +5\r\n",
    b"Content-Length: 5, 5\r\n", b"content-length: 00005\r\n",
    b"Content-Length:\r\n", b"Content-Length : 5\r\n", b"Content_Length: 5\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n",
    b"Transfer-Encoding: chunked, chunked\r\n", b"Transfer-Encoding: x\r\n",
    b"Transfer-Encoding:\tchunked\r\n", b"Transfer-Encoding: \x0bchunked\r\n",
    b"Transfer-Encoding\t: chunked\r\n", b"Host: b\r\n", b" folded\r\n",
    b"Connection: close\r\n", b"Connection: keep-alive\r\n",
    b"Expect: 100-continue\r\n", b"Upgrade: h2c\r\n", b"HTTP/1.0", b"HTTP/1.1",
    b"0\r\n\r\n", b"5\r\n", b"0x5\r\n", b"-1\r\n", b"fffffffffffffffff\r\n",
    b"5 \r\n", b"5;\r\n", b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
]
LAST = (b"GET /style.css HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")


def mutated(chance):
    """A stream of one or two requests, some changed, and a last one."""
    stream = bytearray(b"".join(
        chance.choice(SEEDS) for _ in range(chance.choice((1, 1, 2)))))
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        ends = [found.end() for found in re.finditer(rb"\r\n", bytes(stream))]
        at = chance.choice(ends) if ends and chance.random() < 0.6 else \
            chance.randrange(len(stream) + 1)
        kind = chance.random()
        if kind < 0.6:
            stream[at:at] = chance.choice(PIECES)
        elif kind < 0.8:
            del stream[at:at + chance.choice((1, 1, 2, 4))]
        elif at < len(stream):
            stream[at] = chance.choice(b"\r\n \t:;,0159aAfF\0\x7f\x80")
    return bytes(stream) + LAST


def answers(port, stream):
    """(requests that were taken, was the last one?); one that was refused
    and ended the connection was not taken."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        pieces = []
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            connection.sendall(stream)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                pieces.append(piece)
    heads = re.split(ANSWER, b"".join(pieces))[1:]
    count = sum(status != b"100" for status in heads[::2])
    is_last = bool(heads) and b"Content-Type: text/css" in heads[-1]
    return max(0, count - (not is_last)), is_last


@pytest.fixture
def nginx(tmp_path):
    port, folder = free_port(), tmp_path / "nginx"
    folder.mkdir(mode=0o755)
    (folder / "conf").write_text(NGINX.format(folder=folder, port=port))
    with running(port, folder / "log", "/usr/sbin/nginx", "-p", folder, "-c",
                 folder / "conf") as process:
        assert process.process.poll() is None, process.words
        yield port


def test_properties28_nginx_never_counts_other_requests_than_we_do(
        authority, nginx, tmp_path, is_long):
    seed = int(time.time() // 86400) if is_long else 1
    chance, classes = random.Random(seed), collections.Counter()
    with served(authority, tmp_path, listeners=["plain"]) as server:
        for _ in range(STREAMS * (100 if is_long else 1)):
            stream = mutated(chance)
            ours, we_go_on = answers(server.ports["plain"], stream)
            theirs, they_go_on = answers(nginx, stream)
            classes[we_go_on, they_go_on] += 1
            # Who refuses ends the connection, and takes nothing more.
            if they_go_on:
                assert ours <= theirs, (seed, stream)
            if we_go_on:
                assert theirs <= ours, (seed, stream)
    print({f"we {'take' if we else 'refuse'}, nginx "
           f"{'takes' if they else 'refuses'}": count
           for (we, they), count in sorted(classes.items())})
    assert classes[True, True] > STREAMS / 10
    assert classes[False, True] > STREAMS / 20
