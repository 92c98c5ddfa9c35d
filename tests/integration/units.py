"""A service manager's part for the roles: sockets behind which each connection
becomes descriptor 3 of a process of its own, as systemd.socket(5) says of
Accept=yes."""
import contextlib
import os
import socket
import subprocess
import threading
import time

from program import SURROUNDINGS


class Units:
    def __init__(self, program, folder, roles=("signer", "keeper", "status", "front")):
        self.program = program
        self.folder = folder
        self.processes = {role: [] for role in roles}
        self.listeners = {}
        self.threads = []
        for role in roles:
            listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listener.bind(str(folder / f"{role}.sock"))
            listener.listen()
            self.listeners[role] = listener
            thread = threading.Thread(target=self.accept, args=[role])
            thread.start()
            self.threads.append(thread)

    def accept(self, role):
        while True:
            try:
                connection, _ = self.listeners[role].accept()
            except OSError:
                return
            with connection:
                self.processes[role].append(self.spawn(role, connection))

    def spawn(self, role, connection):
        """No thread may run between fork and exec: a shell moves the
        descriptor."""
        number = connection.fileno()
        words = ["bash", "-c", f'exec 3<&{number} {number}<&-; exec "$0" "$@"',
                 str(self.program), "--role", role]
        if number == 3:
            words = [str(self.program), "--role", role]
        return subprocess.Popen(words, env=SURROUNDINGS, pass_fds=[number],
                                stdin=subprocess.DEVNULL)

    def running(self, role):
        return [process for process in self.processes[role]
                if process.poll() is None]

    def kill(self, role):
        process = self.running(role)[0]
        process.kill()
        process.wait()

    def end(self):
        for listener in self.listeners.values():
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in self.threads:
            thread.join()
        deadline = time.monotonic() + 10
        while (left := [role for role in self.processes
                        for _ in self.running(role)]):
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        for role in self.processes:
            for process in self.processes[role]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, 9)
                process.wait()
        return left
