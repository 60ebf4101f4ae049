"""An attempt: a small function with a name, and a sentence that says what it tries."""

import errno
import json
import os
import select
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any


CHILD_SECONDS = 5.0
MOST_READ, PIECE = 1 << 24, 1 << 16


class Target(SimpleNamespace):
    """What there is to attack: the fields are those of `faults.adversary_world.World.target`, and
    `module`, the adversary itself.
    """


Work = Callable[[Target], Any]


@dataclass(frozen=True)
class Attempt:
    """`work` answers what it found, or raises OSError.

    It got out where the victims' secret is in what it found, or where something outside changed.
    `own_word`: nothing outside can tell, so what it found counts, where it found anything.
    `closed`: why it may fail where no wall stands; `gap`: why it may get out where all do.
    `restart`: it takes a restart of the module to show; `beside`: a command to the victim is under
    way meanwhile; `limited`: it takes what limits bound.
    """

    name: str
    family: str
    what: str
    work: Work
    own_word: bool = False
    closed: str = ""
    gap: str = ""
    restart: bool = False
    beside: bool = False
    limited: bool = False


class Family:
    """Attempts of one kind; a decorator that adds one, called like its function."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.attempts: list[Attempt] = []

    def __call__(self, what: str, **rest: Any) -> Callable[[Work], Work]:
        """`what`: one sentence; `rest`: fields of Attempt."""

        def add(work: Work) -> Work:
            self.add(getattr(work, "__name__", ""), what, work, **rest)
            return work

        return add

    def add(self, name: str, what: str, work: Work, **rest: Any) -> None:
        """The same for a function that was made."""
        self.attempts.append(Attempt(name.replace("_", "-"), self.name, what, work, **rest))


def read(path: str) -> str:
    """What is in a file, as far as it counts."""
    with open(path, "rb") as file:
        found = b""
        while len(found) < MOST_READ and (more := file.read(PIECE)):
            found += more
        return found.decode("latin-1")


def in_child(work: Callable[[], Any]) -> Any:
    """What comes of `work` in a process of its own: it changes that process, or may kill it.
    Raises OSError as `work` did; EPERM where it was killed for it.
    """
    ours, theirs = os.pipe()
    pid = os.fork()
    if not pid:
        _report(work, theirs)
    os.close(theirs)
    try:
        ready, _, _ = select.select([ours], [], [], CHILD_SECONDS)
        text = os.read(ours, 1 << 16) if ready else b""
    finally:
        os.close(ours)
        if not ready:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    if not text:
        raise OSError(errno.EPERM, f"the child ended with {os.waitstatus_to_exitcode(status)}")
    number, answer = json.loads(text)
    if number:
        raise OSError(number, answer)
    return answer


def _report(work: Callable[[], Any], pipe: int) -> None:
    try:
        try:
            answer = [0, work()]
        except OSError as error:
            answer = [error.errno or errno.EIO, str(error)]
        except Exception as error:
            answer = [errno.EIO, f"{type(error).__name__}: {error}"]
        os.write(pipe, json.dumps(answer).encode())
    finally:
        os._exit(0)


def processes(name: str, pid: int) -> list[int]:
    """Pids of those whose command line has `name` in it, as seen from here: `pid`, where that is
    the number here, too; else all that can be found, so that other numbers hide nobody.
    """
    if name in _line(pid):
        return [pid]
    pids = [int(folder.name) for folder in Path("/proc").iterdir() if folder.name.isdecimal()]
    return [one for one in pids if name in _line(one)] or [pid]


def _line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""
