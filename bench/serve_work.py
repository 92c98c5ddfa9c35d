"""The parts of bench/serve.py that ask the keeper: issuance, nonces, starts."""
import contextlib
import json
import os
import random
import shutil
import statistics
import subprocess
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp

import soak
from processes import parent_of
from served import await_readiness, get, start
from serving import free_port, served as running

REQUESTS = 512
CFSSL_CONNECTIONS = 8
RESTARTS, KILLS = 3, 20


def limit(bench):
    done = subprocess.run([bench.options.build / "bench" / "arithmetic", "0.3"],
                          capture_output=True, check=True, text=True)
    return json.loads(done.stdout)


def write_bodies(file, bodies):
    file.write_bytes(b"".join(len(body).to_bytes(4, "big") + body
                              for body in bodies))


def make_requests():
    made = []
    for number in range(REQUESTS):
        request = x509.CertificateSigningRequestBuilder().subject_name(
            x509.Name([])).add_extension(x509.SubjectAlternativeName(
                [x509.DNSName(f"n{number}.example.org")]), critical=False).sign(
                    ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
        made.append(request.public_bytes(serialization.Encoding.PEM).decode())
    return made


def processes_of(server):
    """[(role, process)], the parent first."""
    return [("parent", server.process.pid)] + sorted(
        (role, process) for role, found in server.children().items()
        for process in found)


def costs(told, roles):
    """{role: microseconds of CPU for an answer}"""
    found = {}
    for (role, _), seconds in zip(roles, told["cpu"]):
        found[role] = found.get(role, 0) + seconds / told["answers"] * 1e6
    return found


def shown(found):
    return ", ".join(f"{role} {cost:.0f}" for role, cost in found.items()
                     if cost >= 1)


class Issuing:
    """Certificates by REST, over TLS that is kept alive, to 64 clients."""

    def __init__(self, bench, server, requests):
        self.bench, self.server = bench, server
        self.bodies = bench.folder / "rest.bodies"
        write_bodies(self.bodies, [json.dumps(
            {"profile": "server", "csr": request}).encode()
            for request in requests])
        self.token = server.authority.facts(
            "token create", "bench", "--role", "operator", "--profiles",
            "server", "--names", "*.example.org")["token"]

    def once(self, seconds=None):
        roles = processes_of(self.server)
        told = self.bench.load(
            self.server.ports["public"], "/api/v1/certificates", "--tls",
            "--header", f"Authorization: Bearer {self.token}", "--bodies",
            self.bodies, "--type", "application/json", seconds=seconds,
            pids=[process for _, process in roles])
        assert told["answers"] and told["status"][1:] == [0, 0, 0], told
        return told, costs(told, roles)


@contextlib.contextmanager
def cfssl(bench, requests):
    """(process, port, file of bodies); None where it is not installed."""
    if not shutil.which("cfssl"):
        yield None
        return
    folder, port = bench.folder / "cfssl", free_port()
    folder.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=cfssl", "-days",
         "30", "-keyout", folder / "key", "-out", folder / "pem"], check=True,
        capture_output=True)
    write_bodies(folder / "bodies", [json.dumps(
        {"certificate_request": request}).encode() for request in requests])
    with running(port, folder / "log", shutil.which("cfssl"), "serve",
                 "-loglevel", "4", "-ca", folder / "pem", "-ca-key",
                 folder / "key", "-address", "127.0.0.1", "-port",
                 port) as process:
        yield process.process.pid, port, folder / "bodies"


