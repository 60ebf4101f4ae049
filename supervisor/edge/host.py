"""One module as the supervisor holds it: its life cycle, and the process that lives it now.

The life cycle decides (supervisor.core.lifecycle); this executes. What needs more than this one
module (the launcher, the ledger, the cluster) is asked of the `Surroundings`.
"""

import signal
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from proto.v1.envelope_pb2 import Envelope
from supervisor.core import actions
from supervisor.core.events import Event, InspectAsked, Tick
from supervisor.core.lifecycle import Lifecycle
from supervisor.core.limits import Limits
from supervisor.core.state import Goal, State
from supervisor.edge.discovery import Found
from supervisor.edge.launcher import Child
from supervisor.edge.peer import Peer


HISTORY_LINES = 200
LONGEST_LINE = 16 * 1024  # characters; a module words some of them
# Stopping to be restarted, or aborted for having hung: another process follows.
_ON_THE_WAY = {State.STARTING, State.BACKOFF, State.STOPPING, State.UNRESPONSIVE}


@dataclass(frozen=True)
class Happened:
    """One line of a module's history; `at` is wall-clock time, for people."""

    at: float
    level: str
    text: str


@dataclass(frozen=True)
class Layer:
    """One layer of the sandbox as a process reported it: enforced, absent or off, and why."""

    name: str
    status: str
    why: str


@dataclass(frozen=True)
class Waiter:
    """Work for a module that is not ready yet: exactly one of the two is called."""

    until: float  # monotonic
    go: Callable[[], None]
    refuse: Callable[[], None]


@dataclass(frozen=True)
class Look:
    """Work that needs to know what a module's class declares; called in any case."""

    until: float  # monotonic
    then: Callable[[], None]


class Surroundings(ABC):
    """What a host needs of the rest of the supervisor. Loop thread only."""

    @abstractmethod
    def spawn(self, host: "Host") -> None:
        """Have a process started for the module."""

    @abstractmethod
    def send(self, host: "Host", envelope: Envelope) -> None:
        """Put into the host's inbox, or keep until it fits."""

    @abstractmethod
    def fail_calls(self, host: "Host", reason: str) -> None:
        """Answer every call pending on the module: it died."""

    @abstractmethod
    def set_fault(self, host: "Host", error: str | None, dependency: str | None) -> None:
        """State or withdraw the module's framework health checks."""

    @abstractmethod
    def set_stall(self, host: "Host", text: str) -> None:
        """State or withdraw that the module's queue stands still."""

    @abstractmethod
    def report(self, host: "Host", report: actions.Report) -> None:
        """Log, and tell the cluster log where asked."""

    @abstractmethod
    def crashed(self, host: "Host", crash: actions.RecordCrash) -> None:
        """Keep a record of it."""

    @abstractmethod
    def changed(self, host: "Host") -> None:
        """The module's state, facts or error are others than before."""

    @abstractmethod
    def rescheduled(self, host: "Host") -> None:
        """The module's next deadline may be another than before."""


