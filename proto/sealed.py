"""A large payload in memory that one process fills and another one reads, without a copy between.

It is a file of the kernel's (memfd), sealed once it is written: nobody can change or shorten it any
more, so whoever reads it needs to trust nobody, and whoever passes it on need not look inside. It
is gone with its last descriptor.
"""

import fcntl
import mmap
import os
from typing import Self

from proto.errors import ProtocolError


_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


class Sealed:
    """Owns its descriptor: closed with the last reference to it, or to its view."""

    def __init__(self, fd: int) -> None:
        """Take over `fd`. Raises ProtocolError where its content could still change."""
        self._fd = fd
        try:
            sealed = fcntl.fcntl(fd, fcntl.F_GET_SEALS) & _SEALS == _SEALS
        except OSError:
            sealed = False  # no memfd at all
        if not sealed:
            raise ProtocolError("a descriptor came that is not of sealed memory")
        self._size = os.fstat(fd).st_size

    @classmethod
    def of(cls, data: bytes | memoryview) -> Self:
        """A copy of `data`. Raises OSError where the system, or RLIMIT_FSIZE, does not allow it."""
        fd = os.memfd_create("mgr-payload", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(fd, rest) :]
            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
        except BaseException:
            os.close(fd)
            raise
        return cls(fd)

    def __len__(self) -> int:
        return self._size

    def __del__(self) -> None:
        os.close(self._fd)

    def fileno(self) -> int:
        """For passing it on."""
        return self._fd

    @property
    def buffer(self) -> memoryview:
        """Its bytes where they lie, read only; valid as long as somebody holds the view."""
        if not self._size:
            return memoryview(b"")
        # Private: of sealed memory older kernels than 6.7 give no shared mapping, not even to read.
        # Populated: one call instead of a fault for every few pages.
        flags = mmap.MAP_PRIVATE | mmap.MAP_POPULATE
        return memoryview(mmap.mmap(self._fd, self._size, flags, mmap.PROT_READ))
