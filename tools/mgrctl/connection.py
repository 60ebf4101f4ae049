"""One conversation with the daemon on its control socket."""

import errno
import math
import os
import socket
import time
from pathlib import Path
from typing import Self

import zmq

from mgrctl.errors import Unreachable
from proto.errors import NotSerializable
from proto.framing import pack, plain, unpack
from proto.v1.control_pb2 import CommandResult, Describe, Descriptions, Execute, Greeting
from proto.v1.envelope_pb2 import Envelope
from proto.version import mismatch, ours


DEFAULT_SOCKET = "/run/mgr-supervisor/control.sock"
# A daemon that is there greets at once; one that does not is stopped or hangs.
GREETING_SECONDS = 10.0

_GONE = (
    zmq.EVENT_DISCONNECTED
    | zmq.EVENT_CLOSED
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
)


def socket_path(option: str | None) -> str:
    """The control socket: as asked for, else from MGRCTL_SOCKET, else the default place."""
    return option or os.environ.get("MGRCTL_SOCKET") or DEFAULT_SOCKET


class Connection:
    """A greeted connection; `version` is the supervisor's. Raises Unreachable everywhere."""

    def __init__(self, path: str, client: str, timeout: float | None) -> None:
        """Connect to the socket at `path`. `timeout`: seconds for each answer, None: any time."""
        self.path = path
        self.timeout = timeout
        self._last_id = 0
        _check_listens(path)
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.reconnect_ivl = -1
        self._monitor = self._socket.get_monitor_socket(_GONE)
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(self._monitor, zmq.POLLIN)
        try:
            self._socket.connect(f"ipc://{path}")
            self.version = self._greet(client)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the conversation; nothing that was not sent yet is sent."""
        self._socket.disable_monitor()
        self._monitor.close(linger=0)
        self._socket.close(linger=0)
        self._context.term()

    def describe(self) -> Descriptions:
        """Every command that may be sent now."""
        return self._ask(Envelope(describe=Describe()), self.timeout).descriptions

    def execute(self, json: bytes, inbuf: bytes) -> CommandResult:
        """Send one command and wait for its result."""
        request = Envelope(execute=Execute(json=json, inbuf=inbuf))
        return self._ask(request, self.timeout).command_result

    def _greet(self, client: str) -> str:
        limit = GREETING_SECONDS if self.timeout is None else min(self.timeout, GREETING_SECONDS)
        request = Envelope(greeting=Greeting(versions=ours(), client=client))
        answer = self._ask(request, limit).greeting_answer
        if sentence := mismatch("mgrctl", "the supervisor", answer.versions):
            raise Unreachable(sentence, errno.EPROTO)
        return answer.version

    def _ask(self, request: Envelope, limit: float | None) -> Envelope:
        self._last_id += 1
        request.id = self._last_id
        if limit is not None:
            request.deadline_ms = max(1, int(limit * 1000))
        try:
            frames = [plain(frame) for frame in pack(request)]
        except NotSerializable as error:
            raise Unreachable(f"not sent: {error}", errno.EFBIG) from None
        self._send(frames)
        end = None if limit is None else time.monotonic() + limit
        while True:
            answer = self._receive(end, limit)
            if answer.id != request.id:
                continue
            if answer.WhichOneof("body") == "error":
                raise Unreachable(
                    f"mgr-supervisor at {self.path} refused: {answer.error.message}",
                    -answer.error.errno or errno.EPROTO,
                )
            return answer

    def _send(self, frames: list[bytes | memoryview]) -> None:
        """Queue the request; raises Unreachable where the connection went while nobody asked
        anything: a socket that is not to connect again would wait for ever.
        """
        gone = bool(self._monitor.poll(0))
        if not gone:
            try:
                self._socket.send_multipart(frames, zmq.NOBLOCK)
            except zmq.Again:
                gone = True
        if gone:
            raise Unreachable(
                f"mgr-supervisor at {self.path} has ended; the command was not sent",
                errno.ECONNRESET,
            )

    def _receive(self, end: float | None, limit: float | None) -> Envelope:
        left = None if end is None else max(0, math.ceil((end - time.monotonic()) * 1000))
        ready = dict(self._poller.poll(left))
        # The answer first: a daemon that answers and ends at once did answer.
        if self._socket in ready:
            try:
                return unpack(self._socket.recv_multipart())[0]
            except ValueError as error:
                raise Unreachable(
                    f"{self.path} does not speak mgr-supervisor's protocol: {error}", errno.EPROTO
                ) from None
        if self._monitor in ready:
            raise Unreachable(
                f"mgr-supervisor at {self.path} ended before it answered; "
                "whether the command was carried out is unknown",
                errno.ECONNRESET,
            )
        raise Unreachable(
            f"mgr-supervisor at {self.path} did not answer within {limit:g} s; "
            "a command that was sent may still be carried out",
            errno.ETIMEDOUT,
        )


def _check_listens(path: str) -> None:
    """Find out at once whether anybody listens: zmq would wait for somebody to come."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except OSError as error:
            code = error.errno or errno.ENAMETOOLONG
            if code == errno.ECONNREFUSED and not Path(path).is_socket():
                code = errno.ENOTSOCK
            raise Unreachable(_unreachable(path, code, error), code) from None


def _unreachable(path: str, code: int, error: OSError) -> str:
    elsewhere = "name its socket with --socket or MGRCTL_SOCKET"
    if code in (errno.ENOENT, errno.ENOTDIR):
        return f"no mgr-supervisor at {path}: start it, or {elsewhere}"
    if code == errno.ENOTSOCK:
        return f"{path} is not a socket: {elsewhere}"
    if code == errno.ECONNREFUSED:
        return f"nobody listens at {path}, mgr-supervisor has ended: start it, or {elsewhere}"
    if code == errno.EACCES:
        return f"permission denied at {path}: run mgrctl as a user whom mgr-supervisor lets in"
    return f"cannot connect to {path}: {error.strerror or error}"
