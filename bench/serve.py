#!/usr/bin/python3
"""What the served authority costs, beside nginx in the same run.

    bench/serve.py [--build DIR] [--rounds N] [--seconds S]
                   [--certificates N] [PART...]

Parts: idle, cached, handshakes, nonce, slow, growth, issuing, start; without
any, all of them.  It starts `chancery serve` with a new authority, and nginx
with one worker, all fronts and nginx on core 0 and the load on core 1.  Rounds
take turns; a figure is the median of the rounds, beside its lowest and highest.
"""
import argparse
import base64
import contextlib
import json
import os
import pathlib
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

import serve_work  # noqa: E402
import soak  # noqa: E402
from processes import parent_of  # noqa: E402
from program import Chancery  # noqa: E402
from served import get, served  # noqa: E402
from serving import free_port, served as running  # noqa: E402

HANDSHAKES = 100_000
NGINX = """
daemon off; master_process on; worker_processes 1; worker_cpu_affinity 01;
pid {folder}/nginx.pid; error_log stderr error; user root;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
  keepalive_timeout 60; default_type application/ocsp-response;
  root {folder}/www;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
  scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{plain}; }}
  server {{ listen 127.0.0.1:{tls} ssl;
    ssl_certificate {folder}/nginx.pem; ssl_certificate_key {folder}/nginx.key;
    ssl_session_tickets {tickets}; ssl_protocols TLSv1.2 TLSv1.3; }}
}}
"""


class Bench:
    """A server, nginx beside it, and the load for both."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.load_program = options.build / "bench" / "http_load"
        self.results = {}

    def load(self, port, path, *words, pids=(), seconds=None):
        arguments = ["taskset", "-c", "1", self.load_program, *words,
                     "--warm", 0.5, "--seconds", seconds or self.options.seconds]
        for pid in pids:
            arguments += ["--pid", pid]
        done = subprocess.run(
            [str(word) for word in [*arguments, "127.0.0.1", port, path]],
            capture_output=True, check=True, text=True)
        return json.loads(done.stdout)

    def microseconds(self, kind, pid, port, path, *words):
        """CPU of the process for one answer, or one handshake."""
        told = self.load(port, path, *words, pids=[pid])
        count = told[kind]
        assert count > 0 and told["status"][1:] == [0, 0, 0], told
        assert told["broken"] <= count / 1000, told
        return told["cpu"][0] / count * 1e6, count / told["seconds"]

    def compare(self, name, wanted, kind, ours, theirs, *words):
        """ours and theirs: (pid, port, path)."""
        rounds = []
        self.microseconds(kind, *ours, *words)
        self.microseconds(kind, *theirs, *words)
        for _ in range(self.options.rounds):
            rounds.append((self.microseconds(kind, *ours, *words),
                           self.microseconds(kind, *theirs, *words)))
        ratios = sorted(one[0] / other[0] for one, other in rounds)
        self.say(name, f"{statistics.median(ratios):.2f} of nginx",
                 f"({ratios[0]:.2f} to {ratios[-1]:.2f}; wanted {wanted})",
                 *(f"{who} {statistics.median(r[i][0] for r in rounds):.1f} us"
                   f" {statistics.median(r[i][1] for r in rounds):.0f}/s"
                   for i, who in enumerate(("ours", "nginx"))))

    @staticmethod
    def say(name, *words):
        print(f"{name:28}", "  ".join(words), flush=True)


def front_of(server, listener):
    """The process whose socket listens at the listener's port."""
    wanted = set()
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        port = int(fields[1].rpartition(":")[2], 16)
        if fields[3] == "0A" and port == server.ports[listener]:
            wanted.add(f"socket:[{fields[9]}]")
    for pid in server.children()["front"]:
        for descriptor in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if os.readlink(descriptor) in wanted:
                    return pid
    raise AssertionError(f"no front listens for {listener}")


