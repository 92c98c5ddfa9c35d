"""Commands that come at once all finish, each with a serial of its own."""
import threading

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from making import make_request, read_certificate
from program import DONE, REFUSED, Chancery

AT_ONCE = 8


def at_once(authority, commands):
    """Starts them all before it waits for any; their outputs."""
    processes = [authority.start(*command) for command in commands]
    said = [None] * len(processes)

    def wait(number):
        said[number] = processes[number].communicate(timeout=180)

    threads = [threading.Thread(target=wait, args=(number,))
               for number in range(len(processes))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for process, (out, err) in zip(processes, said):
        assert process.returncode == DONE, err.decode()
        assert b"Sanitizer" not in err and b"runtime error" not in err
    return [out.decode() for out, _ in said]


def check_serials(authority, outputs, serials, before):
    numbers = {read_certificate(out).serial_number for out in outputs}
    assert len(numbers) == len(outputs)
    stored = {int.from_bytes(serial, "big") for serial in serials(authority)}
    assert numbers <= stored
    assert len(stored) == before + len(outputs)


@pytest.mark.parametrize("which", ["shared_authority", "open_authority"])
def test_kb043_eight_at_once_all_finish_with_eight_serials(
        which, request, tmp_path, serials):
    authority = request.getfixturevalue(which)
    path = make_request(tmp_path / "request.pem", dns=["www.example.org"])
    before = len(serials(authority))
    outputs = at_once(authority, [["issue", "--profile", "server", "--csr",
                                   path]] * AT_ONCE)
    check_serials(authority, outputs, serials, before)


def test_kb062_profiles_issue_side_by_side_and_a_refusal_is_its_own(
        open_authority, tmp_path):
    """Three policies at once, of which one refuses what it is asked."""
    path = make_request(tmp_path / "request.pem", dns=["www.example.org"])
    refused = open_authority.start("issue", "--profile", "email", "--csr", path)
    outputs = at_once(open_authority, [
        ["issue", "--profile", "server", "--csr", path],
        ["issue", "--profile", "client", "--subject", "CN=Mary", "--san",
         "mary@example.org", "--csr", path]] * 3)
    _, err = refused.communicate(timeout=180)
    assert refused.returncode == REFUSED and b"email" in err, err
    purposes = [read_certificate(out).extensions.get_extension_for_class(
        x509.ExtendedKeyUsage).value[0] for out in outputs]
    assert purposes == [ExtendedKeyUsageOID.SERVER_AUTH,
                        ExtendedKeyUsageOID.CLIENT_AUTH] * 3


def test_eight_with_one_idempotency_key_are_one_certificate(
        open_authority, tmp_path, serials):
    path = make_request(tmp_path / "request.pem", dns=["www.example.org"])

    def valid():
        return {row["serial"] for row in open_authority.facts(
            "list", "--status", "valid")}

    before, all_before = valid(), set(serials(open_authority))
    outputs = at_once(open_authority, [
        ["issue", "--profile", "server", "--csr", path, "--idempotency-key",
         "parallel"]] * AT_ONCE)
    assert len(set(outputs)) == 1
    assert len(valid() - before) == 1
    # Two that met on the road: the second was never delivered, and is revoked.
    twins = set(serials(open_authority)) - all_before
    assert len(twins) <= AT_ONCE


def test_reading_goes_on_while_others_issue(shared_authority, tmp_path,
                                            serials):
    path = make_request(tmp_path / "request.pem", dns=["www.example.org"])
    issue = ["issue", "--profile", "server", "--csr", path]
    before = len(serials(shared_authority))
    outputs = at_once(shared_authority, [
        issue, ["list"], ["ca list"], issue, ["status"], ["keys list"], issue])
    assert all(outputs)
    assert len(serials(shared_authority)) == before + 3


def test_of_eight_inits_at_once_one_makes_the_authority(hardened_program,
                                                        tmp_path):
    authority = Chancery(hardened_program, tmp_path / "authority")
    processes = [authority.start("init", "--one-tier", "--name", f"I{i}")
                 for i in range(AT_ONCE)]
    said = [process.communicate(timeout=180) for process in processes]
    statuses = [process.returncode for process in processes]
    assert statuses.count(DONE) == 1, (statuses, said)
    assert set(statuses) <= {DONE, 7}, (statuses, said)
    assert authority.run("keys prove")
    assert not [path for path in authority.directory.iterdir()
                if path.name.startswith(".")]
