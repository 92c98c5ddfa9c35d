"""chancery view of PKCS#12 stores and of live servers: what is opened is opened
by the reader, and each way to fail has a code and a sentence of its own."""
import contextlib
import json
import re
import shutil
import socket
import subprocess
import threading
import time

import pytest

from program import (DONE, NOT_ALLOWED, NOT_FOUND, OBJECTS, REFUSED,
                     SURROUNDINGS, UNAVAILABLE)
from test_sandbox import LINE, after_the_lock, allowed, needs_strace
from test_sandbox import REFUSED as REFUSED_CALLS

STORES = OBJECTS / "pkcs12"


@pytest.fixture
def view(program, tmp_path):
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("geheim\n")

    def run(operand, *arguments, passphrase=passphrase, text=None):
        words = [program, "view", operand, "--json", *arguments]
        if passphrase:
            words += ["--passphrase-file", passphrase]
        return subprocess.run(list(map(str, words)), env=SURROUNDINGS,
                              input=text, timeout=60, capture_output=True)
    return run


def shown(done):
    assert done.returncode == DONE, done.stderr
    return json.loads(done.stdout)


def refusal(done, status):
    assert done.returncode == status, (done.stdout, done.stderr)
    assert done.stdout == b""
    return json.loads(done.stderr)["error"]


# --- stores ------------------------------------------------------------------

@pytest.mark.parametrize("name", ["aes256", "3des", "pbmac1", "ber", "nss",
                                  "java", "no-mac"])
def test_kb032_a_store_of_any_program_shows_certificate_and_public_key(
        view, name):
    facts, *objects = shown(view(STORES / f"{name}.p12"))
    assert facts["kind"] == "pkcs12"
    assert sorted(one["kind"] for one in objects) == [
        "certificate", "public_key"]
    mac = facts["general"]["mac"]
    assert mac == "none" if name == "no-mac" else mac != "none"


def test_kb032_rc2_is_shown_or_called_unsupported(view):
    done = view(STORES / "rc2-40.p12")
    if done.returncode == DONE:
        assert shown(done)[0]["general"]["encryption"] == \
            "pbeWithSHA1And40BitRC2-CBC"
    else:
        assert refusal(done, REFUSED)["code"] == "unsupported-algorithm"


@pytest.mark.parametrize("name,status,code,sentence", [
    ("unknown-mac", REFUSED, "unsupported-algorithm",
     "the MAC of the PKCS#12 uses 1.2.3.4, which is not read here"),
    ("bomb-mac", REFUSED, "budget-exceeded", "5000000 are the limit"),
    ("bomb-pbmac1", REFUSED, "budget-exceeded", "5000000 are the limit"),
    ("bomb-scrypt", REFUSED, "budget-exceeded", "268435456 bytes are the"),
])
def test_incident36_what_is_not_opened_has_a_code(view, name, status, code,
                                                  sentence):
    start = time.monotonic()
    error = refusal(view(STORES / f"{name}.p12"), status)
    assert error["code"] == code
    assert sentence in error["sentence"]
    assert time.monotonic() - start < 10  # a bomb never goes off


def test_kb032_a_wrong_and_a_missing_password_are_told_apart(view, tmp_path):
    wrong = tmp_path / "wrong"
    wrong.write_text("falsch")
    error = refusal(view(STORES / "aes256.p12", passphrase=wrong), NOT_ALLOWED)
    assert error["code"] == "wrong-password"
    assert "this is not the password" in error["sentence"]
    error = refusal(view(STORES / "aes256.p12", passphrase=None), NOT_ALLOWED)
    assert error["code"] == "wrong-password"
    assert "has a password" in error["sentence"]
    assert "--passphrase-file" in error["remedy"]


def test_a_store_without_a_password_needs_none(view):
    assert len(shown(view(STORES / "empty-password.p12",
                          passphrase=None))) == 3


def test_a_store_comes_through_a_pipe_too(view):
    given = (STORES / "aes256.p12").read_bytes()
    assert len(shown(view("-", text=given))) == 3


