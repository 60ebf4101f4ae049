"""The agent's socket: newline-delimited JSON, one request one answer, and who gets in.

One thread reads, writes and never waits for a client; each request runs on a thread of its own. A
client has one request at a time. Who connects must be of our user, or of a module's that has a
token (the kernel's word), and each request must carry the token.
"""

import contextlib
import errno
import json
import logging
import os
import selectors
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from supervisor.agent.access import Access
from supervisor.agent.refusal import RefusedError


log = logging.getLogger("server")

CLIENTS = 64
BACKLOG = 1024  # where it is full, a client with a timeout gets EAGAIN at once
REQUEST_BYTES = 4 << 20
TOO_LARGE = f"a request has at most {REQUEST_BYTES} bytes"
CHUNK = 256 << 10
IDLE = 30.0  # seconds for a request to come in whole, or for an answer to be taken
TURN = 1.0  # seconds at most between two looks at the clock

Operation = Callable[[Mapping[str, Any]], dict[str, Any]]


class _Client:
    """One connection."""

    def __init__(self, connection: socket.socket, uid: int) -> None:
        self.socket = connection
        self.uid = uid
        self.received = bytearray()
        self.unsent = b""
        self.at_work = False
        self.deaf = False  # it sent too much: answered, and whatever else it sends is dropped
        self.since = time.monotonic()  # of the last sign of life


