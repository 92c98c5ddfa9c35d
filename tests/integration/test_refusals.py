"""A refusal names field, rule, what was found and what is allowed, and the
journal keeps the same sentence (kb 58)."""
import pytest

from making import make_request
from program import REFUSED

# What is asked, and the words that must be in the sentence: the field, what was
# found, what is allowed.
REFUSALS = [
    (["--san", "email:a@example.org"], ["email", "a@example.org", "dns", "ip"]),
    (["--subject", "CN=www.example.org,C=XX"], ["C ", "XX", "3166", "DE"]),
    (["--subject", "CN=" + "n" * 65], ["CN ", "65", "64", "RFC 5280"]),
    (["--lifetime", "400d"], ["server", "400d", "397d"]),
    (["--san", "-a.example.org"], ["-a.example.org", "hyphen"]),
]


@pytest.mark.parametrize("arguments, words", REFUSALS,
                         ids=["kind", "country", "length", "lifetime", "name"])
def test_kb058_a_refusal_names_field_rule_found_and_allowed(
        arguments, words, authority, tmp_path):
    request = make_request(tmp_path / "request.pem", dns=["www.example.org"])
    outcome = authority.attempt("issue", "--profile", "server", "--csr",
                                request, *arguments)
    assert outcome.status != 0 and not outcome.out, outcome
    for word in words:
        assert word in outcome.err, (word, outcome)


def test_kb058_the_journal_keeps_the_sentence_that_was_told(
        authority, tmp_path):
    request = make_request(tmp_path / "request.pem", dns=["www.example.org"])
    outcome = authority.attempt("issue", "--profile", "server", "--csr",
                                request, "--lifetime", "400d")
    assert outcome.status == REFUSED
    told, = [event for event in authority.facts("audit show", "--kind",
                                                "refused")]
    assert told["detail"]["reason"] in outcome.err
