"""The programs people have, at a server as it runs: each takes the root that
the plain listener shows, then the TLS of the server, its lists and OCSP."""
import hashlib
import re
import shutil
import subprocess

import pytest

from consumers import CLEAN, HERE, say
from path_consumers import GoPath, go_compiler
from program import Chancery
from served import served, until
from serving import free_port

FINGERPRINT = re.compile(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}")


class Place:
    """A server whose certificates say where its lists and OCSP are."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        self.plain = f"http://localhost:{server.ports['plain']}"
        self.secure = f"https://localhost:{server.ports['public']}"
        self.issuer = folder / "issuer.pem"
        self.roots = folder / "roots.pem"
        self.stranger = folder / "stranger.pem"

    def fetch(self, path, *words):
        """The body of what the plain listener has at path."""
        done = subprocess.run(
            ["curl", "-sS", "--fail", *words, self.plain + path], env=CLEAN,
            capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def issue(self, name):
        """A certificate of the authority, in a file with its issuer."""
        path = self.folder / f"{name}.pem"
        self.server.authority.run(
            "issue", "--profile", "server", "--san", name, "--key-out",
            path.with_suffix(".key"), "--out", path, "--chain")
        return path


def openssl(*words, data=b""):
    done = subprocess.run(["openssl", *map(str, words)], env=CLEAN, input=data,
                          capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.fixture(scope="module")
def place(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("clients")
    port = free_port()
    authority = Chancery(program, folder / "authority")
    authority.run("init", "--name", "Clients", "--url",
                  f"http://localhost:{port}")
    with served(authority, folder, ports={"plain": port}) as server:
        found = Place(server, folder)
        found.roots.write_bytes(found.fetch("/roots.pem"))
        found.issuer.write_bytes(found.fetch("/intermediates.pem"))
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=Stranger",
                "-keyout", folder / "stranger.key", "-out", found.stranger)
        until(lambda: say("curl", "-sS", "--cert-status", "--cacert",
                          found.roots, found.secure + "/version")[0],
              "a certificate with its stapled answer", 60)
        yield found


@pytest.fixture(scope="module")
def lists(place):
    """The lists of both authorities, PEM in one file."""
    path = place.folder / "lists.pem"
    path.write_bytes(b"".join(
        openssl("crl", "-inform", "DER", data=place.fetch(f"/crl/{name}.crl"))
        for name in ("issuing", "root")))
    return path


@pytest.fixture(scope="module")
def fetch_by_java(tmp_path_factory):
    folder = tmp_path_factory.mktemp("java")
    done, words = say("javac", "-d", folder, HERE / "Fetch.java", seconds=120)
    assert done, words

    def fetch(url, roots, revocation="off"):
        return say("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp",
                   folder, "Fetch", url, roots, revocation)
    return fetch


@pytest.fixture(scope="module")
def go(tmp_path_factory):
    if go_compiler() is None:
        pytest.skip("there is no Go compiler")
    return GoPath(tmp_path_factory.mktemp("go"), "fetch.go").program


# --- the root, and what it opens ----------------------------------------------

def test_kb057_the_page_of_roots_shows_the_fingerprint_of_its_file(place):
    """A person compares what the plain page shows with what came by another
    way, and with the file that was fetched beside it."""
    page = place.fetch("/roots").decode()
    digest = hashlib.sha256(openssl("x509", "-in", place.roots, "-outform",
                                    "DER")).hexdigest().upper()
    shown = {found.replace(":", "") for found in
             FINGERPRINT.findall(re.sub(r"<[^>]*>", "", page))}
    assert digest in shown
    told = place.server.authority.facts("ca show", "--ca", "root")
    assert digest.lower() in str(told).lower().replace(":", "")


FETCHERS = {
    "curl": lambda url, roots: say(
        "curl", "-sS", "--fail", "--cacert", roots, url),
    "wget": lambda url, roots: say(
        "wget", "-q", "-O", "-", "--tries=1", "--no-hsts",
        f"--ca-certificate={roots}", url),
    "python": lambda url, roots: say(
        "/usr/bin/python3", HERE / "fetch.py", url, roots),
    "node": lambda url, roots: say("node", HERE / "fetch.cjs", url, roots),
}


@pytest.mark.parametrize("client", FETCHERS)
def test_each_client_takes_the_server_by_its_root_alone(place, client):
    fetch, url = FETCHERS[client], place.secure + "/roots.pem"
    if shutil.which(client) is None and client != "python":
        pytest.skip(f"{client} is not here")
    assert fetch(url, place.roots) == (True, place.roots.read_text())
    taken, words = fetch(url, place.stranger)
    assert not taken and "BEGIN" not in words, words


def test_java_takes_the_server_by_its_root_alone(place, fetch_by_java):
    url = place.secure + "/roots.pem"
    assert fetch_by_java(url, place.roots) == (True, place.roots.read_text())
    taken, words = fetch_by_java(url, place.stranger)
    assert not taken and "unable to find valid certification path" in words


def test_go_takes_the_server_by_its_root_alone(place, go):
    url = place.secure + "/roots.pem"
    assert say(go, url, place.roots) == (True, place.roots.read_text())
    taken, words = say(go, url, place.stranger)
    assert not taken and "certificate signed by unknown authority" in words


# --- lists --------------------------------------------------------------------

def test_openssl_verifies_each_list(place, lists):
    issuers = place.folder / "issuers.pem"
    issuers.write_bytes(place.issuer.read_bytes() + place.roots.read_bytes())
    for name in ("issuing", "root"):
        done = subprocess.run(
            ["openssl", "crl", "-inform", "DER", "-noout", "-verify",
             "-CAfile", issuers], env=CLEAN, check=False, capture_output=True,
            input=place.fetch(f"/crl/{name}.crl"))
        assert done.stderr == b"verify OK\n", done.stderr


def test_openssl_fetches_the_list_that_a_certificate_names(place):
    """The address is the certificate's: nobody tells it to openssl."""
    good, bad = place.issue("good.example.org"), place.issue("bad.example.org")
    place.server.authority.run("revoke", bad, "--reason", "superseded")

    def verified(path):
        return say("openssl", "verify", "-crl_check", "-crl_download",
                   "-CAfile", place.roots, "-untrusted", path, path)
    until(lambda: "certificate revoked" in verified(bad)[1], "the list", 60)
    assert verified(good) == (True, f"{good}: OK\n")


