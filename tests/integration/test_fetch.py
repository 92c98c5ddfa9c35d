"""--fetch: what is fetched, what is refused, and that nothing is without it."""
import gzip
import json
import re
import subprocess
import time

import pytest

from fetching import (AT, Holder, Names, Server, endlessly, moved, pem, plain,
                      slowly)
from program import DONE, NO, ROOT, SURROUNDINGS, USAGE
from test_sandbox import after_the_lock, needs_strace

LIMIT_SECONDS = 2.0


@pytest.fixture
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def other_server():
    made = Server()
    yield made
    made.close()


@pytest.fixture(scope="module")
def root():
    return Holder("Fetched Root", authority=True)


@pytest.fixture
def verify(program, tmp_path, root):
    """Asks for a leaf; what is allowed is named by the test."""
    root.write(tmp_path / "root.pem")

    def run(leaf, *arguments, allow=(), untrusted=(), before=(), fetch=True):
        more = ["--fetch"] if fetch else []
        for place in allow:
            more += ["--fetch-allow", place]
        for number, holder in enumerate(untrusted):
            more += ["--untrusted",
                     holder.write(tmp_path / f"untrusted-{number}.pem")]
        started = time.monotonic()
        done = subprocess.run(
            [*before, program, "verify", leaf.write(tmp_path / "leaf.pem"),
             "--roots", tmp_path / "root.pem", "--time", AT, "--json",
             *more, *arguments], env=SURROUNDINGS, timeout=60,
            stdin=subprocess.DEVNULL, capture_output=True)
        assert done.returncode in (DONE, NO), done.stderr
        value = json.loads(done.stdout)
        value["seconds"] = time.monotonic() - started
        return value
    return run


def fetched(value, path=None):
    """What is told of fetches: outcome and evidence by address."""
    rows = [check for row in value["path"] for check in row["checks"]
            if check["rule"] == "fetched"]
    told = {row["evidence"].split(": ")[0].split(" ")[-1]:
            (row["outcome"], row["evidence"]) for row in rows}
    return told if path is None else next(
        row for address, row in told.items() if address.endswith(path))


def one_list(server, root, answer):
    """A leaf right below the root whose only list is at this server."""
    leaf = Holder("leaf", root, lists=[server.url("/list")])
    server.paths["/list"] = answer
    return leaf


# --- what is fetched ----------------------------------------------------------

def whole(server, root):
    """A leaf that names all there is to be fetched."""
    issuing = Holder("Fetched Issuing", root, True,
                     lists=[server.url("/root.crl")])
    leaf = Holder("leaf", issuing, issuers=[server.url("/issuing.cer")],
                  lists=[server.url("/issuing.crl")],
                  responders=[server.url("/ocsp")])
    server.paths.update({
        "/issuing.cer": plain(issuing.der, "application/pkix-cert"),
        "/root.crl": plain(root.crl()), "/issuing.crl": plain(issuing.crl())})
    return issuing, leaf


@pytest.mark.parametrize("form", ["der", "pem", "pkcs7"])
def test_a_missing_issuer_and_every_status_are_fetched(
        verify, server, root, form):
    issuing, leaf = whole(server, root)
    if form == "pem":
        server.paths["/issuing.cer"] = plain(pem(issuing.der), "text/plain")
    if form == "pkcs7":
        from cryptography.hazmat.primitives.serialization import (Encoding,
                                                                  pkcs7)
        server.paths["/issuing.cer"] = plain(
            pkcs7.serialize_certificates([issuing.certificate], Encoding.DER),
            "application/pkcs7-mime")
    value = verify(leaf, "--revocation", "hard", allow=[server.place])
    assert value["code"] == "ok", value["sentence"]
    assert [row["subject"] for row in value["path"]] == [
        "CN=leaf", "CN=Fetched Issuing", "CN=Fetched Root"]
    outcome, evidence = fetched(value, "/issuing.cer")
    assert outcome == "pass"
    assert re.search(r"issuer http://\S+: fetched in \d+ ms, \d+ bytes",
                     evidence)
    assert fetched(value, "/root.crl")[0] == "pass"


