"""Receives everything that the supervisor sends unasked, and hands it to the thread that it is for.

The thread that reads never runs the module's code, so a slow module does not keep its own replies,
pings and replicas waiting.
"""

import errno
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from queue import SimpleQueue
from typing import Any

import zmq

from module_host import calls, commands, context, threads
from module_host.activity import Activity
from module_host.call_reader import TOO_MANY, CallReader, answer_over
from module_host.commits import Commits
from module_host.ends import ExitCode, leave_now
from module_host.exchange import Socket
from module_host.link import Line, Link
from module_host.module_queue import MOST_COMMANDS, MOST_NOTIFICATIONS, ModuleQueue
from module_host.pulse import Pulse
from module_host.replica import Replica
from module_host.workers import Workers
from proto.errors import NotSerializable, ProtocolError
from proto.framing import Frame, Payload, Plain, plain, unpack
from proto.v1.envelope_pb2 import Envelope, Error
from proto.v1.module_pb2 import Notify, OptionsChanged, StoreChanged
from proto.values import Values


log = logging.getLogger("inbox")

# The supervisor pings every host far more often. Its death is noticed by the zygote and by the
# kernel; this is for a supervisor that lives and has forgotten us.
SILENCE_SECONDS = 60
GRACE_SECONDS = 5.0

# Notifications that are never like one that waits already.
_ALWAYS_NEWS = ("audit", "clog", "command")


_Change = OptionsChanged.Change | StoreChanged.Change
Say = Callable[[Envelope, Plain], None]


@dataclass(frozen=True)
class Order:
    """What the main thread is told to do."""

    class Kind(Enum):
        """Start: construct and serve."""

        START = "start"
        SHUTDOWN = "shutdown"

    kind: Kind
    grace: float = GRACE_SECONDS  # seconds for shutdown()


Orders = SimpleQueue[Order]


