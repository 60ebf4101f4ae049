"""The lanes: connections of module hosts for what is asked and answered, beside the bus.

A request and its answer take less than half of the time that they take through ZeroMQ, since no
thread stands between the sockets and those who use them. Each is a SOCK_SEQPACKET connection on a
unix path; who connected is the kernel's word (SO_PEERCRED). A host has one for each request that is
under way, as of DEALERs on the bus, and one over which it is called (`serving`).
"""

import contextlib
import errno
import itertools
import socket
import struct
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from proto import lane
from proto.errors import NotSerializable, ProtocolError
from proto.framing import Payload, pack, unpack
from proto.v1.envelope_pb2 import Envelope
from supervisor.edge.loop import Loop
from supervisor.edge.peer import Line, Peer, Receive, Spoilt


ACCEPTED_PER_TURN = 64
# Of a connection that has several under way. The others are asked again when there is something.
BURST = 16
WAITING_CONNECTIONS = 1000
BUFFER_BYTES = 1 << 20  # the kernel cuts it down to net.core.wmem_max
# As a plain number: the enum's operators take longer than the call.
_DONTWAIT = int(socket.MSG_DONTWAIT)
_CREDENTIALS = struct.Struct("iII")  # pid, uid, gid
_NO_ROOM = (errno.EAGAIN, errno.ENOBUFS, errno.ETOOMANYREFS, errno.EMFILE, errno.ENFILE)


@dataclass
class _Connection:
    socket: socket.socket
    peer: Peer
    serving: bool = False


class Lanes(Line):
    """Loop thread only."""

    def __init__(self, loop: Loop, path: Path, mode: int) -> None:
        """Raises OSError where `path` cannot be bound."""
        self.path = path
        self._loop = loop
        self._routes = itertools.count(1)
        self._connections: dict[bytes, _Connection] = {}
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.setblocking(False)
        try:
            self._listener.bind(str(path))
        except OSError as error:
            self._listener.close()
            raise OSError(error.errno, error.strerror, str(path)) from None
        path.chmod(mode)
        self._listener.listen(WAITING_CONNECTIONS)
        self._listening = False
        self._deliver: Receive
        self._spoilt: Spoilt

    def start(self, deliver: Receive, spoilt: Spoilt) -> None:
        """Deliver what comes from now on; `spoilt` hears of what is no message, and why."""
        self._deliver, self._spoilt = deliver, spoilt
        self._listen()

    def send(self, route: bytes, envelope: Envelope, payload: Payload = b"") -> bool:
        """Now or not at all. Whoever does not read the answer to a request is cut off: it would
        wait for ever.
        """
        connection = self._connections.get(route)
        if connection is None:
            return False
        try:
            lane.send(connection.socket, pack(envelope, payload), _DONTWAIT)
        except (OSError, NotSerializable) as error:
            if not (connection.serving and getattr(error, "errno", 0) in _NO_ROOM):
                self._drop(connection)
            return False
        return True

    def serving(self, peer: Peer) -> None:
        """Over this connection its host is called: it may have many messages under way."""
        self._connections[peer.route].serving = True

    def forget(self, pid: int) -> None:
        """Close the connections of a process that is gone: a child may still hold them."""
        for connection in [one for one in self._connections.values() if one.peer.pid == pid]:
            self._drop(connection)

    def close(self) -> None:
        """Close everything and remove the path."""
        for connection in list(self._connections.values()):
            self._drop(connection)
        self._loop.forget(self._listener.fileno())
        self._listener.close()
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    def _receive(self, connection: _Connection) -> None:
        """Deliver what is there, a bounded number a turn."""
        for _ in range(BURST if connection.serving else 1):
            try:
                envelope, payload = unpack(lane.receive(connection.socket, _DONTWAIT))
            except BlockingIOError:
                return
            except ProtocolError as error:
                connection.peer.explain(str(error))
                self._spoilt(connection.peer, str(error))
                continue
            except OSError:
                self._drop(connection)
                return
            self._deliver(connection.peer, envelope, payload)

    def _accept(self) -> None:
        for _ in range(ACCEPTED_PER_TURN):
            try:
                accepted, _ = self._listener.accept()
            except BlockingIOError:
                return
            except OSError:
                # No descriptor is left. Asking again at once would keep the loop from all else; it
                # is asked again when one is closed.
                self._loop.forget(self._listener.fileno())
                self._listening = False
                return
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
            pid, uid, gid = _CREDENTIALS.unpack(
                accepted.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
            )
            route = next(self._routes).to_bytes(8)
            connection = _Connection(accepted, Peer(route, uid, gid, pid, self))
            self._connections[route] = connection
            self._loop.read(accepted.fileno(), partial(self._receive, connection))

    def _listen(self) -> None:
        if not self._listening:
            self._loop.read(self._listener.fileno(), self._accept)
            self._listening = True

    def _drop(self, connection: _Connection) -> None:
        if self._connections.pop(connection.peer.route, None) is None:
            return
        self._loop.forget(connection.socket.fileno())
        connection.socket.close()
        self._listen()