def measure_issuing(bench, server):
    requests = make_requests()
    issuing = Issuing(bench, server, requests)
    issuing.once()
    rounds, peers = [], []
    with cfssl(bench, requests) as peer:
        for _ in range(bench.options.rounds):
            floor = limit(bench)
            told, found = issuing.once()
            whole = floor["sign"] + 2 * floor["verify"] + floor["record"]
            own = sum(cost for role, cost in found.items() if role != "status")
            rounds.append((whole / own, told["answers"] / told["seconds"], own,
                           whole, found))
            if peer:
                there = bench.load(peer[1], "/api/v1/cfssl/sign", "--bodies",
                                   peer[2], "--type", "application/json",
                                   "--connections", CFSSL_CONNECTIONS,
                                   pids=[peer[0]])
                assert there["answers"] and there["status"][1:] == [0, 0, 0]
                peers.append(there["cpu"][0] / there["answers"] * 1e6)
    rounds.sort(key=lambda one: one[0])
    ratio, rate, own, whole, found = rounds[len(rounds) // 2]
    bench.say("issuance by REST and TLS", f"{ratio:.2f} of the limit",
              f"({rounds[0][0]:.2f} to {rounds[-1][0]:.2f}; wanted 0.45)",
              f"{own:.0f} us of {whole:.0f}", f"{rate:.0f}/s", shown(found))
    if peers:
        bench.say("", f"cfssl {statistics.median(peers):.0f} us; ours, with "
                  f"the OCSP answers, {sum(found.values()):.0f} us")
    else:
        bench.say("", "cfssl is not installed")
    return issuing


def nonce_bodies(bench, authority, certificate):
    issuer = x509.load_pem_x509_certificate(
        (authority.directory / "keys" / "issuing.crt").read_bytes())
    bodies = []
    for _ in range(REQUESTS):
        question = ocsp.OCSPRequestBuilder().add_certificate(
            certificate, issuer, hashes.SHA1()).add_extension(
                x509.OCSPNonce(os.urandom(32)), critical=False)
        bodies.append(question.build().public_bytes(
            serialization.Encoding.DER))
    file = bench.folder / "nonces"
    write_bodies(file, bodies)
    return file


def measure_nonces(bench, server):
    leaf = x509.load_pem_x509_certificate(
        (bench.folder / "leaf.pem").read_bytes())
    bodies = nonce_bodies(bench, server.authority, leaf)
    rounds = []
    for _ in range(bench.options.rounds + 1):
        floor, roles = limit(bench), processes_of(server)
        told = bench.load(
            server.ports["plain"], "/ocsp", "--bodies", bodies, "--type",
            "application/ocsp-request", pids=[pid for _, pid in roles])
        assert told["answers"] and told["status"][1:] == [0, 0, 0], told
        found = costs(told, roles)
        whole = floor["sign"] + floor["verify"]
        rounds.append((whole / sum(found.values()),
                       told["answers"] / told["seconds"], whole, found))
    rounds = sorted(rounds[1:], key=lambda one: one[0])
    ratio, rate, whole, found = rounds[len(rounds) // 2]
    bench.say("OCSP with nonce, plain", f"{ratio:.2f} of the limit",
              f"({rounds[0][0]:.2f} to {rounds[-1][0]:.2f}; wanted 0.6)",
              f"{sum(found.values()):.0f} us of {whole:.0f}", f"{rate:.0f}/s",
              shown(found))


def fill(bench, issuing):
    """Issues until there are as many certificates as are wanted."""
    count = issuing.server.authority.facts("status")["certificates"]
    while count < bench.options.certificates:
        told, _ = issuing.once(seconds=5)
        count += told["answers"]
    return count


def measure_start(bench, authority, path, count):
    """From exec to the first answer of the table, and to readiness."""
    firsts, readies = [], []
    for number in range(RESTARTS):
        begin = time.monotonic()
        server = start(authority, bench.folder / f"start{number}.log")
        while True:
            with contextlib.suppress(OSError, AssertionError, IndexError):
                if get(server, path, seconds=5)[0] == 200:
                    break
            time.sleep(0.002)
        firsts.append(time.monotonic() - begin)
        await_readiness(server)
        readies.append(time.monotonic() - begin)
        if number < RESTARTS - 1:
            server.end()
            server.process.stdout.close()
    bench.say(f"start, {count} certificates",
              f"first answer {statistics.median(firsts):.2f} s, ready "
              f"{statistics.median(readies):.2f} s (median of {RESTARTS})")
    return server


def measure_roles(bench, server):
    """What each has in memory, and how long it is away once killed."""
    sizes = {}
    for role, process in processes_of(server):
        sizes[role] = sizes.get(role, 0) + soak.resident_kib(process)
    bench.say("resident memory", f"{sum(sizes.values()) / 1024:.0f} MiB",
              ", ".join(f"{role} {size / 1024:.1f}"
                        for role, size in sizes.items()))
    killer = soak.Soak(server, bench.folder)
    assert killer.answers()
    for role in sorted(server.children()):
        killer.back = []
        for number in range(KILLS):
            killer.kill(role, random.Random(number))
        times = sorted(seconds for _, seconds in killer.back)
        bench.say(f"{role} killed", f"all answers again after "
                  f"{statistics.median(times) * 1000:.0f} ms (median of "
                  f"{KILLS}; at most {times[-1] * 1000:.0f})")
