"""/certsrv served: certsrv.py's calls, a script with curl, and who is refused
(docs/certsrv.md)."""
import re
import subprocess
import urllib.error

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from certsrv_client import Certsrv, Denied, NotRetrieved, Pending, script
from served import get, served

PASSWORD = "correct horse battery"
SETTINGS = """
  web:
    purposes: [serverAuth]
    key-usage: [digitalSignature]
    names: [dns]
    names-required: yes
    allowed-names: ["*.example.org"]
    subject: [CN]
    keys: [p256]
    lifetime: 30d
    longest-lifetime: 90d
    who: [operator, account]

  looked-at:
    purposes: [codeSigning]
    key-usage: [digitalSignature]
    names: []
    subject: [CN]
    keys: [p256]
    lifetime: 30d
    longest-lifetime: 90d
    who: [account]
    approvals: 1
"""


@pytest.fixture(scope="module")
def server(pristine, tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("certsrv")
    authority = pristine.copy(tmp_path / "authority")
    settings = authority.directory / "chancery.yaml"
    settings.write_text(settings.read_text() + SETTINGS)
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    for name in ("printer", "scanner", "guessed"):
        authority.run("account add", name, "--profiles", "web", "--profiles",
                      "looked-at", "--names", "*.lab.example.org",
                      "--passphrase-file", password)
    with served(authority, tmp_path,
                listeners=("public", "plain", "mtls")) as running:
        yield running


def request_for(name, san=None):
    """(PKCS#10 in PEM, key)"""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
    if san:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([x509.DNSName(san)]), critical=False)
    made = builder.sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode(), key


def waiting(server):
    """The id of the only request that waits."""
    found, = [row["id"] for row in server.authority.facts("requests list")
              if row["state"] == "waiting"]
    return found


def same_key(certificate, key):
    return certificate.public_key().public_numbers() == (
        key.public_key().public_numbers())


def status_of(client, *arguments, **options):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        client.ask(*arguments, **options)
    return refusal.value.code, refusal.value.headers, (
        refusal.value.read().decode())


# --- certsrv.py ---------------------------------------------------------------

def test_kb012_kb056_a_client_of_the_old_server_gets_its_certificate(
        server, tmp_path):
    client = Certsrv(server, "printer", PASSWORD)
    assert client.check_credentials()
    request, key = request_for("a.lab.example.org", "a.lab.example.org")
    number = client.submit(request, "WEB")
    issued = x509.load_pem_x509_certificate(client.get_existing_cert(number))
    assert same_key(issued, key)
    assert issued == x509.load_der_x509_certificate(
        client.get_existing_cert(number, "bin"))
    (tmp_path / "issued.pem").write_bytes(
        issued.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "above.pem").write_bytes(client.get_ca_cert())
    subprocess.run(
        ["openssl", "verify", "-CAfile", server.roots, "-untrusted",
         tmp_path / "above.pem", "-purpose", "sslserver", "-verify_hostname",
         "a.lab.example.org", tmp_path / "issued.pem"],
        capture_output=True, check=True, timeout=60)
    assert server.authority.facts("show", f"{issued.serial_number:x}")[
        "profile"] == "web"


def test_its_chain_and_list_are_what_openssl_reads(server, tmp_path):
    client = Certsrv(server, None, None)
    assert client.renewals() == "0"
    above = x509.load_der_x509_certificate(client.get_ca_cert("bin"))
    (tmp_path / "chain.p7b").write_bytes(client.get_chain("b64"))
    listed = subprocess.run(
        ["openssl", "pkcs7", "-in", tmp_path / "chain.p7b", "-print_certs"],
        capture_output=True, text=True, check=True, timeout=60).stdout
    chain = [x509.load_pem_x509_certificate(found.encode()) for found in
             re.findall("-----BEGIN CERT.*?-----END CERTIFICATE-----\n",
                        listed, re.DOTALL)]
    assert above in chain and len(chain) == 2
    kind, content, _ = client.ask("certcrl.crl")
    assert kind == "application/pkix-crl"
    revoked = x509.load_der_x509_crl(content)
    assert revoked.is_signature_valid(above.public_key())


def test_kb059_what_waits_is_had_when_it_was_approved(server):
    client = Certsrv(server, "printer", PASSWORD)
    request, key = request_for("Maker")
    with pytest.raises(Pending) as pending:
        client.submit(request, "looked-at")
    number = str(pending.value)
    with pytest.raises(NotRetrieved, match="^Taken Under Submission$"):
        client.get_existing_cert(number)
    with pytest.raises(NotRetrieved, match="has asked for nothing under"):
        Certsrv(server, "scanner", PASSWORD).get_existing_cert(number)
    server.authority.run("requests approve", waiting(server))
    issued = x509.load_der_x509_certificate(
        client.get_existing_cert(number, "bin"))
    assert same_key(issued, key)


def test_what_is_denied_says_why(server):
    client = Certsrv(server, "printer", PASSWORD)
    request, _ = request_for("Maker")
    with pytest.raises(Pending) as pending:
        client.submit(request, "looked-at")
    server.authority.run("requests deny", waiting(server), "--reason",
                         "not a maker")
    with pytest.raises(NotRetrieved,
                       match="^Denied by an approver: not a maker$"):
        client.get_existing_cert(str(pending.value))


