"""chancery view: what any object says, on the terminal, as JSON, as a page."""
import json
import os
import pathlib
import pty
import re
import subprocess

import pytest

OBJECTS = pathlib.Path(__file__).parent.parent / "objects"
INPUT = OBJECTS / "input"


@pytest.fixture(scope="module")
def view(program):
    def run(*arguments, **options):
        return subprocess.run([program, "view", *map(str, arguments)],
                              capture_output=True, timeout=60, check=False,
                              **options)
    return run


def facts(view, *arguments, **options):
    told = view("--json", *arguments, **options)
    assert told.returncode == 0, told.stderr
    return json.loads(told.stdout)


@pytest.mark.parametrize("name", [
    "openssl.der", "openssl.pem", "openssl-text.pem", "keytool.pem",
    "certutil.der", "iconv-utf16.pem", "bare.b64"])
def test_kb047_a_certificate_in_any_encoding_is_shown_the_same(view, name):
    expected = facts(view, INPUT / "openssl.der")
    shown = facts(view, INPUT / name)
    # The verdict says in which file a certificate was found.
    del shown["general"]["verdict"], expected["general"]["verdict"]
    for part in ("kind", "general", "details"):
        assert shown[part] == expected[part]


@pytest.mark.parametrize("name", ["openssl.der", "openssl.pem",
                                  "iconv-utf16le.pem"])
def test_kb048_what_comes_from_a_pipe_is_shown_the_same(view, name):
    expected = facts(view, INPUT / "openssl.der")
    shown = facts(view, "-", input=(INPUT / name).read_bytes())
    assert shown["details"] == expected["details"]
    assert shown["general"]["names"] == expected["general"]["names"]


def test_kb053_each_object_of_a_chain_is_shown(view):
    for name, kinds in [("chain.pem", ["certificate"] * 3),
                        ("openssl-chain.p7b", ["cms"] + ["certificate"] * 3 +
                         ["crl"])]:
        shown = facts(view, INPUT / name)
        assert [each["kind"] for each in shown] == kinds


def test_a_file_that_is_not_there_is_told_with_6(view, tmp_path):
    told = view(tmp_path / "no.pem")
    assert told.returncode == 6
    assert told.stdout == b""
    assert b"no.pem" in told.stderr


def test_a_damaged_file_is_shown_as_far_as_it_goes(view):
    told = view(OBJECTS / "hostile/requests/cut-after-half.csr")
    assert told.returncode == 3
    assert b"Subject  CN=hostile.example.org" in told.stdout
    assert b"reaches beyond its end at offset 4" in told.stderr


def test_the_good_blocks_in_front_of_a_damaged_one_are_shown(view, tmp_path):
    file = tmp_path / "two.pem"
    file.write_bytes((INPUT / "openssl.pem").read_bytes() +
                     b"-----BEGIN CERTIFICATE-----\nMII!\n"
                     b"-----END CERTIFICATE-----\n")
    told = view(file)
    assert told.returncode == 3
    assert told.stdout.startswith(b"Certificate\n")
    assert re.search(rb"line \d+", told.stderr)


def test_of_several_objects_the_damaged_one_is_named(view, tmp_path):
    damaged = subprocess.run(
        ["openssl", "base64", "-in",
         OBJECTS / "certificates/zlint-utcnoseconds.der"],
        capture_output=True, check=True).stdout
    file = tmp_path / "several.pem"
    file.write_bytes((INPUT / "openssl.pem").read_bytes() +
                     b"-----BEGIN CERTIFICATE-----\n" + damaged +
                     b"-----END CERTIFICATE-----\n")
    told = view(file)
    assert told.returncode == 3
    assert b"several.pem, object 2, is damaged: " in told.stderr


def test_damage_is_told_in_json_too(view):
    told = view("--json", OBJECTS / "certificates/zlint-aiacrit.der")
    assert told.returncode == 3
    assert json.loads(told.stdout)["damaged"] is True
    assert json.loads(told.stderr)["error"]["code"] == "malformed"


def test_a_file_that_holds_nothing_shows_nothing(view, tmp_path):
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"")
    told = view(empty)
    assert (told.returncode, told.stdout) == (3, b"")
    assert b"there are no bytes in it" in told.stderr


