"""What the processes of a server hold in memory, and who may look."""
import os
import pathlib
import re
import subprocess

import pytest

from consumers import say
from program import DONE
from served import get, served

ISSUE = ["issue", "--profile", "server", "--san", "www.example.org"]


def scalar_of(authority):
    """The private scalar of the issuing key, by openssl."""
    keys = authority.directory / "keys"
    done, words = say("openssl", "pkey", "-in", keys / "issuing.key", "-passin",
                      f"file:{keys / 'unlock'}", "-noout", "-text")
    assert done, words
    digits = re.search(r"priv:\s+((?:[0-9a-f:]|\s)+)pub:", words).group(1)
    return bytes.fromhex(re.sub(r"[:\s]", "", digits)).rjust(32, b"\0")[-32:]


def memory_of(process):
    """All that is mapped readable, piece by piece."""
    maps = pathlib.Path(f"/proc/{process}/maps").read_text().splitlines()
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for line in maps:
            place, rights = line.split()[:2]
            if "r" not in rights or line.endswith(("[vvar]", "[vsyscall]")):
                continue
            start, end = (int(number, 16) for number in place.split("-"))
            try:
                memory.seek(start)
                yield memory.read(end - start)
            except (OSError, OverflowError):
                continue


def holds(process, forms):
    return any(form in piece for piece in memory_of(process)
               for form in forms)


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone may look at memory")
def test_properties33_the_key_is_in_no_process_of_the_network(
        authority, tmp_path):
    """As bytes, and as OpenSSL holds big numbers: words, the lowest first."""
    scalar = scalar_of(authority)
    forms = [scalar, scalar[::-1]]
    passphrase = (authority.directory / "keys" / "unlock").read_bytes().strip()
    with served(authority, tmp_path) as server:
        for number in range(5):
            authority.run(*ISSUE, "--key-out", tmp_path / f"key{number}")
        for path in ("/", "/roots.pem", "/health", "/crl/issuing.crl"):
            assert get(server, path)[0] == 200
        children = server.children()
        assert holds(children["signer"][0], forms), "the test sees nothing"
        others = [process for role, processes in children.items()
                  for process in processes if role != "signer"]
        assert len(others) >= 4
        for process in [*others, server.process.pid]:
            assert not holds(process, [*forms, passphrase]), process


@pytest.mark.skipif(os.geteuid() != 0, reason="other users are changed to")
def test_properties33_nobody_of_the_same_user_looks_at_a_role(
        authority, tmp_path):
    """The roles run as DIR's owner; that owner may not trace them."""
    for path in [authority.directory, *authority.directory.rglob("*")]:
        os.chown(path, 4711, 4711)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == 0 and folder != pathlib.Path("/"):
            folder.chmod(folder.stat().st_mode | 0o111)
    with served(authority, tmp_path) as server:
        children = server.children()
        for role in ("signer", "keeper", "front"):
            process = children[role][0]
            for file in ("mem", "maps"):
                done = subprocess.run(
                    ["setpriv", "--reuid=4711", "--regid=4711",
                     "--clear-groups", "head", "-c1",
                     f"/proc/{process}/{file}"],
                    capture_output=True, text=True, timeout=20, check=False)
                assert done.returncode != DONE, (role, file)
                assert "ermission denied" in done.stderr, done.stderr
