"""The pages in a browser: enrolment by paste, upload and a key made there;
accessibility and width by axe-core, light and dark."""
import base64
import os
import pathlib
import subprocess

import pytest

from browser import Browser, needs_browser
from pages import make_request, open_profile
from program import ROOT
from served import served

pytestmark = needs_browser

SHOTS = pathlib.Path(os.environ.get("CHANCERY_SCREENSHOTS",
                                    ROOT / "build-check" / "screenshots"))


@pytest.fixture(scope="module")
def open_server(pristine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    authority = pristine.copy(folder / "authority")
    open_profile(authority, "server", "anyone", "    browser-key: yes\n")
    with served(authority, folder) as server:
        yield server


@pytest.fixture
def browser(open_server, tmp_path):
    return Browser(tmp_path / "home", open_server.roots)


def local(server, path, listener="public"):
    return server.url(listener, path).replace("127.0.0.1", "localhost")


def openssl(*words, text=None):
    return subprocess.run(["openssl", *map(str, words)], check=True, input=text,
                          capture_output=True, text=True).stdout


@pytest.mark.parametrize("way", ["paste", "upload"])
def test_kb056_a_request_is_handed_in_without_scripts(open_server, browser,
                                                      tmp_path, way):
    key, request = make_request(tmp_path)
    wish = ({"request": request.read_text()} if way == "paste"
            else {"file": str(request)})
    found = browser.play("enrol", url=local(open_server, "/enrol/server"),
                         **wish)
    assert found["file"].count("BEGIN CERTIFICATE") == 2
    assert (openssl("x509", "-pubkey", "-noout", text=found["file"])
            == openssl("pkey", "-in", key, "-pubout"))


def test_a_key_made_in_the_page_never_leaves_it(open_server, browser, tmp_path):
    found = browser.play("key", url=local(open_server, "/enrol-key/server"),
                         common="www.example.org", names="www.example.org")
    assert found["errors"] == []
    assert found["said"] == "Your certificate is issued."
    store = tmp_path / "store.p12"
    store.write_bytes(base64.b64decode(found["store"]))
    (tmp_path / "password").write_text(found["password"])
    opened = openssl("pkcs12", "-in", store, "-passin",
                     f"file:{tmp_path / 'password'}", "-noenc")
    assert opened.count("BEGIN CERTIFICATE") == 2
    pem = opened[opened.index("-----BEGIN PRIVATE"):]
    scalar = private_scalar(openssl("pkey", "-noout", "-text", text=pem))
    bodies = [request["body"] for request in found["sent"] if request["body"]]
    assert len(bodies) == 1 and "CERTIFICATE+REQUEST" in bodies[0]
    sent = request_in(bodies[0])
    for body in (bodies[0].encode("latin-1"), sent):
        assert scalar not in body and scalar.hex().encode() not in body
        assert found["password"].encode() not in body
    assert {request["method"] for request in found["sent"]} == {"GET", "POST"}


def private_scalar(text):
    lines = text.split("priv:")[1].split("pub:")[0]
    digits = "".join(lines.split()).replace(":", "")
    return bytes.fromhex(digits)[-32:]


def request_in(body):
    """The bytes of the request that a form's body holds."""
    from urllib.parse import parse_qs
    pem = parse_qs(body)["request"][0]
    return base64.b64decode("".join(pem.split("\n")[1:-2]))


def test_a_refusal_is_told_in_the_page_with_the_script(open_server, browser):
    found = browser.play("key", url=local(open_server, "/enrol-key/server"),
                         common="", names="www.example.com")
    assert "www.example.com" in found["said"] and "store" not in found


def test_every_public_page_is_accessible_and_fits_a_telephone(open_server,
                                                              browser):
    SHOTS.mkdir(parents=True, exist_ok=True)
    urls = [local(open_server, path) for path in (
        "/", "/roots", "/enrol", "/enrol/server", "/enrol-key/server",
        "/status", "/view", "/requests/abcdefghijkmnpqrstuvwxyz23",
        "/nothing", "/certsrv/CertEnroll/cacerts.htm")]
    found = browser.play("audit", urls=urls, shots=str(SHOTS))
    assert len(found) == 2 * len(urls)
    assert [row for row in found if row["violations"] or row["scrolls"]] == []
