"""Storage calls of a command and all its roles, counted and made to fail.

strace counts an injection's `when` for every thread by itself: the third write
of the keeper's second thread can't be named with it. So this traces by ptrace
what a seccomp filter stops, counts over all processes, and strikes once:

    faults.py REPORT FOLDER NUMBER kill|EIO|ENOSPC|none PROGRAM [ARGUMENT]...

Only calls that touch a path within FOLDER count, and the command's writes to
its own standard output. REPORT gets JSON: the status, every call in order,
and which of them was struck. A struck call is not carried out: `kill` ends the
process that makes it with SIGKILL, an error is returned to it.
"""
import ctypes
import dataclasses
import errno
import json
import os
import pathlib
import platform
import signal
import struct
import subprocess
import sys

# x86_64: name, and which argument is a path or a descriptor.
PATH, AT, DESCRIPTOR = "path", "at", "descriptor"
CALLS = {
    1: ("write", DESCRIPTOR), 18: ("pwrite64", DESCRIPTOR),
    20: ("writev", DESCRIPTOR), 296: ("pwritev", DESCRIPTOR),
    74: ("fsync", DESCRIPTOR), 75: ("fdatasync", DESCRIPTOR),
    77: ("ftruncate", DESCRIPTOR), 91: ("fchmod", DESCRIPTOR),
    93: ("fchown", DESCRIPTOR), 285: ("fallocate", DESCRIPTOR),
    82: ("rename", PATH), 83: ("mkdir", PATH), 84: ("rmdir", PATH),
    86: ("link", PATH), 87: ("unlink", PATH), 90: ("chmod", PATH),
    92: ("chown", PATH), 94: ("lchown", PATH), 85: ("creat", PATH),
    88: ("symlink", PATH), 76: ("truncate", PATH),
    257: ("openat", AT), 258: ("mkdirat", AT), 260: ("fchownat", AT),
    263: ("unlinkat", AT), 264: ("renameat", AT), 265: ("linkat", AT),
    268: ("fchmodat", AT), 316: ("renameat2", AT),
}
OPENAT, WRITE = 257, 1

SECCOMP_RET_ALLOW, SECCOMP_RET_TRACE = 0x7FFF0000, 0x7FF00000
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2
PTRACE_TRACEME, PTRACE_CONT, PTRACE_GETREGS, PTRACE_SETREGS = 0, 7, 12, 13
PTRACE_SETOPTIONS = 0x4200
EVENT_SECCOMP = 7
# fork, vfork, clone, exec, seccomp; tracees end with their tracer
OPTIONS = 0x02 | 0x04 | 0x08 | 0x10 | 0x80 | 0x100000
WAIT_ALL = 0x40000000
RDI, RSI, RDX, RAX, ORIG_RAX, REGISTERS = 14, 13, 12, 10, 15, 27


# --- the tracer, in a process of its own ------------------------------------

class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


def filter_code():
    """Stops at every call above; at openat only when it may make a file."""
    load, equal, any_of, answer = 0x20, 0x15, 0x45, 0x06
    rows = []
    numbers = [number for number in CALLS if number != OPENAT]
    rows.append((load, 0, 0, 0))
    for index, number in enumerate(numbers):
        rows.append((equal, len(numbers) - index + 3, 0, number))
    rows.append((equal, 0, 2, OPENAT))
    rows.append((load, 0, 0, 32))
    rows.append((any_of, 1, 0, os.O_CREAT))
    rows.append((answer, 0, 0, SECCOMP_RET_ALLOW))
    rows.append((answer, 0, 0, SECCOMP_RET_TRACE))
    # the first row of calls must land on the last answer
    assert rows[1][1] + 2 == len(rows) - 1
    return b"".join(struct.pack("HBBI", *row) for row in rows)


