"""Q305929: viewer, verifier and batch are one engine.  Whatever bit of a
certificate is flipped, all three say the same."""
import base64
import json
import random
import subprocess

import pytest

from program import DONE, MALFORMED, NO, OBJECTS, SURROUNDINGS
from surgery import flip

HERE = OBJECTS / "verify"
SEED, USUAL, LONG = 305929, 48, 3000


def der_of(name):
    return subprocess.run(
        ["openssl", "x509", "-in", HERE / name, "-outform", "DER"],
        capture_output=True, check=True).stdout


def run(program, *words, text=None):
    return subprocess.run([program, *map(str, words)], input=text, timeout=120,
                          env=SURROUNDINGS, capture_output=True, check=False)


def batched(program, leaves):
    roots = [base64.b64encode(der_of("issuing.pem")).decode()]
    lines = [json.dumps({"id": place, "roots": roots,
                         "leaf": base64.b64encode(leaf).decode()}) + "\n"
             for place, leaf in enumerate(leaves)]
    done = run(program, "verify", "--batch", text="".join(lines).encode())
    assert done.returncode == DONE, done.stderr
    return [json.loads(row) for row in done.stdout.splitlines()]


def test_kb088_view_verify_and_batch_say_the_same_of_every_flipped_bit(
        hardened_program, tmp_path, is_long):
    chance = random.Random(SEED)
    intact = der_of("leaf.pem")
    leaves = [intact] + [
        flip(intact, chance.randrange(len(intact) * 8))
        for _ in range(LONG if is_long else USUAL)]
    path = tmp_path / "leaf.der"
    question = [path, "--roots", HERE / "issuing.pem", "--json"]
    codes = set()
    for leaf, batch in zip(leaves, batched(hardened_program, leaves)):
        path.write_bytes(leaf)
        verified = run(hardened_program, "verify", *question)
        assert verified.returncode in (DONE, NO, MALFORMED), verified.stderr
        verdict = json.loads(verified.stdout)
        assert (verdict["code"], verdict["valid"]) == (
            batch["code"], batch["valid"])
        codes.add(verdict["code"])
        viewed = run(hardened_program, "view", *question)
        assert viewed.returncode in (DONE, MALFORMED), viewed.stderr
        shown = json.loads(viewed.stdout) if viewed.stdout else {}
        path_shown = shown.get("path")
        if not path_shown:  # no certificate: shown as far as it goes
            assert verdict["code"] == "malformed", viewed.stderr
            continue
        assert (path_shown["code"], path_shown["valid"],
                path_shown["verdict"]) == (
                    verdict["code"], verdict["valid"], verdict["sentence"])
    assert {"ok", "signature-invalid", "malformed"} <= codes


@pytest.mark.parametrize("command", ["verify", "view"])
def test_kb088_an_intact_one_is_called_invalid_by_nobody(
        hardened_program, command):
    done = run(hardened_program, command, HERE / "leaf.pem", "--roots",
               HERE / "issuing.pem")
    assert done.returncode == DONE, done.stderr
    assert b"signature-invalid" not in done.stdout