@pytest.mark.parametrize("digest", ["sha1", "sha256"])
@pytest.mark.parametrize("good", [True, False])
def test_an_ocsp_answer_is_asked_for_and_heard(
        verify, server, root, digest, good):
    leaf = Holder("leaf", root, responders=[server.url("/ocsp")])
    server.paths["/ocsp"] = lambda request: plain(
        root.answer(request.split(b"\r\n\r\n", 1)[1], leaf, good),
        "application/ocsp-response")
    value = verify(leaf, "--revocation", "hard", "--ocsp-digest", digest,
                   allow=[server.place])
    assert value["code"] == ("ok" if good else "revoked"), value["sentence"]
    assert b"Content-Type: application/ocsp-request\r\n" in server.requests[0]
    assert (b"\x06\x05\x2b\x0e\x03\x02\x1a" in server.requests[0]) is (
        digest == "sha1")


def test_an_answer_with_another_nonce_is_not_taken(verify, server, root):
    leaf = Holder("leaf", root, responders=[server.url("/ocsp")])
    server.paths["/ocsp"] = lambda request: plain(
        root.answer(request.split(b"\r\n\r\n", 1)[1], leaf,
                    nonce=b"\7" * 32), "application/ocsp-response")
    value = verify(leaf, "--revocation", "hard", allow=[server.place])
    assert value["code"] == "revocation-unknown"
    assert "its nonce is not ours" in fetched(value, "/ocsp")[1]


def test_an_answer_without_nonce_is_taken(verify, server, root):
    leaf = Holder("leaf", root, responders=[server.url("/ocsp")])
    server.paths["/ocsp"] = lambda request: plain(
        root.answer(request.split(b"\r\n\r\n", 1)[1], leaf, nonce=False),
        "application/ocsp-response")
    assert verify(leaf, "--revocation", "hard",
                  allow=[server.place])["code"] == "ok"


def test_a_newer_delta_is_waited_for(verify, server, root):
    leaf = Holder("leaf", root, lists=[server.url("/list")],
                  deltas=[server.url("/delta")])
    server.paths["/list"] = plain(root.crl(number=5))

    def late(_request):
        time.sleep(0.3)
        return plain(root.crl(leaf, number=6, base=5))
    server.paths["/delta"] = late
    value = verify(leaf, allow=[server.place])
    assert value["code"] == "revoked", value["sentence"]


def test_soft_is_the_default_and_tells_what_is_not_known(
        verify, server, root):
    leaf = one_list(server, root, plain(b"", status="404 Not Found"))
    value = verify(leaf, allow=[server.place])
    assert value["code"] == "ok"
    assert "not reachable" in fetched(value, "/list")[1]
    gaps = [check["evidence"] for row in value["path"]
            for check in row["checks"] if check["rule"] == "status-known"]
    assert "the server answers with the status 404" in gaps[0]


def test_an_address_is_asked_once_in_a_run(verify, server, root):
    issuing = Holder("Fetched Issuing", root, True, lists=[server.url("/one")])
    leaf = Holder("leaf", issuing, lists=[server.url("/one")])
    server.paths["/one"] = plain(b"", status="503 Busy")
    verify(leaf, untrusted=[issuing], allow=[server.place])
    assert len(server.requests) == 1


def test_view_fetches_for_its_path_too(program, server, root, tmp_path):
    _, leaf = whole(server, root)
    root.write(tmp_path / "root.pem")
    leaf.write(tmp_path / "leaf.pem")

    def view(*arguments):
        return subprocess.run(
            [program, "view", tmp_path / "leaf.pem", "--roots",
             tmp_path / "root.pem", *arguments], env=SURROUNDINGS,
            capture_output=True, timeout=60).stdout.decode()
    view()
    assert server.connections == 0
    view("--fetch", "--fetch-allow", server.place)
    assert any(b"GET /issuing.cer" in request for request in server.requests)


# --- kb 92, 93, 103 -----------------------------------------------------------

def test_kb092_nothing_is_fetched_that_was_not_asked_for(
        verify, server, root):
    _, leaf = whole(server, root)
    value = verify(leaf, fetch=False)
    assert value["code"] == "issuer-missing"
    assert server.connections == 0


