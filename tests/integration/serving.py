"""Servers of the tests: on loopback, on a free port below the range that
systems give away, with an empty environment, and ended with the test."""
import contextlib
import functools
import http.server
import pathlib
import random
import socket
import subprocess
import threading
import time

from consumers import CLEAN

PORTS = range(20000, 32000)


def free_port():
    while True:
        port = random.choice(PORTS)
        with contextlib.closing(socket.socket()) as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def listens(port):
    """Seen in the kernel's tables: some servers serve one connection after
    the other, and a probe would be the first."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text().splitlines()[1:]:
            _, local, _, state = line.split()[:4]
            if state == "0A" and int(local.rpartition(":")[2], 16) == port:
                return True
    return False


class Served:
    """A program that listens; what it says is in a file."""

    def __init__(self, process, said):
        self.process = process
        self.said = said

    @property
    def words(self):
        return self.said.read_text(errors="replace")


def wait_for(process, port, seconds):
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        if listens(port):
            return
        time.sleep(0.02)


@contextlib.contextmanager
def served(port, said, *words, seconds=20):
    """The program while it listens on port; one that doesn't come up is told
    by what it said, as a refusal of the certificate is."""
    with said.open("wb") as file:
        process = subprocess.Popen([str(word) for word in words], env=CLEAN,
                                   stdin=subprocess.DEVNULL, stdout=file,
                                   stderr=subprocess.STDOUT)
    try:
        wait_for(process, port, seconds)
        yield Served(process, said)
    finally:
        process.kill()
        process.wait()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def http_served(port, handler):
    """A web server in this process; yields nothing."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def folder_served(port, folder, asked):
    """A folder on the web; the paths that are asked for are added to asked."""
    class Folder(Quiet):
        def do_GET(self):
            asked.append(self.path)
            super().do_GET()

    with http_served(port, functools.partial(Folder, directory=str(folder))):
        yield
