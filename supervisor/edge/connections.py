"""Who is connected to the supervisor's sockets, and how often: asked of the kernel for each of the
supervisor's own descriptors. Worker thread only.

A connection is the module's whose process, or whose process' descendant, made it. Those that are
nobody's are bounded for each user at each socket, and what is above is closed here: no process can
be ended for them, as a module's child may have made them and ended.

Notes
-----
    libzmq says of no connection whose it is before its first message, and there may be none. The
    descriptors are libzmq's: each is looked at through a duplicate before it is shut down, as the
    number may be another connection's by then. The duplicate has its own number from the start,
    since there may be none left when it is wanted.

"""

import contextlib
import errno
import os
import resource
import socket
import struct
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from supervisor.edge.operators import parent


FEW = 256  # connections of nobody's that each user may have to each socket
_CREDENTIALS = struct.Struct("iII")  # pid, uid, gid
_LISTENING = (socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
_PEER = (socket.SOL_SOCKET, socket.SO_PEERCRED)


@dataclass(frozen=True)
class _Peer:
    """To which socket of ours a connection leads, and from whom."""

    path: str
    uid: int
    pid: int


@dataclass(frozen=True)
class Connected:
    """By the process of a module how many there are; by user how many of nobody's were closed."""

    by_pid: Mapping[int | None, int] = field(default_factory=dict)
    closed: Mapping[int, int] = field(default_factory=dict)


class Connections:
    """Of the sockets that are bound at `paths`."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = {str(path) for path in paths}
        self._nothing = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        self._spare = os.dup(self._nothing)

    def close(self) -> None:
        """Release what is held to look with."""
        os.close(self._spare)
        os.close(self._nothing)

    def look(self, pids: Collection[int]) -> Connected:
        """Of the modules whose processes are `pids`. Where there are so few connections that none
        of the bounds can be passed, none is looked at: most of the time that costs nothing.
        """
        descriptors = _descriptors()
        if len(descriptors) <= FEW:
            return Connected()
        by_pid: Counter[int | None] = Counter()
        closed: Counter[int] = Counter()
        nobodys: Counter[tuple[str, int, int | None]] = Counter()
        owners: dict[int, int | None] = {pid: pid for pid in pids}
        for fd in descriptors:
            peer = self._peer(fd)
            if peer is None:
                continue
            if peer.pid not in owners:
                owners[peer.pid] = _owner(peer.pid, pids)
            owner = owners[peer.pid]
            if owner in pids:
                by_pid[owner] += 1
                continue
            nobodys[peer.path, peer.uid, owner] += 1
            if nobodys[peer.path, peer.uid, owner] > FEW:
                closed[peer.uid] += self._shut(fd, peer)
        return Connected(by_pid, closed)

    def _peer(self, fd: int) -> _Peer | None:
        """The other end, where `fd` is a connection to one of the paths."""
        try:
            with _borrowed(fd) as connection:
                path = connection.getsockname()
                if path not in self._paths or connection.getsockopt(*_LISTENING):
                    return None
                pid, uid, _gid = _CREDENTIALS.unpack(
                    connection.getsockopt(*_PEER, _CREDENTIALS.size)
                )
        except OSError:
            return None
        return _Peer(path, uid, pid)

    def _shut(self, fd: int, peer: _Peer) -> bool:
        """End a connection of that peer's; libzmq finds it at its end, and closes it."""
        try:
            os.dup2(fd, self._spare, inheritable=False)
            if self._peer(self._spare) != peer:
                return False
            with _borrowed(self._spare) as connection:
                connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return False
        finally:
            os.dup2(self._nothing, self._spare, inheritable=False)
        return True


@contextlib.contextmanager
def _borrowed(fd: int) -> Iterator[socket.socket]:
    """A socket object for a descriptor that somebody else closes."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=fd)
    try:
        yield connection
    finally:
        connection.detach()


def _descriptors() -> list[int]:
    """All that this process has open; all that it may have, where none is left to ask with."""
    try:
        return sorted(map(int, os.listdir("/proc/self/fd")))  # noqa: PTH208  names are enough
    except OSError as error:
        if error.errno not in (errno.EMFILE, errno.ENFILE):
            raise
        return list(range(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))


def _owner(pid: int, pids: Collection[int]) -> int | None:
    """The module's process at or above `pid`. This process, where there is none between: a module
    that was launched since the look began, or what got away from one. None: not of ours.
    """
    while pid not in pids and pid != os.getpid():
        above = parent(pid)
        if above in (None, 0, 1):
            return None
        pid = above
    return pid
