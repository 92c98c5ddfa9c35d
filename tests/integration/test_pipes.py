"""What is read from a pipe is known by its content, as from a file (kb 48)."""
import pytest

from program import MALFORMED, OBJECTS

INPUT = OBJECTS / "input"


@pytest.mark.parametrize("name", ["request.pem", "request.der", "cms.der",
                                  "smime.pem"])
def test_kb048_a_request_comes_through_a_pipe_in_any_encoding(
        name, open_authority):
    facts = open_authority.run(
        "issue", "--profile", "server", "--csr", "-", "--json",
        text=(INPUT / name).read_bytes()).facts
    assert facts["certificate"].startswith("-----BEGIN CERTIFICATE-----")


def test_kb048_what_comes_through_a_pipe_and_is_no_request_is_named(
        open_authority):
    outcome = open_authority.refuses(
        MALFORMED, "issue", "--profile", "server", "--csr", "-",
        text=(INPUT / "openssl.pem").read_bytes())
    assert "certificate" in outcome.err and "request" in outcome.err
