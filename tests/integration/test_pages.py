"""The public pages of a served authority, by curl: no page needs a script."""
import base64
import os
import re
import subprocess

import pytest

from pages import curl, main_of, make_request, open_profile
from program import OBJECTS
from served import served

POLICY = ("default-src 'none'; style-src 'self'; img-src 'self' data:; "
          "form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
PEM = ("-H", "Accept: application/pem-certificate-chain")


@pytest.fixture(scope="module")
def open_server(pristine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    authority = pristine.copy(folder / "authority")
    open_profile(authority, "server", "account, anyone")
    open_profile(authority, "client", "account",
                 "    browser-key: yes\n")
    with served(authority, folder) as server:
        yield server


@pytest.mark.parametrize("path", ["/", "/enrol", "/enrol/server", "/status",
                                  "/view", "/requests/abc", "/nothing"])
def test_kb056_every_page_works_without_scripts_and_forbids_them(open_server,
                                                                 path):
    status, headers, page = curl(open_server, path)
    assert status == (404 if path == "/nothing" else 200)
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "content-encoding" not in headers
    assert "<script" not in page and "javascript:" not in page
    assert "<h1>" in page and page.count("<main") == 1
    if path != "/nothing":
        assert headers["content-security-policy"] == POLICY


def test_kb012_pages_answer_an_unprivileged_stranger(open_server):
    for path in ("/", "/roots", "/roots.pem", "/certsrv/CertEnroll/cacerts.htm",
                 "/crl/issuing.crl", "/ca/issuing.cer", "/intermediates.pem"):
        done = subprocess.run(
            ["setpriv", "--reuid", "65534", "--regid", "65534",
             "--clear-groups", "curl", "-sS", "-o", "/dev/null", "-w",
             "%{http_code}", open_server.url("plain", path)]
            if os.geteuid() == 0 else
            ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}",
             open_server.url("plain", path)],
            check=True, capture_output=True, text=True)
        assert done.stdout == "200", path


def test_kb057_a_missing_root_leads_to_its_fingerprint_and_how_to_install_it(
        open_server):
    _, _, page = curl(open_server, "/roots", listener="plain")
    known = subprocess.run(
        ["openssl", "x509", "-in", str(open_server.roots), "-noout",
         "-fingerprint", "-sha256"], check=True, capture_output=True,
        text=True).stdout.strip().split("=")[1]
    assert known in page
    for system in ("Debian", "Fedora", "Windows", "macOS", "iPhone", "Firefox",
                   "Java", "Node.js", "Python", "curl"):
        assert f"<summary>{system}" in page, system


def test_kb082_the_old_page_has_a_link_and_a_fingerprint_for_each_root(
        open_server):
    status, _, page = curl(open_server, "/certsrv/CertEnroll/cacerts.htm",
                           listener="plain")
    links = re.findall(r'href="(/root/[0-9a-f]{64})"', page)
    assert status == 200 and len(links) == 1
    assert "Compare the fingerprint" in page and "<form" not in page
    colons = re.sub("(..)(?=.)", r"\1:", links[0][6:].upper())
    assert f">{colons}<" in page
    status, headers, _ = curl(open_server, links[0], listener="plain")
    assert (status, headers["content-type"]) == (200, "application/pkix-cert")


@pytest.mark.parametrize("form", ["pasted", "file", "der", "bare", "one line"])
def test_kb056_a_request_is_taken_in_any_encoding(open_server, tmp_path, form):
    _, request = make_request(tmp_path)
    der = tmp_path / "request.der"
    subprocess.run(["openssl", "req", "-in", str(request), "-outform", "DER",
                    "-out", str(der)], check=True)
    bare = base64.b64encode(der.read_bytes()).decode()
    words = {"pasted": ["-F", f"request=<{request}"],
             "file": ["-F", f"file=@{request}"],
             "der": ["-F", f"file=@{der}"],
             "bare": ["--data-urlencode", f"request={bare}"],
             "one line": ["--data-urlencode", "request=" +
                          request.read_text().replace("\n", " ")]}[form]
    status, headers, pem = curl(open_server, "/enrol/server", *PEM, *words)
    assert status == 200, pem
    assert headers["content-type"] == "application/pem-certificate-chain"
    chain = tmp_path / "chain.pem"
    chain.write_text(pem)
    verified = subprocess.run(
        ["openssl", "verify", "-CAfile", str(open_server.roots), "-untrusted",
         str(chain), str(chain)], check=False, capture_output=True, text=True)
    assert verified.stdout.strip().endswith("OK"), verified.stderr