def ocsp_path(authority, folder):
    """(path, answer) of a GET for a certificate that was just issued."""
    leaf, chain = folder / "leaf.pem", folder / "issuer.pem"
    issued = authority.facts("issue", "--profile", "server", "--san",
                             "bench.example.org", "--key-out",
                             folder / "leaf.key")
    leaf.write_text(issued["certificate"])
    chain.write_text(issued["chain"][0])
    question = folder / "question.der"
    subprocess.run(["openssl", "ocsp", "-issuer", chain, "-cert", leaf,
                    "-no_nonce", "-reqout", question], check=True,
                   capture_output=True)
    return "/ocsp/" + urllib.parse.quote(
        base64.b64encode(question.read_bytes()).decode(), safe="")


def fetch_answer(server, path):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        status, headers, body = get(server, path)
        if status == 200 and "etag" in headers:
            return body
        time.sleep(0.2)
    raise AssertionError("the answer is not in the table")


@contextlib.contextmanager
def nginx(bench, authority, path, answer, tickets="on"):
    folder = bench.folder / f"nginx-{tickets}"
    file = folder / "www" / urllib.parse.unquote(path).lstrip("/")
    file.parent.mkdir(parents=True)
    file.write_bytes(answer)
    (folder / "www" / "version").write_bytes(b"{}")
    issued = authority.facts("issue", "--profile", "server", "--san",
                             "nginx.example.org", "--key-out", folder / "nginx.key")
    (folder / "nginx.pem").write_text(
        issued["certificate"] + "".join(issued["chain"]))
    plain, tls = free_port(), free_port()
    (folder / "nginx.conf").write_text(NGINX.format(
        folder=folder, plain=plain, tls=tls, tickets=tickets))
    for parent in [folder, *file.parents]:
        if bench.folder in [parent, *parent.parents]:
            parent.chmod(0o755)
    with running(tls, folder / "log", "/usr/sbin/nginx", "-p", folder, "-c",
                 folder / "nginx.conf") as process:
        assert process.process.poll() is None, process.words
        worker = [int(name) for name in os.listdir("/proc") if name.isdigit()
                  and parent_of(int(name)) == process.process.pid][0]
        try:
            yield worker, plain, tls
        finally:
            process.process.terminate()
            process.process.wait()


def measure_cached(bench, server, path, worker, plain, tls):
    bench.compare("cached OCSP, plain", 1.5, "answers",
                  (front_of(server, "plain"), server.ports["plain"], path),
                  (worker, plain, path))
    bench.compare("cached OCSP, TLS", 1.5, "answers",
                  (front_of(server, "public"), server.ports["public"], path),
                  (worker, tls, path), "--tls")


def measure_handshakes(bench, server, worker, tls, words, name):
    bench.compare(name, 1.2, "handshakes",
                  (front_of(server, "public"), server.ports["public"], "/"),
                  (worker, tls, "/"), "--tls", "--handshakes",
                  "--connections", "16", *words)


class Slow:
    """Connections that send a byte a second: of a head, a body, a handshake;
    opened anew as they are cut."""

    BEGINNINGS = (("plain", b"GET /version HTTP/1.1\r\nX: "),
                  ("plain", b"POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Type: "
                   b"application/ocsp-request\r\nContent-Length: 4000\r\n\r\n"),
                  ("public", b"\x16\x03\x01\x02\x00\x01"))

    def __init__(self, server, count):
        self.server, self.count = server, count
        self.ends, self.cuts = threading.Event(), 0
        self.thread = threading.Thread(target=self.trickle)

    def open(self, number):
        listener, beginning = self.BEGINNINGS[number % len(self.BEGINNINGS)]
        made = socket.create_connection(
            ("127.0.0.1", self.server.ports[listener]), 20)
        made.sendall(beginning)
        return made

    def trickle(self):
        held = [self.open(number) for number in range(self.count)]
        while not self.ends.wait(1):
            for number, connection in enumerate(held):
                try:
                    connection.sendall(b"x")
                except OSError:
                    self.cuts += 1
                    connection.close()
                    held[number] = self.open(number)
        for connection in held:
            connection.close()

    def __enter__(self):
        self.thread.start()
        time.sleep(3)
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()


