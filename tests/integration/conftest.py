"""Fixtures: the program under test and authorities for it to work on.

CHANCERY_PROGRAM names the program (default: the sanitized build of ./check),
CHANCERY_HARDENED_PROGRAM the build as released, for what sanitizers disturb
(system calls, memory, time). CHANCERY_LONG=1 asks for the long campaigns.
"""
import os
import pathlib
import shutil
import sqlite3
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from consumers import JavaVerifier  # noqa: E402
from processes import end, left_after, running  # noqa: E402
from program import ROOT, Chancery  # noqa: E402


def program_named(variable, build):
    path = pathlib.Path(os.environ.get(
        variable, ROOT / "build-check" / build / "src" / "cli" / "chancery"))
    if not path.is_file():
        pytest.fail(f"{variable}: {path} is not built", pytrace=False)
    return path


@pytest.fixture(scope="session")
def open_folder():
    """A folder that every user reaches: a checkout may lie below one that is
    its owner's alone, and tests run the program as others, too."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="chancery-program-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def copied(program, folder):
    folder.mkdir(mode=0o755)
    return pathlib.Path(shutil.copy(program, folder / program.name))


@pytest.fixture(scope="session")
def program(open_folder):
    return copied(program_named("CHANCERY_PROGRAM", "gcc"),
                  open_folder / "usual")


@pytest.fixture(scope="session")
def hardened_program(open_folder):
    return copied(program_named("CHANCERY_HARDENED_PROGRAM", "clang"),
                  open_folder / "hardened")


@pytest.fixture(scope="session")
def is_long():
    return bool(os.environ.get("CHANCERY_LONG"))


@pytest.fixture
def chancery(program, tmp_path):
    """The program with a DIR that doesn't exist yet."""
    return Chancery(program, tmp_path / "authority")


@pytest.fixture
def released(hardened_program, tmp_path):
    """The same of the build as released: keys are made several times as fast,
    for tests that set up many authorities."""
    return Chancery(hardened_program, tmp_path / "authority")


@pytest.fixture(scope="session")
def pristine(program, tmp_path_factory):
    """A root and an issuing authority that no test touches: it is copied."""
    made = Chancery(program, tmp_path_factory.mktemp("pristine") / "authority")
    made.run("init", "--name", "Integration Test")
    return made


@pytest.fixture(scope="session")
def pristine_locked(program, tmp_path_factory):
    """(authority, passphrase file): the same with a person's passphrase."""
    folder = tmp_path_factory.mktemp("locked")
    passphrase = folder / "passphrase"
    passphrase.write_text("the passphrase of the tests\n")
    made = Chancery(program, folder / "authority")
    made.run("init", "--name", "Integration Test", "--passphrase-file",
             passphrase)
    return made, passphrase


@pytest.fixture
def authority(pristine, tmp_path):
    """A fresh root and issuing authority, for tests that change it."""
    return pristine.copy(tmp_path / "authority")


@pytest.fixture
def locked(pristine_locked, tmp_path):
    """A fresh authority that only a person's passphrase opens."""
    return pristine_locked[0].copy(tmp_path / "authority")


@pytest.fixture(scope="session")
def shared_authority(pristine, tmp_path_factory):
    """One root and issuing authority for the tests that only issue from it."""
    return pristine.copy(tmp_path_factory.mktemp("shared") / "authority")


@pytest.fixture(scope="session")
def java(tmp_path_factory):
    return JavaVerifier(tmp_path_factory.mktemp("java"))


@pytest.fixture(scope="session")
def open_authority(pristine_locked, tmp_path_factory):
    """As shared_authority, with its keys held open by a process, as `unlock`
    leaves it: what only issues is several times as fast."""
    made, passphrase = pristine_locked
    opened = made.copy(tmp_path_factory.mktemp("open") / "authority")
    opened.run("unlock", "--passphrase-file", passphrase)
    yield opened
    opened.run("lock")


def read_serials(authority):
    """Of all certificates in the store, as bytes; read past the program."""
    path = authority.directory / "chancery.db"
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        return [bytes(row[0]) for row in store.execute(
            "SELECT serial FROM certificate ORDER BY id")]


@pytest.fixture(scope="session")
def serials():
    return read_serials


@pytest.fixture(autouse=True)
def nothing_is_left_running(request):
    """No process of the program outlives the test that started it."""
    programs = [request.getfixturevalue(name)
                for name in ("program", "hardened_program")
                if name in request.fixturenames]
    before = {path: running(path) for path in programs}
    yield
    for path in programs:
        left = left_after(path, before[path])
        for process in left:
            end(process)
        assert not left, f"still running: {left}"
