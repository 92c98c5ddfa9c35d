#!/usr/bin/env python3
"""Counts the test functions in the logs of a test run.

count_tests.py unit FILE    meson's testlog.json of programs that spoke TAP
count_tests.py pytest FILE  pytest's JUnit file
Prints "PASSED FAILED SKIPPED", and on standard error what failed.
"""
import json
import re
import sys
import xml.etree.ElementTree as ElementTree

# cmocka 1.1.5 to 2.0: "ok 1 - name", "not ok 2 - name", "ok 3 # SKIP name".
TAP = re.compile(r"^(not )?ok (\d+)(?: - )? ?(.*)$")


def count_program(entry):
    """The functions of one program; a program that died counts as one."""
    seen = {}
    for line in entry.get("stdout", "").splitlines():
        match = TAP.match(line)
        if match:
            # A forked child may flush its parent's lines once more.
            seen[(match.group(2), match.group(3))] = (
                "skipped" if "# SKIP" in line
                else "failed" if match.group(1) else "passed")
    outcomes = list(seen.values())
    counts = [outcomes.count(kind) for kind in ("passed", "failed", "skipped")]
    for (_, name), outcome in seen.items():
        if outcome == "failed":
            print(f"  failed: {entry['name']}: {name}", file=sys.stderr)
    if entry["returncode"] != 0 and counts[1] == 0 or not outcomes:
        print(f"  failed: {entry['name']} ended with status "
              f"{entry['returncode']}", file=sys.stderr)
        counts[1] += 1
    if counts[1] != 0:
        text = entry.get("stdout", "") + entry.get("stderr", "")
        for line in text.splitlines()[-40:]:
            print("    " + line, file=sys.stderr)
    return counts


def count_unit(path):
    with open(path, encoding="utf-8", errors="replace") as log:
        programs = [count_program(json.loads(line)) for line in log]
    return [sum(column) for column in zip(*programs)] or [0, 1, 0]


def count_pytest(path):
    counts = [0, 0, 0]
    for case in ElementTree.parse(path).iter("testcase"):
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            counts[1] += 1
            print(f"  failed: {case.get('classname')}::{case.get('name')}",
                  file=sys.stderr)
        elif "skipped" in kinds:
            counts[2] += 1
            reason = case.find("skipped").get("message")
            print(f"  skipped: {case.get('name')}: {reason}", file=sys.stderr)
        else:
            counts[0] += 1
    return counts


if __name__ == "__main__":
    count = {"unit": count_unit, "pytest": count_pytest}[sys.argv[1]]
    print(*count(sys.argv[2]))
