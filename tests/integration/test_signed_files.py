"""chancery verify of signed files, beside what openssl and osslsigncode say."""
import json
import subprocess

import pytest

from program import (DONE, MALFORMED, NO, NOT_FOUND, OBJECTS,
                     SURROUNDINGS)

SIGNED = OBJECTS / "signed"
NOW, LATER = "2026-12-01T00:00:00Z", "2030-01-01T00:00:00Z"


def run(*words):
    return subprocess.run([str(word) for word in words], env=SURROUNDINGS,
                          timeout=60, capture_output=True, text=True)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    path = tmp_path_factory.mktemp("signed") / "root.pem"
    done = run("openssl", "x509", "-inform", "DER", "-in", SIGNED / "root.crt",
               "-out", path)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def verify(program, root):
    def ask(file, *options, time=NOW, roots=None):
        return run(program, "verify", file, "--roots", roots or root, "--time",
                   time, *options)
    return ask


def facts(done):
    value = json.loads(done.stdout)
    assert value["valid"] == (done.returncode == DONE)
    assert value["signatures"]
    return value


def code_of(done):
    return facts(done)["code"]


# --- each cause has its code (kb 96, 99) ------------------------------------

CAUSES = [
    ("signed.exe", "ok", []), ("several.exe", "ok", []),
    ("nested.exe", "ok", []), ("attached.der", "ok", []),
    ("mail.eml", "ok", []), ("stream.ber", "ok", []),
    ("plain.exe", "no-signature", []), ("encrypted.der", "no-signature", []),
    ("content.txt", "no-signature", []), ("sha1.exe", "algorithm-refused", []),
    ("nocerts.der", "issuer-missing", []),
]


@pytest.mark.parametrize("name, code, options", CAUSES)
def test_kb096_kb099_each_cause_has_its_code_and_exit(verify, name, code,
                                                      options):
    done = verify(SIGNED / name, "--json", "--purpose", "code-signing",
                  *options)
    assert done.returncode == (DONE if code == "ok" else NO), done.stderr
    assert code_of(done) == code


def test_kb099_stripped_and_altered_are_told_apart(verify, tmp_path):
    altered = bytearray((SIGNED / "mail.eml").read_bytes())
    altered[altered.index(b"second")] ^= 1
    (tmp_path / "altered").write_bytes(altered)
    (tmp_path / "stripped").write_text(
        "Content-Type: text/plain\r\n\r\nTwo lines\r\n")
    said = {name: code_of(verify(tmp_path / name, "--json", "--purpose",
                                 "email")) for name in ("altered", "stripped")}
    assert said == {"altered": "content-altered", "stripped": "no-signature"}


def test_kb096_a_clock_is_named_only_where_time_was_the_rule(verify):
    said = verify(SIGNED / "plain.exe", "--purpose", "code-signing").stdout
    assert "clock" not in said
    assert "not signed" in said


def test_damage_is_malformed(verify, tmp_path):
    file = bytearray((SIGNED / "attached.der").read_bytes())
    del file[-9:]
    (tmp_path / "cut").write_bytes(file)
    done = verify(tmp_path / "cut", "--json", "--purpose", "email")
    assert done.returncode == MALFORMED


def test_a_detached_signature_asks_for_its_content(verify):
    done = verify(SIGNED / "detached.der", "--purpose", "email")
    assert done.returncode == NOT_FOUND
    assert "--content FILE" in done.stderr
    done = verify(SIGNED / "detached.der", "--json", "--content",
                  SIGNED / "content.txt")
    assert code_of(done) == "ok"
    done = verify(SIGNED / "detached.der", "--json", "--content",
                  SIGNED / "plain.exe")
    assert code_of(done) == "content-altered"


# --- time-stamps ------------------------------------------------------------

def test_a_time_stamp_keeps_a_signature_beyond_its_certificate(verify):
    done = verify(SIGNED / "short.exe", "--json", "--purpose", "code-signing",
                  time=LATER)
    assert code_of(done) == "expired-without-timestamp"
    for name in "short-stamped.exe", "short-counter.exe":
        done = verify(SIGNED / name, "--json", "--purpose", "code-signing",
                      time=LATER)
        signature = facts(done)["signatures"][0]
        assert signature["code"] == "ok"
        assert signature["stamped_at"].startswith("2026-")
        assert signature["time_stamps"][0]["valid"]


def test_a_signer_revoked_after_its_stamp_still_counts(verify):
    said = {}
    for when in "earlier", "later":
        done = verify(SIGNED / "short-stamped.exe", "--json", "--purpose",
                      "code-signing", "--crl", SIGNED / f"revoked-{when}.crl")
        said[when] = code_of(done)
    assert said == {"earlier": "revoked", "later": "ok"}


# --- beside other programs --------------------------------------------------

def openssl_says(name, root, *options):
    form = {"pem": "PEM", "eml": "SMIME"}.get(name.rsplit(".")[-1], "DER")
    done = run("openssl", "cms", "-verify", "-in", SIGNED / name, "-inform",
               form, "-CAfile", root, "-purpose", "any", "-attime",
               "1796083200", *options)
    return done.returncode == 0