@needs_strace
def test_kb092_no_socket_is_made_without_being_asked_for(
        hardened_program, server, root, tmp_path):
    _, leaf = whole(server, root)
    log = tmp_path / "strace"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-o", log, hardened_program, "verify",
         leaf.write(tmp_path / "leaf.pem"), "--roots",
         root.write(tmp_path / "root.pem"), "--time", AT, "--revocation",
         "hard"], env=SURROUNDINGS, timeout=60, stdin=subprocess.DEVNULL,
        capture_output=True)
    assert done.returncode == NO
    made = set(re.findall(r"^\d+ +([a-z_0-9]+)\(", log.read_text(), re.M))
    assert "openat" in made
    assert not made & {"socket", "socketpair", "connect", "clone", "clone3",
                       "fork", "vfork"}


def test_kb093_a_list_that_hangs_does_not_hold_up_the_next(
        verify, server, other_server, root):
    leaf = Holder("leaf", root, lists=[server.url("/hang"),
                                       other_server.url("/list")])
    server.paths["/hang"] = server.hang
    other_server.paths["/list"] = plain(root.crl())
    value = verify(leaf, "--revocation", "hard",
                   allow=[server.place, other_server.place])
    assert value["code"] == "ok", value["sentence"]
    assert value["seconds"] < LIMIT_SECONDS
    assert "not waited for" in fetched(value, "/hang")[1]


def test_kb093_where_all_hang_each_is_named_after_one_deadline(
        verify, server, other_server, root):
    leaf = Holder("leaf", root, lists=[server.url("/a"),
                                       other_server.url("/b")])
    server.paths["/a"] = server.hang
    other_server.paths["/b"] = other_server.hang
    value = verify(leaf, "--revocation", "hard", "--fetch-time", "500ms",
                   allow=[server.place, other_server.place])
    assert value["code"] == "revocation-unknown"
    assert 0.4 < value["seconds"] < LIMIT_SECONDS
    for path in ("/a", "/b"):
        outcome, evidence = fetched(value, path)
        assert outcome == "skipped" and "not reachable" in evidence


def test_kb103_unknown_expired_damaged_and_revoked_are_four_codes(
        verify, server, root):
    codes = {}
    for name, answer in {
            "unknown": lambda leaf: server.hang,
            "expired": lambda leaf: plain(root.crl(days=0.5)),
            "damaged": lambda leaf: plain(root.crl()[:-9]),
            "revoked": lambda leaf: plain(root.crl(leaf))}.items():
        leaf = Holder("leaf", root, lists=[server.url("/" + name)])
        server.paths["/" + name] = answer(leaf)
        value = verify(leaf, "--revocation", "hard", "--fetch-time", "300ms",
                       allow=[server.place])
        codes[name] = value["code"]
        if name == "unknown":
            assert re.search(r"CRL http://\S+/unknown: not reachable: ",
                             value["sentence"]), value["sentence"]
    assert codes == {"unknown": "revocation-unknown",
                     "expired": "crl-expired", "damaged": "crl-malformed",
                     "revoked": "revoked"}


# --- where nothing may connect to ---------------------------------------------

def test_loopback_is_not_connected_to_unless_it_is_named(verify, server, root):
    leaf = one_list(server, root, plain(root.crl()))
    value = verify(leaf)
    assert server.connections == 0
    outcome, evidence = fetched(value, "/list")
    assert outcome == "skipped"
    assert "refused" in evidence and "127.0.0.1 is loopback" in evidence
    assert f"--fetch-allow 127.0.0.1:{server.port}" in evidence


@pytest.mark.parametrize("place", [
    "127.0.0.1", "127.0.0.1:1", "10.0.0.0/8", "localhost", "[::1]:{port}"])
def test_another_place_that_is_named_lets_nothing_through(
        verify, server, root, place):
    leaf = one_list(server, root, plain(root.crl()))
    verify(leaf, allow=[place.format(port=server.port)])
    assert server.connections == 0


@pytest.mark.parametrize("place", ["127.0.0.0/8:{port}", "127.0.0.1:{port}"])
def test_a_network_or_an_address_that_is_named_is_let_through(
        verify, server, root, place):
    leaf = one_list(server, root, plain(root.crl()))
    value = verify(leaf, "--revocation", "hard",
                   allow=[place.format(port=server.port)])
    assert value["code"] == "ok"


