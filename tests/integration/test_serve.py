"""The parent that serves: starts, restarts, new settings, the end."""
import os
import pathlib
import shutil
import signal
import socket
import time

import pytest

from program import (CONFLICT, DONE, MALFORMED, NOT_FOUND, REFUSED,
                     UNAVAILABLE, USAGE, Chancery, lasting, snapshot)
from served import (Manager, await_readiness, served, start, until,
                    words_of_listeners)
from serving import free_port, listens
from waiting import edit, kinds

ISSUE = ["issue", "--profile", "server", "--san", "www.example.org"]


def issue(authority, tmp_path):
    number = len(list(tmp_path.glob("key*")))
    return authority.run(*ISSUE, "--key-out", tmp_path / f"key{number}")


def issue_at_last(authority, tmp_path):
    """A command that met what was just killed is told to try later."""
    def is_done():
        number = len(list(tmp_path.glob("key*")))
        outcome = authority.attempt(*ISSUE, "--key-out",
                                    tmp_path / f"key{number}")
        assert outcome.status in (DONE, UNAVAILABLE), str(outcome)
        return outcome.status == DONE

    until(is_done, "a certificate")


def refused(authority, status, *words):
    """As Chancery.refuses, of an authority whose server works in DIR."""
    outcome = authority.attempt(*words)
    assert outcome.status == status, str(outcome)
    return outcome


def settings_of(authority):
    return authority.directory / "chancery.yaml"


# --- starts -------------------------------------------------------------------

def test_it_says_where_it_serves_and_which_root(authority, tmp_path):
    with served(authority, tmp_path) as server:
        facts = server.facts
        assert facts["directory"] == str(authority.directory)
        assert facts["locked"] is False
        assert [row["listener"] for row in facts["listeners"]] == [
            "public", "plain", "admin"]
        for row in facts["listeners"]:
            port = server.ports[row["listener"]]
            assert row["address"] == f"127.0.0.1:{port}"
            assert listens(port)
        root, = [row for row in authority.facts("ca list")
                 if row["name"] == "root"]
        assert [row["sha256"] for row in facts["roots"]] == [root["sha256"]]
        assert set(server.children()) >= {"signer", "keeper", "front"}
        assert len(server.children()["front"]) == 3
    assert not listens(server.ports["public"])


def test_commands_go_through_it_while_it_serves(authority, tmp_path):
    with served(authority, tmp_path):
        issued = authority.facts(*ISSUE, "--key-out", tmp_path / "key")
        serial = issued["serial"]
        assert authority.facts("status")["served"] is True
        authority.run("revoke", serial, "--reason", "superseded")
        assert authority.facts("show", serial)["status"] == "revoked"
        assert serial in [row["serial"] for row in authority.facts("list")]
        refused(authority, UNAVAILABLE, "ca add", "other")
    issue(authority, tmp_path)


def test_kb006_it_starts_alike_with_an_empty_home_and_anothers_settings(
        authority, tmp_path):
    """Another user's settings lie where a person's would."""
    other = tmp_path / "other"
    (other / ".config" / "chancery").mkdir(parents=True)
    (other / ".config" / "chancery" / "chancery.yaml").write_text("broken: [")
    (other / ".local" / "share" / "chancery").mkdir(parents=True)
    (other / ".local/share/chancery/chancery.yaml").write_text("broken: [")
    for home in ("", str(other), "/nonexistent"):
        with served(authority, tmp_path, home=home,
                    cwd="/") as server:
            assert server.facts["locked"] is False
            issue(authority, tmp_path)


@pytest.mark.parametrize("order", ["server first", "command first"])
def test_kb007_any_order_of_starts_gives_the_same(authority, tmp_path, order):
    """A command that holds DIR is waited for; one that comes while the server
    starts waits for it."""
    if order == "command first":
        command = authority.start(*ISSUE, "--key-out", tmp_path / "first")
        with served(authority, tmp_path):
            command.communicate(timeout=60)
            assert command.returncode == DONE
            issue(authority, tmp_path)
        return
    server = start(authority, tmp_path / "serve-early.log")
    try:
        command = authority.start(*ISSUE, "--key-out", tmp_path / "first")
        command.communicate(timeout=60)
        assert command.returncode == DONE
        await_readiness(server)
        assert server.end() == 0
    finally:
        server.process.kill()
        server.process.stdout.close()


