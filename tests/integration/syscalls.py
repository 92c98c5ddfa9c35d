"""What strace saw of a command and its roles, and whether every answer waited
for the sync that covers it. A kill can't show a missing sync: the kernel keeps
what was written."""
import dataclasses
import os
import re
import subprocess

TRACED = ("execve,clone,clone3,fork,vfork,openat,open,mkdir,mkdirat,write,"
          "writev,pwrite64,pwritev,ftruncate,fsync,fdatasync,rename,renameat,"
          "renameat2,link,linkat,unlink,unlinkat,rmdir,sendmsg")
SYNCS = ("fsync", "fdatasync")
WRITES = ("write", "writev", "pwrite64", "pwritev", "ftruncate")

# authority/signer_protocol.h and authority/control_protocol.h
SIGNER_SIGNED, CONTROL_ISSUED = 7, 4
# authority/sign_log.h: results need no sync of their own
SIGN_LOG_SIGNED = 3

LINE = re.compile(r"(\d+) +([\d:.]+) (.*)")
RESUMED = re.compile(r"<\.\.\. (\w+) resumed>(.*)")
CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+|\?)(<[^>]*>)?")
TEXT = r'"((?:[^"\\]|\\.)*)"'
WORD = re.compile(rf'{TEXT}|(?:AT_FDCWD|\b\d+)<([^>]*)>')
FRAME = re.compile(rf"msg_iov=\[\{{iov_base={TEXT}")


@dataclasses.dataclass
class Event:
    """A call: between two places of the trace, in which it was carried out."""
    task: int
    call: str
    words: str
    result: int
    start: int
    end: int
    role: str = ""

    def __str__(self):
        return f"{self.role}: {self.call}({self.words[:100]}) = {self.result}"

    @property
    def descriptor(self):
        return int(re.match(r"\d+", self.words).group())

    @property
    def paths(self):
        """Those that the call names, whole."""
        found, folder = [], None
        for text, annotated in WORD.findall(self.words):
            if annotated:
                folder = annotated
            else:
                name = os.fsdecode(unescape(text))
                found.append(os.path.join(folder or "", name))
                folder = None
        return [os.path.normpath(path) for path in found]

    @property
    def file(self):
        """What the descriptor it works on is open on."""
        found = re.match(r"\d+<([^>]*)>", self.words)
        return found.group(1).removesuffix("(deleted)") if found else ""

    @property
    def data(self):
        found = re.search(TEXT, self.words)
        return unescape(found.group(1)) if found else b""

    @property
    def frame(self):
        """The type of the frame that a sendmsg begins; base/channel.h."""
        found = FRAME.search(self.words)
        head = unescape(found.group(1)) if found else b""
        return int.from_bytes(head[4:6], "big") if len(head) >= 20 else None


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


# --- reading ----------------------------------------------------------------

def read_events(text):
    """The calls that succeeded, in the order in which they ended."""
    events, begun = [], {}
    for place, line in enumerate(text.splitlines()):
        parts = LINE.fullmatch(line)
        if parts is None:
            continue
        task, words = int(parts[1]), parts[3]
        start = place
        if words.endswith("<unfinished ...>"):
            begun[task] = (place, words.removesuffix("<unfinished ...>"))
            continue
        resumed = RESUMED.match(words)
        if resumed and task in begun:
            start, first = begun.pop(task)
            words = first + resumed[2]
        call = CALL.match(words)
        if call and call[3] != "?" and int(call[3]) >= 0:
            events.append(Event(task, call[1], call[2], int(call[3]), start,
                                place))
    give_roles(events)
    return events


def give_roles(events):
    roles, parents = {}, {}
    for event in events:
        if event.call in ("clone", "clone3", "fork", "vfork"):
            parents[event.result] = event.task
        found = re.search(r'"--role", "(\w+)"', event.words)
        if event.call == "execve" and found:
            roles[event.task] = found[1]
    for event in events:
        task = event.task
        while task not in roles and task in parents:
            task = parents[task]
        event.role = roles.get(task, "command")


