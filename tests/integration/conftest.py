"""Fixtures: the program under test and authorities for it to work on.

CHANCERY_PROGRAM names the program (default: the sanitized build of ./check),
CHANCERY_HARDENED_PROGRAM the build as released, for what sanitizers disturb
(system calls, memory, time). CHANCERY_LONG=1 asks for the long campaigns.
"""
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from consumers import JavaVerifier  # noqa: E402
from program import ROOT, Chancery  # noqa: E402


def program_named(variable, build):
    path = pathlib.Path(os.environ.get(
        variable, ROOT / "build-check" / build / "src" / "cli" / "chancery"))
    if not path.is_file():
        pytest.fail(f"{variable}: {path} is not built", pytrace=False)
    return path


@pytest.fixture(scope="session")
def program():
    return program_named("CHANCERY_PROGRAM", "gcc")


@pytest.fixture(scope="session")
def hardened_program():
    return program_named("CHANCERY_HARDENED_PROGRAM", "clang")


@pytest.fixture(scope="session")
def is_long():
    return bool(os.environ.get("CHANCERY_LONG"))


@pytest.fixture
def chancery(program, tmp_path):
    """The program with a DIR that doesn't exist yet."""
    return Chancery(program, tmp_path / "authority")


@pytest.fixture
def authority(chancery):
    """A fresh root and issuing authority, for tests that change it."""
    chancery.run("init", "--name", "Integration Test")
    return chancery


@pytest.fixture(scope="session")
def shared_authority(program, tmp_path_factory):
    """One root and issuing authority for the tests that only issue from it."""
    shared = Chancery(program, tmp_path_factory.mktemp("shared") / "authority")
    shared.run("init", "--name", "Integration Test")
    return shared


@pytest.fixture(scope="session")
def java(tmp_path_factory):
    return JavaVerifier(tmp_path_factory.mktemp("java"))