def test_a_folder_is_served_once(authority, tmp_path):
    with served(authority, tmp_path):
        _, words = words_of_listeners(["plain"], {})
        outcome = refused(authority, CONFLICT, "serve", *words)
        assert "is served already" in outcome.err
    locked_by_unlock = authority.copy(tmp_path / "other")
    with served(locked_by_unlock, tmp_path):
        assert locked_by_unlock.facts("status")["served"] is True


def test_a_taken_address_is_named(authority, tmp_path):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        outcome = authority.refuses(
            UNAVAILABLE, "serve", "--listen", f"127.0.0.1:{port}",
            "--http-listen", "none", "--admin-listen", "none")
    assert outcome.err.startswith(
        f"chancery: another program listens at 127.0.0.1:{port} already")
    issue(authority, tmp_path)


def test_kb113_addresses_that_contradict_each_other_are_refused(authority):
    port = free_port()
    outcome = authority.refuses(
        REFUSED, "serve", "--listen", f"127.0.0.1:{port}", "--admin-listen",
        f"127.0.0.1:{port}")
    assert "admin-listen can't be at" in outcome.err, outcome.err
    outcome = authority.refuses(USAGE, "serve", "--listen", "127.0.0.1:0")
    assert "port 0" in outcome.err
    outcome = authority.refuses(REFUSED, "serve", "--listen", "none",
                                "--http-listen", "none", "--admin-listen",
                                "none")
    assert "nothing would be served" in outcome.err


def test_wrong_settings_are_told_before_anything_starts(authority):
    edit(authority, "one-tier: no", "one-tier: no\nserve:\n  listen: here")
    outcome = authority.refuses(MALFORMED, "serve")
    assert "chancery.yaml, line " in outcome.err and ", column 11: " in outcome.err


def test_without_an_authority_it_says_how_one_is_made(program, tmp_path):
    outcome = Chancery(program, tmp_path / "nothing").refuses(
        NOT_FOUND, "serve")
    assert "chancery init" in outcome.err


# --- locked keys --------------------------------------------------------------

def test_without_a_passphrase_it_runs_locked_until_unlock(
        locked, pristine_locked, tmp_path):
    passphrase = pristine_locked[1]
    with served(locked, tmp_path) as server:
        assert server.facts["locked"] is True
        before = server.children()
        refused(locked, UNAVAILABLE, *ISSUE, "--key-out", tmp_path / "none")
        locked.run("unlock", "--passphrase-file", passphrase)
        issue(locked, tmp_path)
        locked.run("lock")
        refused(locked, UNAVAILABLE, *ISSUE, "--key-out", tmp_path / "none")
        locked.run("unlock", "--passphrase-file", passphrase)
        issue(locked, tmp_path)
        after = server.children()
        assert after["keeper"] == before["keeper"]
        assert after["signer"] == before["signer"]


def test_a_lock_outlasts_restarts_whatever_opened_the_keys(
        locked, pristine_locked, tmp_path):
    passphrase = pristine_locked[1]
    with served(locked, tmp_path, "--passphrase-file", passphrase) as server:
        assert server.facts["locked"] is False
        issue(locked, tmp_path)
        server.kill("signer")
        issue_at_last(locked, tmp_path)  # opened again by the same descriptor
        locked.run("lock")
        server.kill("signer")
        refused(locked, UNAVAILABLE, *ISSUE, "--key-out", tmp_path / "none")
    with served(locked, tmp_path, "--passphrase-file", passphrase) as server:
        assert server.facts["locked"] is True


def test_unlock_opens_what_keys_unlock_opens(authority, tmp_path):
    with served(authority, tmp_path):
        authority.run("lock")
        refused(authority, UNAVAILABLE, *ISSUE, "--key-out", tmp_path / "none")
        authority.run("unlock")
        issue(authority, tmp_path)


# --- what dies is back --------------------------------------------------------

@pytest.mark.parametrize("role", ["keeper", "signer", "front"])
def test_properties31_a_role_that_dies_is_back(authority, tmp_path, role):
    with served(authority, tmp_path) as server:
        count = len(server.children()[role])
        for _ in range(3):
            killed = server.kill(role)
            issue_at_last(authority, tmp_path)
            until(lambda: len(server.children().get(role, [])) == count,
                  f"another {role}")
            assert killed not in server.children()[role]
        assert f'role="{role}"' in server.log
        assert 'by="signal KILL"' in server.log
    assert authority.run("audit verify").status == DONE


