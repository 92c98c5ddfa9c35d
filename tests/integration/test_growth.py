"""A front does not grow by what connects to it."""
import socket
import ssl

from program import Chancery
from served import served
from soak import resident_kib

WARM, HANDSHAKES, GROWTH_KIB = 1000, 5000, 1024


def shake_hands(server, context, count):
    for _ in range(count):
        with socket.create_connection(
                ("127.0.0.1", server.ports["public"]), 20) as connection, \
                context.wrap_socket(connection, server_hostname="localhost"):
            pass


def test_kb118_5000_handshakes_leave_less_than_a_mebibyte(hardened_program,
                                                          tmp_path):
    authority = Chancery(hardened_program, tmp_path / "authority")
    authority.run("init", "--name", "Growth")
    with served(authority, tmp_path, listeners=["public"]) as server:
        context = ssl.create_default_context(cafile=str(server.roots))
        front = server.child("front")
        shake_hands(server, context, WARM)
        before = resident_kib(front)
        shake_hands(server, context, HANDSHAKES)
        more = resident_kib(front) - before
    print(f"{HANDSHAKES} handshakes: {more} KiB more")
    assert before > 0 and more < GROWTH_KIB
