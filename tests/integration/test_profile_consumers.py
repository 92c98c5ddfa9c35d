"""Each profile's certificates in the hands of those they are for, and of those
they are not for: docs/consumers.md is held to what happens."""
import pathlib
import re
import types

import pytest
from cryptography import x509

import code_consumers
from consumers import say
from holder import hold
from making import read_certificate
from path_consumers import PURPOSES, GoPath, JavaPath, go_compiler
from profile_consumers import AUTHORITY, CONSUMERS, NEEDED
from program import ROOT, Chancery
from serving import folder_served, free_port

PROFILES = [*PURPOSES, "subordinate"]
KINDS = ["rsa2048", "p256", "ed25519"]
ROWS = [pytest.param(row, id=row.title) for row in CONSUMERS]
PAGE = ROOT / "docs/consumers.md"


class Holders(dict):
    """Made when they are first asked for."""

    def __init__(self, authority, folder):
        super().__init__()
        self.authority, self.folder = authority, folder

    def __missing__(self, which):
        self[which] = hold(self.authority, *which, self.folder)
        return self[which]


@pytest.fixture(scope="module")
def asked():
    """The paths that were fetched of what the authority publishes."""
    return []


@pytest.fixture(scope="module")
def holders(hardened_program, tmp_path_factory, asked):
    """The certificates of an authority whose lists can be fetched."""
    folder, port = tmp_path_factory.mktemp("holders"), free_port()
    made = Chancery(hardened_program, folder / "authority")
    made.run("init", "--name", "Consumers", "--url",
             f"http://127.0.0.1:{port}")
    with folder_served(port, made.directory / "publish", asked):
        yield Holders(made, folder)


@pytest.fixture(scope="module")
def world(holders, tmp_path_factory):
    return types.SimpleNamespace(
        java=JavaPath(tmp_path_factory.mktemp("java")),
        go=(GoPath(tmp_path_factory.mktemp("go")) if go_compiler() else None),
        server=holders["server", "p256"],
        signer=holders["code-signing", "p256"])


def answer(row, world, holder, work):
    if "Go" in row.name and world.go is None:
        pytest.skip("no Go compiler: Debian 12's is optional")
    work.mkdir()
    return row.make(world)(holder, work)


def stated():
    """{(profile, consumer): cells} of the page."""
    table = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0] in PROFILES:
            table[cells[0], cells[1]] = cells[2:]
    return table


def is_measured_here():
    """The page is about Debian 12; a later release may accept more."""
    return 'VERSION_ID="12"' in pathlib.Path("/etc/os-release").read_text()


def test_kb044_the_page_has_each_consumer_and_each_profile():
    assert set(stated()) == {(row.profile, row.name) for row in CONSUMERS}
    assert {profile for profile, _ in stated()} == set(PROFILES)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("row", ROWS)
def test_kb044_a_profile_is_taken_by_the_consumers_it_is_for(
        row, kind, holders, world, tmp_path):
    accepted, words = answer(row, world, holders[row.profile, kind],
                             tmp_path / "work")
    said = stated()[row.profile, row.name][KINDS.index(kind)].split()[0]
    if is_measured_here() or said == "yes":
        assert accepted == (said == "yes"), words


def lacks(holder, profile):
    """"EKU lacks serverAuth for a TLS server", or None."""
    certificate = read_certificate(holder.leaf.read_text())
    if profile == "subordinate":
        usage = certificate.extensions.get_extension_for_class(
            x509.KeyUsage).value
        return (None if usage.key_cert_sign else
                "key usage lacks keyCertSign for an authority")
    try:
        purposes = certificate.extensions.get_extension_for_class(
            x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        purposes = ()
    name, what = NEEDED[profile]
    if PURPOSES[profile] in {purpose.dotted_string for purpose in purposes}:
        return None
    return f"EKU lacks {name} for {what}"


def taken_as_stated(row):
    """The profiles that the page says it takes besides its own."""
    said = stated()[row.profile, row.name][3].partition(" (")[0]
    others = [profile for profile in PROFILES if profile != row.profile]
    if said.startswith("all"):
        return [profile for profile in others
                if profile != said.removeprefix("all but ")]
    return [] if said == "none" else said.split(", ")


@pytest.mark.parametrize("row", ROWS)
def test_kb046_what_lacks_the_purpose_is_refused_for_that(
        row, holders, world, tmp_path):
    taken = []
    for profile in PROFILES:
        if profile == row.profile:
            continue
        holder = holders[profile, row.kind]
        reason = lacks(holder, row.profile)
        assert reason, f"{profile} is for {row.profile}, too"
        accepted, words = answer(row, world, holder, tmp_path / profile)
        wanted = row.reason
        if profile == "subordinate":
            wanted += f"|{AUTHORITY}"
        if accepted:
            taken.append(profile)
        else:
            assert re.search(wanted, words), f"{reason}: {words}"
    if is_measured_here():
        assert taken == taken_as_stated(row)


# --- what is fetched ----------------------------------------------------------

def test_kb063_lists_are_fetched_from_the_address_in_the_certificate(
        holders, asked, tmp_path):
    """OpenSSL and osslsigncode, which takes no program without its list."""
    server, signer = holders["server", "p256"], holders["code-signing", "p256"]
    del asked[:]
    done, words = say(
        "openssl", "verify", "-crl_download", "-crl_check", "-CAfile",
        server.root, "-untrusted", server.above(tmp_path), server.leaf)
    assert done, words
    assert "/crl/issuing.crl" in asked
    del asked[:]
    signed, sign = code_consumers.windows_sign(signer, tmp_path)
    done, words = say(*sign)
    assert done, words
    done, words = say("osslsigncode", "verify", "-CAfile", signer.root, "-in",
                      signed)
    assert done, words
    assert "/crl/issuing.crl" in asked


def test_kb063_a_missing_issuer_is_fetched_from_the_address_in_the_certificate(
        holders, asked, tmp_path):
    """NSS, which then needs no more than the root."""
    server, base = holders["server", "p256"], f"sql:{tmp_path}"
    for step in (["-N", "--empty-password"],
                 ["-A", "-n", "root", "-t", "CT,,", "-i", server.root]):
        done, words = say("certutil", step[0], "-d", base, *step[1:])
        assert done, words
    del asked[:]
    done, words = say("vfychain", "-d", base, "-pp", "-f", "-u", 1, "-a",
                      server.leaf)
    assert done, words
    assert asked == ["/ca/issuing.cer"]
