"""No answer leaves before the sync that covers it (properties 16 to 18): read
from what strace saw of every role, as a kill can't show a missing sync."""
import os
import shutil

import pytest

import syscalls
from making import make_request
from program import SURROUNDINGS, Chancery


@pytest.fixture(scope="module")
def ground(hardened_program, tmp_path_factory):
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    folder = tmp_path_factory.mktemp("order").resolve()
    return Chancery(hardened_program, folder / "authority")


def traced(ground, command, *arguments):
    return syscalls.run(
        [ground.program, command, "--dir", ground.directory, *arguments],
        ground.directory.parent / f"{command}.trace",
        dict(SURROUNDINGS, HOME=str(ground.directory.parent)))


@pytest.fixture(scope="module")
def init_events(ground):
    return traced(ground, "init", "--name", "Order")


@pytest.fixture(scope="module")
def issue_events(ground, init_events):
    request = make_request(ground.directory.parent / "request.pem",
                           dns=["www.example.org"])
    return traced(ground, "issue", "--profile", "server", "--csr", request)


def without_syncs_of(events, ends):
    return [event for event in events if event.call not in syscalls.SYNCS or
            not event.file.endswith(ends)]


# --- the reader of traces ---------------------------------------------------

HEAD = r'{iov_base="\0\0\0\4\0\7\0\0\0\0\0\0\0\0\0\1\0\0\0\0", iov_len=20}'
INTERRUPTED = rf'''
10 01:02:03.000001 execve("/x/chancery", ["chancery", "issue"], 0x7f) = 0
10 01:02:03.000002 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>
11 01:02:03.000003 execve("/proc/self/exe", ["chancery", "--role", "signer"], 0x7f) = 0
10 01:02:03.000004 <... clone resumed>) = 11
11 01:02:03.000005 write(5</d/sign.log>, "\0\0\1\177\2"..., 424) = 424
11 01:02:03.000006 fdatasync(5</d/sign.log> <unfinished ...>
11 01:02:03.000007 <... fdatasync resumed>) = 0
11 01:02:03.000008 openat(7</d>, "gone", O_RDONLY) = -1 ENOENT (No such file or directory)
11 01:02:03.000009 sendmsg(3<UNIX-STREAM:[1->2]>, {{msg_name=NULL, msg_namelen=0, msg_iov=[{HEAD}], msg_iovlen=1}}, MSG_NOSIGNAL) = 24
10 01:02:03.000010 linkat(3</d>, ".a b", 3</d>, "a b", 0) = 0
'''


def test_a_trace_is_read_with_its_roles_and_interruptions():
    events = syscalls.read_events(INTERRUPTED)
    assert [event.call for event in events] == [
        "execve", "execve", "clone", "write", "fdatasync", "sendmsg", "linkat"]
    assert [event.role for event in events] == [
        "command", "signer", "command", "signer", "signer", "signer",
        "command"]
    assert events[3].data[4] == 2 and events[3].file == "/d/sign.log"
    assert (events[4].start, events[4].end) == (6, 7)
    assert events[5].frame == syscalls.SIGNER_SIGNED
    assert events[6].paths == ["/d/.a b", "/d/a b"]


def test_a_sync_that_had_not_ended_covers_nothing():
    early = INTERRUPTED.splitlines()
    answer = early.pop(9)
    early.insert(7, answer)  # between the sync's begin and its end
    for text, count in ((INTERRUPTED, 0), ("\n".join(early), 1)):
        events = syscalls.read_events(text)
        assert len(list(syscalls.complaints_of_signer(events))) == count


# --- issue ------------------------------------------------------------------

def test_every_answer_of_issue_waits_for_its_sync(issue_events):
    assert syscalls.complaints_of_issue(issue_events) == []


@pytest.mark.parametrize("file", ["sign.log", "chancery.db-wal"])
def test_issue_without_a_sync_is_noticed(file, issue_events):
    left = without_syncs_of(issue_events, "/" + file)
    assert len(left) < len(issue_events)
    complaints = syscalls.complaints_of_issue(left)
    assert complaints and all(file in words for words in complaints)


def test_a_certificate_shown_too_soon_is_noticed(issue_events):
    for event in syscalls.printed(issue_events):
        place = (event.start, event.end)
        event.start = event.end = 0
        (complaint,) = syscalls.complaints_of_issue(issue_events)
        assert "before the keeper's answer" in complaint
        event.start, event.end = place


# --- init -------------------------------------------------------------------

def test_init_is_whole_on_the_disk_before_it_is_in_place(ground, init_events):
    assert syscalls.complaints_of_init(init_events, str(ground.directory)) == []


# What init makes and removes again before the rename needs no sync to last, nor
# does the index, which can be made again.
TRANSIENT = ("chancery.db-journal", "search.db", "search.db-journal",
             "search.db-wal")


def test_init_without_any_one_of_its_syncs_is_noticed(ground, init_events):
    synced = {event.file for event in init_events
              if event.call in syscalls.SYNCS and
              not event.file.endswith(TRANSIENT)}
    assert len(synced) > 12, synced
    for path in synced:
        left = [event for event in init_events
                if event.call not in syscalls.SYNCS or event.file != path]
        complaints = syscalls.complaints_of_init(left, str(ground.directory))
        assert complaints, f"nobody misses the syncs of {path}"
        name = os.path.basename(path).rstrip("0123456789abcdef").strip(".")
        assert any(name in complaint for complaint in complaints), complaints
