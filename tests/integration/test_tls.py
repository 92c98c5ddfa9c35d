"""TLS of the fronts, met by the clients that people have."""
import json
import shutil
import socket
import ssl
import subprocess
import time

import pytest

from consumers import CLEAN
from served import get, served, until

LISTENERS = ("public", "plain", "admin", "mtls")


def run(*command, seconds=60, text=""):
    return subprocess.run(list(map(str, command)), env=CLEAN, input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=seconds, check=False)


def trusting(server):
    return ssl.create_default_context(cafile=server.roots)


def shown_by(server, listener="public", context=None, seconds=20):
    """(version, certificate) of one connection, which is ended in order."""
    context = context or trusting(server)
    with socket.create_connection(
            ("127.0.0.1", server.ports[listener]), seconds) as connection:
        with context.wrap_socket(
                connection, server_hostname="localhost") as session:
            session.sendall(b"GET /version HTTP/1.1\r\nHost: localhost\r\n"
                            b"Connection: close\r\n\r\n")
            answer = b""
            while piece := session.recv(65536):
                answer += piece
            assert answer.startswith(b"HTTP/1.1 200 "), answer[:100]
            return session.version(), session.getpeercert()


def identity(authority, tmp_path, profile, name):
    """(certificate, key) of a client; the certificate with its chain."""
    key, certificate = tmp_path / f"{name}.key", tmp_path / f"{name}.pem"
    san = f"email:{name}@example.org" if profile == "client" else name
    authority.run("issue", "--profile", profile, "--san", san, "--key-out",
                  key, "--out", certificate, "--chain")
    return certificate, key


def judged(server, certificate, key, listener="mtls"):
    """How the front judged a client's certificate, from the request's line."""
    context = trusting(server)
    context.load_cert_chain(certificate, key)
    mark = len(server.log)
    shown_by(server, listener, context)
    said = until(lambda: [line for line in server.log[mark:].splitlines()
                          if " request " in line], "the request's line")
    return said[0].rpartition('judged="')[2].partition('"')[0]


# --- clients ------------------------------------------------------------------

def test_each_client_connects_and_verifies(authority, tmp_path):
    with served(authority, tmp_path) as server:
        port, roots = server.ports["public"], server.roots
        for version in ("--tlsv1.2", "--tlsv1.3"):
            limit = ["--tls-max", version[-3:]]
            found = run("curl", "-sS", version, *limit, "--cacert", roots,
                        f"https://localhost:{port}/roots.pem")
            assert found.stdout == roots.read_text(), found.stdout
        found = run("gnutls-cli", f"--x509cafile={roots}", "-p", port,
                    "localhost")
        assert "- Handshake was completed" in found.stdout, found.stdout
        for option, words in (("-tls1_2", "Verify return code: 0 (ok)"),
                              ("-tls1_3", "Verify return code: 0 (ok)"),
                              ("-tls1_1", "alert")):
            found = run("openssl", "s_client", option, "-cipher",
                        "DEFAULT:@SECLEVEL=0", "-connect", f"localhost:{port}",
                        "-CAfile", roots)
            assert words in found.stdout, found.stdout
        version, certificate = shown_by(server)
        assert version == "TLSv1.3"
        assert ("DNS", "localhost") in certificate["subjectAltName"]


@pytest.mark.skipif(shutil.which("testssl") is None,
                    reason="testssl.sh is not packaged here")
@pytest.mark.parametrize("listener", ["public", "mtls"])
def test_properties38_testssl_finds_nothing_above_low(
        chancery, tmp_path, is_long, listener):
    """The listener that asks for certificates in the long run alone.  A WARN is
    testssl.sh's own trouble.  A certificate of an authority without an address
    can't say where its list is, which it finds HIGH."""
    if listener != "public" and not is_long:
        pytest.skip("in the long run")
    chancery.run("init", "--name", "TLS Test", "--url",
                 "http://localhost:8080")
    found = tmp_path / "found.json"
    with served(chancery, tmp_path, listeners=LISTENERS) as server:
        said = run("testssl", "--quiet", "--color", "0", "--warnings", "off",
                   "--ip", "one", "--add-ca", server.roots, "--jsonfile",
                   found, "-p", "-s", "-S", "-U",
                   f"localhost:{server.ports[listener]}", seconds=600)
    findings = json.loads(found.read_text())
    assert len(findings) > 50, said.stdout
    assert [row for row in findings
            if row["severity"] not in ("OK", "INFO", "LOW", "WARN")] == []
    known = {row["id"]: row["finding"] for row in findings}
    for protocol in ("SSLv2", "SSLv3", "TLS1", "TLS1_1"):
        assert known[protocol].startswith("not offered"), known[protocol]
    for protocol in ("TLS1_2", "TLS1_3"):
        assert known[protocol].startswith("offered"), known[protocol]


