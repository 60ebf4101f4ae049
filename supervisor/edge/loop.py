"""The one poll loop: every socket, descriptor, deadline and hand-over from a thread ends up here.

One thread runs it. Nothing called from it may block: what can block runs in a thread of its own and
comes back through `post()`.
"""

import contextlib
import os
import select
import signal
import time
from collections import deque
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog
import zmq


log = structlog.get_logger("loop")

POSTED_PER_TURN = 256
READY_PER_TURN = 64
LINGER = 50e-6  # seconds
_EVENTS, _POLLIN = int(zmq.EVENTS), int(zmq.POLLIN)  # as plain numbers: asked at each turn

Callback = Callable[[], None]
Socket = zmq.Socket[bytes]


class Loop:
    """Readiness callbacks, posted calls, and one hook that says when it next wants to be woken.

    An epoll of our own and not ZeroMQ's poller, which looks at each source at each turn: a turn
    costs the same with a hundred modules. What a ZeroMQ socket has for us only the socket can say;
    its descriptor says no more than that it should be asked, and whatever is done with the socket
    may take that back. So all of them are asked before the loop waits.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._readers: dict[int, Callback] = {}
        self._sockets: dict[Socket, Callback] = {}
        self._posted: deque[Callback] = deque()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._woken = False
        self._stirred = False  # whether anything was ready in the last turn
        self._running = False
        self.read(self._wake, self._drain_wake)
        self._clock: Callable[[float], float | None] = lambda _now: None

    def read(self, source: Socket | int, callback: Callback) -> None:
        """Call `callback` whenever `source`, a ZeroMQ socket or a descriptor, can be read."""
        if not isinstance(source, int):
            self._sockets[source] = callback
            source = int(source.fd)
        self._readers[source] = callback
        self._epoll.register(source, select.EPOLLIN)

    def forget(self, source: Socket | int) -> None:
        """Stop watching `source`; to be called before it is closed."""
        if not isinstance(source, int):
            self._sockets.pop(source, None)
            source = int(source.fd)
        if self._readers.pop(source, None) is not None:
            self._epoll.unregister(source)

    def on_time(self, clock: Callable[[float], float | None]) -> None:
        """Call `clock(now)` each turn; it answers when it is due next, None: no deadline."""
        self._clock = clock

    def post(self, call: Callable[[], None]) -> None:
        """Run `call` on the loop's thread soon. Safe from any thread and from signal handlers."""
        self._posted.append(call)
        if not self._woken:
            self._woken = True
            os.eventfd_write(self._wake, 1)

    def run(self) -> None:
        """Turn until `stop()`. What one callback raises is logged and stops nothing else."""
        self._running = True
        while self._running:
            due = self._guard(self._clock, time.monotonic())
            timeout = None if due is None else max(0.0, due - time.monotonic())
            asked = self._with_messages()
            if asked or self._posted or not self._running:
                timeout = 0.0
            ready = self._wait(timeout)
            for fd, callback in [(fd, self._readers.get(fd)) for fd in ready]:
                # An earlier one of this turn may have closed it, and a descriptor that was opened
                # since may have the same number: what was polled does not concern that one.
                if callback is not None and self._readers.get(fd) is callback:
                    self._guard(callback)
            for callback in asked:
                self._guard(callback)
            self._run_posted()

    def stop(self) -> None:
        """End `run()` after the current turn."""
        self._running = False

    def close(self) -> None:
        """Release the descriptors."""
        self.forget(self._wake)
        os.close(self._wake)
        self._epoll.close()

    def _wait(self, timeout: float | None) -> list[int]:
        """The descriptors that are ready, none after `timeout` seconds."""
        polled = self._epoll.poll(0, READY_PER_TURN)
        if not polled and timeout != 0:
            # What was just passed on is often answered at once, and to be woken up again takes
            # longer than that.
            end = time.monotonic() + LINGER if self._stirred else 0
            while not polled and time.monotonic() < end:
                polled = self._epoll.poll(0, READY_PER_TURN)
            if not polled:
                polled = self._epoll.poll(timeout, READY_PER_TURN)
        self._stirred = bool(polled)
        return [fd for fd, _events in polled]

    def _with_messages(self) -> list[Callback]:
        """Of the ZeroMQ sockets that have something to read."""
        return [
            callback
            for socket, callback in list(self._sockets.items())
            if int(socket.get(_EVENTS)) & _POLLIN
        ]

    def _drain_wake(self) -> None:
        with contextlib.suppress(BlockingIOError):  # another turn read it already
            os.eventfd_read(self._wake)
        # In this order: who posts between them does not wake, and is run in this very turn.
        self._woken = False

    def _run_posted(self) -> None:
        for _ in range(min(len(self._posted), POSTED_PER_TURN)):
            self._guard(self._posted.popleft())

    def _guard(self, call: Callable[..., Any], *args: Any) -> Any:
        try:
            return call(*args)
        except Exception:
            # A fault of ours in one module's affairs must not end every other module.
            log.exception("a callback of the loop failed")
            return None


class Signals:
    """Turns SIGTERM and SIGINT into a call of `stop` on the loop, and SIGHUP into one of `reload`,
    unless it comes because the terminal is gone. The old handlers come back at the end.
    """

    def __init__(self, loop: Loop, stop: Callable[[], None], reload: Callable[[], None]) -> None:
        self._old: dict[signal.Signals, Any] = {}
        by_hand = _has_terminal()

        def hangup() -> None:
            if by_hand and not _has_terminal():
                stop()
            else:
                reload()

        def handler(number: int, _frame: FrameType | None) -> None:
            loop.post(hangup if number == signal.SIGHUP else stop)

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # of nohup: go on without the terminal
            self._old[number] = signal.signal(number, handler)

    def restore(self) -> None:
        """Put the former handlers back."""
        for number, old in self._old.items():
            signal.signal(number, old)


def _has_terminal() -> bool:
    """Whether there is a controlling terminal that has not been hung up."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK))
    except OSError:
        return False
    return True