class Inbox:
    """One thread that reads, the queue thread, the workers and the pulse."""

    def __init__(
        self,
        *,
        line: Line,
        module: str,
        options: Replica,
        store: Replica,
        values: Values,
        activity: Activity,
        orders: Orders,
    ) -> None:
        self._line = line
        self._name = module
        self._options = options
        self._store = store
        self._values = values
        self._activity = activity
        self._orders = orders
        self._module: Any = None
        self._commits = Commits()
        self.queue = ModuleQueue(module, activity)
        self._workers = Workers("mgr-call")
        # Not the same ones: commands that wait for other modules must not use up all of them.
        self._command_workers = Workers("mgr-command")
        self._side_by_side = False
        self._pulse: Pulse | None = None

    def start(self, link: Link) -> None:
        """Receive from now on."""
        self._pulse = Pulse(link, self._activity, self.queue.depth)
        self._pulse.start()
        link.inbox.rcvtimeo = SILENCE_SECONDS * 1000
        threads.start("mgr-inbox", lambda: self._work(link.inbox))

    def serve(self, module: Any, link: Link | None = None) -> None:
        """Let calls, commands and notifications reach `module` from now on; calls over a lane of
        `link` where it has lanes. Raises TimeoutError, ConnectionError, ProtocolError.
        """
        self._module = module
        self._side_by_side = bool(getattr(module, "COMMANDS_SIDE_BY_SIDE", False))
        self.queue.start()
        lane = link.lane_for_calls() if link is not None else None
        if link is not None and lane is not None:
            answer = partial(self._say, partial(answer_over, lane))
            reader = CallReader(
                lane, self._name, self._workers,
                partial(self._run_call, answer), partial(self._refuse, answer),
            )  # fmt: skip
            link.about_to_wait = reader.about_to_wait
            reader.start()

    def end(self) -> None:
        """Let the threads of serve() end after what they have; a host just leaves."""
        self.queue.end()
        self._workers.end()
        self._command_workers.end()

    def _work(self, socket: Socket) -> None:
        while True:
            try:
                frames: list[Frame] = list(socket.recv_multipart())
            except zmq.Again:
                log.error("no word from the supervisor for %d s: ending", SILENCE_SECONDS)
                leave_now(ExitCode.SUPERVISOR_GONE)
            try:
                self.take(*unpack(frames))
            except ProtocolError as error:
                log.error("a message of the supervisor was dropped: %s", error)
            except Exception:
                log.exception("a message of the supervisor was not understood")

    def take(self, envelope: Envelope, payload: Payload) -> None:
        """Hand a message of the supervisor to the thread that it is for."""
        match envelope.WhichOneof("body"):
            case "ping" if self._pulse:
                self._pulse.ping(envelope.ping.seq)
            case "call":
                self._call(envelope, payload)
            case "command":
                self._command(envelope)
            case "notify":
                self._notify(envelope.notify)
            case "options_changed":
                self._take_over(self._options, envelope.options_changed.changes)
                if envelope.options_changed.config_notify:
                    self.queue.notify(("config_notify", ""), self._run_config_notify)
            case "store_changed":
                self._take_over(self._store, envelope.store_changed.changes)
            case "start":
                self._orders.put(Order(Order.Kind.START))
            case "shutdown":
                grace = envelope.shutdown.grace_ms / 1000 or GRACE_SECONDS
                self._orders.put(Order(Order.Kind.SHUTDOWN, grace))
            case "error":
                log.error("the supervisor reports: %s", envelope.error.message)
            case other:
                log.error("a message was dropped: %s is not for a host", other)

    def _take_over(self, replica: Replica, changes: Sequence[_Change]) -> None:
        replica.apply(changes)
        if changes:
            self._commits.took_over(max(change.seq for change in changes))

    def _call(self, envelope: Envelope, payload: Payload) -> None:
        """One that came over the bus."""
        if self._module is None:
            self._answer(calls.refusal(envelope, Error.NO_MODULE, "Module not found"))
            return
        nested = self._name in envelope.chain
        run = partial(self._run_call, self._answer, envelope, payload)
        if not self._workers.submit(run, nested=nested):
            why = "has too many calls in one another" if nested else TOO_MANY
            self._refuse(self._answer, envelope, why)

    def _run_call(self, answer: Say, envelope: Envelope, payload: Payload) -> None:
        self._commits.wait_for(envelope.after)
        with self._activity.running(Activity.Kind.CALL):
            said, data = calls.serve(self._module, self._values, envelope, plain(payload))
        answer(said, data)

    def _refuse(self, answer: Say, envelope: Envelope, why: str) -> None:
        sentence = f"module '{self._name}' {why}"
        answer(calls.refusal(envelope, Error.REFUSED, sentence), b"")

    def _command(self, envelope: Envelope) -> None:
        if self._side_by_side:
            taken = self._command_workers.submit(lambda: self._run_beside(envelope))
        else:
            taken = self.queue.command(lambda: self._run_command(envelope))
        if not taken:
            answer = Envelope(id=envelope.id)
            sentence = (
                f"module '{self._name}' has {MOST_COMMANDS} commands waiting; try again later"
            )
            answer.command_result.CopyFrom(commands.failure(errno.EAGAIN, sentence))
            self._answer(answer)

    def _run_beside(self, envelope: Envelope) -> None:
        with self._activity.running(Activity.Kind.BESIDE):
            self._run_command(envelope)

    def _run_command(self, envelope: Envelope) -> None:
        answer = Envelope(id=envelope.id)
        with context.working(context.of(envelope)):
            answer.command_result.CopyFrom(commands.run(self._module, envelope.command))
        self._answer(answer)

    def _notify(self, notify: Notify) -> None:
        key = None if notify.type in _ALWAYS_NEWS else (notify.type, notify.id)
        if not self.queue.notify(key, lambda: self._run_notify(notify)):
            log.warning("%d notifications wait: '%s' was lost", MOST_NOTIFICATIONS, notify.type)

    def _run_notify(self, notify: Notify) -> None:
        try:
            subject = json.loads(notify.id_json) if notify.id_json else notify.id
            self._module.notify(notify.type, subject)
        except BaseException:
            log.exception("%s.notify:", self._name)

    def _run_config_notify(self) -> None:
        try:
            # The framework's entry: it re-reads the log options, then calls config_notify().
            self._module._config_notify()  # noqa: SLF001
        except BaseException:
            log.exception("%s.config_notify:", self._name)

    def _answer(self, answer: Envelope, data: Plain = b"") -> None:
        self._say(self._line.tell, answer, data)

    def _say(self, say: Say, answer: Envelope, data: Plain = b"") -> None:
        try:
            say(answer, data)
        except NotSerializable as error:
            if answer.HasField("command_result"):
                short = Envelope(id=answer.id)
                short.command_result.CopyFrom(commands.failure(errno.EFBIG, str(error)))
            else:
                short = calls.refusal(answer, Error.REFUSED, str(error))
            say(short, b"")