# Left out are ed25519.der, which OpenSSL 3.0 can't read, and sha1.der and
# attributes.der, where we are stricter (docs/signed-files.md).
@pytest.mark.parametrize("name", [
    "attached.der", "attached.pem", "stream.ber", "mail.eml",
    "mail-opaque.eml", "noattr.der", "two.der", "keyid.der", "cades.der",
    "rsa.der", "rsa-pss.der", "nocerts.der", "unsigned.der", "server.der"])
def test_openssl_says_the_same(verify, root, name):
    ours = verify(SIGNED / name, "--json", "--purpose", "any")
    assert (ours.returncode == DONE) == openssl_says(name, root), ours.stdout


@pytest.mark.parametrize("step", range(7))
def test_openssl_refuses_what_we_refuse_of_flipped_bytes(
        verify, root, tmp_path, step):
    """Some of them: the unit test flips them all."""
    file = (SIGNED / "attached.der").read_bytes()
    content = (SIGNED / "content.txt").read_bytes()
    place = file.index(content) + step * 5
    changed = bytearray(file)
    changed[place] ^= 4
    (tmp_path / "flipped.der").write_bytes(changed)
    ours = verify(tmp_path / "flipped.der", "--json", "--purpose", "any")
    assert code_of(ours) == "content-altered"
    theirs = run("openssl", "cms", "-verify", "-in", tmp_path / "flipped.der",
                 "-inform", "DER", "-CAfile", root, "-purpose", "any")
    assert theirs.returncode != 0


def test_osslsigncode_says_the_same_of_programs(verify, root):
    for name, valid in [("signed.exe", True), ("plain.exe", False)]:
        ours = verify(SIGNED / name, "--json", "--purpose", "code-signing")
        theirs = run("osslsigncode", "verify", "-CAfile", root, "-in",
                     SIGNED / name, "-time", "1796083200")
        assert (ours.returncode == DONE) == valid
        assert ("Signature verification: ok" in theirs.stdout) == valid


# --- Debian's shim, whose table has several entries -------------------------

@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """The file of package shim-signed, which is not installed: that would touch
    the machine's boot loader."""
    folder = tmp_path_factory.mktemp("shim")
    done = subprocess.run(["apt-get", "download", "shim-signed"], cwd=folder,
                          capture_output=True, text=True, timeout=120)
    packages = list(folder.glob("*.deb"))
    if not packages:
        pytest.skip(f"shim-signed can't be had: {done.stderr[-200:]}")
    subprocess.run(["dpkg-deb", "-x", packages[0], folder], check=True)
    return next(folder.glob("usr/lib/shim/shim*.efi.signed"))


def anchors_of(program_file, folder):
    """The certificates in its entries that may issue: machines have those of
    them as anchors that their makers put there."""
    file = program_file.read_bytes()
    headers = int.from_bytes(file[0x3c:0x40], "little") + 24
    wide = file[headers:headers + 2] == b"\x0b\x02"
    place = headers + (112 if wide else 96) + 32
    start, length = (int.from_bytes(file[at:at + 4], "little")
                     for at in (place, place + 4))
    end, anchors = start + length, []
    while start < end:
        size = int.from_bytes(file[start:start + 4], "little")
        done = subprocess.run(
            ["openssl", "pkcs7", "-inform", "DER", "-print_certs"],
            input=file[start + 8:start + size], capture_output=True)
        anchors += [b"-----BEGIN" + part for part in
                    done.stdout.split(b"-----BEGIN")[1:]]
        start += (size + 7) // 8 * 8
    path = folder / "anchors.pem"
    path.write_bytes(b"".join(
        anchor[:anchor.index(b"-----END CERTIFICATE-----")] +
        b"-----END CERTIFICATE-----\n" for anchor in anchors))
    return path


def test_every_signature_of_debians_shim_is_judged(verify, shim, tmp_path):
    """Its signers' certificates live for months, and the roots of its stamps
    are not at hand: it is judged at the last of its stamps."""
    anchors = anchors_of(shim, tmp_path)
    first = facts(verify(shim, "--json", roots=anchors))
    time = max([stamp["time"] for one in first["signatures"]
                for stamp in one["time_stamps"]], default=NOW)
    value = facts(verify(shim, "--json", roots=anchors, time=time))
    assert len(value["signatures"]) >= 2
    assert {one["kind"] for one in value["signatures"]} == {"authenticode"}
    assert [one["code"] for one in value["signatures"]] == \
        ["ok"] * len(value["signatures"])
    changed = bytearray(shim.read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / "shim").write_bytes(changed)
    done = verify(tmp_path / "shim", "--json", roots=anchors, time=time)
    assert code_of(done) == "content-altered"


def test_content_for_a_program_is_refused(verify):
    done = verify(SIGNED / "signed.exe", "--content", SIGNED / "content.txt")
    assert done.returncode not in (DONE, NO)
    assert "is its own content" in done.stderr
