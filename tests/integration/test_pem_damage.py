"""Damaged and unusual PEM, kb 47 to 49: every command that reads a certificate
takes it, or names the line and the byte; none speaks of a password."""
import subprocess

import pytest

from program import DONE, MALFORMED, NO, OBJECTS, SURROUNDINGS

PEM = (OBJECTS / "input" / "openssl.pem").read_text()
LINES = PEM.splitlines()
BEGIN, FIRST, END = LINES[0], LINES[1], LINES[-1]
LAST = len(LINES)


def text(*lines):
    return ("\n".join(lines) + "\n").encode()


TAKEN = {
    "byte-order-mark": b"\xef\xbb\xbf" + PEM.encode(),
    "utf-16-little-endian": b"\xff\xfe" + PEM.encode("utf-16-le"),
    "utf-16-big-endian": b"\xfe\xff" + PEM.encode("utf-16-be"),
    "crlf": PEM.replace("\n", "\r\n").encode(),
    "cr-alone": PEM.replace("\n", "\r").encode(),
    "indentation": text(*("  \t" + line for line in LINES)),
    "trailing-space": text(*(line + "  " for line in LINES)),
    "blank-lines": text(*(line + "\n" for line in LINES)),
    "leading-text": text("subject=CN = leaf", "---", "", *LINES),
    "trailing-text": text(*LINES, "", "that was it"),
    "end-glued": text(*LINES[:-2], LINES[-2] + END),
    "begin-glued": text(BEGIN + FIRST, *LINES[2:]),
    "no-last-newline": PEM.rstrip("\n").encode(),
    "one-line": text(BEGIN, "".join(LINES[1:-1]), END),
    "base64-alone": text(*LINES[1:-1]),
}

REFUSED = {
    "end-missing": (
        text(*LINES[:-1]),
        "PEM, line 1, byte 1: the block that begins here never ends"),
    "wrong-character": (
        text(BEGIN, FIRST[:10] + "*" + FIRST[11:], *LINES[2:]),
        "PEM, line 2, byte 11: a character that is not base64"),
    "base64-cut-off": (
        text(*LINES[:-2], LINES[-2][:-3], END),
        f"PEM, line {LAST}, byte 1: the base64 before this is cut off"),
    "labels-differ": (
        PEM.replace("END CERT", "END X509 CERT").encode(),
        f'PEM, line {LAST}, byte 1: this ends "X509 CERTIFICATE" where '
        '"CERTIFICATE" was begun'),
    "begin-within": (
        text(*LINES[:3], BEGIN, *LINES[3:]),
        "PEM, line 4, byte 1: a block is not ended before these dashes"),
    "four-dashes": (
        text(*LINES[:-1], END[1:]),
        f"PEM, line {LAST}, byte 20: a block is not ended before these dashes"),
    "wrong-label": (
        PEM.replace("CERTIFICATE", "X509 CRL").encode(),
        "the block that begins on line 1: it says X509 CRL and holds a "
        "certificate"),
}


@pytest.fixture(scope="module")
def commands(program):
    """lint, view and verify, as far as this program has them."""
    def run(command, given):
        return subprocess.run([program, *command.split(), "-"], input=given,
                              env=SURROUNDINGS, timeout=60,
                              capture_output=True)

    known = [command for command in ("lint", "view", "verify")
             if b"no command" not in run(command, PEM.encode()).stderr]
    assert "lint" in known and "view" in known
    return known, run


@pytest.mark.parametrize("kind", TAKEN)
def test_kb049_what_differs_in_form_alone_is_the_same_certificate(
        commands, kind):
    known, run = commands
    for command in known:
        expected, found = run(command, PEM.encode()), run(command, TAKEN[kind])
        assert expected.returncode in (DONE, NO), expected.stderr
        assert found.returncode == expected.returncode, (command, found.stderr)
        assert found.stdout == expected.stdout, command


@pytest.mark.parametrize("kind", REFUSED)
def test_kb049_damage_is_refused_with_its_line_and_byte(commands, kind):
    known, run = commands
    given, sentence = REFUSED[kind]
    for command in known:
        found = run(command, given)
        told = (found.stdout + found.stderr).decode()
        assert found.returncode in (MALFORMED, NO), (command, told)
        assert sentence in told, (command, told)
        assert "password" not in told.lower()
        assert "passphrase" not in told.lower()


def test_kb049_der_that_was_cut_off_within_pem_names_its_offset(commands):
    """A line is missing: still base64, no longer a certificate."""
    known, run = commands
    for command in known:
        found = run(command, text(*LINES[:4], *LINES[5:]))
        told = (found.stdout + found.stderr).decode()
        assert found.returncode in (MALFORMED, NO), (command, told)
        assert "offset 4" in told, (command, told)
