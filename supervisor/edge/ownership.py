"""Gives a folder, and what is in it, to another user, while somebody there may lay traps.

What is changed is what was opened and looked at: never a name that may stand for something else by
then. Links are not followed. A file that has a second name may be somebody else's, linked there to
be given away: it stays whose it is. So does what lies on another file system, and every device.

BUGS
    A folder deeper than DEPTH, or what comes after ENTRIES, is left as it is.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path


ENTRIES = 200_000
DEPTH = 64
TOLD = 10  # names that a log is told of
_PLAIN = (stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK, stat.S_ISFIFO, stat.S_ISSOCK)


@dataclass
class Given:
    """What came of it: entries that were given away, and some of those that were not, with why."""

    changed: int = 0
    seen: int = 0
    kept: list[str] = field(default_factory=list)

    def keep(self, where: str, why: str) -> None:
        """`where` stays whose it is."""
        if len(self.kept) < TOLD:
            self.kept.append(f"{where}: {why}")


def give(folder: Path, uid: int, gid: int) -> Given:
    """Give `folder` to `uid` and `gid`; it must not be a link. Raises OSError where the folder
    itself cannot be given.
    """
    given = Given()
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    device = os.fstat(fd).st_dev
    levels = [(fd, _names(fd), ".")]
    try:
        _own(fd, uid, gid, given)
        while levels:
            fd, names, where = levels[-1]
            name = next(names, None)
            if name is None or given.seen >= ENTRIES:
                os.close(levels.pop()[0])
                continue
            given.seen += 1
            try:
                below = _step(fd, name, uid, gid, device, given, where)
            except FileNotFoundError:
                continue
            except OSError as error:  # an immutable file, say
                given.keep(f"{where}/{name}", error.strerror or str(error))
                continue
            if below is None:
                continue
            if len(levels) < DEPTH:
                levels.append((below, _names(below), f"{where}/{name}"))
            else:
                os.close(below)
                given.keep(f"{where}/{name}", "too deep")
    finally:
        for fd, _names_left, _where in levels:
            os.close(fd)
    if given.seen >= ENTRIES:
        given.keep(str(folder), f"more than {ENTRIES} entries")
    return given


def _names(fd: int) -> Iterator[str]:
    with os.scandir(fd) as entries:
        return iter([entry.name for entry in entries])


def _step(
    parent: int, name: str, uid: int, gid: int, device: int, given: Given, where: str
) -> int | None:
    """Give one entry; of a folder, answers it open, to be gone through."""
    fd = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        status = os.fstat(fd)
        folder = stat.S_ISDIR(status.st_mode)
        if status.st_dev != device:
            given.keep(f"{where}/{name}", "on another file system")
            return None
        if not any(kind(status.st_mode) for kind in _PLAIN):
            given.keep(f"{where}/{name}", "a device")
            return None
        if not folder and status.st_nlink > 1 and status.st_uid != uid:
            given.keep(f"{where}/{name}", "it has another name, and may be somebody else's")
            return None
        _own(fd, uid, gid, given)
        if folder:
            return os.open(f"/proc/self/fd/{fd}", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    finally:
        os.close(fd)
    return None


def _own(fd: int, uid: int, gid: int, given: Given) -> None:
    status = os.fstat(fd)
    if (status.st_uid, status.st_gid) != (uid, gid):
        os.chown(f"/proc/self/fd/{fd}", uid, gid)
        given.changed += 1
