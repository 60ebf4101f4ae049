"""The host's connection to the supervisor's bus.

Three ways out, because a ZeroMQ socket belongs to one thread at a time. Requests have connections
of their own (`module_host.exchange`). Everything that nobody answers goes through one socket under
a lock, so it arrives in the order in which it was said; it has a context of its own, so that it can
be flushed at the end whatever other threads still do. The inbox belongs to the thread that reads
it.
"""

import itertools
import os
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Self

import zmq

from module_host.ends import EndOfHost, ExitCode
from module_host.exchange import MOST_CONNECTIONS, SEND_SECONDS, Dealers, Lanes, Socket, send
from proto.errors import ProtocolError
from proto.framing import MAX_PAYLOAD, Plain, pack, unpack
from proto.v1.envelope_pb2 import Envelope, ServeCalls
from proto.v1.module_pb2 import Layer, Welcome
from proto.version import mismatch, ours


INBOX_MESSAGES = 10_000  # that may wait on our side before the supervisor has to keep them
POOL_MESSAGES = 100
WELCOME_SECONDS = 30
FLUSH_SECONDS = 1


class Line(ABC):
    """What a module's session and its answers speak through. Safe from every thread."""

    @abstractmethod
    def tell(self, envelope: Envelope, payload: Plain = b"") -> None:
        """Send, in order, what nobody answers. Raises ConnectionError, NotSerializable."""

    @abstractmethod
    def request(
        self, envelope: Envelope, payload: Plain = b"", timeout: float | None = None
    ) -> tuple[Envelope, Plain]:
        """Send and wait for the answer, `timeout` seconds at most; None: as long as it takes.

        Raises TimeoutError, ConnectionError, NotSerializable, ProtocolError.
        """


class Link(Line):
    """Safe from every thread but for `inbox`, which is its reader's alone."""

    def __init__(self, endpoint: str, lanes: str = "") -> None:
        """`lanes`: the path for requests; they cross the bus where it is empty."""
        self._endpoint = endpoint
        self._context = zmq.Context()
        self._context.set(zmq.MAX_SOCKETS, MOST_CONNECTIONS)
        self._spoken = zmq.Context()
        self._pid = os.getpid()
        self._ids = itertools.count(1)
        self._lanes = Lanes(lanes) if lanes else None
        self._exchange: Lanes | Dealers = self._lanes or Dealers(self.connect)
        self.about_to_wait: Callable[[], None] = lambda: None  # called before each request
        self._voice_lock = threading.Lock()
        self._voice = self._connect(self._spoken, POOL_MESSAGES)
        self.inbox = self._connect(self._context, INBOX_MESSAGES)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Flush what was told. The other sockets may be in use: they end with the process."""
        if self._voice_lock.acquire(timeout=FLUSH_SECONDS):
            self._voice.close(FLUSH_SECONDS * 1000)
            self._voice_lock.release()
            self._spoken.term()

    def greet(self, nonce: bytes, module: str, layers: Iterable[Layer]) -> Welcome:
        """Say Hello on the inbox and wait for the Welcome; ends the host where none comes."""
        hello = Envelope()
        hello.hello.versions.CopyFrom(ours())
        hello.hello.nonce, hello.hello.module = nonce, module
        hello.hello.layers.extend(layers)
        send(self.inbox, pack(hello))
        if not self.inbox.poll(WELCOME_SECONDS * 1000):
            raise EndOfHost(
                ExitCode.SUPERVISOR_GONE,
                f"the supervisor did not answer at {self._endpoint} within {WELCOME_SECONDS} s",
            )
        try:
            answer, _ = unpack(self.inbox.recv_multipart())
        except ProtocolError as error:
            raise EndOfHost(ExitCode.REFUSED, f"the supervisor's answer: {error}") from error
        if not answer.HasField("welcome"):
            why = answer.error.message or f"it answered with {answer.WhichOneof('body')}"
            raise EndOfHost(ExitCode.REFUSED, f"the supervisor refused this host: {why}")
        problem = mismatch("this module host", "the supervisor", answer.welcome.versions)
        if problem:
            raise EndOfHost(ExitCode.REFUSED, problem)
        return answer.welcome

    def tell(self, envelope: Envelope, payload: Plain = b"") -> None:
        frames = pack(envelope, payload)
        self._same_process()
        with self._voice_lock:
            if self._voice.closed:
                raise ConnectionError("the host is ending: nothing can be told any more")
            send(self._voice, frames)

    def request(
        self, envelope: Envelope, payload: Plain = b"", timeout: float | None = None
    ) -> tuple[Envelope, Plain]:
        envelope.id = next(self._ids)
        frames = pack(envelope, payload)
        self._same_process()
        self.about_to_wait()
        return self._exchange.ask(frames, envelope.id, timeout)

    def lane_for_calls(self) -> socket.socket | None:
        """A lane over which the supervisor calls from now on; None: calls come on the inbox.

        Raises TimeoutError, ConnectionError, ProtocolError.
        """
        if self._lanes is None:
            return None
        lane = self._lanes.connect()
        frames = pack(Envelope(id=self.next_id(), serve_calls=ServeCalls()))
        self._lanes.send(lane, frames)
        answer, _ = unpack(self._lanes.receive(lane, WELCOME_SECONDS))
        if not answer.HasField("done"):
            raise ProtocolError(f"the supervisor does not call over a lane: {answer.error.message}")
        return lane

    def connect(self) -> Socket:
        """A socket of one's own."""
        return self._connect(self._context, POOL_MESSAGES)

    def next_id(self) -> int:
        """An id for a request that the caller sends himself."""
        return next(self._ids)

    def _connect(self, context: "zmq.Context[Socket]", messages: int) -> Socket:
        try:
            socket = context.socket(zmq.DEALER)
        except zmq.ZMQError as error:
            raise ConnectionError(
                f"the module has {MOST_CONNECTIONS} connections, and waits for too many answers:"
                f" {error}"
            ) from None
        socket.linger = 0
        socket.sndhwm = POOL_MESSAGES
        socket.rcvhwm = messages
        socket.sndtimeo = SEND_SECONDS * 1000
        socket.setsockopt(zmq.MAXMSGSIZE, MAX_PAYLOAD)
        # A message waits with us, where its timeout counts, until there is a connection.
        socket.setsockopt(zmq.IMMEDIATE, 1)
        socket.connect(self._endpoint)
        return socket

    def _same_process(self) -> None:
        if os.getpid() != self._pid:
            # An inherited ZeroMQ socket takes messages and loses them.
            raise ConnectionError(
                "a forked child cannot speak for its module: let the module itself ask the cluster,"
                " and pass the result to the child"
            )