def run(words, file, surroundings):
    """The events of the words' run, which must succeed."""
    done = subprocess.run(
        ["strace", "-f", "-y", "-tt", "-s", "64", "--seccomp-bpf", "-e",
         f"trace={TRACED}", "-e", "signal=none", "-o", str(file),
         *map(str, words)],
        env=surroundings, stdin=subprocess.DEVNULL, capture_output=True,
        timeout=60, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    return read_events(file.read_text())


# --- issue: no answer before its sync ---------------------------------------

def is_synced(events, path_end, after, before):
    return any(event.call in SYNCS and event.file.endswith(path_end) and
               event.start > after and event.end < before for event in events)


def complaints_of_signer(events):
    """Intents are durable before a signature leaves (properties 3)."""
    answers = [event for event in events if event.call == "sendmsg" and
               event.role == "signer" and event.frame == SIGNER_SIGNED]
    intents = [event for event in events if event.call in WRITES and
               event.role == "signer" and event.file.endswith("/sign.log") and
               event.data[4:5] != bytes([SIGN_LOG_SIGNED])]
    if not answers or not intents:
        yield "the signer logs nothing or answers nothing"
    for answer in answers:
        for intent in intents:
            if intent.end < answer.start and not is_synced(
                    events, "/sign.log", intent.end, answer.start):
                yield f"{answer} left before a sync of {intent}"


def complaints_of_keeper(events):
    """A certificate is durable before the answer leaves (properties 16)."""
    answers = [event for event in events if event.call == "sendmsg" and
               event.role == "keeper" and event.frame == CONTROL_ISSUED]
    signed = [event for event in events if event.call == "sendmsg" and
              event.role == "signer" and event.frame == SIGNER_SIGNED]
    if not answers or not signed:
        yield "the keeper answers nothing"
    for answer in answers:
        since = max((event.start for event in signed
                     if event.start < answer.start), default=-1)
        written = [event for event in events if event.call in WRITES and
                   event.file.endswith("/chancery.db-wal") and
                   since < event.start < answer.start]
        if not written:
            yield f"{answer} left before anything was recorded"
        elif not is_synced(events, "/chancery.db-wal",
                           max(event.end for event in written), answer.start):
            yield f"{answer} left before a sync of {written[-1]}"


def printed(events):
    return [event for event in events if event.call == "write" and
            event.role == "command" and event.descriptor == 1]


def complaints_of_command(events):
    """The command shows what it was answered, no sooner."""
    answered = [event.start for event in events if event.call == "sendmsg" and
                event.role == "keeper" and event.frame == CONTROL_ISSUED]
    shown = [event for event in printed(events)
             if b"-----BEGIN CERTIFICATE" in event.data]
    if not shown:
        yield "the command shows no certificate"
    for event in shown:
        if not answered or event.start < min(answered):
            yield f"{event} came before the keeper's answer"


def complaints_of_issue(events):
    return [*complaints_of_signer(events), *complaints_of_keeper(events),
            *complaints_of_command(events)]


# --- init: whole on the disk before it is in place --------------------------

class Disk:
    """What a power cut might still take away: contents and entries of a
    folder that were not synced since they were made."""

    def __init__(self):
        self.known, self.contents, self.entries = set(), {}, {}

    def make(self, path, event):
        self.known.add(path)
        self.entries[path] = event

    def move(self, source, target, event, stays=False):
        """A folder takes along what lies in it."""
        for facts in (self.contents, self.entries):
            for path in [path for path in facts if
                         path == source or path.startswith(source + "/")]:
                fact = facts[path] if stays else facts.pop(path)
                facts[target + path[len(source):]] = fact
        self.known |= {target + path[len(source):] for path in self.known
                       if path == source or path.startswith(source + "/")}
        if not stays:
            self.known = {path for path in self.known if path != source and
                          not path.startswith(source + "/")}
        self.make(target, event)

    def remove(self, path):
        self.known.discard(path)
        self.contents.pop(path, None)
        self.entries.pop(path, None)

    def sync(self, path, event):
        if path in self.contents and self.contents[path].end < event.start:
            del self.contents[path]
        for entry in [entry for entry, made in self.entries.items()
                      if os.path.dirname(entry) == path and
                      made.end < event.start]:
            del self.entries[entry]

    def take(self, event):
        if event.call in WRITES:
            self.contents[event.file] = event
        elif event.call in SYNCS:
            self.sync(event.file, event)
        elif event.call in ("openat", "open"):
            if "O_CREAT" in event.words and event.paths[0] not in self.known:
                self.make(event.paths[0], event)
        elif event.call in ("mkdir", "mkdirat"):
            self.make(event.paths[0], event)
        elif event.call.startswith("rename"):
            self.move(*event.paths[:2], event)
        elif event.call.startswith("link"):
            self.move(*event.paths[:2], event, stays=True)
        elif event.call.startswith("unlink") or event.call == "rmdir":
            self.remove(event.paths[0])

    def at_risk(self, folder, when):
        """DIR/lock has no contents, and SQLite makes its index of the log anew:
        neither needs to last."""
        for facts, what in ((self.contents, "the contents"),
                            (self.entries, "the entry")):
            for path in facts:
                if not path.startswith(folder) or path.endswith(
                        ("/lock", "-shm")):
                    continue
                yield f"{when}, {what} of {path} were not synced"


def complaints_of_init(events, directory):
    """Everything is synced before the one rename that makes it an authority,
    and where it came to lie, before success is told."""
    disk, complaints = Disk(), []
    building, ready = (os.path.join(directory, name)
                       for name in (".init-building", ".init-ready"))
    renamed = None
    for event in events:
        if event in printed(events):
            break
        if event.call.startswith("rename") and event.paths[:2] == [building,
                                                                  ready]:
            complaints += disk.at_risk(building + "/", "at the rename")
            renamed = event
        disk.take(event)
    else:
        complaints.append("init tells no success")
    if renamed is None:
        return complaints + ["nothing was put in place"]
    if not any(event.call in SYNCS and event.file == directory and
               event.start > renamed.end for event in events):
        complaints.append("DIR is not synced after the rename")
    complaints += disk.at_risk(directory, "at success")
    # A list is written in a file without a name, and copied from there.
    return [words for words in complaints if "/.list-" not in words]