@pytest.mark.parametrize("host", [
    "0x7f000001", "2130706433", "0177.0.0.1", "127.1", "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]"])
def test_an_address_in_disguise_is_judged_by_what_it_is(
        verify, server, root, host):
    leaf = Holder("leaf", root, lists=[f"http://{host}:{server.port}/list"])
    value = verify(leaf)
    assert server.connections == 0
    assert "127.0.0.1 is loopback" in fetched(value, "/list")[1]


@pytest.mark.parametrize("address, reason", [
    ("https://ca.example/a", "https is not followed"),
    ("ldap://ca.example/a", "ldap is not followed"),
    ("file:///etc/passwd", "file is not followed"),
    ("http://who:secret@ca.example/a", "a name or password"),
    ("http://169.254.169.254/a", "where a cloud tells"),
    ("http://[fe80::1]/a", "link-local"),
    ("http://224.0.0.1/a", "multicast"),
    ("http://0.0.0.0/a", "unspecified"),
    ("http://192.0.2.1:22/a", "port 22 is none of 80 and 443"),
    ("http://ca.example:0/a", "there is no port 0")])
def test_an_address_is_refused_by_its_rule(verify, root, address, reason):
    value = verify(Holder("leaf", root, lists=[address]))
    (outcome, evidence), = fetched(value).values()
    assert outcome == "skipped"
    assert ": refused after" in evidence and reason in evidence


# --- names that change their meaning ------------------------------------------

@pytest.fixture
def names(tmp_path):
    """(answers) -> the words that run a program with that DNS server alone."""
    made = []
    settings = tmp_path / "resolv.conf"
    settings.write_text(f"nameserver {Names.HOST}\n")
    words = ["unshare", "-m", "sh", "-c",
             'mount --bind "$0" /etc/resolv.conf && exec "$@"', settings]

    def serve(**answers):
        try:
            subprocess.run([*words, "true"], check=True, capture_output=True)
            made.append(Names(answers))
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this user may give a program no DNS of its own")
        return words
    yield serve
    for one in made:
        one.close()


def named_list(verify, server, root, host, words, allow):
    server.paths["/list"] = plain(root.crl())
    leaf = Holder("leaf", root, lists=[f"http://{host}:{server.port}/list"])
    value = verify(leaf, "--fetch-time", "500ms", before=words,
                   allow=[f"{allow}:{server.port}"] if allow else [])
    return fetched(value, "/list")[1]


def test_a_name_is_judged_by_the_address_it_has(verify, server, root, names):
    words = names(inside=lambda _: ["127.0.0.1"])
    evidence = named_list(verify, server, root, "inside.example", words, None)
    assert "127.0.0.1 is loopback" in evidence and server.connections == 0
    evidence = named_list(verify, server, root, "inside.example", words,
                          "inside.example")
    assert ": fetched in" in evidence


def test_a_name_that_changes_its_address_is_judged_anew(
        verify, server, root, names):
    words = names(turn=lambda asked: ["192.0.2.1" if asked == 1
                                      else "127.0.0.1"],
                  both=lambda _: ["192.0.2.1", "127.0.0.1"])
    server.paths["/list"] = plain(root.crl())
    for _ in range(2):
        evidence = named_list(verify, server, root, "turn.example", words,
                              "192.0.2.0/24")
    assert "127.0.0.1 is loopback" in evidence
    named_list(verify, server, root, "both.example", words, "192.0.2.0/24")
    assert server.connections == 0


def test_a_name_server_that_is_silent_costs_the_deadline(
        verify, server, root, names):
    words = names(mute=lambda _: None)
    started = time.monotonic()
    evidence = named_list(verify, server, root, "mute.example", words, None)
    assert "not reachable" in evidence
    assert time.monotonic() - started < LIMIT_SECONDS


def test_an_answer_of_dns_over_tcp_is_within_the_lock(
        verify, server, root, names):
    words = names(long=lambda _: ["127.0.0.1"] * 60)
    evidence = named_list(verify, server, root, "long.example", words,
                          "127.0.0.1")
    assert ": fetched in" in evidence


# --- hostile servers ----------------------------------------------------------

