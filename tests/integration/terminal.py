"""A command on a terminal, as a person sees and answers it."""
import fcntl
import os
import pty
import select
import subprocess
import termios
import time

from program import SURROUNDINGS


def take_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """words run in a session of their own, on a terminal of their own."""

    def __init__(self, words, **environment):
        self.screen, side = pty.openpty()
        self.seen = ""
        self.process = subprocess.Popen(
            [str(word) for word in words], stdin=side, stdout=side,
            stderr=side, start_new_session=True, preexec_fn=take_terminal,
            env=dict(SURROUNDINGS, TERM="dumb", **environment))
        os.close(side)

    def read(self, seconds):
        """What came within that time; "" at the end."""
        if not select.select([self.screen], [], [], seconds)[0]:
            raise TimeoutError(f"nothing more after:\n{self.seen}")
        try:
            text = os.read(self.screen, 65536).decode("utf-8", "replace")
        except OSError:  # EIO: nobody has the other side any more
            text = ""
        self.seen += text.replace("\r\n", "\n")
        return text

    def expect(self, *texts, seconds=60):
        """Reads until one of the texts is seen, and returns which; what was
        seen up to it is not looked at again."""
        deadline = time.monotonic() + seconds
        while True:
            places = [(self.seen.find(text), text) for text in texts
                      if text in self.seen]
            if places:
                place, text = min(places)
                before = self.seen[:place + len(text)]
                self.seen = self.seen[place + len(text):]
                return text, before
            if self.read(max(0.1, deadline - time.monotonic())) == "":
                raise EOFError(f"ended without {texts}:\n{self.seen}")

    def say(self, text):
        os.write(self.screen, text.encode())

    def end(self, seconds=60):
        """(status, what was seen since the last expect)."""
        deadline = time.monotonic() + seconds
        while self.read(max(0.1, deadline - time.monotonic())):
            pass
        status = self.process.wait(seconds)
        os.close(self.screen)
        return status, self.seen
