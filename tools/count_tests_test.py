#!/usr/bin/env python3
"""Proves that count_tests.py never takes a broken run for a good one."""
import contextlib
import io
import json
import pathlib
import tempfile
import unittest

import count_tests


def program(out, status=0):
    return {"name": "base/a_test", "stdout": out, "returncode": status}


class Counting(unittest.TestCase):
    def count(self, counter, *texts, suffix="\n"):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "log"
            path.write_text("".join(text + suffix for text in texts))
            with contextlib.redirect_stderr(io.StringIO()):
                return counter(str(path))

    def programs(self, *entries):
        return self.count(count_tests.count_unit, *map(json.dumps, entries))

    def pytest(self, cases):
        return self.count(count_tests.count_pytest,
                          f"<testsuites><testsuite>{cases}</testsuite>"
                          "</testsuites>")

    def test_functions_are_counted_one_by_one(self):
        self.assertEqual([2, 1, 1], self.programs(
            program("1..3\nok 1 - a\nnot ok 2 - b\n# 1 != 2\n"
                    "not ok 3 # SKIP c\n", 1), program("1..1\nok 1 - a\n")))

    def test_a_program_that_died_between_good_tests_has_failed(self):
        self.assertEqual([1, 1, 0],
                         self.programs(program("1..2\nok 1 - a\n", -11)))

    def test_a_program_that_said_nothing_has_failed(self):
        self.assertEqual([0, 1, 0], self.programs(program("", 0)))

    def test_a_leak_found_after_good_tests_has_failed(self):
        self.assertEqual([1, 1, 0],
                         self.programs(program("1..1\nok 1 - a\n", 23)))

    def test_lines_that_a_child_repeats_count_once(self):
        self.assertEqual([1, 0, 0], self.programs(
            program("1..1\nok 1 - a\nok 1 - a\n")))

    def test_no_program_at_all_has_failed(self):
        self.assertEqual([0, 1, 0], self.programs())

    def test_pytest_errors_are_failures(self):
        self.assertEqual([1, 2, 1], self.pytest(
            '<testcase name="a"/><testcase name="b"><failure/></testcase>'
            '<testcase name="c"><error/></testcase>'
            '<testcase name="d"><skipped message="why"/></testcase>'))


if __name__ == "__main__":
    unittest.main()
