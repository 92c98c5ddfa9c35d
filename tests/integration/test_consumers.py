"""The consumers tell good from bad; otherwise their approval means nothing."""
import pytest

import consumers
from openssl_chain import make_chain

NAME = "www.example.org"


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return make_chain("p256", NAME, tmp_path_factory.mktemp("reference"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    return make_chain("p256", NAME, tmp_path_factory.mktemp("stranger"))


@pytest.mark.parametrize("consumer", consumers.NAMES)
def test_a_good_chain_is_accepted(consumer, reference, java, tmp_path):
    leaf, between, root = reference
    accepted, words = consumers.verdict_of(
        consumer, java, leaf, between, root, NAME, tmp_path)
    assert accepted, words


@pytest.mark.parametrize("consumer", consumers.NAMES)
def test_another_root_is_refused(consumer, reference, stranger, java, tmp_path):
    leaf, between, _ = reference
    accepted, words = consumers.verdict_of(
        consumer, java, leaf, between, stranger[2], NAME, tmp_path)
    assert not accepted, words


@pytest.mark.parametrize("consumer", consumers.NAMES)
def test_another_name_is_refused(consumer, reference, java, tmp_path):
    leaf, between, root = reference
    accepted, words = consumers.verdict_of(
        consumer, java, leaf, between, root, "other.example.org", tmp_path)
    assert not accepted, words


@pytest.mark.parametrize("consumer", consumers.NAMES)
def test_a_leaf_is_no_authority(consumer, reference, java, tmp_path):
    """The issuing certificate below its own leaf makes no chain."""
    leaf, between, root = reference
    accepted, words = consumers.verdict_of(
        consumer, java, between[0], [leaf], root, NAME, tmp_path)
    assert not accepted, words