def measure_slow(bench, server):
    """properties 27: what a good client feels of those who trickle."""
    for listener, words in (("plain", ()), ("public", ("--tls",))):
        rounds = []
        for _ in range(bench.options.rounds):
            alone = bench.load(server.ports[listener], "/version", *words,
                               "--connections", 4, seconds=3)
            with Slow(server, 900) as slow:
                beside = bench.load(server.ports[listener], "/version", *words,
                                    "--connections", 4, seconds=12)
            assert beside["broken"] == 0 and slow.cuts > 0, (beside, slow.cuts)
            rounds.append((beside["p99"] / max(1, alone["p99"]), alone["p99"],
                           beside["p99"], slow.cuts))
        ratio, before, then, cuts = sorted(rounds)[len(rounds) // 2]
        bench.say(f"900 slow clients, {listener}", f"p99 {then:.0f} us beside "
                  f"{before:.0f} alone: {ratio:.2f} (wanted 2)",
                  f"{cuts} were cut")


def measure_idle(bench, server):
    front = front_of(server, "public")
    before = soak.resident_kib(front)
    process = subprocess.Popen(
        [str(word) for word in [bench.load_program, "--tls", "--idle",
         "--connections", 1000, "--seconds", 8, "127.0.0.1",
         server.ports["public"], "/"]], stdout=subprocess.PIPE)
    time.sleep(6)
    held = soak.resident_kib(front)
    told = json.loads(process.communicate()[0])
    assert told["held"] == 1000, told
    bench.say("1,000 idle TLS connections",
              f"{(held - before) / 1024:.1f} MiB (wanted at most 20)")


def measure_growth(bench, server):
    """kb 118: a warm front does not grow by handshakes."""
    front = front_of(server, "public")
    done, begin, sizes = 0, None, []
    while done < HANDSHAKES:
        told = bench.load(server.ports["public"], "/", "--tls", "--handshakes",
                          "--connections", 16, seconds=5)
        assert told["broken"] == 0, told
        if begin is None:
            begin = soak.resident_kib(front)
            continue
        done += told["handshakes"]
        sizes.append(soak.resident_kib(front) - begin)
    bench.say(f"{done} handshakes", f"{sizes[-1]} KiB more (wanted below 1024)",
              f"most {max(sizes)} KiB")


def prepare(options, folder):
    authority = Chancery(options.build / "src" / "cli" / "chancery",
                         folder / "authority")
    authority.run("init", "--name", "Bench", "--url", "http://localhost",
                  "--key", "p256")
    soak.prepare(authority, folder)
    with (authority.directory / "chancery.yaml").open("a") as settings:
        settings.write("serve:\n  connections-per-address: 4000\n")
    return authority


def pin(server):
    for front in server.children()["front"]:
        os.sched_setaffinity(front, {0})


def run(options, folder):
    bench = Bench(options, folder)
    authority = prepare(options, folder)
    wants = lambda part: not options.parts or part in options.parts
    with served(authority, folder) as server:
        path = ocsp_path(authority, folder)
        answer = fetch_answer(server, path)
        pin(server)
        with nginx(bench, authority, path, answer) as (worker, plain, tls):
            if wants("idle"):
                measure_idle(bench, server)
            if wants("cached"):
                measure_cached(bench, server, path, worker, plain, tls)
            if wants("handshakes"):
                measure_handshakes(bench, server, worker, tls, (),
                                   "handshakes, TLS 1.3")
        if wants("handshakes"):
            with nginx(bench, authority, path, answer, "off") as (worker, _,
                                                                  tls):
                measure_handshakes(bench, server, worker, tls, ["--old"],
                                   "handshakes, TLS 1.2")
        if wants("nonce"):
            serve_work.measure_nonces(bench, server)
        if wants("slow"):
            measure_slow(bench, server)
        if wants("growth"):
            measure_growth(bench, server)
        if wants("issuing") or wants("start"):
            issuing = serve_work.measure_issuing(bench, server)
        if wants("start"):
            count = serve_work.fill(bench, issuing)
    if wants("start"):
        server = serve_work.measure_start(bench, authority, path, count)
        try:
            serve_work.measure_roles(bench, server)
        finally:
            server.end()
            server.process.stdout.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=ROOT / "build-bench")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--certificates", type=int, default=100_000)
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    options.build = options.build.resolve()
    with tempfile.TemporaryDirectory(prefix="chancery-bench-") as folder:
        run(options, pathlib.Path(folder))


if __name__ == "__main__":
    main()
