"""Serves the calls that come on the host's lane: the thread that reads one also runs it.

So a call need not wait for a thread to wake up, and short calls that come together do not wake one
another up. At any time one thread, the *reader*, waits on the lane. While it runs a call another
one has to read on, since calls may wait for one another: it hands over itself before it waits for
an answer of the supervisor, or runs a method that took long the last time; else the *lookout*, a
thread that looks at it every millisecond, does that for it.
"""

import logging
import socket
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

from module_host import threads
from module_host.workers import MOST_THREADS, Workers
from proto import lane
from proto.errors import ProtocolError
from proto.framing import Payload, Plain, pack, unpack
from proto.v1.envelope_pb2 import Envelope


log = logging.getLogger("calls")

LOOK_SECONDS = 0.001
QUIET_LOOKS = 20  # after which the lookout sleeps until there is a call again
SHORT_SECONDS = 0.0005
TOO_MANY = "has too many calls waiting"
MOST_LONG = 256  # methods that are remembered as such

Run = Callable[[Envelope, Payload], None]
Refuse = Callable[[Envelope, str], None]


class CallReader:
    """`run` serves a call and answers it; `refuse` answers with a sentence."""

    def __init__(
        self, connection: socket.socket, module: str, workers: Workers, run: Run, refuse: Refuse
    ) -> None:
        self._connection = connection
        self._module = module
        self._workers = workers
        self._run = run
        self._refuse = refuse
        self._lock = threading.Lock()
        self._reader = 0  # ident of the thread that reads, or runs what it has read
        self._running: Envelope | None = None  # the call that the reader runs
        self._finished = 0  # calls that readers ran to their end
        self._long: set[str] = set()  # methods
        self._asleep = True  # the lookout, which is there from the first call on
        self._has_lookout = False
        self._wake: SimpleQueue[bool] = SimpleQueue()  # False: to end

    def start(self) -> None:
        """Serve from now on."""
        self._workers.submit(self._read, nested=True)

    def end(self) -> None:
        """Let the lookout end; the reader does when the lane is closed. A host just leaves."""
        self._wake.put(False)

    @property
    def idle(self) -> bool:
        """Whether nothing was called lately."""
        return self._asleep

    def is_long(self, method: str) -> bool:
        """Whether calls of it hand over first, since the last one took long."""
        return method in self._long

    def about_to_wait(self) -> None:
        """The calling thread, whichever it is, is going to wait for an answer."""
        if self._reader == threading.get_ident():
            self._hand_over(self._reader)

    def _read(self) -> None:
        mine = self._reader = threading.get_ident()
        while self._reader == mine:
            try:
                envelope, payload = unpack(lane.receive(self._connection))
            except ProtocolError as error:
                log.error("a call was dropped: %s", error)
                continue
            except OSError as error:
                log.debug("the lane has ended: %s", error)
                return
            nested = self._module in envelope.chain
            if not nested and self._workers.busy > MOST_THREADS:
                self._queue(envelope, payload)
            elif envelope.call.method in self._long:
                self._hand_over(mine)
                self._run_long(envelope, payload)
            else:
                self._run_here(mine, envelope, payload)

    def _run_here(self, mine: int, envelope: Envelope, payload: Payload) -> None:
        self._running = envelope
        if self._asleep:
            self._wake_lookout()
        self._safely(envelope, payload)
        if self._reader == mine:
            self._running = None
            self._finished += 1

    def _wake_lookout(self) -> None:
        if not self._has_lookout:
            try:
                threads.start("mgr-lookout", self._look_out)
            except RuntimeError:
                # Tried again for the next call; this one may keep others waiting.
                log.exception("the system gives no thread to look out for calls that take long")
                return
            self._has_lookout = True
        self._asleep = False
        self._wake.put(True)

    def _run_long(self, envelope: Envelope, payload: Payload) -> None:
        began = time.monotonic()
        self._safely(envelope, payload)
        if time.monotonic() - began < SHORT_SECONDS:
            self._long.discard(envelope.call.method)

    def _safely(self, envelope: Envelope, payload: Payload) -> None:
        try:
            self._run(envelope, payload)
        except BaseException:
            # The thread reads on: without it nobody would.
            log.exception("a call could not be served or answered")

    def _queue(self, envelope: Envelope, payload: Payload) -> None:
        if not self._workers.submit(lambda: self._run(envelope, payload)):
            self._refuse(envelope, TOO_MANY)

    def _hand_over(self, reader: int) -> None:
        """Let another thread read on in the place of `reader`."""
        with self._lock:
            if self._reader != reader:
                return
            self._reader = 0
            self._running = None
            if not self._workers.submit(self._read, nested=True):
                self._reader = reader  # it reads on as soon as it can

    def _look_out(self) -> None:
        while self._wake.get():
            quiet = 0
            while quiet < QUIET_LOOKS:
                before, reader, finished = self._running, self._reader, self._finished
                time.sleep(LOOK_SECONDS)
                if before is not None and self._running is before:
                    if len(self._long) < MOST_LONG:
                        self._long.add(before.call.method)
                    self._hand_over(reader)
                quiet = 0 if self._finished != finished else quiet + 1
            self._asleep = True
            if self._running is not None:
                # It began before it could see that we sleep.
                self._asleep = False
                self._wake.put(True)


def answer_over(connection: socket.socket, envelope: Envelope, data: Plain) -> None:
    """Send an answer. Packets are whole, so any thread may. Raises NotSerializable, OSError."""
    lane.send(connection, pack(envelope, data))