class Host:
    """Executes what its life cycle decides."""

    def __init__(
        self,
        found: Found,
        lifecycle: Lifecycle,
        surroundings: Surroundings,
        limits: Limits | None = None,
    ) -> None:
        self.found = found
        self.name = found.name
        self.lifecycle = lifecycle
        self.limits = limits or Limits()
        self.jobs_waiting = 0  # in its own queue, as its last pulse said
        self.nonce = b""
        self.child: Child | None = None
        self.inbox: bytes | None = None
        self.lane: Peer | None = None  # where it is called, once it serves
        self.told_of = 0  # the newest commit that was sent to its inbox
        self.layers: list[Layer] = []  # of the process that said hello last
        self.cgroup = Layer("cgroup", "absent", "")  # of the process that was launched last
        self.killed_for = ""  # the limit for which the kernel ended a process, until it is told
        self.uri = ""
        self.clients: dict[str, str] = {}
        self.history: deque[Happened] = deque(maxlen=HISTORY_LINES)
        self._waiting: list[Waiter] = []
        self._looks: list[Look] = []
        self._surroundings = surroundings

    @property
    def ready(self) -> bool:
        """Whether calls and commands can be put into its inbox now."""
        return self.inbox is not None and self.lifecycle.reachable

    def may_become_ready(self, until: float) -> bool:
        """Whether waiting so long (monotonic) makes sense: it is being started, or replaced."""
        cycle = self.lifecycle
        on_the_way = cycle.desired.goal is Goal.ENABLED and cycle.state in _ON_THE_WAY
        return on_the_way and (cycle.tried_again_at or 0.0) < until

    def enforces(self, layer: str) -> bool:
        """Whether the process that is there now has said that this layer holds it."""
        # Until it says hello, `layers` are those of another one.
        said = self.layers if self.inbox is not None else []
        return any(each.name == layer and each.status == "enforced" for each in said)

    def tell(self, event: Event) -> None:
        """Let the life cycle decide about `event` and do what it says."""
        before = self._shown()
        for action in self.lifecycle.handle(event, time.monotonic()):
            self._do(action)
        if self._shown() != before:
            self._surroundings.changed(self)
        if self._waiting:
            self._settle_waiting(time.monotonic())
        if self._looks:
            self._settle_looks(time.monotonic())
        self._surroundings.rescheduled(self)

    def look(self, seconds: float, then: Callable[[], None]) -> None:
        """Call `then` once the module's class was looked at, or when `seconds` are over."""
        self.tell(InspectAsked())
        self._looks.append(Look(time.monotonic() + seconds, then))
        self._settle_looks(time.monotonic())
        self._surroundings.rescheduled(self)

    def wait_ready(
        self, seconds: float, go: Callable[[], None], refuse: Callable[[], None]
    ) -> None:
        """Call `go` once the module is ready, or `refuse` when it is not in time, or cannot be."""
        until = time.monotonic() + seconds
        if self.ready:
            go()
        elif not self.may_become_ready(until):
            refuse()
        else:
            self._waiting.append(Waiter(until, go, refuse))
            self._surroundings.rescheduled(self)

    def clock(self, now: float) -> float | None:
        """Let deadlines pass; answers the next one."""
        due = self.lifecycle.wakeup()
        if due is not None and due <= now:
            self.tell(Tick())
            due = self.lifecycle.wakeup()
        if self._waiting:
            self._settle_waiting(now)
        if self._looks:
            self._settle_looks(now)
        soonest = [waiter.until for waiter in self._waiting]
        soonest += [look.until for look in self._looks]
        return min([*soonest, *([due] if due is not None else [])], default=None)

    def note(self, report: actions.Report) -> None:
        """Enter into the module's history and the logs."""
        if len(report.text) > LONGEST_LINE:
            report = replace(report, text=f"{report.text[:LONGEST_LINE]}...")
        self.history.append(Happened(time.time(), report.level, report.text))
        self._surroundings.report(self, report)

    def process_gone(self) -> None:
        """Forget what belonged to the process that ended."""
        self.child = None
        self.inbox = None
        self.lane = None
        self.told_of = 0
        self.nonce = b""
        self.uri = ""
        self.clients.clear()
        self.jobs_waiting = 0

    def _shown(self) -> tuple[object, ...]:
        cycle = self.lifecycle
        return cycle.state, cycle.facts, cycle.error

    def _do(self, action: actions.Action) -> None:
        match action:
            case actions.Spawn():
                self._surroundings.spawn(self)
            case actions.Send():
                self._surroundings.send(self, _message(action))
            case actions.DumpStacks():
                if self.child:
                    self.child.signal_leader(signal.SIGUSR1)
            case actions.Signal(signum=number):
                if self.child:
                    self.child.signal_group(number)
            case actions.FailCalls(reason=reason):
                self._surroundings.fail_calls(self, reason)
            case actions.SetFault(error=error, dependency=dependency):
                self._surroundings.set_fault(self, error, dependency)
            case actions.SetStall(text=text):
                self._surroundings.set_stall(self, text)
            case actions.RecordCrash():
                self._surroundings.crashed(self, action)
            case actions.Report():
                self.note(action)

    def _settle_waiting(self, now: float) -> None:
        waiting, self._waiting = self._waiting, []
        for waiter in waiting:
            if self.ready:
                waiter.go()
            elif waiter.until <= now or not self.may_become_ready(waiter.until):
                waiter.refuse()
            else:
                self._waiting.append(waiter)

    def _settle_looks(self, now: float) -> None:
        looks, self._looks = self._looks, []
        for look in looks:
            if self.lifecycle.facts is not None or look.until <= now:
                look.then()
            else:
                self._looks.append(look)


def _message(action: actions.Send) -> Envelope:
    envelope = Envelope()
    match action.message:
        case actions.Message.START:
            envelope.start.SetInParent()
        case actions.Message.SHUTDOWN:
            envelope.shutdown.grace_ms = action.grace_ms
            envelope.shutdown.SetInParent()
        case actions.Message.PING:
            envelope.ping.seq = action.seq
    return envelope
