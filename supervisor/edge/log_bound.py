"""Keeps the logs of modules within their rate: what is above it is cut from the end of the file.

Nothing can make a process write less into a file that it holds open, and to wait for the next
rotation would let a flood fill the disk. So the file is looked at often, and cut; its writers
append, and go on behind the cut. Worker thread only.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from supervisor.core.bucket import Bucket
from supervisor.core.limits import size
from supervisor.edge.log_files import numbered


BURST = 10.0  # seconds of the rate that may come at once
FORMER = 2  # rotated files that are looked at
_LINE = 64 * 1024  # bytes in which the end of a line is looked for


@dataclass
class _Log:
    """What is known of one module's log: sizes by inode."""

    files: tuple[str, ...]
    rate: int
    bucket: Bucket | None
    sizes: dict[tuple[int, int], int] = field(default_factory=dict)


class LogBound:
    """The logs of all modules, by path."""

    def __init__(self) -> None:
        self._logs: dict[Path, _Log] = {}

    def look(self, path: Path, rate: int) -> tuple[int, int]:
        """By how many bytes the log grew since the last look, and how many of them were cut away.
        `rate` is in bytes a second, 0: any. Raises OSError.
        """
        log = self._logs.get(path)
        first = log is None
        now = time.monotonic()
        if log is None:
            # Former files, too: a module that is busy goes on writing to one after a rotation, and
            # a flood may fill one between two looks.
            files = tuple(str(numbered(path, number)) for number in range(FORMER + 1))
            log = self._logs[path] = _Log(files, rate, _bucket(rate, now))
        elif log.rate != rate:
            log.rate, log.bucket = rate, _bucket(rate, now)
        grown = cut = 0
        sizes: dict[tuple[int, int], int] = {}
        for file in log.files:
            try:
                status = os.stat(file)  # noqa: PTH116  by hand: a hundred looks a second
                if log.sizes.get((status.st_dev, status.st_ino)) == status.st_size:
                    sizes[status.st_dev, status.st_ino] = status.st_size
                    continue  # most of the time
                fd = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            try:
                status = os.fstat(fd)
                inode = (status.st_dev, status.st_ino)
                before = log.sizes.get(inode, status.st_size if first else 0)
                growth = max(0, status.st_size - before)
                kept = growth
                if log.bucket is not None and growth:
                    kept = int(log.bucket.take_some(now, growth))
                grown += growth
                if kept < growth:
                    cut += _cut(fd, before, before + kept, rate)
                sizes[inode] = os.fstat(fd).st_size
            finally:
                os.close(fd)
        log.sizes = sizes
        return grown, cut

    def forget(self, path: Path) -> None:
        """The module has no process any more."""
        self._logs.pop(path, None)


def _bucket(rate: int, now: float) -> Bucket | None:
    return Bucket(rate, rate * BURST, now) if rate else None


def _cut(fd: int, start: int, end: int, rate: int) -> int:
    """Cut at the last end of a line before `end`, or at `start`, and say so; answers how much."""
    window = max(start, end - _LINE)
    line_end = os.pread(fd, end - window, window).rfind(b"\n")
    end = start if line_end < 0 else window + line_end + 1
    cut = os.fstat(fd).st_size - end
    os.ftruncate(fd, end)
    notice = f"[mgr-supervisor] {size(cut)} cut: above log_rate, {size(rate)} a second\n"
    os.write(fd, notice.encode())
    return cut