def test_go_takes_the_list_and_finds_what_was_revoked(place, go):
    leaf = place.issue("go.example.org")
    place.server.authority.run("revoke", leaf)
    serial = openssl("x509", "-in", leaf, "-noout", "-serial").decode()
    list_file = place.folder / "issuing.crl"

    def judged():
        list_file.write_bytes(place.fetch("/crl/issuing.crl"))
        return say(go, "list", list_file, place.issuer)
    wanted = f"{int(serial.split('=')[1], 16):x}"
    until(lambda: wanted in judged()[1].split(), "the entry", 60)
    taken, words = say(go, "list", list_file, place.roots)
    assert not taken, words


def test_certtool_judges_a_chain_by_its_lists(place, lists):
    leaf = place.issue("gnutls.example.org")
    assert say("certtool", "--verify", "--load-ca-certificate", place.roots,
               "--load-crl", lists, "--infile", leaf)[0]


@pytest.mark.parametrize("client", ["python", "node", "openssl"])
def test_tls_is_taken_with_the_lists_at_hand(place, lists, client):
    url = place.secure + "/version"
    if client == "python":
        taken, words = say("/usr/bin/python3", HERE / "fetch.py", url,
                           place.roots, lists)
    elif client == "node":
        taken, words = say("node", HERE / "fetch.cjs", url, place.roots, lists)
    else:
        taken, words = say(
            "openssl", "s_client", "-connect",
            place.secure.removeprefix("https://"), "-CAfile", place.roots,
            "-CRL", lists, "-crl_check", "-verify_return_error",
            "-verify_hostname", "localhost")
        assert "Verify return code: 0 (ok)" in words, words
    assert taken, words


def test_tls_is_refused_without_the_list_that_was_asked_for(place):
    """What the tests before this one say is no accident of a lax client."""
    root_list = place.folder / "root-list.pem"
    root_list.write_bytes(openssl("crl", "-inform", "DER",
                                  data=place.fetch("/crl/root.crl")))
    taken, words = say("/usr/bin/python3", HERE / "fetch.py",
                       place.secure + "/version", place.roots, root_list)
    assert not taken and "unable to get certificate CRL" in words, words


@pytest.mark.parametrize("way", ["ocsp", "lists"])
def test_java_asks_where_the_certificate_says(place, fetch_by_java, way):
    """HttpsURLConnection that wants revocation, and no way round it."""
    taken, words = fetch_by_java(place.secure + "/roots.pem", place.roots, way)
    assert (taken, words) == (True, place.roots.read_text())


# --- OCSP ---------------------------------------------------------------------

def test_gnutls_cli_takes_the_stapled_answer(place):
    """It ends with a complaint where one is stapled that is no good."""
    taken, words = say("gnutls-cli", "--ocsp", f"--x509cafile={place.roots}",
                       place.secure.removeprefix("https://"))
    assert taken and "Handshake was completed" in words, words
    assert "OCSP status request" in words, words


