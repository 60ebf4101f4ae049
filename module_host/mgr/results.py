"""What commands give back, to a module that sent one and from a module that served one."""

import threading
from typing import NamedTuple


class CommandResult:
    """The completion of one send_command(): give it away, then wait()."""

    def __init__(self, tag: str | None = None) -> None:
        self.ev = threading.Event()
        self.r = 0
        self.outb = ""
        self.outs = ""
        self.tag = tag or ""

    def complete(self, r: int, outb: str, outs: str) -> None:
        """Take the result and wake those who wait."""
        self.r, self.outb, self.outs = r, outb, outs
        self.ev.set()

    def wait(self) -> tuple[int, str, str]:
        """Block until the command is done; (0 or -errno, stdout, stderr). There is no timeout."""
        self.ev.wait()
        return self.r, self.outb, self.outs


class HandleCommandResult(NamedTuple):
    """What a command handler returns. `retval` is 0 or a negative errno; data goes to `stdout`."""

    retval: int = 0
    stdout: str = ""
    stderr: str = ""


class MonCommandFailed(RuntimeError):
    """Raised by check_mon_command()."""
