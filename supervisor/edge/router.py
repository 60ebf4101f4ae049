"""A ROUTER socket on a unix path that knows who speaks, from the kernel.

libzmq puts `host:uid:gid:pid` of the peer on every ipc message (Peer-Address). It is read on the
first message of a routing id only: a routing id stands for one connection, and the ROUTER never
reuses one of its own making, so the binding holds for the connection's life.
"""

import contextlib
from pathlib import Path

import zmq

from proto.errors import ProtocolError
from proto.framing import MAX_PAYLOAD, Frame, Payload, pack, plain, unpack
from proto.v1.envelope_pb2 import Envelope
from supervisor.edge.peer import Line, Peer, Receive, Spoilt


MESSAGES_PER_TURN = 64
QUEUED_MESSAGES = 10_000
REMEMBERED_PEERS = 4096
# As plain numbers: the enum's operators cost as much as the call itself.
_NOBLOCK, _SNDMORE = int(zmq.NOBLOCK), int(zmq.SNDMORE)


class Router(Line):
    """Receives envelopes from known peers and sends to them. Loop thread only."""

    def __init__(
        self,
        context: "zmq.Context[zmq.Socket[bytes]]",
        path: Path,
        mode: int,
        queued: int = QUEUED_MESSAGES,
        message_cap: int = MAX_PAYLOAD,
    ) -> None:
        """`queued` messages wait in each direction for each peer; a peer that sends one of more
        than `message_cap` bytes is cut off. Raises OSError where `path` cannot be bound.
        """
        self.path = path
        self._peers: dict[bytes, Peer] = {}
        self.socket: zmq.Socket[bytes] = context.socket(zmq.ROUTER)
        self.socket.set(zmq.ROUTER_MANDATORY, 1)
        self.socket.set(zmq.LINGER, 0)
        self.socket.set(zmq.SNDHWM, queued)
        self.socket.set(zmq.RCVHWM, queued)
        self.socket.set(zmq.MAXMSGSIZE, message_cap)
        self.socket.set(zmq.BACKLOG, 1000)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        try:
            self.socket.bind(f"ipc://{path}")
        except zmq.ZMQError as error:
            raise OSError(error.errno, error.strerror, str(path)) from None
        # Until here nobody else could connect: that takes the right to write, which the daemon's
        # umask withholds. To narrow the umask for a moment would narrow it for what other threads
        # make just then: a folder without its x bit.
        path.chmod(mode)

    def receive(self, deliver: Receive, spoilt: Spoilt) -> None:
        """Deliver what waits, a bounded number a turn: one chatty peer starves nobody, since the
        ROUTER takes from its peers in turn. `spoilt` hears of a message that is none, and why.
        """
        for _ in range(MESSAGES_PER_TURN):
            try:
                route = self.socket.recv(_NOBLOCK)
            except zmq.Again:
                return
            peer, frames = self._rest(route)
            try:
                envelope, payload = unpack(frames)
            except ProtocolError as error:
                peer.explain(str(error))
                spoilt(peer, str(error))
                continue
            deliver(peer, envelope, payload)

    def send(self, route: bytes, envelope: Envelope, payload: Payload = b"") -> bool:
        frames = [plain(frame) for frame in pack(envelope, payload)]
        try:
            # Whether the peer takes the message shows at its first frame.
            self.socket.send(route, _NOBLOCK | _SNDMORE)
            for frame in frames[:-1]:
                self.socket.send(frame, _SNDMORE)
            self.socket.send(frames[-1], 0, copy=len(frames) == 1)
        except zmq.ZMQError as error:
            if error.errno not in (zmq.EAGAIN, zmq.EHOSTUNREACH):
                raise
            if error.errno == zmq.EHOSTUNREACH:
                self._peers.pop(route, None)
            return False
        return True

    def forget(self, pid: int) -> None:
        """Drop the bindings of a process that is gone."""
        for route in [route for route, peer in self._peers.items() if peer.pid == pid]:
            del self._peers[route]

    def close(self) -> None:
        """Close the socket and remove its path."""
        self.socket.close(0)
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()

    def _rest(self, route: bytes) -> tuple[Peer, list[Frame]]:
        """Who sent the message that `route` begins, and its other frames."""
        frame = self.socket.recv(copy=False)
        peer = self._peers.get(route)
        if peer is None:
            peer = self._introduce(route, str(frame.get("Peer-Address")))
        frames: list[Frame] = [frame.bytes]
        while frame.more:
            frame = self.socket.recv(copy=False)
            frames.append(frame.buffer)
        return peer, frames

    def _introduce(self, route: bytes, address: str) -> Peer:
        if len(self._peers) >= REMEMBERED_PEERS:
            # ZeroMQ does not say when a client left; whoever still speaks is looked up again.
            self._peers.clear()
        _host, uid, gid, pid = address.rsplit(":", 3)
        peer = self._peers[route] = Peer(route, int(uid), int(gid), int(pid), self)
        return peer
