"""How much disk the data folders of modules take, counted a little at each look: a module may have
made any number of files, in folders in folders. Worker thread only.

Every inode counts once, with its blocks on disk, and with at least as much as it costs the file
system to have it. Links are not followed, and no other file system is entered.

BUGS
    What changes while a folder is being counted may count twice or not at all, until the next time.
    Second names of files are known up to REMEMBERED; beyond, each name counts.
"""

import contextlib
import os
import stat
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


ENTRIES = 4000  # that are looked at in one look, of all modules together: some 10 ms
PAUSE = 4.0  # seconds between the end of a count and the next ...
SHARE = 4  # ... or so many times as long as the count took, where that is more
LEAST = 4096  # bytes for each file or folder, or a disk could be filled with empty ones
BLOCK = 512  # bytes, of st_blocks
REMEMBERED = 100_000  # files with several names, of one folder
LONGEST = 900  # characters of a path that is opened in one step: the kernel takes 4095 bytes

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_Steps = tuple[str, ...]  # a path below the folder, in pieces that can be opened one from the other


@dataclass
class _Folder:
    """What is known of one. `count` goes on where the last look ended; None: it has its pause."""

    size: int = 0  # as the last whole count has it
    count: Iterator[int] | None = None
    counted: int = 0  # so far
    begun: float = 0.0  # monotonic
    due: float = 0.0  # monotonic

    @property
    def known(self) -> int:
        """Bytes that it has at least."""
        return max(self.size, self.counted)


class FolderSizes:
    """Of all modules, by name."""

    def __init__(self) -> None:
        self._folders: dict[str, _Folder] = {}
        self._turns: deque[str] = deque()

    def look(self, folders: Mapping[str, Path]) -> dict[str, int]:
        """Count on, each in its turn, and answer what is known: bytes by name. What is known of a
        folder stays so while it is not asked for.
        """
        for name in sorted(folders.keys() - self._folders.keys()):
            self._folders[name] = _Folder()
            self._turns.append(name)
        left = ENTRIES
        for _ in range(len(self._turns)):
            if left <= 0:
                break  # the others come first at the next look
            name = self._turns.popleft()
            self._turns.append(name)
            if name in folders:
                left -= self._go_on(self._folders[name], folders[name], left)
        return {name: self._folders[name].known for name in folders}

    def _go_on(self, folder: _Folder, path: Path, most: int) -> int:
        """Answers how many entries it has looked at."""
        if folder.count is None:
            if time.monotonic() < folder.due:
                return 0
            folder.count, folder.counted = _count(path), 0
            folder.begun = time.monotonic()
        for seen in range(most):
            try:
                folder.counted = next(folder.count)
            except StopIteration:
                folder.size, folder.count = folder.counted, None
                now = time.monotonic()
                folder.due = now + max(PAUSE, SHARE * (now - folder.begun))
                return seen
        return most


def _count(path: Path) -> Iterator[int]:
    """The bytes so far, at each entry. What vanishes meanwhile counts nothing."""
    try:
        top = os.open(path, _DIRECTORY)
    except OSError:
        return
    try:
        device = os.fstat(top).st_dev
        names: set[int] = set()
        total = 0
        waiting: list[_Steps] = [("",)]
        while waiting:
            steps = waiting.pop()
            for name, status in _entries(top, steps, device):
                if status.st_nlink > 1 and not stat.S_ISDIR(status.st_mode):
                    if status.st_ino in names:
                        yield total
                        continue
                    if len(names) < REMEMBERED:
                        names.add(status.st_ino)
                elif stat.S_ISDIR(status.st_mode):
                    waiting.append(_below(steps, name))
                total += max(LEAST, status.st_blocks * BLOCK)
                yield total
    finally:
        os.close(top)


def _entries(top: int, steps: _Steps, device: int) -> Iterator[tuple[str, os.stat_result]]:
    """Of the folder that `steps` lead to from the folder `top`, of this file system."""
    try:
        fd = _open(top, steps)
    except OSError:
        return
    try:
        if os.fstat(fd).st_dev != device:
            return
        with os.scandir(fd) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    yield entry.name, entry.stat(follow_symlinks=False)
    except OSError:
        return
    finally:
        os.close(fd)


def _open(top: int, steps: _Steps) -> int:
    fd = os.dup(top)
    for step in filter(None, steps):
        try:
            below = os.open(step, _DIRECTORY, dir_fd=fd)
        finally:
            os.close(fd)
        fd = below
    return fd


def _below(steps: _Steps, name: str) -> _Steps:
    *former, last = steps
    if len(last) + len(name) > LONGEST:
        return (*steps, name)
    return (*former, f"{last}/{name}" if last else name)