def refused_list(verify, server, root, answer, *arguments, allow=()):
    leaf = one_list(server, root, answer)
    value = verify(leaf, "--revocation", "hard", *arguments,
                   allow=[server.place, *allow])
    assert value["code"] in ("revocation-unknown", "crl-malformed")
    assert value["seconds"] < LIMIT_SECONDS + 1
    return fetched(value, "/list")[1]


def test_a_circle_of_redirects_ends_after_three(verify, server, root):
    evidence = refused_list(verify, server, root, moved("/list"))
    assert "sends on more than 3 times" in evidence
    assert len(server.requests) == 4


def test_a_redirect_is_followed_to_the_list(verify, server, root):
    leaf = one_list(server, root, moved(server.url("/there")))
    server.paths["/there"] = plain(root.crl())
    assert verify(leaf, "--revocation", "hard",
                  allow=[server.place])["code"] == "ok"


@pytest.mark.parametrize("location, reason", [
    ("file:///etc/passwd", "file is not followed"),
    ("https://ca.example/", "https is not followed"),
    ("http://169.254.169.254/latest/meta-data", "where a cloud tells"),
    ("//ca.example/", "this is no address"), ("", "this is no address")])
def test_a_redirect_is_judged_anew(verify, server, root, location, reason):
    assert reason in refused_list(verify, server, root, moved(location))


def test_a_redirect_to_another_port_connects_to_nothing(
        verify, server, other_server, root):
    evidence = refused_list(verify, server, root,
                            moved(other_server.url("/list")))
    assert "127.0.0.1 is loopback" in evidence
    assert other_server.connections == 0


def test_a_body_byte_by_byte_ends_at_the_deadline(verify, server, root):
    evidence = refused_list(
        verify, server, root, lambda _: slowly(plain(root.crl())),
        "--fetch-time", "1s")
    assert "not reachable" in evidence and "in time" in evidence


def test_a_head_without_end_is_refused(verify, server, root):
    evidence = refused_list(
        verify, server, root, lambda _: endlessly(b"HTTP/1.1 200 OK\r\nA: "))
    assert "the head of the answer is longer than 16384 bytes" in evidence


def test_a_body_without_end_is_refused_at_the_limit(verify, server, root):
    leaf = Holder("leaf", root, responders=[server.url("/ocsp")])
    server.paths["/ocsp"] = lambda _: endlessly(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/ocsp-response\r\n\r\n")
    evidence = fetched(verify(leaf, allow=[server.place]), "/ocsp")[1]
    assert "larger than 262144 bytes" in evidence


def test_a_list_without_end_is_refused_at_the_limit(verify, server, root):
    evidence = refused_list(
        verify, server, root, lambda _: endlessly(b"HTTP/1.1 200 OK\r\n\r\n"),
        "--fetch-time", "20s")
    assert "larger than 67108864 bytes" in evidence


def test_a_length_above_the_limit_is_refused_unread(verify, server, root):
    evidence = refused_list(
        verify, server, root,
        b"HTTP/1.1 200 OK\r\nContent-Length: 67108865\r\n\r\n")
    assert "larger than 67108864 bytes" in evidence


def test_what_is_compressed_is_refused(verify, server, root):
    bomb = gzip.compress(b"\0" * 50_000_000)
    evidence = refused_list(verify, server, root, plain(
        bomb, more="Content-Encoding: gzip\r\n"))
    assert "compresses or encodes" in evidence
    assert b"accept-encoding" not in server.requests[0].lower()


@pytest.mark.parametrize("answer, reason", [
    (plain(b"<html>sign in</html>", "text/html; charset=utf-8"),
     "a page for people"),
    (plain(b"nothing of the kind"), "damaged"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour", "before the end"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nmore", "goes on behind"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
     "Content-Length is no number, or two"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked"
     b"\r\n\r\n0\r\n\r\n", "a length beside chunks"),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\n",
     "a size that is no number"),
    (b"SSH-2.0-OpenSSH\r\n\r\n", "does not answer in HTTP/1.1"),
    (b"", "without an answer")])
def test_a_wrong_answer_is_told_by_what_is_wrong(
        verify, server, root, answer, reason):
    assert reason in refused_list(verify, server, root, answer)


