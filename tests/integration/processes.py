"""The program's processes, as /proc shows them."""
import contextlib
import os
import pathlib
import signal
import time


def words_of(process):
    try:
        text = pathlib.Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return []
    return text.decode("utf-8", "replace").split("\0")[:-1]


def parent_of(process):
    try:
        text = pathlib.Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return 0
    return int(text.rpartition(")")[2].split()[1])


def status_of(process):
    lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def is_of(process, program):
    try:
        return os.readlink(f"/proc/{process}/exe") == str(program)
    except OSError:
        return False


def running(program):
    """The numbers of all processes of this program; a zombie has no exe."""
    program = pathlib.Path(program).resolve()
    return {int(name) for name in os.listdir("/proc")
            if name.isdigit() and is_of(name, program)}


def role_of(process):
    words = words_of(process)
    return words[words.index("--role") + 1] if "--role" in words else None


def roles(program):
    """{role: [process]} of what runs of it."""
    found = {}
    for process in running(program):
        found.setdefault(role_of(process), []).append(process)
    return found


def left_after(program, before, seconds=10):
    """What runs beyond the processes of before, after a while to end."""
    deadline = time.monotonic() + seconds
    while left := running(program) - before:
        if time.monotonic() > deadline:
            break
        time.sleep(0.05)
    return {process: words_of(process) for process in left}


def end(process):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
