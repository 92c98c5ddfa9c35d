"""Branch coverage per file, worst first, and the branches that nobody took.

    coverage.py [--figures] TRACES OBJECT...

TRACES is a folder of *.profraw files, OBJECT a program that wrote some of
them. --figures leaves the branches out. No branch is what the compiler folds
away (while (true), sizeof), and what has only one way by its contract. Exits 1 when a file has less than 95 %.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEAST = 95.0
PATTERNS = [
    "der.c", "der_writer.c", "chain/*.c", "crl*.c", "name*.c",
    "general_name*.c",
]
BRANCH = re.compile(
    r"Branch \((\d+):(\d+)\): \[True: ([0-9.kMGTE]+), False: ([0-9.kMGTE]+)\]")
# Their contract is to say false: there is no other way on. A switch without
# default lists its whole enumeration, or does not compile.
ONE_WAY = re.compile(
    r"!?(fail_because|fail_in_openssl|judge_fail|profile_breaks|refuse\w*|"
    r"crl_refuse_at|malformed|no_memory|no_room|fail)\(")
HEADING = re.compile(r"^(/.*\.[ch]):$")


def wanted_files():
    folder = ROOT / "src" / "x509"
    return sorted(path for pattern in PATTERNS for path in folder.glob(pattern))


def read_branches(traces, objects):
    """file -> [(line, column, side, taken)]"""
    with tempfile.TemporaryDirectory() as folder:
        profile = pathlib.Path(folder) / "profile"
        raw = pathlib.Path(folder) / "list"
        raw.write_text("".join(
            f"{path}\n" for path in sorted(traces.glob("*.profraw"))))
        subprocess.run(["llvm-profdata", "merge", "--sparse", "-o", profile,
                        "--input-files", raw], check=True)
        others = [word for name in objects[1:] for word in ("--object", name)]
        shown = subprocess.run(
            ["llvm-cov", "show", "--show-branches=count", "--instr-profile",
             profile, objects[0], *others],
            check=True, stdout=subprocess.PIPE, text=True)
    return parse(shown.stdout)


def parse(text):
    branches = {}
    current = None
    for row in text.splitlines():
        heading = HEADING.match(row)
        if heading:
            current = pathlib.Path(heading.group(1))
            branches.setdefault(current, {})
        branch = BRANCH.search(row)
        if branch is None:
            continue
        line, column, true, false = branch.groups()
        listed = branches.setdefault(current, {})
        for side, count in (("true", true), ("false", false)):
            key = (int(line), int(column), side)
            listed[key] = listed.get(key, False) or count != "0"
    return branches


def drop_no_branches(path, branches):
    """Without what has no second way by its contract."""
    source = path.read_text().splitlines()
    for line, column, side in list(branches):
        text = source[line - 1]
        if side == "true" and ("switch (" in text or
                               ONE_WAY.match(text[column - 1:])):
            del branches[line, column, side]
    return branches


def tell(path, branches):
    taken = sum(branches.values())
    share = 100.0 * taken / len(branches) if branches else 100.0
    print(f"{share:6.1f} %  {taken:4} of {len(branches):4}  "
          f"{path.relative_to(ROOT)}")


def tell_untaken(path, branches):
    source = path.read_text().splitlines()
    for (line, column, side), taken in sorted(branches.items()):
        if not taken:
            print(f"{path.relative_to(ROOT)}:{line}:{column}: never {side}: "
                  f"{source[line - 1].strip()}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--figures", action="store_true")
    parser.add_argument("traces", type=pathlib.Path)
    parser.add_argument("objects", nargs="+")
    asked = parser.parse_args()
    files = wanted_files()
    found = read_branches(asked.traces, asked.objects)
    unlinked = [path for path in files if path not in found]
    rows = [(path, drop_no_branches(path, found[path]))
            for path in files if path in found]
    rows.sort(key=lambda row: sum(row[1].values()) / max(1, len(row[1])))
    for path in unlinked:
        print(f"unknown: in none of the programs  {path.relative_to(ROOT)}")
    for path, branches in rows:
        tell(path, branches)
    every = [taken for _, branches in rows for taken in branches.values()]
    print(f"{100.0 * sum(every) / len(every):6.1f} %  "
          f"{sum(every)} of {len(every)} in all")
    if not asked.figures:
        for path, branches in rows:
            tell_untaken(path, branches)
    below = [path for path, branches in rows
             if 100 * sum(branches.values()) < LEAST * len(branches)]
    return 1 if below or unlinked else 0


if __name__ == "__main__":
    sys.exit(main())
