"""The outside suite of zlint, which nobody here wrote, judges the lint.

tests/support/zlint.map says which of our rules a lint of zlint's is, or why it
does not concern what a private authority issues. The suite lies beside the
checkout (CHANCERY_SUITES_FOLDER); without it only the map itself is looked at.
"""
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import tarfile

import pytest

from program import DONE, NO, ROOT, SURROUNDINGS

MAP = ROOT / "tests" / "support" / "zlint.map"
SUITES = pathlib.Path(os.environ.get("CHANCERY_SUITES_FOLDER",
                                     ROOT.parent / "shared" / "suites"))
NAMED_AT_LEAST = 0.9


def read_map():
    """(rules by lint, reasons by exempt lint, the ceiling)."""
    rules, exempt = {}, {}
    first, *lines = MAP.read_text().splitlines()
    for number, line in enumerate(lines, 2):
        if not line or line.startswith("#"):
            continue
        name, target, *reason = line.split("\t")
        assert name not in rules and name not in exempt, f"{number}: {name}"
        if target == "exempt":
            assert reason and len(reason[0]) > 10, f"{number}: no reason"
            exempt[name] = reason[0]
        else:
            assert not reason, f"{number}: {line}"
            rules[name] = target
    return rules, exempt, int(re.fullmatch(r"# exempt at most (\d+)",
                                           first).group(1))


@pytest.fixture(scope="module")
def suite(tmp_path_factory):
    """(folder, rows) of the suite."""
    archive = SUITES / "zlint.tar.xz"
    if not archive.is_file():
        pytest.skip(f"{archive} is not there")
    folder = tmp_path_factory.mktemp("zlint")
    with tarfile.open(archive) as opened:
        opened.extractall(folder)
    folder = folder / "zlint"
    return folder, json.loads((folder / "expected.json").read_text())


@pytest.fixture(scope="module")
def named(suite, hardened_program):
    """The rules that `chancery lint` names, by input."""
    folder, rows = suite

    def judge(name):
        done = subprocess.run([hardened_program, "lint", folder / name,
                               "--json"], env=SURROUNDINGS, timeout=60,
                              stdin=subprocess.DEVNULL, capture_output=True)
        assert done.returncode in (DONE, NO), (name, done.stderr)
        return {row["rule"] for row in json.loads(done.stdout)["findings"]}

    inputs = sorted({row["input"] for row in rows})
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return dict(zip(inputs, pool.map(judge, inputs)))


def test_exempt_lints_only_grow_fewer():
    _, exempt, ceiling = read_map()
    assert len(exempt) == ceiling, (
        f"{len(exempt)} are exempt and the map's first line allows {ceiling}; "
        "fewer is a better number to write there, more is none")


def test_every_rule_of_the_map_exists():
    rules, _, _ = read_map()
    page = (ROOT / "docs" / "lint.md").read_text()
    names = set(re.findall(r"^\| ([a-z0-9-]+) \|", page, re.MULTILINE))
    assert sorted(set(rules.values()) - names) == []


def test_every_lint_of_the_suite_has_a_line(suite):
    rules, exempt, _ = read_map()
    lints = {row["lint"] for row in suite[1]}
    assert sorted(lints - rules.keys() - exempt.keys()) == []


def test_a_mapped_rule_is_silent_on_what_passes(suite, named):
    rules, _, _ = read_map()
    wrong = [(row["lint"], row["input"]) for row in suite[1]
             if row["expected"] == "Pass" and
             rules.get(row["lint"]) in named[row["input"]]]
    assert wrong == []


def test_nine_of_ten_errors_are_named(suite, named):
    rules, _, _ = read_map()
    errors = [row for row in suite[1]
              if row["expected"] == "Error" and row["lint"] in rules]
    missed = [(row["lint"], row["input"]) for row in errors
              if rules[row["lint"]] not in named[row["input"]]]
    print(f"{len(errors) - len(missed)} of {len(errors)} errors named; missed: "
          f"{collections.Counter(lint for lint, _ in missed)}")
    assert len(missed) <= (1 - NAMED_AT_LEAST) * len(errors), missed