# --- client certificates ------------------------------------------------------

def test_kb085_clients_are_told_the_issuing_authority_alone(
        authority, tmp_path):
    with served(authority, tmp_path, listeners=LISTENERS) as server:
        for listener in ("admin", "mtls"):
            found = run("openssl", "s_client", "-connect",
                        f"localhost:{server.ports[listener]}", "-CAfile",
                        server.roots, "-nameopt", "RFC2253")
            names = found.stdout.split("Acceptable client certificate CA names\n")
            names = names[1].split("\nRequested Signature")[0].splitlines()
            assert names == ["CN=Integration Test"], found.stdout
        found = run("openssl", "s_client", "-connect",
                    f"localhost:{server.ports['public']}")
        assert "No client certificate CA names sent" in found.stdout


def test_kb102_a_revoked_client_is_refused_within_a_minute(
        authority, tmp_path):
    with served(authority, tmp_path, listeners=LISTENERS) as server:
        certificate, key = identity(authority, tmp_path, "client", "alice")
        assert judged(server, certificate, key) == "ok"
        assert judged(server, certificate, key, "admin") == "ok"
        shown = run("openssl", "x509", "-in", certificate, "-noout", "-serial")
        authority.run("revoke", shown.stdout.strip().partition("=")[2])
        began = time.monotonic()
        until(lambda: judged(server, certificate, key) == "revoked",
              "the refusal", 60)
        assert time.monotonic() - began < 60
        assert 'client-certificate-refused code="revoked"' in server.log


def test_kb094_each_fault_has_a_code_of_its_own(authority, tmp_path):
    with served(authority, tmp_path, listeners=LISTENERS) as server:
        wrong = identity(authority, tmp_path, "server", "www.example.org")
        assert judged(server, *wrong) == "usage-mismatch"
        stranger = tmp_path / "stranger.pem"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Stranger",
            "-keyout", tmp_path / "stranger.key", "-out", stranger)
        assert judged(server, stranger, tmp_path / "stranger.key") == (
            "self-signed-untrusted")


# --- the own certificate ------------------------------------------------------

def files_of(authority):
    return authority.directory / "tls" / "public"


def test_the_own_certificate_stays_over_a_new_start(authority, tmp_path):
    with served(authority, tmp_path) as server:
        shown_by(server)
        before = (files_of(authority) / "own.pem").read_text()
        assert (files_of(authority) / "own.key").stat().st_mode & 0o777 == (
            0o600)
    with served(authority, tmp_path) as server:
        shown_by(server)
    assert (files_of(authority) / "own.pem").read_text() == before


def test_the_answer_for_the_own_certificate_is_stapled(authority, tmp_path):
    """curl --cert-status wants one, and verifies it."""
    with served(authority, tmp_path) as server:
        until(lambda: run("curl", "-sS", "--cert-status", "--cacert",
                          server.roots,
                          server.url("public", "/version").replace(
                              "127.0.0.1", "localhost")).returncode == 0,
              "a stapled answer that is good", 60)


@pytest.mark.parametrize("name", ["own.pem", "own.key"])
def test_a_damaged_file_is_told_and_made_anew(authority, tmp_path, name):
    with served(authority, tmp_path) as server:
        shown_by(server)
    damaged = files_of(authority) / name
    damaged.write_text(damaged.read_text()[:100])
    with served(authority, tmp_path) as server:
        until(lambda: listens_with_tls(server), "a new certificate")
        shown_by(server)
        assert "own-certificate-unusable" in server.log
        assert name in server.log


def listens_with_tls(server):
    try:
        return shown_by(server, seconds=2)
    except (OSError, ssl.SSLError):
        return None


def test_incident15_tls_goes_on_while_the_keeper_is_away(authority, tmp_path):
    with served(authority, tmp_path) as server:
        shown_by(server)
        server.kill("keeper")
        shown_by(server)


def test_kb119_without_a_certificate_tls_waits_and_plain_serves(
        authority, tmp_path):
    """A locked authority certifies nothing, for its own fronts either."""
    authority.run("lock")
    with served(authority, tmp_path) as server:
        assert server.facts["locked"] is True
        status, _, body = get(server, "/roots.pem")
        assert (status, body) == (200, server.roots.read_bytes())
        until(lambda: 'own-certificate listener="public" state="missing"'
              in server.log, "the word that TLS waits")
        with pytest.raises((OSError, ssl.SSLError)):
            shown_by(server, seconds=1)
        authority.run("unlock")
        until(lambda: listens_with_tls(server), "TLS", 70)
