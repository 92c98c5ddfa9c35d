"""The outside suites through verify --batch: every case as the suite wants it,
or docs/verdicts.md names it and says why not.

The suites lie beside the checkout (CHANCERY_SUITES_FOLDER).
"""
import json
import os
import pathlib
import random
import re
import subprocess
import sys

import pytest

from program import DONE, ROOT, SURROUNDINGS

sys.path.insert(0, str(ROOT / "tests" / "support"))

from cases_to_batch import read_suite  # noqa: E402

FOLDER = pathlib.Path(os.environ.get("CHANCERY_SUITES_FOLDER",
                                     ROOT.parent / "shared" / "suites"))
SUITES = {"limbo": "limbo.cases.xz", "bettertls": "bettertls.cases.xz",
          "pkits": "pkits.cases.xz", "boringssl": "boringssl-chain.cases.xz",
          "x509test": "x509test.cases.xz", "openssl": "openssl-verify.tar.xz"}
DIFFERENCE = re.compile(r"^\| `([^`]+)` \| (yes|no) \| ([a-z-]+) \|",
                        re.MULTILINE)
# What issue 4 allows: none in these two, three in the first.
MOST = {"bettertls": 0, "pkits": 0, "limbo": 3}
SAMPLE = 120
SEED = 20261130


@pytest.fixture(scope="module", params=sorted(SUITES))
def suite(request):
    path = FOLDER / SUITES[request.param]
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    return request.param, read_suite(path)


@pytest.fixture(scope="module")
def differences():
    """Those that docs/verdicts.md lists: case to our code."""
    text = (ROOT / "docs" / "verdicts.md").read_text()
    return {name: code for name, _, code in DIFFERENCE.findall(text)}


def judge(program, lines):
    done = subprocess.run(
        [program, "verify", "--batch"], capture_output=True, timeout=600,
        input="".join(json.dumps(line) + "\n" for line in lines).encode(),
        env=SURROUNDINGS)
    assert done.returncode == DONE, done.stderr
    answers = [json.loads(row) for row in done.stdout.splitlines()]
    assert [answer["id"] for answer in answers] == \
        [line["id"] for line in lines]
    return answers


def test_each_case_is_judged_as_the_suite_wants_or_the_paper_says_why(
        hardened_program, suite, differences):
    name, cases = suite
    answers = judge(hardened_program, [case.line for case in cases])
    differing = {}
    for case, answer in zip(cases, answers):
        assert answer["valid"] == (answer["code"] == "ok")
        assert answer["sentence"]
        if answer["valid"] != case.expects_valid:
            differing[case.name] = (answer["code"], answer["sentence"])
    unlisted = {case: said for case, said in differing.items()
                if differences.get(case) != said[0]}
    assert not unlisted, json.dumps(unlisted, indent=1)
    outlived = [case.name for case in cases
                if case.name in differences and case.name not in differing]
    assert not outlived, f"docs/verdicts.md lists what agrees: {outlived}"
    assert len(differing) <= MOST.get(name, len(cases))


@pytest.mark.parametrize("name", ["bettertls", "pkits"])
def test_rfc5280_as_a_profile_takes_the_paths_that_rfc5280_takes(
        hardened_program, name):
    path = FOLDER / SUITES[name]
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    cases = read_suite(path)
    answers = judge(hardened_program, [dict(case.line, profile="rfc5280")
                                       for case in cases])
    differing = [case.name for case, answer in zip(cases, answers)
                 if answer["valid"] != case.expects_valid]
    assert not differing


def stirred(case, strangers, chance):
    """The same question with its certificates shuffled, doubled, and among
    unrelated ones."""
    line = dict(case.line)
    untrusted = line["untrusted"] * 2 + chance.sample(strangers, 8)
    chance.shuffle(untrusted)
    roots = list(line["roots"]) * 2
    chance.shuffle(roots)
    return {**line, "untrusted": untrusted, "roots": roots}


def test_order_doubles_and_strangers_change_no_verdict(
        hardened_program, suite, is_long):
    name, cases = suite
    chance = random.Random(SEED)
    if not is_long and len(cases) > SAMPLE:
        cases = chance.sample(cases, SAMPLE)
    strangers = strangers_of(name)
    asked = judge(hardened_program, [case.line for case in cases])
    again = judge(hardened_program,
                  [stirred(case, strangers, chance) for case in cases])
    changed = {before["id"]: (before["code"], after["code"])
               for before, after in zip(asked, again)
               if (before["valid"], before["code"]) !=
               (after["valid"], after["code"])}
    assert not changed, json.dumps(changed, indent=1)


def strangers_of(name):
    """Intermediates of another suite, which names no authority of this one."""
    other = "pkits" if name != "pkits" else "bettertls"
    cases = read_suite(FOLDER / SUITES[other])
    return sorted({der for case in cases[:400]
                   for der in case.line["untrusted"]})


def test_a_case_without_its_roots_is_never_valid(hardened_program, suite):
    _, cases = suite
    cases = random.Random(SEED).sample(cases, min(SAMPLE, len(cases)))
    answers = judge(hardened_program,
                    [{**case.line, "roots": []} for case in cases])
    assert not [answer["id"] for answer in answers if answer["valid"]]