def test_nss_asks_where_the_certificate_says(place):
    leaf = place.issue("nss.example.org")
    base = f"sql:{place.folder / 'nss'}"
    (place.folder / "nss").mkdir()
    for words in (["-N", "--empty-password"],
                  ["-A", "-n", "root", "-t", "C,,", "-i", place.roots],
                  ["-A", "-n", "issuer", "-t", ",,", "-i", place.issuer],
                  ["-A", "-n", "leaf", "-t", ",,", "-i", leaf]):
        done, said = say("certutil", *words[:1], "-d", base, *words[1:])
        assert done, said
    done, said = say("ocspclnt", "-d", base, "-S", "leaf")
    assert done and "OCSP server" not in said, said
    place.server.authority.run("revoke", leaf)
    until(lambda: "revoked" in say("ocspclnt", "-d", base, "-S", "leaf")[1],
          "the answer", 10)


def test_ocsptool_follows_a_revocation(place):
    leaf = place.issue("tool.example.org")

    def answer():
        return say("ocsptool", f"--ask={place.plain}/ocsp", "--load-issuer",
                   place.issuer, "--load-cert", leaf, "--load-trust",
                   place.roots)[1]
    until(lambda: "Certificate Status: good" in answer(), "good", 10)
    place.server.authority.run("revoke", leaf)
    until(lambda: "Certificate Status: revoked" in answer(), "revoked", 10)


# --- HTTP as curl speaks it ---------------------------------------------------

def head_of(text):
    lines = text.decode("latin-1").split("\r\n")
    return int(lines[0].split()[1]), {
        name.lower(): value.strip() for name, _, value in
        (line.partition(":") for line in lines[1:])}


def curl(url, roots, *words):
    """(status, headers, body)."""
    done = subprocess.run(
        ["curl", "-sS", "-i", "--cacert", str(roots), *map(str, words), url],
        env=CLEAN, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode()
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return *head_of(head), body


FILES = ["/roots.pem", "/crl/issuing.crl", "/ca/issuing.cer", "/ca/issuing.p7b",
         "/intermediates.pem"]


@pytest.mark.parametrize("door", ["plain", "secure"])
@pytest.mark.parametrize("path", FILES)
def test_head_is_get_without_its_body(place, door, path):
    url = getattr(place, door) + path
    status, headers, body = curl(url, place.roots)
    told, heads, nothing = curl(url, place.roots, "--head")
    assert (status, told, nothing) == (200, 200, b"")
    for name in ("content-length", "content-type", "etag", "last-modified"):
        assert headers[name] == heads[name], name
    assert int(heads["content-length"]) == len(body) > 0


@pytest.mark.parametrize("path", FILES)
def test_what_is_at_hand_is_not_sent_again(place, path, tmp_path):
    url, tag = place.plain + path, tmp_path / "tag"
    _, headers, _ = curl(url, place.roots, "--etag-save", tag)
    for words in (["--etag-compare", tag],
                  ["-z", headers["last-modified"]],
                  ["-H", "If-None-Match: *"]):
        assert curl(url, place.roots, *words)[::2] == (304, b""), words
    for words in (["-H", 'If-None-Match: "other"'],
                  ["-z", "Sat, 01 Jan 2000 00:00:00 GMT"]):
        assert curl(url, place.roots, *words)[0] == 200, words


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST",
                                    "OPTIONS", "TRACE", "PROPFIND"])
@pytest.mark.parametrize("door", ["plain", "secure"])
@pytest.mark.parametrize("path", ["/roots.pem", "/roots"])
def test_other_methods_are_refused_by_name(place, door, path, method):
    status, headers, _ = curl(getattr(place, door) + path, place.roots, "-X",
                              method)
    assert status in (405, 501), status
    if status == 405:
        assert "GET" in headers["allow"] and "HEAD" in headers["allow"]


def test_a_part_that_is_asked_for_comes_as_the_whole(place):
    """RFC 9110, 14.2: a server may ignore Range; files here are small."""
    status, headers, body = curl(place.plain + "/crl/issuing.crl", place.roots,
                                 "-r", "0-9")
    assert status == 200 and len(body) == int(headers["content-length"]) > 10


def test_wget_keeps_a_copy_up_to_date(place, tmp_path):
    words = ["wget", "-N", "-nv", "-P", tmp_path, place.plain + "/roots.pem"]
    done, said = say(*words)
    assert done and "saved" in said or "->" in said, said
    assert (tmp_path / "roots.pem").read_bytes() == place.roots.read_bytes()
    done, said = say(*words)
    assert done and "->" not in said, said