def test_a_private_key_shows_its_public_part_alone(view):
    secret = subprocess.run(
        ["openssl", "pkey", "-in", INPUT / "key-pkcs8.pem", "-noout", "-text"],
        capture_output=True, check=True).stdout.decode()
    secret = re.search(r"priv:\n([\s0-9a-f:]+)", secret)[1]
    secret = re.sub(r"\s", "", secret)
    for arguments in ([], ["--all"], ["--json", "--all"]):
        told = view(INPUT / "key-pkcs8.pem", *arguments)
        assert told.returncode == 0
        assert b"public part only" in told.stdout
        assert secret[:20].encode() not in told.stdout


def test_raw_and_details_are_there_where_they_are_wanted(view):
    plain = view(INPUT / "openssl.der").stdout
    raw = view(INPUT / "openssl.der", "--raw").stdout
    assert b"\nDetails\n" in plain and b"\nRaw\n" not in plain
    assert raw.startswith(plain.rstrip(b"\n"))
    assert b"OBJECT IDENTIFIER" in raw
    assert "raw" not in facts(view, INPUT / "openssl.der")
    assert "raw" in facts(view, INPUT / "openssl.der", "--raw")


def test_a_page_stands_by_itself_and_is_not_overwritten(view, tmp_path):
    page = tmp_path / "page.html"
    told = view(OBJECTS / "view/names.der", "--html", page)
    assert (told.returncode, told.stdout) == (0, b"")
    text = page.read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert set(re.findall(r"<([a-z0-9]+)", text)) <= {
        "html", "head", "meta", "title", "style", "body", "main", "article",
        "section", "details", "summary", "dl", "dt", "dd", "div", "span", "i",
        "b", "p", "pre", "h1", "h2", "h3"}
    assert not re.search(r"<[^>]*\b(src|href|on[a-z]+)=", text)
    assert "\u202e" not in text and "\0" not in text
    assert view(OBJECTS / "view/names.der", "--html", page).returncode == 7
    assert view(OBJECTS / "view/names.der", "--html", page,
                "--force").returncode == 0


VERIFY = OBJECTS / "verify"


def test_path_is_the_engines_verdict_from_the_root_down(view, tmp_path):
    chain = tmp_path / "chain.pem"
    chain.write_bytes((VERIFY / "leaf.pem").read_bytes() +
                      (VERIFY / "issuing.pem").read_bytes())
    leaf = facts(view, chain, "--roots", VERIFY / "root.pem")[0]
    path = leaf["path"]
    assert (path["valid"], path["code"]) == (True, "ok")
    assert path["verdict"] == leaf["general"]["verdict"]
    assert [each["subject"] for each in path["certificates"]] == [
        "O=Example,CN=Verify Root", "CN=Verify Issuing", "CN=www.example.org"]
    assert [each["verdict"] for each in path["certificates"]] == [
        "trusted", "ok", "ok"]


@pytest.mark.parametrize("roots", ["root.pem", "issuing.pem"])
def test_kb088_view_and_verify_say_the_same(program, view, roots):
    """Q305929: the viewer was of another opinion than the verifier."""
    known = subprocess.run([program, "verify", "--help"], capture_output=True)
    if known.returncode != 0:
        pytest.skip("this program has no verify yet")
    arguments = [str(VERIFY / "leaf.pem"), "--roots", str(VERIFY / roots)]
    verdict = json.loads(subprocess.run(
        [program, "verify", "--json", *arguments], capture_output=True,
        check=False).stdout)
    path = facts(view, *arguments)["path"]
    assert path["code"] == verdict["code"]
    assert path["valid"] == verdict["valid"]
    assert path["verdict"] == verdict["sentence"]
    assert path.get("remedy", "") == verdict["remedy"]


def test_a_bundle_is_summed_up_before_each_is_shown(view, tmp_path):
    names = ["verify/root.pem", "verify/issuing.pem", "verify/leaf.pem",
             "input/openssl.pem", "input/keytool.pem", "input/certutil.pem"]
    bundle = tmp_path / "bundle.pem"
    for count, kinds in [(5, ["certificate"] * 5),
                         (6, ["bundle"] + ["certificate"] * 6)]:
        bundle.write_bytes(b"".join(
            (OBJECTS / name).read_bytes() for name in names[:count]))
        shown = facts(view, bundle)
        assert [each["kind"] for each in shown] == kinds
    assert shown[0]["general"]["certificates"] == 6
    lines = view(bundle).stdout.decode().split("\n\n")[2].splitlines()
    assert lines[0] == "Details"
    assert lines[2].startswith("    - O=Example,CN=Verify Root (until 21")
    assert len(lines) == 8


