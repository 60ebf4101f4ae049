"""One published document in a file: complete before it has its name.

Pages of a new file in memory cost as much as encoding the document did. So a large one that was
overtaken is written anew, once the kernel vouches that no process has it open or mapped: only then
does it grant a write lease.
"""

import fcntl
import mmap
import os
import signal
from pathlib import Path
from typing import Self


MODE = 0o444


class DocumentFile:
    """A file that this process may write and nobody else. Owned by one thread."""

    def __init__(self, path: Path, fd: int, size: int) -> None:
        self.path = path
        self._fd = fd
        self._size = size
        self._map: mmap.mmap | None = None

    @classmethod
    def create(cls, path: Path, body: bytes) -> Self:
        """A new file at `path`. Raises OSError, and leaves none."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        fd = os.open(path, flags, MODE)
        try:
            os.fchmod(fd, MODE)  # whatever the umask says: hosts run under another uid
            view = memoryview(body)
            while view:
                view = view[os.write(fd, view) :]
        except OSError:
            os.close(fd)
            path.unlink()
            raise
        return cls(path, fd, len(body))

    @property
    def closed(self) -> bool:
        """Whether it was let go of, so that it cannot be written anew."""
        return self._fd < 0

    def rename(self, path: Path) -> None:
        """Give it another name. Raises OSError."""
        self.path = self.path.rename(path)

    def rewrite(self, body: bytes) -> bool:
        """Make it hold `body`; False, and nothing has changed, where somebody has it still, or it
        is not in memory. Raises OSError where there is no room.
        """
        if not self._free():
            return False
        if len(body) > self._size:
            # Here, where it can be refused: a page that is missing under the map is a SIGBUS.
            os.posix_fallocate(self._fd, 0, len(body))
        if self._map is None:
            os.ftruncate(self._fd, len(body))
            self._map = mmap.mmap(self._fd, len(body))
        elif len(body) != self._size:
            self._map.resize(len(body))
        self._size = len(body)
        self._map[:] = body
        return True

    def remove(self) -> None:
        """Take its name; who has it mapped keeps it. Raises OSError."""
        self.close()
        self.path.unlink()

    def close(self) -> None:
        """Let go of it; the file stays."""
        if self._map is not None:
            self._map.close()
            self._map = None
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _free(self) -> bool:
        try:
            fcntl.fcntl(self._fd, fcntl.F_GET_SEALS)  # of files in memory alone
            # Whoever opens it meanwhile has the kernel send this: SIGIO would end us.
            fcntl.fcntl(self._fd, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(self._fd, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            fcntl.fcntl(self._fd, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        except OSError:
            return False
        return True
