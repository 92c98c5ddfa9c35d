"""web/enrol.js: the key that is made in the browser, its request and its
PKCS#12, as other programs read them."""
import subprocess

import pytest

from program import ROOT

FILES = ROOT / "tests" / "integration" / "browser_key.cjs"
SCRIPT = ROOT / "web" / "enrol.js"


@pytest.fixture
def taken_home(authority, tmp_path):
    """What a page made for a certificate of profile client."""
    names = ["www.example.org", "10.0.0.1", "a@example.org",
             "https://example.org/x"]
    page = subprocess.Popen(
        ["node", str(FILES), str(SCRIPT), str(tmp_path), "Ärger Inc", *names],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert page.stdout.readline() == b"made\n"
    authority.run("issue", "--profile", "client", "--csr",
                  str(tmp_path / "request.pem"), "--san",
                  "dns:www.example.org", "--chain", "--out",
                  str(tmp_path / "chain.pem"))
    page.stdin.close()
    assert page.wait(60) == 0
    return tmp_path


def openssl(*words, **more):
    return subprocess.run(["openssl", *map(str, words)], check=False,
                          capture_output=True, text=True, **more)


def test_the_request_is_signed_by_its_key_and_holds_every_kind_of_name(
        taken_home):
    said = openssl("req", "-in", taken_home / "request.pem", "-noout",
                   "-verify", "-text")
    assert "verify OK" in said.stdout + said.stderr
    assert ("DNS:www.example.org, IP Address:10.0.0.1, "
            "email:a@example.org, URI:https://example.org/x") in said.stdout
    assert "CN = \\C3\\84rger Inc" in said.stdout or "Ärger" in said.stdout


def test_the_store_opens_with_its_password_and_holds_key_and_chain(taken_home):
    said = openssl("pkcs12", "-in", taken_home / "store.p12", "-passin",
                   f"file:{taken_home / 'password'}", "-noenc", "-info")
    assert said.returncode == 0, said.stderr
    assert said.stdout.count("BEGIN CERTIFICATE") == 2
    assert said.stdout.count("BEGIN PRIVATE KEY") == 1
    assert "MAC: sha256, Iteration 10000" in said.stderr
    assert "PBES2, PBKDF2, AES-256-CBC" in said.stderr
    key = openssl("pkey", "-pubout", input=said.stdout)
    certificate = openssl("x509", "-pubkey", "-noout", "-in",
                          taken_home / "chain.pem")
    assert key.stdout == certificate.stdout


def test_the_store_does_not_open_with_another_password(taken_home):
    said = openssl("pkcs12", "-in", taken_home / "store.p12", "-passin",
                   "pass:aaaaa-aaaaa", "-noenc")
    assert said.returncode != 0


def test_keytool_and_our_viewer_open_the_store(taken_home, authority):
    password = (taken_home / "password").read_text(encoding="ascii")
    said = subprocess.run(
        ["keytool", "-list", "-keystore", str(taken_home / "store.p12"),
         "-storetype", "PKCS12", "-storepass", password], check=False,
        capture_output=True, text=True)
    assert "PrivateKeyEntry" in said.stdout, said.stdout + said.stderr
    shown = subprocess.run(
        [str(authority.program), "view", str(taken_home / "store.p12"),
         "--passphrase-file", str(taken_home / "password")], check=False,
        capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert "PBES2" in shown.stdout


@pytest.mark.parametrize("name", ["a b", "exa mple", "ex<ample>.org", "ü.org"])
def test_a_name_that_is_none_is_refused_in_the_page(tmp_path, name):
    page = subprocess.run(
        ["node", str(FILES), str(SCRIPT), str(tmp_path), "", name],
        check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert page.returncode == 1
    assert name in page.stderr
