"""One cgroup: its limits, what happened in it, and its end."""

import contextlib
import os
import signal
from collections.abc import Collection
from pathlib import Path

from supervisor.core.cgroup import Tally, membership, numbers, settings
from supervisor.core.limits import Limits


class Leaf:
    """The cgroup in `path`; it is made by make() and may go away by itself, with the whole tree."""

    def __init__(self, path: Path, controllers: Collection[str]) -> None:
        self.path = path
        self.limits = Limits()
        self.controllers = controllers

    @property
    def name(self) -> str:
        """Of the folder."""
        return self.path.name

    def make(self, limits: Limits) -> None:
        """With the bounds of `limits`. Raises OSError, FileExistsError where it is there."""
        self.path.mkdir()
        self.limits = limits
        try:
            for file, value in settings(limits, self.controllers).items():
                if (self.path / file).exists():  # some are of newer kernels, or of those with swap
                    write(self.path / file, value)
        except OSError:
            self.path.rmdir()
            raise

    def door(self) -> int:
        """A descriptor: whoever writes a pid into it moves that process here, by our right to do
        so. Raises OSError.
        """
        return os.open(self.path / "cgroup.procs", os.O_WRONLY | os.O_CLOEXEC)

    def holds(self, pid: int) -> bool:
        """Whether the process `pid` is here, or below."""
        try:
            path = membership(Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8"))
        except OSError:
            return False
        return path is not None and self.name in path.split("/")

    def tally(self) -> Tally:
        """What happened here until now."""
        memory = self._numbers("memory.events")
        return Tally(
            peak=self._number("memory.peak") or self._number("memory.current"),
            short=memory.get("oom", 0),
            killed=memory.get("oom_kill", 0),
            refused=self._numbers("pids.events").get("max", 0),
        )

    def end(self) -> bool:
        """Kill every process here and below, and remove it. False: they are still dying; to be
        called again.
        """
        try:
            write(self.path / "cgroup.kill", "1")
        except FileNotFoundError:
            self._kill_one_by_one()  # before Linux 5.14, or it is gone
        try:
            for folder, _folders, _files in os.walk(self.path, topdown=False):
                Path(folder).rmdir()
        except FileNotFoundError:
            return True
        except OSError:  # busy
            return False
        return not self.path.exists()

    def _kill_one_by_one(self) -> None:
        for folder, _folders, _files in os.walk(self.path):
            for pid in processes(Path(folder)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _numbers(self, file: str) -> dict[str, int]:
        try:
            return numbers((self.path / file).read_text(encoding="ascii"))
        except OSError:
            return {}

    def _number(self, file: str) -> int:
        try:
            return int((self.path / file).read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0


def write(file: Path, value: str) -> None:
    """Into a file that is there. Raises OSError, with the file's name."""
    fd = os.open(file, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, value.encode("ascii"))
    except OSError as error:
        error.filename = str(file)
        raise
    finally:
        os.close(fd)


def processes(folder: Path) -> list[int]:
    """Pids in the cgroup `folder`, none below; 0 stands for one of another pid namespace."""
    try:
        return [int(line) for line in (folder / "cgroup.procs").read_text("ascii").split()]
    except FileNotFoundError:
        return []
