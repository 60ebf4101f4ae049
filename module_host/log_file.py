"""The module's log: the descriptors that write it, and how a new file replaces a full one.

The sandbox lets a host write this one file and open no other. So the supervisor opens the file that
follows a rotation and sends its descriptor over a socket that every host inherits; here it is put
over the descriptors that are in use, whose numbers stay the same for whoever writes to them.

BUGS
    What the module started earlier, or forked, goes on writing to the file that it inherited, as
    does a duplicate that the module made of a standard stream.
    A line that is put together by several writes may end up in two files.
"""

import contextlib
import logging
import os
import socket
from typing import Any

from module_host import linux, threads


log = logging.getLogger("log")

RENEWALS = 3  # the inherited socket; a packet carries one descriptor
_STANDARD = (1, 2)
_PACKET_BYTES = 16


class LogFile:
    """Made once, while the standard streams are still as the zygote left them."""

    def __init__(self, path: str) -> None:
        self._path = os.path.abspath(path)  # noqa: PTH100  as a FileHandler names its file
        self._fd = os.dup(2)  # for life: modules may close or redirect the standard streams
        os.set_inheritable(RENEWALS, False)

    def fileno(self) -> int:
        """The descriptor, of which the number never changes."""
        return self._fd

    def serve_handlers(self) -> None:
        """Let every logging.FileHandler of this path write to our descriptor. Upstream's opens it
        by name, and may do so again after a rotation, when the sandbox would refuse.
        """
        by_name = logging.FileHandler._open  # noqa: SLF001  made to be overridden

        def opened(handler: logging.FileHandler) -> Any:
            if handler.baseFilename != self._path:
                return by_name(handler)
            return open(
                self._fd, "a", encoding=handler.encoding, errors=handler.errors, closefd=False
            )

        logging.FileHandler._open = opened  # type: ignore[method-assign,assignment]  # noqa: SLF001

    def follow(self) -> None:
        """Take new files from now on, on a thread that sleeps in between."""
        threads.start("mgr-log", self._follow)

    def replace(self, new: int) -> None:
        """Write to descriptor `new`, which is closed here. A standard stream that the module has
        closed or pointed elsewhere is left alone.
        """
        old = os.fstat(self._fd)
        targets = [self._fd]
        for number in _STANDARD:
            with contextlib.suppress(OSError):  # closed
                if os.path.samestat(os.fstat(number), old):
                    targets.append(number)
        linux.replace_descriptors(new, targets)
        os.close(new)

    def _follow(self) -> None:
        with socket.socket(fileno=RENEWALS) as renewals:
            while True:
                packet, fds, _flags, _address = socket.recv_fds(
                    renewals, _PACKET_BYTES, 1, socket.MSG_CMSG_CLOEXEC
                )
                if not packet:
                    return  # the supervisor is gone, and so are we soon
                if not fds:
                    log.error("a new log file was lost: too many descriptors are open")
                for fd in fds:
                    self.replace(fd)
