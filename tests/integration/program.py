"""The program under test, run as a person or a script would run it."""
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
OBJECTS = ROOT / "tests" / "objects"

# Exit codes, INTERFACES: the same for every command.
DONE, NO, USAGE, MALFORMED, NOT_ALLOWED, REFUSED = 0, 1, 2, 3, 4, 5
NOT_FOUND, CONFLICT, UNAVAILABLE, OUR_FAULT = 6, 7, 8, 9

# A sanitizer's complaint must never look like one of those.
SANITIZED = 99
SURROUNDINGS = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "ASAN_OPTIONS": f"exitcode={SANITIZED}:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": f"exitcode={SANITIZED}:halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": f"exitcode={SANITIZED}",
}


@dataclasses.dataclass
class Outcome:
    arguments: list
    status: int
    out: str
    err: str

    def __str__(self):
        words = " ".join(map(str, self.arguments))
        return (f"{words}\nended with {self.status}\n"
                f"--- output\n{self.out[-4000:]}\n--- errors\n{self.err[-4000:]}")

    @property
    def facts(self):
        """What --json printed."""
        return json.loads(self.out)


class Chancery:
    """The program, at work on one DIR."""

    def __init__(self, program, directory):
        self.program = pathlib.Path(program)
        self.directory = pathlib.Path(directory)

    def copy(self, directory):
        """The program at work on a copy of DIR."""
        shutil.copytree(self.directory, directory, symlinks=True)
        return Chancery(self.program, directory)

    def start(self, command, *arguments, **options):
        """A running process of "chancery COMMAND ... --dir DIR"; the command
        may have several words ("ca show")."""
        surroundings = dict(SURROUNDINGS, HOME=str(self.directory.parent),
                            **options.pop("environment", {}))
        words = [str(self.program), *command.split(), "--dir",
                 str(self.directory), *map(str, arguments)]
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.Popen(words, env=surroundings,
                                stderr=subprocess.PIPE, **options)

    def attempt(self, command, *arguments, text=None, seconds=120, **options):
        """Runs it to its end; every status is an outcome, but a sanitizer's
        complaint or a signal is a failure of the test."""
        if text is not None:
            options["stdin"] = subprocess.PIPE
        process = self.start(command, *arguments, **options)
        try:
            out, err = process.communicate(
                text.encode() if isinstance(text, str) else text, seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        outcome = Outcome(process.args, process.returncode,
                          out.decode("utf-8", "replace"),
                          err.decode("utf-8", "replace"))
        assert 0 <= outcome.status < 10, str(outcome)
        for complaint in ("Sanitizer", "runtime error:"):
            assert complaint not in outcome.err, str(outcome)
        return outcome

    def run(self, command, *arguments, **options):
        """Runs it and wants it to succeed."""
        outcome = self.attempt(command, *arguments, **options)
        assert outcome.status == DONE, str(outcome)
        return outcome

    def refuses(self, statuses, command, *arguments, **options):
        """Runs it and wants one of these exit codes, one sentence on standard
        error, nothing on standard output, and DIR left as it was."""
        statuses = {statuses} if isinstance(statuses, int) else set(statuses)
        before = snapshot(self.directory)
        outcome = self.attempt(command, *arguments, **options)
        assert outcome.status in statuses, str(outcome)
        assert outcome.out == "", str(outcome)
        sentence = outcome.err.rstrip("\n")
        assert sentence and "\n" not in sentence, str(outcome)
        after = snapshot(self.directory)
        assert lasting(before) == lasting(after), changes(before, after)
        return outcome

    def facts(self, command, *arguments, **options):
        return self.run(command, *arguments, "--json", **options).facts

    def facts_of_version(self):
        """version knows no DIR."""
        done = subprocess.run([str(self.program), "version", "--json"],
                              env=SURROUNDINGS, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=120, check=True)
        return json.loads(done.stdout)


def snapshot(folder):
    """Every path below a folder with its kind, mode, and digest."""
    found = {}
    folder = pathlib.Path(folder)
    for path in [folder, *sorted(folder.rglob("*"))] if folder.exists() else []:
        status = path.lstat()
        content = ""
        if stat.S_ISLNK(status.st_mode):
            content = os.readlink(path)
        elif stat.S_ISREG(status.st_mode):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[str(path.relative_to(folder))] = (oct(status.st_mode), content)
    return found


def lasting(found):
    """Without what grows by being looked at: the database, whose journal keeps
    refusals, its helpers, and the sign log, which tells of every start."""
    return {path: facts for path, facts in found.items()
            if not path.startswith(("chancery.db", "search.db")) and
            path not in ("control.sock", "sign.log")}


def changes(before, after):
    return "\n".join(f"{path}: {before.get(path)} -> {after.get(path)}"
                     for path in sorted({*before, *after})
                     if before.get(path) != after.get(path))


def same(before, after):
    """Nothing changed but the shared memory of whoever read the database."""
    def kept(found):
        return {path: facts for path, facts in found.items()
                if not path.endswith("-shm")}

    assert kept(before) == kept(after), changes(before, after)
    return True


def commit():
    """The commit of the checkout in hexadecimal, for campaigns that take other
    points with every commit; zeros outside a repository."""
    head = ROOT / ".git" / "HEAD"
    if not head.is_file():
        return "0" * 40
    text = head.read_text().strip()
    if not text.startswith("ref: "):
        return text
    name = text[5:]
    loose = ROOT / ".git" / name
    if loose.is_file():
        return loose.read_text().strip()
    packed = ROOT / ".git" / "packed-refs"
    for line in packed.read_text().splitlines() if packed.is_file() else []:
        if line.endswith(" " + name):
            return line.split()[0]
    return "0" * 40


def hostile(folder):
    """(file, exit codes it may end with, what is wrong) of a folder of
    tests/objects/hostile."""
    rows = (OBJECTS / "hostile" / "expected.tsv").read_text().splitlines()
    for row in rows:
        path, exits, what = row.split("\t")
        if path.startswith(folder + "/"):
            yield (OBJECTS / "hostile" / path,
                   {int(code) for code in exits.split()}, what)