def test_a_page_of_a_certificate_holds_its_files(open_server, tmp_path):
    _, request = make_request(tmp_path)
    status, _, page = curl(open_server, "/enrol/server", "-F",
                           f"file=@{request}")
    assert status == 200
    files = dict(re.findall(
        r'download="([^"]*)" href="data:application/octet-stream;base64,'
        r'([^"]*)"', page))
    assert set(files) == {"certificate.pem", "certificate.cer", "chain.pem",
                          "chain.p7b"}
    (tmp_path / "p7b").write_bytes(base64.b64decode(files["chain.p7b"]))
    said = subprocess.run(
        ["openssl", "pkcs7", "-inform", "DER", "-in", str(tmp_path / "p7b"),
         "-print_certs", "-noout"], check=True, capture_output=True, text=True)
    assert said.stdout.count("subject=") == 2


@pytest.mark.parametrize("name, words", [
    ("www.example.com", "www.example.com"),
    ("*.example.org", "wildcards"),
])
def test_kb058_a_refusal_names_the_field_the_rule_and_what_was_found(
        open_server, tmp_path, name, words):
    _, request = make_request(tmp_path, name)
    status, headers, page = curl(open_server, "/enrol/server", "-F",
                                 f"file=@{request}")
    assert status == 422, page
    assert words in main_of(page)
    assert headers["x-request-id"] in page
    assert open_server.authority.facts("list", "--search", name) == []


def test_kb058_what_is_no_request_is_told_by_line_and_byte(open_server):
    status, _, page = curl(open_server, "/enrol/server", "-F", "request=hello")
    assert status == 400 and "neither PEM nor DER" in main_of(page)


def test_another_sites_form_is_refused(open_server, tmp_path):
    _, request = make_request(tmp_path)
    status, _, page = curl(open_server, "/enrol/server", "-F",
                           f"file=@{request}", "-H",
                           "Origin: https://evil.example.com")
    assert status == 403, page


def test_an_account_is_asked_for_by_a_challenge(open_server, tmp_path):
    _, request = make_request(tmp_path)
    status, headers, _ = curl(open_server, "/enrol/client", "-F",
                              f"file=@{request}")
    assert status == 401
    assert headers["www-authenticate"].startswith("Basic realm=")


def test_a_profile_that_is_not_open_is_not_shown(open_server):
    assert "subordinate" not in curl(open_server, "/enrol")[2]
    assert curl(open_server, "/enrol/subordinate")[0] == 404


def test_the_address_of_no_profile_leads_to_all_of_them(open_server):
    status, headers, _ = curl(open_server, "/enrol/")
    assert (status, headers["location"]) == (303, "/enrol")


def test_the_page_with_a_script_has_its_own_policy_and_file(open_server):
    status, headers, page = curl(open_server, "/enrol-key/client")
    assert status == 200 and '<script src="/enrol.js">' in page
    policy = headers["content-security-policy"]
    assert "script-src 'self'" in policy and "unsafe" not in policy
    status, headers, script = curl(open_server, "/enrol.js")
    assert status == 200 and "generateKey" in script
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert curl(open_server, "/enrol-key/server")[0] == 404


def test_no_form_stands_on_the_plain_listener(open_server):
    for path in ("/enrol", "/view", "/status", "/requests/abc"):
        assert curl(open_server, path, listener="plain")[0] == 404, path
    status, _, page = curl(open_server, "/certsrv/certrqxt.asp",
                           listener="plain")
    assert status == 403 and "<form" not in page


# --- status -------------------------------------------------------------------