def test_a_bundle_counts_what_is_out_of_date(view, tmp_path):
    gone = subprocess.run(
        ["openssl", "x509", "-inform", "DER", "-in",
         OBJECTS / "certificates/zlint-onionsangoodexpiry.der"],
        capture_output=True, check=True).stdout
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(gone + 5 * (VERIFY / "root.pem").read_bytes())
    shown = view("--json", bundle)
    assert json.loads(shown.stdout)[0]["general"] == {
        "certificates": 6, "expired": 1}
    assert " (expired 20" in view(bundle).stdout.decode()


SIGNED = OBJECTS / "signed"


@pytest.fixture
def signers_root(tmp_path):
    path = tmp_path / "root.pem"
    subprocess.run(["openssl", "x509", "-inform", "DER", "-in",
                    SIGNED / "root.crt", "-out", path], check=True)
    return path


@pytest.mark.parametrize("name, kind", [
    ("signed.exe", "program"), ("several.exe", "program"),
    ("plain.exe", "program"), ("mail.eml", "signed_mail"),
    ("attached.der", "cms"), ("two.der", "cms"), ("nocerts.der", "cms")])
def test_view_and_verify_say_the_same_of_what_is_signed(
        program, view, signers_root, name, kind):
    arguments = [str(SIGNED / name), "--roots", str(signers_root)]
    verdict = json.loads(subprocess.run(
        [program, "verify", "--json", *arguments], capture_output=True,
        check=False).stdout)
    shown = facts(view, *arguments)
    first = shown[0] if isinstance(shown, list) else shown
    path = first["path"]
    assert first["kind"] == kind
    assert first["general"]["verdict"] == path["verdict"]
    assert (path["code"], path["valid"], path["verdict"]) == (
        verdict["code"], verdict["valid"], verdict["sentence"])
    assert [each["verdict"] for each in path.get("signatures", [])] == [
        each["code"] for each in verdict["signatures"]
        if each["kind"] != "none"]


def test_what_stands_in_a_program_is_shown_behind_it(view, signers_root):
    kinds = [each["kind"] for each in facts(
        view, SIGNED / "several.exe", "--roots", signers_root)]
    assert kinds == ["program"] + ["cms", "certificate", "certificate"] * 2


@pytest.mark.parametrize("name", ["detached.der", "token.der"])
def test_what_is_signed_elsewhere_is_said_to_need_it(view, name):
    path = facts(view, SIGNED / name)[0]["path"]
    assert path == {"verdict": "not asked: what is signed stands in another "
                    "file, which chancery verify takes with --content"}


def test_a_missing_issuer_is_named_and_the_file_is_shown_all_the_same(view):
    told = view(VERIFY / "leaf.pem", "--roots", VERIFY / "root.pem")
    assert told.returncode == 0
    assert b"issuer-missing" in told.stdout
    assert b"CN=Verify Issuing" in told.stdout


def test_a_terminal_has_colours_and_a_pipe_has_none(program):
    command = [program, "view", str(OBJECTS / "view/root.der")]
    piped = subprocess.run(command, capture_output=True, check=True).stdout
    assert b"\x1b" not in piped
    master, end = pty.openpty()
    surroundings = {key: value for key, value in os.environ.items()
                    if key != "NO_COLOR"}
    surroundings["TERM"] = "xterm"
    with subprocess.Popen(command, stdout=end, env=surroundings) as running:
        os.close(end)
        shown = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        assert running.wait() == 0
    os.close(master)
    assert b"\x1b[1mCertificate\x1b[0m" in shown


def test_a_root_ends_with_the_line_that_trusts_it(view):
    file = OBJECTS / "view/root.der"
    told = view(file).stdout.decode()
    digest = subprocess.run(["sha256sum", file], capture_output=True,
                            check=True).stdout.split()[0].decode()
    assert told.splitlines()[-1] == (
        f"chancery trust add {file} --fingerprint {digest}")
