"""chancery lint: any certificate, request or list, in any encoding."""
import base64
import json
import subprocess

import pytest

from program import DONE, MALFORMED, NO, SURROUNDINGS, USAGE


@pytest.fixture
def lint(program):
    def run(*arguments, text=None):
        return subprocess.run([program, "lint", *map(str, arguments)],
                              input=text, env=SURROUNDINGS, timeout=60,
                              capture_output=True)
    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A root, a leaf below it that keeps the rules of RFC 5280, a request."""
    folder = tmp_path_factory.mktemp("lint")

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True,
                       capture_output=True)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem",
            "-subj", "/CN=Root", "-days", "3000", "-out", "root.pem",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    (folder / "leaf.cnf").write_text(
        "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
        "subjectAltName=DNS:www.example.org\nsubjectKeyIdentifier=hash\n"
        "authorityKeyIdentifier=keyid\n")
    openssl("req", "-new", "-key", "key.pem", "-subj",
            "/O=Example/CN=www.example.org", "-out", "request.pem")
    openssl("x509", "-req", "-in", "request.pem", "-CA", "root.pem", "-CAkey",
            "key.pem", "-extfile", "leaf.cnf", "-days", "30", "-out",
            "leaf.pem")
    return folder


def facts(done):
    assert done.returncode in (DONE, NO), done.stderr
    value = json.loads(done.stdout)
    assert set(value) == {"file", "kind", "findings", "clean"}
    assert value["clean"] == (done.returncode == DONE) == \
        (not value["findings"])
    return value


def der_of(path):
    lines = path.read_text().splitlines()
    return base64.b64decode("".join(lines[1:-1]))


def test_what_keeps_the_rules_is_clean(lint, folder):
    done = lint(folder / "leaf.pem", "--scope", "rfc5280", "--scope", "own",
                "--issuer", folder / "root.pem")
    assert done.returncode == DONE, done.stdout
    assert done.stdout == b"nothing found\n"


def test_each_finding_has_rule_reference_and_sentence(lint, folder):
    value = facts(lint(folder / "leaf.pem", "--json", "--scope", "br"))
    assert value["kind"] == "certificate"
    rules = {row["rule"] for row in value["findings"]}
    assert {"server-access", "leaf-policies", "server-status"} <= rules
    for row in value["findings"]:
        assert row["rule"] and row["reference"] and row["sentence"]
    people = lint(folder / "leaf.pem", "--scope", "br").stdout.decode()
    assert "server-access (CA/Browser Forum BR, 7.1.2.7.6): " in people


def test_any_encoding_is_the_same_certificate(lint, folder, tmp_path):
    der = der_of(folder / "leaf.pem")
    (tmp_path / "der").write_bytes(der)
    (tmp_path / "bare").write_bytes(base64.encodebytes(der))
    expected = facts(lint(folder / "leaf.pem", "--json"))["findings"]
    for name in ("der", "bare"):
        assert facts(lint(tmp_path / name, "--json"))["findings"] == expected
    assert facts(lint("-", "--json", text=der))["findings"] == expected


def test_kb064_the_issuer_is_asked_where_it_is_given(lint, folder):
    value = facts(lint(folder / "root.pem", "--json", "--issuer",
                       folder / "leaf.pem", "--scope", "own"))
    assert "dates-nested" in {row["rule"] for row in value["findings"]}


def test_a_request_is_judged_by_what_concerns_it(lint, folder):
    good = facts(lint(folder / "request.pem", "--json"))
    assert good["kind"] == "request" and good["clean"]
    done = subprocess.run(
        ["openssl", "req", "-new", "-key", folder / "key.pem", "-subj",
         "/CN=a", "-addext", "subjectAltName=DNS:a_b.example.org"],
        capture_output=True, check=True)
    value = facts(lint("-", "--json", text=done.stdout))
    assert [row["rule"] for row in value["findings"]] == [
        "subject-alt-name-dns-underscore"]


def test_a_broken_form_is_a_finding_and_not_an_error(lint, folder, tmp_path):
    der = bytearray(der_of(folder / "leaf.pem"))
    time = der.index(b"\x17\x0d")
    der[time + 14] = ord("+")  # the Z of notBefore
    (tmp_path / "der").write_bytes(der)
    rules = {row["rule"]
             for row in facts(lint(tmp_path / "der", "--json"))["findings"]}
    assert {"certificate-readable", "utc-time-zulu"} <= rules


@pytest.mark.parametrize("contents", [b"", b"hello\n", b"\x30\x03\x02\x01\x01"])
def test_what_is_none_of_them_is_malformed(lint, tmp_path, contents):
    (tmp_path / "file").write_bytes(contents)
    done = lint(tmp_path / "file")
    assert done.returncode == MALFORMED, done.stderr
    assert done.stderr.count(b"\n") == 1 and done.stdout == b""


def test_an_unknown_scope_is_wrong_usage(lint, folder):
    assert lint(folder / "leaf.pem", "--scope", "etsi").returncode == USAGE


def test_damage_inside_a_block_is_told_with_file_and_line(lint, tmp_path):
    file = tmp_path / "damaged.pem"
    file.write_text("a note\n-----BEGIN CERTIFICATE-----\nMAMwggE=\n"
                    "-----END CERTIFICATE-----\n")
    refused = lint(file)
    assert b"damaged.pem, the block on line 2: " in refused.stderr
    assert b"at offset" in refused.stderr