def test_no_private_key_is_in_what_is_shown(view, program, tmp_path):
    """Its octets, which openssl has from the same file."""
    key = subprocess.run(
        ["openssl", "pkcs12", "-in", STORES / "aes256.p12", "-nocerts",
         "-nodes", "-passin", "pass:geheim"], check=True,
        capture_output=True).stdout
    text = subprocess.run(["openssl", "pkey", "-noout", "-text"], input=key,
                          check=True, capture_output=True).stdout.decode()
    private = re.sub(r"[\s:]", "", text.split("priv:")[1].split("pub:")[0])
    out = view(STORES / "aes256.p12", "--raw").stdout.decode()
    assert len(private) >= 60
    assert private not in out.replace(":", "").lower()


def test_a_flipped_bit_in_a_store_is_never_shown_as_whole(view, tmp_path):
    store = bytearray((STORES / "aes256.p12").read_bytes())
    store[200] ^= 1
    (tmp_path / "flipped.p12").write_bytes(store)
    error = refusal(view(tmp_path / "flipped.p12"), NOT_ALLOWED)
    assert "or the file was altered" in error["sentence"]


# --- servers -----------------------------------------------------------------

def free_port():
    for port in range(20000 + time.time_ns() % 9000, 32000):
        with socket.socket() as one:
            with contextlib.suppress(OSError):
                one.bind(("127.0.0.1", port))
                return port
    raise AssertionError("no port is free")


@pytest.fixture(scope="module")
def chain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("chain")

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True,
                       capture_output=True)

    ec = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl("req", "-x509", *ec, "-keyout", "root.key", "-subj",
            "/CN=Container Root", "-days", "30", "-out", "root.pem")
    openssl("req", *ec, "-keyout", "leaf.key", "-subj",
            "/CN=www.example.org", "-out", "leaf.csr")
    openssl("x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey",
            "root.key", "-days", "10", "-out", "leaf.pem")
    (folder / "index").write_text("")
    openssl("ocsp", "-issuer", "root.pem", "-cert", "leaf.pem", "-reqout",
            "request.der")
    openssl("ocsp", "-index", "index", "-rsigner", "root.pem", "-rkey",
            "root.key", "-CA", "root.pem", "-reqin", "request.der", "-respout",
            "answer.der", "-ndays", "5")
    return folder


@contextlib.contextmanager
def serving(command, port, folder, seconds=10):
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        for _ in range(seconds * 20):
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def s_server(chain, *options):
    port = free_port()
    return serving(["openssl", "s_server", "-accept", str(port), "-cert",
                    "leaf.pem", "-key", "leaf.key", "-cert_chain", "root.pem",
                    "-quiet", *options], port, chain)


def names(objects):
    return [one["general"]["issued_to"] for one in objects
            if one["kind"] == "certificate"]


@pytest.mark.parametrize("options,version", [
    ((), "TLSv1.3"), (("-tls1_2",), "TLSv1.2"),
    (("-tls1_2", "-Verify", "1"), "TLSv1.2"), (("-Verify", "1"), "TLSv1.3")])
def test_the_chain_of_a_server_is_shown_trusted_or_not(view, chain, options,
                                                       version):
    """Asked for a client's certificate too: the reader has none."""
    with s_server(chain, *options) as address:
        facts, *objects = shown(view(address, passphrase=None))
    assert facts["kind"] == "tls_server"
    assert facts["general"]["version"].startswith(version)
    assert facts["general"]["cipher"]
    assert names(objects) == ["CN=www.example.org", "CN=Container Root"]


def test_a_stapled_answer_is_shown(view, chain):
    with s_server(chain, "-status_file", "answer.der") as address:
        facts, *objects = shown(view(address, passphrase=None))
    assert [one["kind"] for one in objects] == [
        "certificate", "certificate", "ocsp"]
    assert "stapled OCSP answer" in json.dumps(facts)


