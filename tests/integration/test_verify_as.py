"""chancery verify --as: what openssl and certtool say of the same chain."""
import datetime
import json
import os
import re
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from program import (DONE, MALFORMED, NO, NOT_FOUND, OBJECTS, REFUSED,
                     SURROUNDINGS, UNAVAILABLE, USAGE)

HERE = OBJECTS / "verify"
CHAIN = [HERE / "leaf.pem", "--roots", HERE / "root.pem", "--untrusted",
         HERE / "issuing.pem"]
BOTH = pytest.mark.parametrize("other", ["openssl", "gnutls"])
COMMANDS = {"openssl": "openssl", "gnutls": "certtool"}


@pytest.fixture
def verify(program, tmp_path):
    """Runs it and looks that it left nothing in the temporary folder."""
    rest = tmp_path / "rest"
    rest.mkdir()

    def run(*arguments, before=(), environment=None, **options):
        done = subprocess.run(
            [*map(str, before), program, "verify", *map(str, arguments)],
            env=dict(SURROUNDINGS, TMPDIR=str(rest), **(environment or {})),
            stdin=subprocess.DEVNULL, timeout=120, capture_output=True,
            **options)
        assert not list(rest.iterdir())
        return done
    return run


@pytest.fixture
def told(verify):
    """(arguments) -> (our verdict, the other's answer), with the exit code
    held to the latter."""
    def run(other, *arguments):
        done = verify(*arguments, "--as", other, "--json")
        assert done.stderr == b"", done.stderr
        verdict = json.loads(done.stdout)
        answer = verdict["as"]
        assert set(answer) == {"program", "version", "valid", "words",
                               "not_asked"}
        assert answer["program"] == other
        assert re.fullmatch(r"\d+\.\d+\.\d+[a-z0-9~+.-]*", answer["version"])
        assert done.returncode == (DONE if answer["valid"] else NO)
        return verdict, answer
    return run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """root.pem, and certificates below it with a common name alone and with
    the past for their time; other.crl, its list."""
    folder = tmp_path_factory.mktemp("as")
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.timezone.utc)
    day = datetime.timedelta(days=1)

    def write(name, common, begin, end, extensions=(), issuer="As Root"):
        builder = x509.CertificateBuilder(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]),
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)]),
            key.public_key(), x509.random_serial_number(), begin, end)
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        encoded = builder.sign(key, hashes.SHA256()).public_bytes(
            serialization.Encoding.PEM)
        (folder / name).write_bytes(encoded)

    names = (x509.SubjectAlternativeName([x509.DNSName("good.example"),
                                          x509.RFC822Name("a@good.example")]),
             False)
    write("root.pem", "As Root", now - 9 * day, now + 9 * day,
          [(x509.BasicConstraints(True, None), True)])
    write("cn.pem", "cn.example", now - day, now + day)
    write("good.pem", "good.example", now - day, now + day, [names])
    write("expired.pem", "good.example", now - 3 * day, now - day, [names])
    (folder / "other.crl").write_bytes(
        x509.CertificateRevocationListBuilder(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "As Root")]),
            now - day, now + day).sign(key, hashes.SHA256()).public_bytes(
                serialization.Encoding.PEM))
    write("escape.pem", "\x1b[31m\u202e\\", now - 3 * day, now - day)
    return folder


# --- agreement ----------------------------------------------------------------

@BOTH
@pytest.mark.parametrize("arguments, words", [
    ([], ""),
    (["--name", "www.example.org", "--purpose", "server"], ""),
    (["--name", "other.example.org"], "name|Hostname mismatch"),
    (["--purpose", "client"], "purpose"),
    (["--crl", HERE / "empty.crl"], ""),
    (["--crl", HERE / "revoked.crl"], "revoked"),
    (["--crl", HERE / "revoked.crl", "--revocation", "off"], ""),
    (["--name", "192.0.2.1"], "name|IP address mismatch"),
    (["--name", "a@b.example"], "name|email address mismatch"),
])
def test_each_option_reaches_the_program(told, other, arguments, words):
    verdict, answer = told(other, *CHAIN, *arguments)
    assert verdict["valid"] is answer["valid"] is (words == "")
    if words:
        assert re.search(words, answer["words"]), answer


@pytest.mark.parametrize("arguments, words", [
    (["--time", "2020-01-01T00:00:00Z"], "not yet valid"),
    (["--time", "2126-02-01T00:00:00Z"], "has expired"),
    (["--time", "2027-01-01T00:00:00Z"], ""),
    (["--max-depth", "0"], "chain too long"),
    (["--require-explicit-policy"], "no explicit policy"),
    (["--require-explicit-policy", "--policy", "1.2.3"], "explicit policy"),
    (["--revocation", "hard"], "unable to get certificate CRL"),
    (["--profile", "rfc5280"], ""),
])
def test_openssl_is_told_what_certtool_cannot_be(told, arguments, words):
    verdict, answer = told("openssl", *CHAIN, *arguments)
    assert verdict["valid"] is answer["valid"] is (words == "")
    assert words in answer["words"] and answer["not_asked"] == []
    _, answer = told("gnutls", *CHAIN, *arguments)
    assert answer["valid"] is True
    assert any(what.startswith(arguments[0]) for what in answer["not_asked"])