class Server:
    """Listens where `access` says. `each_turn` is called at least once a second, on the thread of
    `run`; it answers whether to go on.
    """

    def __init__(
        self,
        access: Access,
        operations: Mapping[str, Operation],
        each_turn: Callable[[], bool],
    ) -> None:
        self._access = access
        self._operations = operations
        self._each_turn = each_turn
        self._selector = selectors.DefaultSelector()
        self._clients: dict[int, _Client] = {}
        self._done: deque[tuple[_Client, bytes]] = deque()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._listener: socket.socket | None = None
        self._bound: tuple[Path, int] | None = None  # where, and the inode
        self._complained = ""
        self._ending = False

    def listen(self) -> None:
        """Be at the place that `access` says, also where somebody removed the socket. Raises
        RefusedError; there is no socket then.
        """
        self._access.refresh()
        path = self._access.socket
        if self._bound is not None and self._bound == (path, _inode(path)):
            return
        self._deafen()
        try:
            self._bind(path)
        except OSError as error:
            number = error.errno or errno.ENAMETOOLONG
            why = error.strerror or str(error)
            raise RefusedError(number, f"cannot listen at {path}: {why}") from None

    def _bind(self, path: Path) -> None:
        path.unlink(missing_ok=True)  # of a worker before us: by the lock nobody else is here
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(path))  # for our user only, by our umask
            path.chmod(0o666 if self._access.others else 0o600)  # in a folder that is closed
            listener.listen(BACKLOG)
            listener.setblocking(False)
        except OSError:
            listener.close()
            raise
        self._listener = listener
        self._bound = path, _inode(path)
        self._selector.register(listener, selectors.EVENT_READ)

    def run(self) -> None:
        """Serve until `each_turn` says no."""
        while self._each_turn():
            self._stay()
            for key, _ in self._selector.select(TURN):
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj == self._wake:
                    os.eventfd_read(self._wake)
                elif (client := self._clients.get(key.fd)) is not None:
                    self._serve(client)
            while self._done:
                self._answer(*self._done.popleft())
            self._drop_idle()

    def wake(self) -> None:
        """Have a turn now. Any thread, and signal handlers."""
        os.eventfd_write(self._wake, 1)

    def refuse_all(self) -> None:
        """From now on every request is answered with ESHUTDOWN."""
        self._ending = True

    def close(self) -> None:
        """Remove the socket; open connections end."""
        self._deafen()
        for client in list(self._clients.values()):
            self._drop(client)

    def _stay(self) -> None:
        complaint = ""
        try:
            self.listen()
        except RefusedError as refused:
            complaint = refused.sentence
            if complaint != self._complained:
                log.error("%s", complaint)
        self._complained = complaint

    def _deafen(self) -> None:
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
        if self._bound is not None:
            path, inode = self._bound
            self._bound = None
            if _inode(path) == inode:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return  # it went away, or no descriptor is free
        uid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[
            1
        ]
        self._access.refresh()
        if not self._access.admits(uid):
            log.warning("refused a client of uid %d", uid)
            connection.close()
            return
        if len(self._clients) >= CLIENTS:
            self._make_room()
        connection.setblocking(False)
        self._clients[connection.fileno()] = _Client(connection, uid)
        self._selector.register(connection, selectors.EVENT_READ)

    def _make_room(self) -> None:
        """Whoever has been silent longest goes, unless all wait for answers."""
        silent = [client for client in self._clients.values() if not client.at_work]
        if silent:
            self._drop(min(silent, key=lambda client: client.since))

    def _serve(self, client: _Client) -> None:
        if client.unsent:
            self._send(client)
            return
        try:
            chunk = client.socket.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self._drop(client)
            return
        if client.deaf:
            return
        client.since = time.monotonic()
        client.received += chunk
        self._take(client)

    def _take(self, client: _Client) -> None:
        """Begin with the next request, if it is there."""
        line, newline, rest = client.received.partition(b"\n")
        if newline:
            client.received = bytearray(rest)
            # Nothing is read from it until it is answered.
            self._selector.unregister(client.socket)
            client.at_work = True
            self._begin(client, bytes(line))
        elif len(client.received) > REQUEST_BYTES:
            client.received.clear()
            client.deaf = True  # hanging up now would cost it the answer
            self._selector.unregister(client.socket)
            self._answer(client, _refusal(errno.EMSGSIZE, TOO_LARGE))

    def _begin(self, client: _Client, line: bytes) -> None:
        try:
            operation, request = self._admit(line, client.uid)
        except RefusedError as refused:
            self._answer(client, _refusal(refused.number, refused.sentence))
            return

        def work() -> None:
            self._done.append((client, _outcome(operation, request)))
            self.wake()

        threading.Thread(target=work, name=f"request-{client.socket.fileno()}", daemon=True).start()

    def _admit(self, line: bytes, uid: int) -> tuple[Operation, Mapping[str, Any]]:
        """The operation asked for; raises RefusedError."""
        if len(line) > REQUEST_BYTES:
            raise RefusedError(errno.EMSGSIZE, TOO_LARGE)
        try:
            request = json.loads(line)
        except (ValueError, RecursionError):
            raise RefusedError(errno.EINVAL, "a request is one JSON object on one line") from None
        if not isinstance(request, dict):
            raise RefusedError(errno.EINVAL, "a request is a JSON object")
        self._access.refresh()
        if self._access.who(request.pop("token", None), uid) is None:
            raise RefusedError(errno.EACCES, "the token is missing, or is not one of now")
        if self._ending:
            raise RefusedError(errno.ESHUTDOWN, "the agent is ending")
        name = request.pop("op", None)
        operation = self._operations.get(name) if isinstance(name, str) else None
        if operation is None:
            known = ", ".join(self._operations)
            raise RefusedError(errno.EINVAL, f"there is no operation {name!r}; there are {known}")
        return operation, request

    def _answer(self, client: _Client, answer: bytes) -> None:
        client.at_work = False
        client.unsent = answer
        client.since = time.monotonic()
        if client.socket.fileno() < 0:
            return
        self._selector.register(client.socket, selectors.EVENT_WRITE)
        self._send(client)

    def _send(self, client: _Client) -> None:
        try:
            sent = client.socket.send(client.unsent)
        except BlockingIOError:
            return
        except OSError:
            self._drop(client)
            return
        client.unsent = client.unsent[sent:]
        client.since = time.monotonic()
        if not client.unsent:
            self._selector.modify(client.socket, selectors.EVENT_READ)
            self._take(client)

    def _drop_idle(self) -> None:
        now = time.monotonic()
        for client in list(self._clients.values()):
            busy = client.received or client.unsent or client.deaf
            if busy and not client.at_work and now - client.since > IDLE:
                self._drop(client)

    def _drop(self, client: _Client) -> None:
        if self._clients.pop(client.socket.fileno(), None) is None:
            return
        with contextlib.suppress(KeyError):
            self._selector.unregister(client.socket)
        client.socket.close()


def _outcome(operation: Operation, request: Mapping[str, Any]) -> bytes:
    try:
        return _line({"ok": True, **operation(request)})
    except RefusedError as refused:
        return _refusal(refused.number, refused.sentence)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _refusal(error.errno or errno.EIO, f"{where}{error.strerror or error}")
    except Exception as error:
        log.exception("a request failed")
        return _refusal(errno.EIO, f"the agent is at fault: {error!r}; its log has more")


def _refusal(number: int, sentence: str) -> bytes:
    return _line({"ok": False, "errno": number, "error": sentence})


def _line(answer: dict[str, Any]) -> bytes:
    return json.dumps(answer).encode() + b"\n"


def _inode(path: Path) -> int:
    try:
        return path.lstat().st_ino
    except OSError:
        return 0