def test_nginx_is_shown_by_name(view, chain, tmp_path):
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    port = free_port()
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/log;\n"
        "events {}\nhttp { access_log off;\n"
        f"server {{ listen 127.0.0.1:{port} ssl; server_name localhost;\n"
        f"ssl_certificate {chain}/leaf.pem;\n"
        f"ssl_certificate_key {chain}/leaf.key; }} }}\n")
    with serving(["nginx", "-c", str(tmp_path / "nginx.conf")], port,
                 tmp_path):
        objects = shown(view(f"localhost:{port}", passphrase=None))
    assert names(objects) == ["CN=www.example.org"]


@contextlib.contextmanager
def answering(words):
    """A server that says these words to whoever said something."""
    with socket.create_server(("127.0.0.1", free_port())) as listener:
        def serve():
            with contextlib.suppress(OSError):
                peer, _ = listener.accept()
                with peer:
                    peer.recv(4096)
                    if words is None:
                        time.sleep(8)
                    else:
                        peer.sendall(words)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield "127.0.0.1:%d" % listener.getsockname()[1]


@pytest.mark.parametrize("words,sentence", [
    (b"HTTP/1.1 400 Bad Request\r\n\r\n", "does not speak TLS"),
    (b"220 mail.example.org ESMTP\r\n", "does not speak TLS"),
    (b"", "closed the connection in the TLS handshake"),
    (None, "TLS got no answer in time"),
    (b"\x15\x03\x03\x00\x02\x02\x28", "with the alert \"handshake failure\""),
])
def test_the_layer_that_failed_is_named(view, words, sentence):
    with answering(words) as address:
        error = refusal(view(address, passphrase=None), UNAVAILABLE)
    assert error["sentence"].startswith(address + ": ")
    assert sentence in error["sentence"]


def test_nothing_listens_and_no_such_name_are_told_apart(view):
    address = f"127.0.0.1:{free_port()}"
    error = refusal(view(address, passphrase=None), UNAVAILABLE)
    assert error["sentence"] == (
        f"{address}: TCP was refused: nothing listens there")
    error = refusal(view("no-such-host.invalid:443", passphrase=None),
                    NOT_FOUND)
    assert "DNS has no address for it" in error["sentence"]


def test_what_is_neither_a_file_nor_an_address_is_a_missing_file(view):
    error = refusal(view("no-such-file.p12", passphrase=None), NOT_FOUND)
    assert "no-such-file.p12" in error["sentence"]
    assert refusal(view("host:https", passphrase=None), NOT_FOUND)


# --- the lock ----------------------------------------------------------------

def reader_calls(hardened_program, folder, *arguments):
    log = folder / "strace"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-s", "256", "-o", str(log),
         str(hardened_program), "view", *map(str, arguments)],
        env=SURROUNDINGS, stdin=subprocess.DEVNULL, capture_output=True,
        timeout=120)
    assert done.returncode == DONE, done.stderr
    lines, reader = {}, None
    for line in log.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if match:
            process, call, rest = match.groups()
            lines.setdefault(process, []).append((call, rest))
            if call == "execve" and '"--role", "reader"' in rest:
                reader = process
    calls = after_the_lock(lines[reader])
    assert calls, "the reader is not locked in"
    return calls


def assert_locked_in(calls):
    made = {call for call, _ in calls} - {"exited", "killed"}
    stated = allowed("signer") - {"pread64", "fdatasync"}
    assert made - REFUSED_CALLS <= stated, made - REFUSED_CALLS - stated
    assert not any("SIGSYS" in rest for _, rest in calls)
    tried = [call for call, _ in calls if call in ("openat", "open", "socket")]
    assert sorted(tried) == ["openat", "socket"]  # the probe's


@needs_strace
def test_the_reader_opens_stores_behind_its_lock(hardened_program, tmp_path):
    (tmp_path / "passphrase").write_text("geheim")
    for name in ("aes256", "3des", "pbmac1", "scrypt"):
        assert_locked_in(reader_calls(
            hardened_program, tmp_path, STORES / f"{name}.p12",
            "--passphrase-file", tmp_path / "passphrase"))


@needs_strace
def test_the_reader_shakes_hands_behind_its_lock(hardened_program, tmp_path,
                                                 chain):
    with s_server(chain, "-status_file", "answer.der") as address:
        calls = reader_calls(hardened_program, tmp_path, address)
    assert_locked_in(calls)
