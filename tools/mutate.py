"""Would the tests notice?  Mutants of the chain engine, one at a time.

    mutate.py [--count N] [--seed S] [--skip N] BUILD [SOURCE...]

BUILD is a meson build folder with -Doptimization=0 where src/cli/chancery is
built; SOURCE are files of src/x509, by default all of src/x509/chain. A mutant
has one operator turned (== and !=, < and <=, && and ||), one number raised by
one, or one "return false;" left out. Each is compiled alone and put before the
library that the tests share; it is killed by the first test program that
fails, crashes or takes too long. Where CHANCERY_SUITES_FOLDER is a folder, who
survives those is put into the program, which then judges the outside suites:
another verdict on one case kills. The tree itself is not touched.
Prints every survivor with its line, "equivalent" where EQUIVALENT says why
nothing could notice it, and ends with the share that was killed of the others.
Not part of ./check: it takes about 5 s for each mutant.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import re
import shlex
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "support"))

from cases_to_batch import read_suite  # noqa: E402

# A test whose sources include one of these may notice.
RELATED = re.compile(r'#include "(x509/(chain|view|lint)/|signed_desk|'
                     r'support/(chain|path|signed)_desk)')
# Who knows a file best is asked first.
NEAREST = {
    "candidates": "chain_search", "edge": "chain_search",
    "search": "chain_search", "judge": "chain_rules",
    "judge_purpose": "chain_rules", "judge_signature": "chain_rules",
    "judge_signer": "chain_rules", "name_constraints": "constraints",
    "policy_graph": "policy", "policy_extension": "extension_walk",
    "profile_extensions": "profile", "profile_names": "profile",
    "profile_rfc5280": "profile", "profile_webpki": "profile",
    "revocation_answer": "revocation", "revocation_entries": "revocation",
    "revocation_list": "revocation", "revocation_signer": "revocation",
    "fetched": "lacking", "explain_json": "explain",
    "explain_words": "explain", "explain_codes": "explain"}
LIBRARIES = ("-lcrypto -lssl -ljansson -lpsl -lpthread -lseccomp -largon2 "
             "-lyaml -lsqlite3 -lz").split()
SUITES = """limbo.cases.xz pkits.cases.xz boringssl-chain.cases.xz
x509test.cases.xz openssl-verify.tar.xz bettertls.cases.xz""".split()
# (file, line without blanks around it, old, new): why nothing could notice it.
SIGN = "the order looks at the sign alone"
ROOM = "what is shown is cut long before"
EQUIVALENT = {
    ("signature_cache.c",
     "return &rows[(digest[0] | (size_t)digest[1] << 8) % count];", "0", "1"):
    "any row will do that is always the same one",
    ("revocation.c", "for (size_t i = 0; i < desk->list_count; i++)",
     "<", "<="): "the room behind the lists is zero: a list without a signer",
    ("policy_graph.c",
     "return left->node < right->node ? -1 : left->node > right->node;",
     "1", "2"): SIGN,
    ("pool.c", "return a->subject < b->subject ? -1 : 1;", "1", "2"): SIGN,
    ("chain_certificate.c", "if (length > 0)", "0", "1"):
    "no name is printed with one byte",
    ("policy_graph.c", "if (graph->expected_count > 0)", ">", ">="):
    "nothing is sorted in no time",
    ("pool.c",
     "if (*there == NULL || (origin != NULL && strcmp(origin, *there) < 0))",
     "0", "1"): "another text that reads the same is told the same",
    ("profile_webpki.c",
     'RELEASED(buffer) shown = BUFFER("a common name", 16 * COMMON_NAME_MAX);',
     "16", "17"): ROOM,
    ("edge.c", "if (algorithm.parameters.length > 0)", "0", "1"):
    "an element has at least two bytes",
    ("profile_names.c",
     "if (base.kind == GENERAL_NAME_DNS && base.value.length > 0 &&",
     ">", ">="): "behind an empty base stands a tag, and none is a dot",
    ("reference_name.c",
     'RELEASED(buffer) shown = BUFFER("a name", 8 * 1024);', "8", "9"): ROOM,
}
SECONDS = 20
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
    def __init__(self, build, folder, suites):
        self.build = build
        self.folder = folder
        rows = json.loads((build / "compile_commands.json").read_text())
        self.rows = [row for row in rows if re.match(
            r"src/(base|crypto|x509)/lib\w+\.a\.p/", row["output"])]
        self.tests = {}
        self.wraps = {}  # of each test
        for row in rows:
            name = re.search(r"/x509-(\w+)_test\.p/", row["output"])
            if name:
                self.tests.setdefault(name.group(1), []).append(row)
        self.tests = {name: rows for name, rows in self.tests.items()
                      if any(map(self.is_related, rows))}
        self.sanitizers = [
            word for word in shlex.split(self.rows[0]["command"])
            if word.startswith("-fsanitize=")]
        self.objects = {}
        self.expected = {}
        self.seconds = {}  # of each test, without a mutant
        self.suites = suites

    def is_related(self, row):
        return RELATED.search((self.build / row["file"]).read_text())

    def compile(self, row, source, output):
        words = [word for word in shlex.split(row["command"])
                 if not word.startswith(("-fprofile", "-fcoverage"))
                 and word not in ("-MD", "-g", "-Werror")]
        words[words.index("-o") + 1] = str(output)
        words[words.index("-c") + 1] = str(source)
        for flag in ("-MQ", "-MF"):
            at = words.index(flag)
            del words[at:at + 2]
        return subprocess.run(
            words + ["-fPIC", "-fvisibility=default", "-Wno-everything",
                     "-Werror=return-type"],
            cwd=self.build, stderr=subprocess.DEVNULL).returncode == 0

    def prepare(self):
        rows = self.rows + sum(self.tests.values(), [])
        for number, row in enumerate(rows):
            self.objects[row["output"]] = self.folder / f"{number}.o"
        with concurrent.futures.ThreadPoolExecutor(2) as workers:
            done = workers.map(lambda row: self.compile(
                row, self.build / row["file"], self.objects[row["output"]]),
                rows)
            if not all(done):
                sys.exit("the sources can't be compiled")
        for name in self.tests:
            self.link_test(name)
        for name in SUITES if self.suites else []:
            self.expected[name] = self.verdicts(
                self.build / "src" / "cli" / "chancery", name)

    def link_test(self, name):
        """Some take the place of functions that the library calls."""
        parts = [self.objects[row["output"]] for row in self.tests[name]]
        symbols = subprocess.run(["nm", "--defined-only", *parts], check=True,
                                 capture_output=True, text=True).stdout
        self.wraps[name] = wraps = tuple(
            sorted(set(re.findall(r" T __wrap_(\w+)", symbols))))
        library = self.folder / "-".join(["whole", *wraps])[:200]
        if not library.is_dir():
            library.mkdir()
            self.share([self.objects[row["output"]] for row in self.rows],
                       wraps, library / "libwhole.so", LIBRARIES)
        subprocess.run(
            ["clang", *self.sanitizers, "-rdynamic", "-o", self.folder / name,
             *parts, *(f"-Wl,--wrap={each}" for each in wraps), "-L", library,
             f"-Wl,-rpath,{library}", "-lwhole", "-lcmocka", *LIBRARIES],
            check=True)

    def share(self, parts, wraps, output, libraries=()):
        subprocess.run(
            ["clang", *self.sanitizers, "-shared", "-o", output, *parts,
             *(f"-Wl,--wrap={each}" for each in wraps), *libraries],
            check=True)

    def fails(self, name, preload):
        surroundings = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP")
        if preload is not None:
            surroundings["LD_PRELOAD"] = str(preload)
        try:
            return subprocess.run(
                [self.folder / name], cwd=self.folder,
                timeout=SECONDS + 10 * self.seconds.get(name, SECONDS),
                env=surroundings, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL).returncode != 0
        except subprocess.TimeoutExpired:
            return True

    def verdicts(self, program, suite):
        """None: it crashes or takes too long."""
        cases = read_suite(self.suites / suite)
        lines = "".join(json.dumps(case.line) + "\n" for case in cases)
        try:
            done = subprocess.run(
                [program, "verify", "--batch"], input=lines.encode(),
                timeout=10 * SECONDS, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return None
        return None if done.returncode != 0 else [
            json.loads(row)["valid"] for row in done.stdout.splitlines()]

    def failing_suite(self, mutant):
        if not self.suites:
            return None
        commands = subprocess.run(
            ["ninja", "-C", self.build, "-t", "commands", "src/cli/chancery"],
            capture_output=True, text=True, check=True).stdout
        words = shlex.split(commands.splitlines()[-1])
        at = words.index("-o")
        program = mutant.parent / "chancery"
        words[at + 1:at + 2] = [str(program), str(mutant)]
        subprocess.run(words, cwd=self.build, check=True)
        for name in SUITES:
            if self.verdicts(program, name) != self.expected[name]:
                return name
        return None

    def failing_test(self, stem, part):
        """Without a part: as they are."""
        preloads = {}
        nearest = NEAREST.get(stem, stem)
        for name in sorted(self.tests, key=lambda name: (
                name != nearest, self.seconds.get(name, 0))):
            begin = time.monotonic()
            wraps = self.wraps[name]
            if part and wraps not in preloads:
                preloads[wraps] = part.with_name(f"{len(preloads)}.so")
                self.share([part], wraps, preloads[wraps])
            if self.fails(name, preloads.get(wraps)):
                return name
            self.seconds.setdefault(name, time.monotonic() - begin)
        return self.failing_suite(part) if part else None

    def judge(self, mutant):
        """None: it does not compile; else the test that killed it, or ''."""
        path, number, column, old, new = mutant
        lines = path.read_text().splitlines(keepends=True)
        line = lines[number]
        lines[number] = line[:column] + new + line[column + len(old):]
        row = next(row for row in self.rows
                   if (self.build / row["file"]).resolve() == path)
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            source = pathlib.Path(name) / path.name
            source.write_text("".join(lines))
            part = source.with_name("mutant.o")
            if not self.compile(row, source, part):
                return None
            return self.failing_test(path.stem, part) or ""


def tell(mutant, outcome, is_verbose):
    """What became of it; a survivor is printed."""
    path, number, _, old, new = mutant
    line = path.read_text().splitlines()[number].strip()
    if outcome is None:
        return "not compiled"
    if outcome == "":
        what = "equivalent" if (path.name, line, old, new) in EQUIVALENT \
            else "survives"
    else:
        what = "killed"
    if is_verbose or what != "killed":
        print(f"{what} {outcome}: {path.name}:{number + 1}: {old} to "
              f"{new or 'nothing'}: {line}", flush=True)
    return what


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=52)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("sources", nargs="*", type=pathlib.Path)
    asked = parser.parse_args()
    sources = [path.resolve() for path in asked.sources] or \
        sorted((ROOT / "src" / "x509" / "chain").glob("*.c"))
    every = [mutant for path in sources for mutant in mutants_of(path)]
    random.Random(asked.seed).shuffle(every)
    chosen = every[asked.skip:asked.skip + asked.count]
    suites = pathlib.Path(os.environ.get("CHANCERY_SUITES_FOLDER", ""))
    with tempfile.TemporaryDirectory() as name:
        workshop = Workshop(
            asked.build.resolve(), pathlib.Path(name),
            suites if (suites / SUITES[0]).is_file() else None)
        workshop.prepare()
        killer = workshop.failing_test("", None)
        if killer is not None:
            sys.exit(f"{killer} fails without a mutant")
        told = collections.Counter()
        with concurrent.futures.ThreadPoolExecutor(asked.workers) as workers:
            for mutant, outcome in zip(chosen,
                                       workers.map(workshop.judge, chosen)):
                told[tell(mutant, outcome, asked.verbose)] += 1
    judged = told["killed"] + told["survives"]
    print(f"{told['killed']} of {judged} killed "
          f"({100.0 * told['killed'] / max(1, judged):.1f} %), "
          f"{told['equivalent']} equivalent, {len(every)} mutants in all")


if __name__ == "__main__":
    main()