def test_a_list_in_chunks_is_read(verify, server, root):
    crl = root.crl()
    leaf = one_list(server, root, (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10;a=b\r\n"
        + crl[:16] + b"\r\n" + b"%x\r\n" % (len(crl) - 16) + crl[16:]
        + b"\r\n0\r\nTrailer: yes\r\n\r\n"))
    assert verify(leaf, "--revocation", "hard",
                  allow=[server.place])["code"] == "ok"


def test_an_ocsp_answer_of_another_type_is_refused(verify, server, root):
    leaf = Holder("leaf", root, responders=[server.url("/ocsp")])
    server.paths["/ocsp"] = lambda request: plain(
        root.answer(request.split(b"\r\n\r\n", 1)[1], leaf), "text/plain")
    evidence = fetched(verify(leaf, allow=[server.place]), "/ocsp")[1]
    assert "another type than application/ocsp-response" in evidence


def test_a_connection_nobody_takes_is_told(verify, server, root):
    leaf = Holder("leaf", root, lists=[server.url("/list")])
    server.close()
    value = verify(leaf, "--revocation", "hard", allow=[server.place])
    assert "was refused: nothing listens there" in fetched(value, "/list")[1]


def test_an_ipv6_address_is_asked_in_its_brackets(verify, root):
    try:
        server = Server("::1")
    except OSError:
        pytest.skip("this machine has no IPv6")
    leaf = one_list(server, root, plain(root.crl()))
    value = verify(leaf, "--revocation", "hard", allow=[server.place])
    assert value["code"] == "ok", value["sentence"]
    assert f"Host: [::1]:{server.port}\r\n".encode() in server.requests[0]
    server.close()


def test_twenty_addresses_are_asked_and_no_more(verify, server, root):
    leaf = Holder("leaf", root,
                  lists=[server.url(f"/{number}") for number in range(30)])
    value = verify(leaf, allow=[server.place])
    assert server.connections == 20
    told = [evidence for _, evidence in fetched(value).values()]
    assert sum("which is the limit" in line for line in told) == 10


# --- the role -----------------------------------------------------------------

@pytest.mark.parametrize("arguments", [
    ["--fetch-allow", "127.0.0.1"], ["--fetch", "--fetch-allow", "a b"],
    ["--fetch", "--fetch-allow", "10.0.0.0/33"],
    ["--fetch", "--fetch-time", "2h"], ["--fetch", "--fetch-time", "0s"],
    ["--fetch", "--ocsp-digest", "md5"], ["--fetch", "--batch"]])
def test_what_makes_no_sense_is_wrong_usage(
        program, root, tmp_path, arguments):
    operand = [] if "--batch" in arguments else [
        root.write(tmp_path / "root.pem")]
    done = subprocess.run([program, "verify", *operand, *arguments],
                          env=SURROUNDINGS, capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == USAGE, done.stderr


@needs_strace
def test_the_validator_makes_no_call_beyond_those_that_are_stated(
        hardened_program, server, root, tmp_path):
    _, leaf = whole(server, root)
    log = tmp_path / "strace"
    subprocess.run(
        ["strace", "-f", "-qq", "-o", log, hardened_program, "verify",
         leaf.write(tmp_path / "leaf.pem"), "--roots",
         root.write(tmp_path / "root.pem"), "--time", AT, "--fetch",
         "--fetch-allow", server.place], env=SURROUNDINGS, timeout=60,
        stdin=subprocess.DEVNULL, capture_output=True, check=True)
    text = log.read_text()
    process = re.search(r'^(\d+) .*"--role", "validator"', text, re.M).group(1)
    calls = re.findall(rf"^{process} +(?:<\.\.\. )?([a-z_0-9]+)(.*)$", text,
                       re.M)
    made = {call for call, _ in after_the_lock(calls)} - {"exited", "killed"}
    page, part = (ROOT / "docs/sandbox.md").read_text(), set()
    for title in ("Signer", "Validator"):
        rows = page.split(f"\n## {title}")[1].split("\n## ")[0]
        for row in re.findall(r"^\| (`.*?) \|", rows, re.M):
            part.update(re.findall(r"`([a-z_0-9]+)`", row))
    assert made - {"clone3"} <= part, made - part
    assert "SIGSYS {" not in text