@BOTH
def test_expired_is_expired_for_both(told, made, other):
    verdict, answer = told(other, made / "expired.pem", "--roots",
                           made / "root.pem")
    assert verdict["code"] == "expired" and answer["valid"] is False
    assert "expired" in answer["words"]


@BOTH
def test_a_trusted_intermediate_is_trust_enough(told, other):
    verdict, answer = told(other, HERE / "leaf.pem", "--roots",
                           HERE / "issuing.pem")
    assert verdict["valid"] is answer["valid"] is True


@BOTH
def test_the_roots_are_those_of_the_question_alone(told, made, other):
    verdict, answer = told(other, HERE / "leaf.pem", "--untrusted",
                           HERE / "issuing.pem", "--roots", made / "root.pem")
    assert verdict["valid"] is answer["valid"] is False
    assert re.search("unable to get|issuer is unknown", answer["words"])


@pytest.mark.parametrize("other, arguments, what", [
    ("openssl", ["--distrusted", HERE / "root.pem"], "--distrusted"),
    ("openssl", ["--purpose", "ocsp"], "--purpose"),
    ("openssl", ["--profile", "webpki"], "--profile webpki"),
    ("openssl", ["--crl", HERE / "empty.crl"], "--revocation soft"),
    ("openssl", ["--crl", HERE / "issuing-damaged.der"], "--crl that can't"),
    ("openssl", ["--name", "www.example.org", "--name", "b.example"],
     "each --name after the first"),
    ("openssl", ["--name", "uri:https://www.example.org/"], "a URI"),
    ("gnutls", ["--name", "www.example.org", "--name", "a@b.example"],
     "each --name after the first"),
    ("gnutls", ["--inhibit-any-policy"], "--inhibit-any-policy"),
])
def test_what_it_was_not_asked_is_named(verify, told, other, arguments, what):
    _, answer = told(other, *CHAIN, *arguments)
    assert [row for row in answer["not_asked"] if what in row], answer
    said = verify(*CHAIN, *arguments, "--as", other).stdout.decode()
    assert f"\n{COMMANDS[other]} was not asked for " in said


# --- difference ---------------------------------------------------------------

@BOTH
def test_a_common_name_is_a_name_to_others_and_none_here(verify, made, other):
    """RFC 9525, 6.3: they fall back to it where there is no DNS name."""
    done = verify(made / "cn.pem", "--roots", made / "root.pem", "--name",
                  "cn.example", "--as", other)
    rows = done.stdout.decode().splitlines()
    assert done.returncode == DONE
    assert rows[0] == "not valid: name-missing"
    assert re.fullmatch(rf"{other} \S+ says: valid", rows[-2])
    assert rows[-1] == (f"they differ: {other} accepts what is refused here as "
                        "name-missing, by the rule name-dns (RFC 9525, 6.3)")


def test_where_the_other_alone_refuses_its_reason_is_the_one_told(verify, made):
    """A list that says nothing of the certificate: openssl has no soft."""
    done = verify(*CHAIN, "--crl", made / "other.crl", "--as", "openssl")
    rows = done.stdout.decode().splitlines()
    assert done.returncode == NO and rows[0] == "valid"
    assert "unable to get certificate CRL" in rows[-3]
    assert rows[-2] == ("they differ: openssl refuses what is valid here, for "
                        "the reason that it gives")
    assert rows[-1].startswith("openssl was not asked for --revocation soft (")


@BOTH
def test_an_answer_is_told_after_the_verdict_in_its_words(verify, other):
    rows = verify(*CHAIN, "--as", other).stdout.decode().splitlines()
    assert rows[0] == "valid" and rows[2] == "path, the certificate first:"
    assert re.fullmatch(rf"{other} \S+ says: valid", rows[-1])
    rows = verify(*CHAIN, "--name", "b.example", "--as",
                  other).stdout.decode().splitlines()
    assert rows[0] == "not valid: name-mismatch"
    assert re.fullmatch(rf"{other} \S+ says: not valid: .*name.*", rows[-1],
                        re.IGNORECASE)


# --- hostile ------------------------------------------------------------------

@BOTH
def test_no_name_of_a_file_reaches_the_program(verify, made, tmp_path, other):
    names = ["-help", "--infile=x", "; touch hurt", "a\nb\x1b[31m"]
    for name in names:
        os.symlink(made / "good.pem", tmp_path / name)
        done = verify("--roots", made / "root.pem", "--as", other, "--", name,
                      cwd=tmp_path)
        assert done.returncode == DONE, done.stdout + done.stderr
        assert done.stdout.endswith(b" says: valid\n")
    os.symlink(made / "root.pem", tmp_path / "-CAfile")
    done = verify(made / "good.pem", "--roots=-CAfile", "--as", other,
                  cwd=tmp_path)
    assert done.returncode == DONE, done.stdout + done.stderr
    assert not (tmp_path / "hurt").exists()


