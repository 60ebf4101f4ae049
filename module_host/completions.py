"""Commands that the module sends to the cluster: asynchronous, in the order in which it sends them.

One thread owns the socket. Completions run on it one after the other, as on ceph-mgr's finisher.
"""

import errno
import logging
import os
import threading
from collections import deque
from typing import Protocol

import zmq

from module_host import threads
from module_host.exchange import Socket, send
from module_host.link import Link
from module_host.session import Completion
from proto.errors import ProtocolError
from proto.framing import Frame, Payload, pack, unpack
from proto.v1.control_pb2 import CommandResult
from proto.v1.envelope_pb2 import Envelope


log = logging.getLogger("completions")


class Sender(Protocol):
    """Sends commands for the session. Safe from every thread."""

    def submit(self, envelope: Envelope, done: Completion) -> None:
        """Send `envelope` and call `done` once with the outcome; raises NotSerializable."""


class Completions:
    """Safe from every thread."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._to_send: deque[tuple[list[Payload], int, Completion]] = deque()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._pending: dict[int, Completion] = {}
        self._lock = threading.Lock()
        self._started = False

    def submit(self, envelope: Envelope, done: Completion) -> None:
        """As Sender.submit()."""
        envelope.id = self._link.next_id()
        frames = pack(envelope)
        with self._lock:
            # Many modules never send a command.
            if not self._started:
                threads.start("mgr-completions", self._work)
                self._started = True
        self._to_send.append((frames, envelope.id, done))
        os.eventfd_write(self._wake, 1)

    def _work(self) -> None:
        socket = self._link.connect()
        poller = zmq.Poller()
        poller.register(self._wake, zmq.POLLIN)
        poller.register(socket, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            if self._wake in ready:
                os.eventfd_read(self._wake)
                self._send_all(socket)
            if socket in ready:
                self._complete(socket.recv_multipart())

    def _send_all(self, socket: Socket) -> None:
        while self._to_send:
            frames, request, done = self._to_send.popleft()
            try:
                send(socket, frames)
                self._pending[request] = done
            except ConnectionError as error:
                _call(done, -errno.EIO, "", str(error))

    def _complete(self, frames: list[bytes]) -> None:
        try:
            parts: list[Frame] = list(frames)
            envelope, _ = unpack(parts)
        except ProtocolError as error:
            log.error("a result was dropped: %s", error)
            return
        done = self._pending.pop(envelope.id, None)
        if done is None:
            log.error("a result of no command was dropped")
        elif envelope.HasField("command_result"):
            complete(done, envelope.command_result)
        else:
            number = envelope.error.errno or -errno.EIO
            _call(done, number, "", envelope.error.message or "the supervisor gave no result")


def complete(done: Completion, result: CommandResult) -> None:
    """Hand a result to the module; what it raises is logged."""
    _call(done, result.retval, _text(result.stdout), _text(result.stderr))


def _call(done: Completion, retval: int, stdout: str, stderr: str) -> None:
    try:
        done(retval, stdout, stderr)
    except BaseException:
        log.exception("a command's completion raised")


def _text(raw: bytes) -> str:
    return raw.decode(errors="replace")