def test_properties31_the_keys_outlive_the_keeper(
        locked, pristine_locked, tmp_path):
    with served(locked, tmp_path) as server:
        locked.run("unlock", "--passphrase-file", pristine_locked[1])
        signer = server.child("signer")
        server.kill("keeper")
        issue_at_last(locked, tmp_path)
        assert server.child("signer") == signer


def test_what_the_keeper_was_asked_when_it_died_is_asked_once(
        authority, tmp_path):
    """A command whose keeper dies is told so; nothing is issued twice.  What was
    recorded just before may be there without its answer."""
    names = [f"host{number}.example.org" for number in range(6)]
    with served(authority, tmp_path) as server:
        commands = [authority.start("issue", "--profile", "server", "--san",
                                    name, "--key-out", tmp_path / name,
                                    "--json") for name in names]
        time.sleep(0.05)
        server.kill("keeper")
        for command in commands:
            command.communicate(timeout=60)
            assert command.returncode in (DONE, UNAVAILABLE)
        valid = [name for row in authority.facts("list")
                 for name in row["names"] if row["status"] == "valid"]
        for name, command in zip(names, commands):
            count = valid.count(f"dns:{name}")
            assert count == 1 or (
                count == 0 and command.returncode == UNAVAILABLE), valid


def test_all_children_end_when_the_parent_is_killed(authority, tmp_path):
    server = start(authority, tmp_path / "serve-killed.log")
    try:
        await_readiness(server)
        children = [process for role in server.children().values()
                    for process in role]
        assert len(children) >= 5
        server.process.kill()
        server.process.wait(10)
        until(lambda: not any(pathlib.Path(f"/proc/{process}/exe").exists()
                              for process in children), "the children's end")
    finally:
        server.process.stdout.close()
    with served(authority, tmp_path):  # what was left is in nobody's way
        issue(authority, tmp_path)


# --- new settings -------------------------------------------------------------

def test_a_wrong_file_changes_nothing_and_says_line_and_column(
        authority, tmp_path):
    with served(authority, tmp_path) as server:
        before = server.children()
        right = settings_of(authority).read_text()
        settings_of(authority).write_text(right + "\nwrogn: yes\n")
        mark = len(server.log)
        server.process.send_signal(signal.SIGHUP)
        said = server.said_since(mark, "settings-refused")
        lines = right.count("\n") + 2
        assert f"chancery.yaml, line {lines}, column 1" in said
        assert len(authority.facts("list")) >= 2
        settings_of(authority).write_text(right)
        issue(authority, tmp_path)
        assert server.children() == before


def test_new_settings_hold_without_a_restart(authority, tmp_path):
    with served(authority, tmp_path) as server:
        signer = server.child("signer")
        words = ["issue", "--profile", "added", "--san", "a.example.org",
                 "--key-out", tmp_path / "added.key"]
        refused(authority, NOT_FOUND, *words)
        text = settings_of(authority).read_text()
        settings_of(authority).write_text(text + """
  added:
    purposes: [clientAuth]
    key-usage: [digitalSignature]
    keys: [p256]
    lifetime: 7d
    longest-lifetime: 25y
    names: [dns]
""")
        mark = len(server.log)
        server.process.send_signal(signal.SIGHUP)
        server.said_since(mark, "settings-changed")
        until(lambda: authority.attempt(*words).status == DONE,
              "the new profile")
        # Its limits have changed: longer lifetimes than before.
        assert server.child("signer") != signer
        assert "settings-changed" in kinds(authority)


def test_settings_that_leave_the_limits_alone_leave_the_keys_open(
        locked, pristine_locked, tmp_path):
    with served(locked, tmp_path) as server:
        locked.run("unlock", "--passphrase-file", pristine_locked[1])
        signer, keeper = server.child("signer"), server.child("keeper")
        settings_of(locked).write_text(
            settings_of(locked).read_text() + "\n# a remark\n")
        server.process.send_signal(signal.SIGHUP)
        until(lambda: server.children().get("keeper", [keeper]) != [keeper],
              "another keeper")
        issue(locked, tmp_path)
        assert server.child("signer") == signer


