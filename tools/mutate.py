"""Would the tests notice?  Mutants of the chain engine, one at a time.

    mutate.py [--count N] [--seed S] BUILD [SOURCE...]

BUILD is a meson build folder with -Doptimization=0 whose tests are built
(tools/coverage.sh makes one); SOURCE are files of src/x509/chain, by default
all. A mutant has one operator turned (== and !=, < and <=, && and ||), one
number raised by one, or one "return false;" left out. Each is compiled alone,
linked with the other objects into a library, and killed by the first test
program that fails, crashes or takes too long. The tree itself is not touched.
Prints every survivor with its line, and ends with the share that was killed.
Not part of ./check: it takes about 3 s for each mutant.
"""
import argparse
import concurrent.futures
import json
import pathlib
import random
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = """chain chain_search chain_rules host reference_name name_edges
constraints policy profile path_damage extension_walk extension_sweep
chain_certificate pool arithmetic signature_key revocation revocation_scope
explain explain_edges""".split()
SECONDS = 30
TURNED = {"==": "!=", "!=": "==", "<": "<=", "<=": "<", ">": ">=",
          ">=": ">", "&&": "||", "||": "&&"}
TOKEN = re.compile(
    r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|->|<<|>>|==|!=|<=|>=|&&|\|\||'
    r"[<>]|\b\d+\b|\breturn false;|\w+|\S")


def code_lines(text):
    """(number, line) without comments and preprocessor lines."""
    is_comment = is_macro = False
    for number, line in enumerate(text.splitlines()):
        if is_comment or line.lstrip().startswith("/*"):
            is_comment = "*/" not in line
            continue
        if is_macro or line.lstrip().startswith("#"):
            is_macro = line.endswith("\\")
            continue
        yield number, line


def mutants_of(path):
    for number, line in code_lines(path.read_text()):
        for token in TOKEN.finditer(line):
            old = token.group()
            if line[token.start() - 1:token.end() + 1] == "{0}":
                continue  # what is written before it is read
            if old in TURNED:
                new = TURNED[old]
            elif old.isdigit():
                new = str(int(old) + 1)
            elif old == "return false;":
                new = ";"
            else:
                continue
            yield path, number, token.start(), old, new


class Workshop:
    def __init__(self, build, folder):
        self.build = build
        self.folder = folder
        rows = json.loads((build / "compile_commands.json").read_text())
        self.rows = [row for row in rows if re.match(
            r"src/(base|crypto|x509)/lib\w+\.a\.p/", row["output"])]
        self.test_rows = [row for row in rows if any(
            f"/x509-{name}_test.p/" in row["output"] for name in TESTS)]
        self.objects = {}

    def compile(self, row, source, output):
        words = [word for word in shlex.split(row["command"])
                 if not word.startswith(("-fprofile", "-fcoverage"))]
        at = words.index("-o")
        words[at + 1] = str(output)
        words[words.index("-c") + 1] = str(source)
        for flag in ("-MQ", "-MF"):
            at = words.index(flag)
            del words[at:at + 2]
        words.remove("-MD")
        return subprocess.run(
            words + ["-fPIC", "-fvisibility=default", "-Wno-error", "-w"],
            cwd=self.build, stderr=subprocess.DEVNULL).returncode == 0

    def prepare(self):
        rows = self.rows + self.test_rows
        for number, row in enumerate(rows):
            self.objects[row["output"]] = self.folder / f"{number}.o"
        with concurrent.futures.ThreadPoolExecutor(2) as workers:
            done = workers.map(lambda row: self.compile(
                row, self.build / row["file"], self.objects[row["output"]]),
                rows)
            if not all(done):
                sys.exit("the sources can't be compiled")
        library = self.folder / "whole"
        library.mkdir()
        self.link(library, {})
        for name in TESTS:
            parts = [str(self.objects[row["output"]])
                     for row in self.test_rows
                     if f"/x509-{name}_test.p/" in row["output"]]
            subprocess.run(
                ["clang", "-o", self.folder / name, *parts, "-L", library,
                 "-lmutant", "-lcmocka", "-lcrypto", "-ljansson", "-lpthread",
                 "-lsqlite3"], check=True)

    def link(self, folder, replaced):
        parts = [str(replaced.get(row["output"], self.objects[row["output"]]))
                 for row in self.rows]
        return subprocess.run(
            ["clang", "-shared", "-o", folder / "libmutant.so", *parts,
             "-lcrypto", "-lssl", "-ljansson", "-lpsl", "-lpthread",
             "-lseccomp", "-largon2", "-lyaml"], stderr=subprocess.DEVNULL).returncode == 0

    def failing_test(self, folder):
        for name in TESTS:
            try:
                done = subprocess.run(
                    [self.folder / name], cwd=folder, timeout=SECONDS,
                    env={"LD_LIBRARY_PATH": str(folder)},
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            except subprocess.TimeoutExpired:
                return name
            if done.returncode != 0:
                return name
        return None

    def judge(self, mutant):
        """None: it does not compile; else the test that killed it, or ''."""
        path, number, column, old, new = mutant
        lines = path.read_text().splitlines(keepends=True)
        line = lines[number]
        lines[number] = line[:column] + new + line[column + len(old):]
        row = next(row for row in self.rows
                   if (self.build / row["file"]).resolve() == path)
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            folder = pathlib.Path(name)
            source = folder / path.name
            source.write_text("".join(lines))
            if not self.compile(row, source, folder / "mutant.o") or \
                    not self.link(folder,
                                  {row["output"]: folder / "mutant.o"}):
                return None
            return self.failing_test(folder) or ""


def tell(mutant):
    path, number, _, old, new = mutant
    line = path.read_text().splitlines()[number].strip()
    return f"{path.name}:{number + 1}: {old} to {new or 'nothing'}: {line}"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=52)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("sources", nargs="*", type=pathlib.Path)
    asked = parser.parse_args()
    sources = [path.resolve() for path in asked.sources] or \
        sorted((ROOT / "src" / "x509" / "chain").glob("*.c"))
    every = [mutant for path in sources for mutant in mutants_of(path)]
    random.Random(asked.seed).shuffle(every)
    chosen = every[asked.skip:asked.skip + asked.count]
    with tempfile.TemporaryDirectory() as name:
        workshop = Workshop(asked.build.resolve(), pathlib.Path(name))
        workshop.prepare()
        killer = workshop.failing_test(pathlib.Path(name) / "whole")
        if killer is not None:
            sys.exit(f"{killer} fails without a mutant")
        killed = survived = 0
        with concurrent.futures.ThreadPoolExecutor(asked.workers) as workers:
            for mutant, outcome in zip(chosen,
                                       workers.map(workshop.judge, chosen)):
                if outcome:
                    killed += 1
                elif outcome == "":
                    survived += 1
                    print(tell(mutant), flush=True)
    print(f"{killed} of {killed + survived} killed "
          f"({100.0 * killed / max(1, killed + survived):.1f} %), "
          f"{len(every)} mutants in all")


if __name__ == "__main__":
    main()
