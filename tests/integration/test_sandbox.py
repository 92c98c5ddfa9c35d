"""The lock that signer and keeper are in, in the program as it is released."""
import re
import shutil
import subprocess

import pytest

from processes import role_of, running, status_of
from program import ROOT, SURROUNDINGS, Chancery

# Refused with an error in place of death, as the page says: the probe that
# shows that the lock holds makes them, and the C library, which has a way round.
PROBES = {"openat", "open", "socket"}
REFUSED = PROBES | {"clone3", "mremap"}
LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?([a-z_0-9]+)(.*)$")


def allowed(role):
    """The calls that docs/sandbox.md states for a role."""
    found, part = {}, None
    for line in (ROOT / "docs/sandbox.md").read_text().splitlines():
        if line.startswith("## "):
            part = line.split()[1].rstrip(":")
        elif line.startswith("| `") and part in ("Signer", "Keeper"):
            found.setdefault(part.lower(), set()).update(
                re.findall(r"`([a-z_0-9]+)`", line.split("|")[1]))
    signer = found["signer"]
    return signer if role == "signer" else signer | found["keeper"]


@pytest.fixture(scope="module")
def hardened(hardened_program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hardened")
    passphrase = folder / "passphrase"
    passphrase.write_text("the passphrase of the sandbox\n")
    authority = Chancery(hardened_program, folder / "authority")
    authority.run("init", "--name", "Hardened", "--passphrase-file",
                  passphrase)
    return authority, passphrase


def test_signer_and_keeper_are_locked_in_while_they_serve(hardened):
    authority, passphrase = hardened
    before = running(authority.program)
    authority.run("unlock", "--passphrase-file", passphrase)
    try:
        held = {role_of(process): status_of(process)
                for process in running(authority.program) - before}
    finally:
        authority.run("lock")
    assert set(held) == {"parent", "keeper", "signer"}
    for role in ("keeper", "signer"):
        assert held[role]["Seccomp"] == "2", role
        assert held[role]["NoNewPrivs"] == "1", role


def traced(authority, tmp_path, *arguments):
    """The lines of strace by process, and the role of each process."""
    log = tmp_path / "strace"
    done = subprocess.run(
        ["strace", "-f", "-qq", "-s", "256", "-o", str(log),
         str(authority.program), *map(str, arguments), "--dir",
         str(authority.directory)],
        env=SURROUNDINGS, stdin=subprocess.DEVNULL, capture_output=True,
        timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    lines, roles = {}, {}
    for line in log.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if match:
            process, call, rest = match.groups()
            lines.setdefault(process, []).append((call, rest))
            role = re.search(r'"--role", "(\w+)"', rest)
            if call == "execve" and role:
                roles[process] = role.group(1)
    return lines, roles


def after_the_lock(calls):
    """What follows the filter: None if there was none."""
    for number, (call, rest) in enumerate(calls):
        filters = ("SECCOMP_SET_MODE_FILTER" in rest or
                   "PR_SET_SECCOMP" in rest)
        if filters and rest.rstrip().endswith("= 0"):
            return calls[number + 1:]
    return None


needs_strace = pytest.mark.skipif(shutil.which("strace") is None,
                                  reason="strace is not installed")


@pytest.fixture(scope="module")
def traces(hardened, tmp_path_factory):
    authority, passphrase = hardened
    folder = tmp_path_factory.mktemp("trace")
    return traced(authority, folder, "issue", "--profile", "server", "--san",
                  "www.example.org", "--key-out", folder / "key",
                  "--passphrase-file", passphrase)


@needs_strace
def test_a_command_starts_keeper_and_signer_of_its_own(traces):
    _, roles = traces
    assert sorted(roles.values()) == ["keeper", "signer"]


@needs_strace
@pytest.mark.parametrize("role", ["signer", "keeper"])
def test_a_role_makes_no_call_beyond_those_that_are_stated(role, traces):
    lines, roles = traces
    for process in [process for process, name in roles.items()
                    if name == role]:
        calls = after_the_lock(lines[process])
        assert calls, f"{role} is not locked in"
        made = {call for call, _ in calls} - {"exited", "killed"}
        assert made - REFUSED <= allowed(role), made - REFUSED - allowed(role)
        for call, rest in calls:
            assert "SIGSYS" not in rest
            # strace tells of the result on a line of its own.
            if call not in allowed(role) and call in REFUSED and (
                    "<unfinished" not in rest):
                assert "= -1 E" in rest, (call, rest)


@needs_strace
def test_the_signer_opens_no_file_and_no_socket(traces):
    lines, roles = traces
    signers = [process for process, name in roles.items() if name == "signer"]
    assert len(signers) == 1
    calls = after_the_lock(lines[signers[0]])
    tried = [(call, rest) for call, rest in calls if call in PROBES]
    # The probe: one folder, one socket, both refused, before anything is read.
    assert {call for call, _ in tried} == {"openat", "socket"}
    assert len(tried) == 2
    assert all("= -1 E" in rest for _, rest in tried)
    first_frame = [call for call, _ in calls].index("recvmsg")
    assert all(calls.index(one) < first_frame for one in tried)


@needs_strace
def test_the_intent_is_durable_before_the_signature_leaves(traces):
    """The signer's fdatasync of its log comes between the last draft it read
    and the answer it sent."""
    lines, roles = traces
    signer = [process for process, name in roles.items()
              if name == "signer"][0]
    calls = [call for call, rest in after_the_lock(lines[signer])]
    assert "fdatasync" in calls
    last_answer = len(calls) - 1 - calls[::-1].index("sendmsg")
    assert calls.index("write") < calls.index("fdatasync") < last_answer


def test_the_tests_know_the_list_of_calls():
    assert {"read", "sendmsg", "fdatasync"} <= allowed("signer")
    assert "openat" in allowed("keeper") and "openat" not in allowed("signer")
