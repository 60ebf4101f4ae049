"""The right to be active: a kernel file lock in the data directory, one holder at a time.

The kernel frees it when the holder's process is gone, however it ended, so that a takeover waits
for no timeout. A process that is merely stopped keeps it. The descriptor is closed on exec and in
no other process: a duplicate in a child would hold the lock after its owner's death.
"""

import fcntl
import os
from pathlib import Path

from supervisor.cluster.interface import ClusterError


LOCK = "cluster.lock"


class ActiveLock:
    """`take()` and `wait()` may run in different threads, one after the other."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self._fd = -1

    def take(self) -> bool:
        """Get the lock if nobody holds it. Raises ClusterError."""
        return self._acquire(fcntl.LOCK_EX | fcntl.LOCK_NB)

    def wait(self) -> None:
        """Block until the lock is ours. Raises ClusterError."""
        while not self._acquire(fcntl.LOCK_EX):
            pass  # an operator removed the file: whoever comes next locks another one

    def release(self) -> None:
        """Let the next one have it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _acquire(self, operation: int) -> bool:
        try:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise unusable(self._path.parent, error) from error
        try:
            fcntl.flock(fd, operation)
            current = _same(fd, self._path)
        except BlockingIOError:
            current = False
        except BaseException:
            os.close(fd)
            raise
        if current:
            self._fd = fd
        else:
            os.close(fd)
        return current


def unusable(folder: Path, error: OSError) -> ClusterError:
    """What to tell an operator whose data directory cannot be used."""
    return ClusterError(
        f"cannot use the data directory {folder}: {error.strerror}; give one that this user may"
        " write to"
    )


def _same(fd: int, path: Path) -> bool:
    """Whether `path` still leads to the file that `fd` is."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return False
    here = os.fstat(fd)
    return (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino)
