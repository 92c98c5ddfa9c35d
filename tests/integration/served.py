"""An authority that is served: `chancery serve` on free ports of loopback."""
import contextlib
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import threading
import time

from processes import parent_of, role_of, running
from program import SURROUNDINGS
from serving import free_port

LISTENERS = {"public": "--listen", "plain": "--http-listen",
             "admin": "--admin-listen", "mtls": "--mtls-listen"}


class Server:
    """`chancery serve` while it runs; addresses by the listener's name."""

    def __init__(self, authority, process, ports, said):
        self.authority = authority
        self.process = process
        self.ports = ports
        self.said = said
        self.facts = None

    @property
    def log(self):
        return self.said.read_text(errors="replace")

    def url(self, listener, path="/"):
        scheme = "http" if listener == "plain" else "https"
        return f"{scheme}://127.0.0.1:{self.ports[listener]}{path}"

    @property
    def roots(self):
        """The file of the authority's roots, for clients."""
        return self.authority.directory / "publish" / "roots.pem"

    def children(self):
        """{role: [process]} of what the server started and runs."""
        found = {}
        for process in running(self.authority.program):
            if parent_of(process) == self.process.pid:
                found.setdefault(role_of(process), []).append(process)
        return found

    def child(self, role):
        return self.children()[role][0]

    def kill(self, role):
        """Kills one of its children; what was killed is no child any more."""
        process = self.child(role)
        os.kill(process, signal.SIGKILL)
        until(lambda: process not in self.children().get(role, []),
              f"the end of {role}")
        return process

    def said_since(self, mark, words, seconds=20):
        """Waits until the log says words behind mark (a length of it)."""
        until(lambda: words in self.log[mark:], f"{words} in {self.log[mark:]}",
              seconds)
        return self.log[mark:]

    def end(self, number=signal.SIGTERM, seconds=30):
        """Its exit status."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        return self.process.wait(seconds)


def until(holds, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.01)
    return found


def words_of_listeners(listeners, chosen):
    """(ports, arguments): those asked for at their chosen or free ports,
    others at none."""
    def ports_of():
        return {name: chosen.get(name) or free_port() for name in listeners}

    ports = ports_of()
    while len(set(ports.values())) < len(ports):
        ports = ports_of()
    words = []
    for name, option in LISTENERS.items():
        words += [option, f"127.0.0.1:{ports[name]}" if name in ports
                  else "none"]
    return ports, words


def start(authority, said, *arguments, listeners=("public", "plain", "admin"),
          **options):
    """A Server that was started and may not be ready yet."""
    ports, words = words_of_listeners(listeners, options.pop("ports", {}))
    surroundings = dict(SURROUNDINGS, HOME=options.pop("home", ""),
                        **options.pop("environment", {}))
    with said.open("wb") as file:
        process = subprocess.Popen(
            [str(authority.program), "serve", "--json", "--dir",
             str(authority.directory), *words, *map(str, arguments)],
            env=surroundings, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=file, **options)
    return Server(authority, process, ports, said)


def await_readiness(server, seconds=60):
    """What it says when everything answers."""
    ready, _, _ = select.select([server.process.stdout], [], [], seconds)
    line = server.process.stdout.readline() if ready else b""
    assert line, f"not ready ({server.process.poll()}): {server.log}"
    server.facts = json.loads(line)
    return server.facts


@contextlib.contextmanager
def served(authority, tmp_path, *arguments, **options):
    """A ready Server, which ends with the block; then nothing of it is left,
    and no sanitizer has complained."""
    said = tmp_path / f"serve-{len(list(tmp_path.glob('serve-*')))}.log"
    server = start(authority, said, *arguments, **options)
    try:
        await_readiness(server)
        yield server
        assert server.process.poll() in (None, 0), server.log
        assert server.end() == 0, server.log
    finally:
        if server.process.poll() is None:
            server.end(signal.SIGKILL)
        server.process.stdout.close()
    assert not (authority.directory / "control.sock").exists()
    for complaint in ("Sanitizer", "runtime error:"):
        assert complaint not in server.log, server.log


def exchange(port, text, seconds=20):
    """What comes back for these bytes until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), seconds) as connection:
        connection.sendall(text)
        pieces = []
        while piece := connection.recv(65536):
            pieces.append(piece)
        return b"".join(pieces)


def get(server, path, listener="plain", seconds=20):
    """(status, headers, body) of a GET over plain HTTP."""
    answer = exchange(server.ports[listener],
                      f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                      "Connection: close\r\n\r\n".encode(), seconds)
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    assert lines[0].startswith("HTTP/1.1 "), answer[:200]
    headers = {name.lower(): value.strip() for name, _, value in
               (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body


class Manager:
    """A service manager: what the service tells it at $NOTIFY_SOCKET."""

    def __init__(self, folder):
        self.path = pathlib.Path(folder) / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(0.2)
        self.heard = []
        self.ends = False
        self.thread = threading.Thread(target=self.listen)
        self.thread.start()

    def listen(self):
        while not self.ends:
            with contextlib.suppress(TimeoutError):
                self.heard.append(self.socket.recv(4096).decode())

    def hears(self, words):
        return until(lambda: [said for said in self.heard if words in said],
                     f"{words} among {self.heard}")

    def end(self):
        self.ends = True
        self.thread.join()
        self.socket.close()
