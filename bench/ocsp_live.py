#!/usr/bin/python3
"""What an OCSP answer with a nonce costs, beside its signature.

    bench/ocsp_live.py [--build DIR] [--rounds N] [--seconds S] [--tls]

It starts `chancery serve` with a new P-256 authority, asks about certificates
over connections that are kept alive, each request with a nonce of its own, and
tells the CPU time of all roles for one answer.  The limit, one P-256 signature
and one verification of it, is `openssl speed` between the rounds.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

from program import Chancery  # noqa: E402
from served import served  # noqa: E402

CERTIFICATES = 16
NONCES = 4096
NONCE_HEAD = bytes.fromhex("06092b0601050507300102")  # id-pkix-ocsp-nonce
WANTED = 0.6
WARM_UP_S = 1.0


def der(tag, *parts):
    content = b"".join(parts)
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 | len(digits)]) + digits + content


def content_of(element):
    if element[1] < 128:
        return element[2:]
    return element[2 + (element[1] & 127):]


def question_with_nonce(question):
    """A request without extensions, with a nonce (RFC 9654) put in."""
    nonce = der(0x04, der(0x04, os.urandom(32)))
    extensions = der(0xA2, der(0x30, der(0x30, NONCE_HEAD, nonce)))
    return der(0x30, der(0x30, content_of(content_of(question)), extensions))


def question_about(authority, folder, number):
    leaf, chain = folder / "leaf.pem", folder / "issuer.pem"
    issued = authority.facts(
        "issue", "--profile", "server", "--san", f"n{number}.example.org",
        "--key-out", folder / f"{number}.key")
    leaf.write_text(issued["certificate"])
    chain.write_text(issued["chain"][0])
    asked = folder / "question.der"
    subprocess.run(["openssl", "ocsp", "-issuer", chain, "-cert", leaf,
                    "-no_nonce", "-reqout", asked], check=True,
                   capture_output=True)
    return asked.read_bytes()


def write_bodies(authority, folder):
    questions = [question_about(authority, folder, i)
                 for i in range(CERTIFICATES)]
    bodies = folder / "bodies"
    with bodies.open("wb") as file:
        for i in range(NONCES):
            body = question_with_nonce(questions[i % CERTIFICATES])
            file.write(len(body).to_bytes(4, "big") + body)
    return bodies


def limit_us():
    """One signature and one verification, on all cores at once; CPU time."""
    speeds = [subprocess.Popen(
        ["openssl", "speed", "-mr", "-seconds", "1", "ecdsap256"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        for _ in range(os.cpu_count())]
    found = []
    for speed in speeds:
        said, _ = speed.communicate()
        # +F4:number:bits:signatures/s:verifications/s
        line = [line for line in said.splitlines()
                if line.startswith("+F4:")][-1]
        found.append(sum(1e6 / float(word) for word in line.split(":")[-2:]))
    return statistics.mean(found)


def ask(options, server, bodies, connections, seconds):
    port = server.ports["public" if options.tls else "plain"]
    roles = [(role, pid) for role, pids in server.children().items()
             for pid in pids]
    words = [options.build / "bench" / "http_load",
             "--connections", connections, "--seconds", seconds,
             "--bodies", bodies, "--type", "application/ocsp-request"]
    words += ["--tls"] if options.tls else []
    for _, pid in roles:
        words += ["--pid", pid]
    done = subprocess.run(
        [str(word) for word in [*words, "127.0.0.1", port, "/ocsp"]],
        check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    assert told["broken"] == 0 and told["status"][1:] == [0, 0, 0], told
    spent = {}
    for (role, _), seconds_of_cpu in zip(roles, told["cpu"]):
        spent[role] = spent.get(role, 0) + seconds_of_cpu / told["answers"] * 1e6
    return told, spent


def check_is_signed(told):
    """An answer without a body (tryLater) has some 200 bytes with its head."""
    assert told["bytes"] / told["answers"] > 600, told


def measure(options, server, bodies, connections):
    ratios, shown = [], []
    ask(options, server, bodies, connections, WARM_UP_S)
    for _ in range(options.rounds):
        limit = limit_us()
        told, spent = ask(
            options, server, bodies, connections, options.seconds)
        check_is_signed(told)
        ratios.append(limit / sum(spent.values()))
        shown.append((limit, told, spent))
    median = lambda values: statistics.median(list(values))
    roles = "  ".join(
        f"{role} {median(spent[role] for _, _, spent in shown):.0f}"
        for role in sorted(shown[0][2])
        if median(spent[role] for _, _, spent in shown) >= 0.5)
    print(f"{connections:3} connections  "
          f"ratio {median(ratios):.2f} ({min(ratios):.2f} to "
          f"{max(ratios):.2f}; wanted {WANTED})  "
          f"limit {median(limit for limit, _, _ in shown):.0f} us  "
          f"all {median(sum(s.values()) for _, _, s in shown):.0f} us: {roles}  "
          f"{median(t['answers'] / t['seconds'] for _, t, _ in shown):.0f}/s  "
          f"p50 {median(t['p50'] for _, t, _ in shown) / 1000:.1f} ms  "
          f"p99 {median(t['p99'] for _, t, _ in shown) / 1000:.1f} ms",
          flush=True)


def run(options, folder):
    authority = Chancery(
        options.build / "src" / "cli" / "chancery", folder / "authority")
    authority.run("init", "--name", "Bench", "--url", "http://localhost",
                  "--key", "p256")
    with (authority.directory / "chancery.yaml").open("a") as settings:
        settings.write("serve:\n  connections-per-address: 4000\n")
    with served(authority, folder) as server:
        bodies = write_bodies(authority, folder)
        for connections in options.connections:
            measure(options, server, bodies, connections)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path,
                        default=ROOT / "build-bench")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--connections", type=int, nargs="+",
                        default=[32, 64])
    options = parser.parse_args()
    options.build = options.build.resolve()
    with tempfile.TemporaryDirectory(prefix="chancery-bench-") as folder:
        run(options, pathlib.Path(folder))


if __name__ == "__main__":
    main()