def test_kb058_a_refusal_names_the_name_and_the_rule(server):
    client = Certsrv(server, "printer", PASSWORD)
    request, _ = request_for("www.example.org", "www.example.org")
    with pytest.raises(Denied, match=(
            "account:printer may not ask for &#39;dns:www.example.org&#39;; "
            r"its names are: \*.lab.example.org")):
        client.submit(request, "web")
    request, _ = request_for("a.lab.example.org", "a.lab.example.org")
    with pytest.raises(Denied, match="the attribute SAN are not taken"):
        client.submit(request, "web", "SAN:dns=b.lab.example.org\r\n")
    with pytest.raises(Denied, match="not for accounts"):
        client.submit(request, "server")


def test_a_script_with_curl_gets_its_certificate(server, tmp_path):
    request, key = request_for("b.lab.example.org", "b.lab.example.org")
    (tmp_path / "b.csr").write_text(request)
    printed = script(server, f"printer:{PASSWORD}", tmp_path / "b.csr", "web")
    assert same_key(x509.load_pem_x509_certificate(printed.encode()), key)


# --- who is refused -----------------------------------------------------------

def test_properties32_a_wrong_password_is_refused_and_locks_after_five(server):
    wrong = Certsrv(server, "guessed", "wrong horse battery")
    for _ in range(5):
        code, headers, _ = status_of(wrong, "")
        assert code == 401
        challenges = headers.get_all("WWW-Authenticate")
        assert len(challenges) == 1
        assert challenges[0].startswith('Basic realm="')
    right = Certsrv(server, "guessed", PASSWORD)
    code, _, page = status_of(right, "")
    assert code == 403
    assert "5 wrong passwords came for this account from your address" in page
    assert Certsrv(server, "scanner", PASSWORD).check_credentials()


def test_nobody_in_particular_has_no_form_and_no_certificate(server):
    nobody = Certsrv(server, None, None)
    assert not nobody.check_credentials()
    for path in ("certrqxt.asp", "certckpn.asp", "certnew.cer?ReqID=2"):
        assert status_of(nobody, path)[0] == 401


def test_a_form_of_another_site_is_refused(server):
    client = Certsrv(server, "printer", PASSWORD)
    request, _ = request_for("a.lab.example.org", "a.lab.example.org")
    for headers in ({"Origin": "https://evil.example"},
                    {"Sec-Fetch-Site": "cross-site"},
                    {"Referer": "https://evil.example/certrqxt.asp"}):
        code, _, page = status_of(
            client, "certfnsh.asp", headers=headers,
            form={"Mode": "newreq", "CertRequest": request,
                  "CertAttrib": "CertificateTemplate:web"})
        assert code == 403
        assert "from a page of another site" in page


def test_without_tls_it_says_where_to_go(server):
    status, headers, body = get(server, "/certsrv/")
    assert status == 403
    assert "www-authenticate" not in headers
    assert b"https:// alone" in body


def test_kb059_paths_and_parameters_have_no_case(server):
    client = Certsrv(server, "printer", PASSWORD)
    client.address = client.address.replace("/certsrv/", "/CertSrv/")
    _, page, headers = client.ask("CERTCARC.ASP")
    assert b"var nRenewals=0;" in page
    assert headers["Content-Encoding"] is None
    kind, _, _ = client.ask("CertNew.cer", {"reqid": "cacert", "ENC": "B64"})
    assert kind == "application/pkix-cert"


def test_a_person_asks_with_their_certificate(server, tmp_path):
    """An operator, at the listener that asks for client certificates."""
    authority = server.authority
    authority.run("issue", "--profile", "client", "--subject", "CN=olga",
                  "--key-out", tmp_path / "olga.key", "--out",
                  tmp_path / "olga.pem", "--chain")
    authority.run("admin add", "olga", "--role", "operator", "--certificate",
                  tmp_path / "olga.pem")
    client = Certsrv(server, None, None, "mtls",
                     (tmp_path / "olga.pem", tmp_path / "olga.key"))
    assert client.check_credentials()
    request, key = request_for("c.example.org", "c.example.org")
    issued = x509.load_pem_x509_certificate(client.get_cert(request, "web"))
    assert same_key(issued, key)
    nobody = Certsrv(server, None, None, "mtls")
    assert not nobody.check_credentials()


def test_a_further_authority_changes_nothing_for_these_doors(
        pristine, tmp_path):
    authority = pristine.copy(tmp_path / "authority")
    settings = authority.directory / "chancery.yaml"
    settings.write_text(settings.read_text() + SETTINGS)
    password = tmp_path / "password"
    password.write_text(PASSWORD)
    authority.run("account add", "printer", "--profiles", "web", "--names",
                  "*.lab.example.org", "--passphrase-file", password)
    first = authority.facts("ca show", "--ca", "issuing")["subject"]
    authority.run("ca add", "east")
    request, _ = request_for("a.lab.example.org", "a.lab.example.org")
    file = tmp_path / "request.pem"
    file.write_text(request)
    with served(authority, tmp_path) as running:
        client = Certsrv(running, "printer", PASSWORD)
        assert x509.load_pem_x509_certificate(
            client.get_cert(request, "web")).issuer.rfc4514_string() == first
        assert x509.load_pem_x509_certificate(
            client.get_ca_cert()).subject.rfc4514_string() == first
        page = subprocess.run(
            ["curl", "-sS", "--noproxy", "*", "--cacert", str(running.roots),
             "-u", f"printer:{PASSWORD}", "-F", f"file=@{file}",
             running.url("public", "/enrol/web")],
            check=True, capture_output=True, text=True).stdout
        assert "Your certificate" in page
