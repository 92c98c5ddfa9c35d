"""The units of packaging/systemd: how they are locked in, and roles that the
service manager starts."""
import json
import re
import shutil
import subprocess

import pytest

from program import DONE, ROOT, UNAVAILABLE
from served import served, until
from units import Units

FOLDER = ROOT / "packaging" / "systemd"
ISSUE = ["issue", "--profile", "server", "--san", "www.example.org"]
MOST = {"chancery.service": 1.5, "chancery-signer@.service": 0.5,
        "chancery-status@.service": 0.5,
        "chancery-keeper@.service": 1.5, "chancery-front@.service": 1.5}


def test_properties35_every_unit_has_its_ceiling():
    assert {path.name for path in FOLDER.glob("*.service")} == set(MOST)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None,
                    reason="systemd-analyze is in Debian's package systemd")
@pytest.mark.parametrize("unit", sorted(MOST))
def test_properties35_what_a_unit_is_exposed_to_is_below_its_ceiling(
        unit, tmp_path):
    """Of an instance: systemd-analyze takes no template as it is."""
    path = tmp_path / unit.replace("@.", "@1.")
    shutil.copy(FOLDER / unit, path)
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", path],
        capture_output=True, text=True, timeout=60, check=False)
    found = re.search(r"Overall exposure level for \S+: ([0-9.]+)",
                      done.stdout)
    assert found, done.stdout + done.stderr
    assert float(found.group(1)) <= MOST[unit], done.stdout


def test_each_socket_is_of_a_unit_and_its_owners_alone():
    for path in FOLDER.glob("*.socket"):
        text = path.read_text()
        role = path.name.removeprefix("chancery-").removesuffix(".socket")
        assert f"ListenStream=/run/chancery-units/{role}.sock" in text
        assert "Accept=yes" in text and "SocketMode=0600" in text
        service = (FOLDER / f"chancery-{role}@.service").read_text()
        assert f"ExecStart=/usr/bin/chancery --role {role}\n" in service


@pytest.fixture
def units(program, tmp_path):
    folder = tmp_path / "units"
    folder.mkdir()
    started = Units(program, folder)
    yield started
    assert not started.end(), "roles that did not end with their parent"


def test_roles_are_started_by_the_service_manager(authority, units, tmp_path):
    with served(authority, tmp_path, "--units", units.folder) as server:
        assert server.children() == {}
        assert len(units.running("front")) == 3
        assert len(units.running("keeper")) == 1
        assert len(units.running("signer")) == 1
        authority.run(*ISSUE, "--key-out", tmp_path / "key")
    for role in units.processes:
        until(lambda role=role: not units.running(role), f"{role}'s end")


@pytest.mark.parametrize("role", ["signer", "keeper", "status", "front"])
def test_properties31_a_unit_that_dies_is_asked_for_again(
        authority, units, tmp_path, role):
    with served(authority, tmp_path, "--units", units.folder) as server:
        count = len(units.running(role))
        units.kill(role)
        until(lambda: authority.attempt(
            *ISSUE, "--key-out", tmp_path / "key").status == DONE,
            "a certificate")
        until(lambda: len(units.running(role)) == count, f"another {role}")
        assert f'role="{role}"' in server.log
        assert len(units.running("keeper")) == 1


def test_without_a_unit_the_reason_is_told(authority, tmp_path):
    outcome = authority.attempt("serve", "--listen", "none", "--admin-listen",
                                "none", "--http-listen", "127.0.0.1:28080",
                                "--units", tmp_path, "--json")
    error = json.loads(outcome.err.splitlines()[-1])["error"]
    assert "signer.sock" in error["sentence"], outcome.err
    assert outcome.status in (UNAVAILABLE, 6), outcome