class Tracer:
    def __init__(self, folder, number, fault):
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.restype = ctypes.c_long
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long,
                                     ctypes.c_void_p, ctypes.c_void_p]
        self.folder = os.path.realpath(folder)
        self.number, self.fault = number, fault
        self.calls, self.struck = [], None
        self.known = set()
        self.first = None

    def ptrace(self, request, task, address=None, data=None):
        return self.libc.ptrace(request, task, address, data)

    def start(self, words):
        code = ctypes.create_string_buffer(filter_code())
        program = Filter(len(code.raw) // 8, ctypes.addressof(code))
        self.first = os.fork()
        if self.first == 0:
            self.ptrace(PTRACE_TRACEME, 0)
            os.kill(os.getpid(), signal.SIGSTOP)
            # Without no_new_privs, which root can do without.
            if self.libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER,
                               ctypes.byref(program)) != 0:
                os._exit(126)
            os.execv(words[0], words)
        os.waitpid(self.first, WAIT_ALL)
        self.known.add(self.first)
        self.ptrace(PTRACE_SETOPTIONS, self.first, None, OPTIONS)
        self.ptrace(PTRACE_CONT, self.first)

    # What a stopped task is about to do.

    def text_at(self, task, address):
        with open(f"/proc/{task}/mem", "rb", 0) as memory:
            memory.seek(address)
            text = b""
            # A page at a time: the one after the text may not be there.
            while b"\0" not in text:
                text += memory.read(4096 - (address + len(text)) % 4096)
            return os.fsdecode(text.split(b"\0")[0])

    def path_at(self, task, folder, address):
        path = self.text_at(task, address)
        if os.path.isabs(path):
            return os.path.normpath(path)
        link = "cwd" if folder == -100 else f"fd/{folder}"
        return os.path.normpath(
            os.path.join(os.readlink(f"/proc/{task}/{link}"), path))

    def path_of(self, task, kind, registers):
        first = ctypes.c_int(registers[RDI]).value
        try:
            if kind == PATH:
                return self.path_at(task, -100, registers[RDI])
            if kind == AT:
                return self.path_at(task, first, registers[RSI])
            return os.readlink(f"/proc/{task}/fd/{first}")
        except (OSError, ValueError):
            return ""

    def role_of(self, task):
        words = pathlib.Path(f"/proc/{task}/cmdline").read_bytes().split(b"\0")
        return words[2].decode() if words[1:2] == [b"--role"] else "command"

    def look(self, task):
        """The call a task is stopped at; None: it is none of ours."""
        registers = (ctypes.c_ulonglong * REGISTERS)()
        if self.ptrace(PTRACE_GETREGS, task, None, ctypes.addressof(registers)):
            return None, None
        name, kind = CALLS[registers[ORIG_RAX]]
        path = self.path_of(task, kind, registers)
        role = self.role_of(task)
        group = int(next(
            line for line in open(f"/proc/{task}/status", encoding="ascii")
            if line.startswith("Tgid:")).split()[1])
        descriptor = registers[RDI] if kind == DESCRIPTOR else None
        if name == "write" and descriptor == 1 and role == "command":
            path = "(standard output)"
        elif path != self.folder and not path.startswith(self.folder + "/"):
            return None, None
        else:
            path = os.path.relpath(path, self.folder)
        return registers, {"number": len(self.calls) + 1, "role": role,
                           "process": group, "descriptor": descriptor,
                           "call": name, "path": path}

    def meet(self, task):
        registers, call = self.look(task)
        if call is None:
            return
        self.calls.append(call)
        if call["number"] != self.number or self.fault == "none":
            return
        self.struck = call
        if self.fault == "kill":
            os.kill(call["process"], signal.SIGKILL)
            return
        registers[ORIG_RAX] = 2**64 - 1
        registers[RAX] = 2**64 - getattr(errno, self.fault)
        self.ptrace(PTRACE_SETREGS, task, None, ctypes.addressof(registers))

    def stopped(self, task, status):
        """The signal to deliver."""
        if status >> 16 == EVENT_SECCOMP:
            self.meet(task)
            return 0
        if status >> 16 != 0:
            return 0
        received = os.WSTOPSIG(status)
        if task not in self.known and received == signal.SIGSTOP:
            self.known.add(task)
            return 0
        return 0 if received == signal.SIGTRAP else received

    def follow(self):
        """Until the last process has ended; the status is the command's."""
        ended = None
        while True:
            try:
                task, status = os.waitpid(-1, WAIT_ALL)
            except ChildProcessError:
                return ended
            if os.WIFSTOPPED(status):
                self.ptrace(PTRACE_CONT, task, None, self.stopped(task, status))
            elif task == self.first:
                ended = os.waitstatus_to_exitcode(status)


def main(report, folder, number, fault, *words):
    tracer = Tracer(folder, int(number), fault)
    tracer.start(list(words))
    status = tracer.follow()
    pathlib.Path(report).write_text(json.dumps({
        "status": status, "struck": tracer.struck, "calls": tracer.calls}))
    # The tracer's own status says that it worked, not how the command ended.
    return 0


# --- what tests use ---------------------------------------------------------

def why_not_here():
    """Why calls can't be struck on this machine; None: they can."""
    if platform.machine() != "x86_64":
        return "system calls are numbered for x86_64 alone"
    if os.geteuid() != 0:
        return "roles are not dumpable: only root may look into them"
    return None


@dataclasses.dataclass
class Struck:
    """How a command ended of which one call was struck."""
    words: list
    status: int
    out: str
    err: str
    struck: dict
    calls: list

    def __str__(self):
        return (f"{' '.join(map(str, self.words))}\nstruck: {self.struck}\n"
                f"ended with {self.status}\n--- output\n{self.out[-2000:]}\n"
                f"--- errors\n{self.err[-2000:]}")


def strike(words, folder, surroundings, number=0, fault="none", seconds=60):
    """Runs the words with the call of that number struck."""
    report = pathlib.Path(folder).parent / "report.json"
    # A process of its own: what a thread forks, only that thread may trace.
    done = subprocess.run(
        [sys.executable, "-BSE", __file__, str(report), str(folder),
         str(number), fault, *map(str, words)],
        env=surroundings, stdin=subprocess.DEVNULL, capture_output=True,
        timeout=seconds, check=False)
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    found = json.loads(report.read_text())
    return Struck(list(words), found["status"],
                  done.stdout.decode("utf-8", "replace"),
                  done.stderr.decode("utf-8", "replace"),
                  found["struck"], found["calls"])


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