def test_status_follows_a_revocation(open_server, tmp_path):
    _, request = make_request(tmp_path)
    pem = curl(open_server, "/enrol/server", *PEM, "-F", f"file=@{request}")[2]
    leaf = tmp_path / "leaf.pem"
    leaf.write_text(pem)
    serial = subprocess.run(
        ["openssl", "x509", "-in", str(leaf), "-noout", "-serial"], check=True,
        capture_output=True, text=True).stdout.strip().split("=")[1]
    assert "Not revoked" in curl(open_server, f"/status?serial={serial}")[2]
    open_server.authority.run("revoke", serial, "--reason", "keyCompromise")
    page = curl(open_server, "/status", "-F", f"certificate=@{leaf}")[2]
    assert "reason: keyCompromise" in main_of(page)


def test_incident51_an_unknown_serial_has_no_status(open_server):
    status, _, page = curl(open_server, "/status?serial=0123456789")
    assert status == 404 and "neither good nor revoked" in main_of(page)


# --- the viewer ---------------------------------------------------------------

def test_the_viewer_shows_a_file_in_a_process_of_its_own(open_server):
    status, headers, page = curl(
        open_server, "/view", "-F",
        f"file=@{OBJECTS / 'input' / 'openssl-chain.p7b'}")
    assert status == 200 and page.count("<article>") >= 3
    assert headers["content-security-policy"] == POLICY
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["key-pkcs8.pem", "key-rsa.der",
                                  "key-encrypted.pem", "openssl.p12"])
def test_the_viewer_refuses_private_keys_and_never_repeats_them(open_server,
                                                                name):
    file = OBJECTS / "input" / name
    status, _, page = curl(open_server, "/view", "-F", f"file=@{file}")
    assert status == 422 and "private key" in main_of(page)
    secret = base64.b64encode(file.read_bytes())[40:80].decode()
    assert secret not in page


def test_the_viewer_survives_what_is_too_large_and_what_is_nothing(
        open_server, tmp_path):
    large = tmp_path / "large"
    large.write_bytes(b"\x30\x82" * (1024 * 1024))
    assert curl(open_server, "/view", "-F", f"file=@{large}")[0] == 413
    assert curl(open_server, "/view", "-F", "other=1")[0] == 400
    assert curl(open_server, "/view", "-d", "file=1")[0] == 400
    for name in sorted(os.listdir(OBJECTS / "hostile"))[:12]:
        status, _, _ = curl(open_server, "/view", "-F",
                            f"file=@{OBJECTS / 'hostile' / name}")
        assert status in (200, 400, 422), name
    assert curl(open_server, "/health")[0] == 200


# --- requests that wait -------------------------------------------------------

def test_kb059_a_request_is_found_by_number_and_proof_from_any_host(
        pristine, tmp_path):
    authority = pristine.copy(tmp_path / "authority")
    open_profile(authority, "server", "anyone", "    approvals: 1\n")
    key, request = make_request(tmp_path)
    with served(authority, tmp_path) as server:
        status, _, page = curl(server, "/enrol/server", "-F", f"file=@{request}")
        assert status == 200 and "1 person approves" in main_of(page)
        number = re.search(r"/requests/([a-z0-9]{26})", page)[1]
        proof = base64.b64encode(subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", str(key)],
            input=f"chancery request 1\n{number}".encode(), check=True,
            capture_output=True).stdout).decode()

        def look(path, *words):
            return curl(server, path, "--data-urlencode", f"proof={proof}",
                        *words)

        assert "State waiting" in main_of(look(f"/requests/{number}")[2])
        authority.run("requests approve", number)
        for path, host in ((f"/requests/{number}", "localhost"),
                           (f"/REQUESTS/{number.upper()}", "other.example.net"),
                           (f"/requests/{number}", "[::1]:8443")):
            status, _, page = look(path, "-H", f"Host: {host}")
            assert status == 200 and "BEGIN CERTIFICATE" in page, page
        proof = base64.b64encode(b"no signature").decode()
        assert look(f"/requests/{number}")[0] in (400, 403)