def test_an_address_that_changed_is_told_to_need_a_restart(
        authority, tmp_path):
    with served(authority, tmp_path) as server:
        with settings_of(authority).open("a") as file:
            file.write("\nserve:\n  mtls-listen: 127.0.0.1:9444\n")
        mark = len(server.log)
        # The command line goes before the file: nothing moves.
        server.process.send_signal(signal.SIGHUP)
        said = server.said_since(mark, "settings-changed")
        assert "listener-needs-a-restart" not in said


# --- a service manager --------------------------------------------------------

def test_a_service_manager_hears_of_start_reload_and_end(authority, tmp_path):
    manager = Manager(tmp_path)
    try:
        with served(authority, tmp_path, environment={
                "NOTIFY_SOCKET": str(manager.path),
                "WATCHDOG_USEC": "400000"}) as server:
            manager.hears("READY=1\nSTATUS=serving")
            manager.hears("WATCHDOG=1")
            manager.heard.clear()
            server.process.send_signal(signal.SIGHUP)
            manager.hears("RELOADING=1\nMONOTONIC_USEC=")
            manager.hears("READY=1")
            settings_of(authority).write_text("nmae: wrong\n")
            manager.heard.clear()
            server.process.send_signal(signal.SIGHUP)
            assert "line 1, column 1" in manager.hears("READY=1")[0]
        manager.hears("STOPPING=1")
    finally:
        manager.end()


def test_sockets_of_the_service_manager_are_taken_by_name(
        authority, tmp_path):
    """As systemd hands them over: from descriptor 3 on, with names."""
    port = free_port()
    with socket.create_server(("127.0.0.1", port)) as listener:
        wrapper = tmp_path / "activated"
        wrapper.write_text(f"""#!/usr/bin/python3
import os, sys
os.dup2({listener.fileno()}, 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1",
                  LISTEN_FDNAMES="plain")
os.execv("{authority.program}", sys.argv)
""")
        wrapper.chmod(0o755)
        activated = Chancery(wrapper, authority.directory)
        server = start(activated, tmp_path / "serve-sockets.log",
                       listeners=[], pass_fds=[listener.fileno()])
        server.authority = authority
        try:
            facts = await_readiness(server)
            assert len(server.children()["front"]) == 1
            assert [(row["listener"], row["address"])
                    for row in facts["listeners"]] == [
                        ("plain", f"127.0.0.1:{port}")]
            assert server.end() == 0
        finally:
            server.process.kill()
            server.process.stdout.close()


# --- the end ------------------------------------------------------------------

def test_an_end_in_good_order_is_journalled_and_leaves_nothing(
        authority, tmp_path):
    with served(authority, tmp_path) as server:
        issue(authority, tmp_path)
        begun = time.monotonic()
        assert server.end() == 0
        assert time.monotonic() - begun < 10
    assert kinds(authority)[-1] in ("keeper-stopped", "checkpoint")
    assert "keeper-stopped" in kinds(authority)
    before = snapshot(authority.directory)
    assert authority.run("audit verify").status == DONE
    assert lasting(snapshot(authority.directory)) == lasting(before)


def test_a_terminals_interrupt_is_the_parents_alone(authority, tmp_path):
    with served(authority, tmp_path, start_new_session=True) as server:
        keeper = server.child("keeper")
        assert os.getpgid(keeper) == keeper
        os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(20) == 0
    assert "keeper-stopped" in kinds(authority)


def test_a_second_signal_ends_it_at_once(authority, tmp_path):
    with served(authority, tmp_path) as server:
        keeper = server.child("keeper")
        os.kill(keeper, signal.SIGSTOP)  # it can't end in good order
        server.process.send_signal(signal.SIGTERM)
        until(lambda: not server.children().get("front"), "the fronts' end")
        assert server.process.poll() is None
        begun = time.monotonic()
        assert server.end() == 0
        assert time.monotonic() - begun < 2
    issue(authority, tmp_path)


def test_a_keeper_that_hangs_delays_the_end_by_less_than_ten_seconds(
        authority, tmp_path):
    with served(authority, tmp_path) as server:
        os.kill(server.child("keeper"), signal.SIGSTOP)
        begun = time.monotonic()
        assert server.end() == 0
        assert time.monotonic() - begun < 10
    issue(authority, tmp_path)
    shutil.rmtree(authority.directory)
