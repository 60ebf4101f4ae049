"""Connections for requests: each is checked out by one thread for one request and its answer.

The pool is last in, first out, so concurrent requests never wait for one another, and few
connections stay in use.
"""

import contextlib
import socket
import struct
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import zmq

from proto import lane
from proto.errors import ProtocolError
from proto.framing import Frame, Payload, Plain, plain, unpack
from proto.v1.envelope_pb2 import Envelope


IDLE_CONNECTIONS = 64
# Each is one that the supervisor has to keep: no module may exhaust its descriptors.
MOST_CONNECTIONS = 600
SEND_SECONDS = 30

Socket = zmq.Socket[bytes]
C = TypeVar("C")


class Exchange(ABC, Generic[C]):
    """Safe from every thread."""

    def __init__(self) -> None:
        self._idle: deque[C] = deque()

    def ask(
        self, frames: Sequence[Payload], request: int, timeout: float | None
    ) -> tuple[Envelope, Plain]:
        """Send `frames` and return the answer to `request`; `timeout` in seconds, None: whenever.

        Raises TimeoutError, ConnectionError, ProtocolError.
        """
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self.connect()
        try:
            self.send(connection, frames)
            envelope, payload = unpack(self.receive(connection, timeout))
            if envelope.id != request:
                raise ProtocolError(f"the supervisor answered {envelope.id}, not {request}")
        except BaseException:
            # An answer may still come; nobody must ever take it for that of the next request.
            self.close(connection)
            raise
        if len(self._idle) < IDLE_CONNECTIONS:
            self._idle.append(connection)
        else:
            self.close(connection)
        return envelope, plain(payload)

    @abstractmethod
    def connect(self) -> C:
        """A new connection; raises ConnectionError."""

    @abstractmethod
    def send(self, connection: C, frames: Sequence[Payload]) -> None:
        """Raises ConnectionError."""

    @abstractmethod
    def receive(self, connection: C, timeout: float | None) -> list[Frame]:
        """Raises TimeoutError, ConnectionError, ProtocolError."""

    @abstractmethod
    def close(self, connection: C) -> None:
        """Throw it away."""


class Dealers(Exchange[Socket]):
    """Over the bus."""

    def __init__(self, connect: Callable[[], Socket]) -> None:
        super().__init__()
        self._connect = connect

    def connect(self) -> Socket:
        """As Exchange.connect()."""
        return self._connect()

    def send(self, connection: Socket, frames: Sequence[Payload]) -> None:
        """As Exchange.send()."""
        send(connection, frames)

    def receive(self, connection: Socket, timeout: float | None) -> list[Frame]:
        """As Exchange.receive()."""
        if timeout is not None:
            connection.rcvtimeo = max(0, int(timeout * 1000))
        try:
            frame = connection.recv(copy=False)
        except zmq.Again:
            raise _no_answer(timeout) from None
        if timeout is not None:
            connection.rcvtimeo = -1  # as it was
        frames: list[Frame] = [frame.bytes]
        while frame.more:
            frame = connection.recv(copy=False)
            frames.append(frame.buffer)  # a large payload is decoded where it lies
        return frames

    def close(self, connection: Socket) -> None:
        """As Exchange.close()."""
        connection.close(0)


class Lanes(Exchange[socket.socket]):
    """Over connections without ZeroMQ's threads between."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._lock = threading.Lock()
        self._open = 0

    def connect(self) -> socket.socket:
        """As Exchange.connect()."""
        with self._lock:
            if self._open >= MOST_CONNECTIONS:
                raise ConnectionError(
                    f"the module has {MOST_CONNECTIONS} connections, and waits for too many answers"
                )
            self._open += 1
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.connect(self._path)
        except OSError as error:
            self.close(connection)
            raise ConnectionError(f"the supervisor takes no connection: {error}") from None
        give_up = struct.pack("ll", SEND_SECONDS, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, give_up)
        return connection

    def send(self, connection: socket.socket, frames: Sequence[Payload]) -> None:
        """As Exchange.send()."""
        try:
            lane.send(connection, frames)
        except BlockingIOError:
            raise _not_taken() from None
        except ConnectionError:
            raise
        except OSError as error:
            raise ConnectionError(f"the message could not be sent: {error}") from None

    def receive(self, connection: socket.socket, timeout: float | None) -> list[Frame]:
        """As Exchange.receive()."""
        if timeout is not None:
            connection.settimeout(max(0.001, timeout))
        try:
            frames = lane.receive(connection)
        except TimeoutError:
            raise _no_answer(timeout) from None
        if timeout is not None:
            connection.settimeout(None)  # as it was
        return frames

    def close(self, connection: socket.socket) -> None:
        """As Exchange.close()."""
        with self._lock:
            self._open -= 1
        with contextlib.suppress(OSError):
            connection.close()


def send(connection: Socket, frames: Sequence[Payload]) -> None:
    """Send one message over the bus; raises ConnectionError where it cannot be got rid of."""
    parts = [plain(frame) for frame in frames]
    try:
        if len(parts) == 1:
            connection.send(parts[0])
        else:
            # Copied: pyzmq would start a thread to release a buffer that it sends in place.
            connection.send_multipart(parts)
    except zmq.Again:
        raise _not_taken() from None


def _no_answer(timeout: float | None) -> TimeoutError:
    return TimeoutError(f"no answer from the supervisor within {timeout:.1f} s")


def _not_taken() -> ConnectionError:
    return ConnectionError(
        f"the supervisor took no message for {SEND_SECONDS} s: it is stopped or overloaded"
    )