def test_its_words_are_made_visible(verify, made):
    done = verify(made / "escape.pem", "--roots", made / "root.pem", "--as",
                  "openssl")
    assert done.returncode == NO and b"says: not valid: " in done.stdout
    assert not any(byte in done.stdout for byte in (b"\x1b", b"\xe2\x80\xae"))


def test_neither_path_nor_surroundings_choose_or_move_it(verify, tmp_path):
    for name in COMMANDS.values():
        (tmp_path / name).write_text("#!/bin/sh\ntouch $0.ran\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "openssl.cnf").write_text("broken = [\n")
    for other in COMMANDS:
        done = verify(*CHAIN, "--as", other, environment={
            "PATH": str(tmp_path), "LC_ALL": "de_DE.UTF-8",
            "OPENSSL_CONF": str(tmp_path / "openssl.cnf")})
        assert done.returncode == DONE, done.stderr
    assert not list(tmp_path.glob("*.ran"))


# --- no answer ----------------------------------------------------------------

@pytest.mark.parametrize("word", ["nss", "", "certtool", "OPENSSL"])
def test_an_unknown_program_is_wrong_usage_and_the_known_are_named(
        verify, word):
    done = verify("/nonexistent/leaf.pem", f"--as={word}")
    assert done.returncode == USAGE and done.stdout == b""
    assert b"openssl" in done.stderr and b"gnutls" in done.stderr


def test_as_is_for_one_certificate(verify, made):
    done = verify("--batch", "--as", "openssl")
    assert done.returncode == USAGE
    done = verify(made / "good.pem", "--content", made / "good.pem", "--roots",
                  made / "root.pem", "--as", "openssl")
    assert done.returncode == USAGE and done.stdout == b""
    assert b"--as is for certificates, not for signed files" in done.stderr
    (made / "junk").write_text("junk")
    done = verify(made / "junk", "--roots", made / "root.pem", "--as",
                  "openssl")
    assert done.returncode == MALFORMED and done.stdout == b""


def test_more_than_a_program_can_be_told_is_refused_by_its_limit(verify):
    many = [word for place in range(60) for word in ("--policy", f"1.2.{place}")]
    done = verify(*CHAIN, *many, "--as", "openssl")
    assert done.returncode == REFUSED and done.stdout == b""
    assert b"more than the 120 words that --as passes on" in done.stderr


def bound(source, place):
    """The words that run a program with the source in that place."""
    words = ["unshare", "-m", "sh", "-c",
             'mount --bind "$0" "$1" && shift && exec "$@"', source, place]
    try:
        subprocess.run([*words, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this user may put nothing in a program's place")
    return words


def in_place(other, file):
    """The same with a file in the place of the other program."""
    name = COMMANDS[other]
    return bound(file, next(path for path in (f"/usr/bin/{name}",
                                              f"/usr/local/bin/{name}")
                            if os.access(path, os.X_OK)))


@BOTH
def test_a_missing_program_is_named_with_its_package(verify, tmp_path, other):
    nothing = tmp_path / "nothing"
    nothing.touch(mode=0o644)
    done = verify(*CHAIN, "--as", other, before=in_place(other, nothing))
    assert done.returncode == NOT_FOUND and done.stdout == b""
    package = {"openssl": b"openssl", "gnutls": b"gnutls-bin"}[other]
    assert b"the package " + package + b" brings it" in done.stderr


def test_behind_usr_bin_it_is_looked_for_in_usr_local_bin(verify, tmp_path):
    nothing, local = tmp_path / "nothing", tmp_path / "local"
    nothing.touch(mode=0o644)
    local.mkdir()
    (local / "certtool").write_text("#!/bin/sh\necho certtool 1.2.3\n")
    (local / "certtool").chmod(0o755)
    done = verify(*CHAIN, "--as", "gnutls", before=[
        *in_place("gnutls", nothing), *bound(local, "/usr/local/bin")])
    assert done.returncode == DONE, done.stderr
    assert done.stdout.endswith(b"\ngnutls 1.2.3 says: valid\n")


@pytest.mark.parametrize("script, words", [
    ("sleep 60", b"did not answer within 10000 ms, and was ended"),
    ("echo odd; exit 9", b"certtool did not judge, and ended with 9: odd")])
def test_no_answer_is_no_verdict(verify, tmp_path, script, words):
    file = tmp_path / "script"
    file.write_text('#!/bin/sh\n[ "$1" = --version ] && echo certtool 3.0.0 '
                    f"&& exit\n{script}\n")
    file.chmod(0o755)
    done = verify(*CHAIN, "--as", "gnutls", before=in_place("gnutls", file))
    assert done.returncode == UNAVAILABLE and done.stdout == b""
    assert words in done.stderr
