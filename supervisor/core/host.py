"""One process of one module, from the request to fork it until it is gone: what is observed.

A new one is made for each launch, so nothing of a dead process can leak into its successor.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from supervisor.core import ladder
from supervisor.core.actions import (
    Action,
    DumpStacks,
    FailCalls,
    Message,
    Report,
    Send,
    Signal,
)
from supervisor.core.ladder import Step
from supervisor.core.stall import Ages, Stall
from supervisor.core.state import FAILURES, Ending, Stage


if TYPE_CHECKING:
    from supervisor.core.policy import Timings

_HUNG_IN = {
    Stage.SPAWNED: "before it said Hello",
    Stage.GREETED: "in import or can_run",
    Stage.LOADED: "after can_run",
    Stage.CONSTRUCTING: "in __init__",
}
_CALLERS = {
    Stage.CONSTRUCTING: "ActivePyModule::load",
    Stage.SERVING: "PyModuleRunner::serve",
    Stage.SERVE_FAILED: "PyModuleRunner::serve",
}


class Host:
    """A process, and the supervisor's patience with it. What follows its end is not its business.

    wanted   False for a process that was started merely to be looked at
    standby  whether it was launched to run the standby class
    blame    the reason of the coming death, where it is known before the kernel reports it
    limit    the limit that it is killed for, without figures; "": none
    stall    whether its queue stands still
    """

    def __init__(
        self, timings: Timings, now: float, *, wanted: bool, standby: bool = False
    ) -> None:
        self.stage = Stage.LAUNCHING
        self.pid: int | None = None
        self.wanted = wanted
        self.standby = standby
        self.ending: Ending | None = None
        self.ready_at: float | None = None
        self.responsive = True
        self.blame = ""
        self.init_failed = False
        self.limit = ""
        self.stall = Stall(timings.stall_warning)
        self._timings = timings
        self._ladder: ladder.Ladder = ladder.launching(timings, now)
        self._ping_at: float | None = None
        self._pinged = 0
        self._answered = 0

    @property
    def up(self) -> bool:
        """Constructed, and not being ended."""
        return self.ready_at is not None and self.ending is None

    @property
    def caller(self) -> str:
        """What of the module runs, as Ceph's crash records name it."""
        return _CALLERS.get(self.stage, "PyModule::load")

    def spawned(self, pid: int, now: float) -> list[Action]:
        """It was forked; a stop that was asked for meanwhile begins now."""
        self.stage = Stage.SPAWNED
        self.pid = pid
        if self.ending is not None:
            return self._begin_ending(now)
        self._ladder = ladder.starting(self._timings, now)
        return []

    def construct(self) -> list[Action]:
        """Let it construct its module; the deadline of the start goes on."""
        self.stage = Stage.CONSTRUCTING
        return [Send(Message.START)]

    def ready(self, now: float) -> None:
        """It serves; from now on it must answer pings."""
        self.stage = Stage.SERVING
        self.ready_at = now
        self._ping_at = self._next_ping(now)
        self._ladder = ladder.pulsing(self._timings, now)

    def pulse(self, seq: int, ages: Ages, now: float) -> list[Action]:
        """It answered ping `seq`. Answers that come twice, or to no ping, prove nothing."""
        if not self.up or not self._answered < seq <= self._pinged:
            return []
        self._answered = seq
        self._ladder = ladder.pulsing(self._timings, now)
        stalled = self.stall.look(ages)
        if self.responsive:
            return stalled
        self.responsive = True
        return [Report("answers again"), *stalled]

    def end(self, ending: Ending, now: float) -> list[Action]:
        """End it, or change what follows. One that is killed for a failure stays a failure."""
        if self.ending in FAILURES:
            return []
        begun = self.ending is not None
        self.ending = ending
        if begun or self.stage is Stage.LAUNCHING:
            return []
        return self._begin_ending(now)

    def over_limit(self, limit: str, now: float) -> list[Action]:
        """Kill it at once: a process that was asked to end is as much in the way of others."""
        if self.stage is Stage.LAUNCHING or self.blame:
            return []
        self.blame = f"{limit}: SIGKILL"
        self.limit = limit.partition(":")[0]
        self.ending = self.ending or Ending.OVER_LIMIT
        self._ladder = ladder.killed(self._timings, now)
        return [
            FailCalls(self.blame),
            Report(f"passed its {limit}", "error"),
            Signal(signal.SIGKILL),
        ]

    def keep(self) -> None:
        """Take back an end() of which the process has seen nothing, or let another follow it."""
        if self.ending is Ending.REST:
            self.ending = None if self.stage is Stage.LAUNCHING else Ending.ANEW

    def tick(self, now: float) -> list[Action]:
        """Ping when it is time to, and climb the ladder that is set."""
        actions: list[Action] = []
        if self.up and self._ping_at is not None and self._ping_at <= now:
            if now - self._ping_at > self._timings.ping_interval:
                # The supervisor itself was away (stopped, suspended): nobody asked the host.
                self._ladder = ladder.pulsing(self._timings, now)
            self._pinged += 1
            self._ping_at = self._next_ping(now)
            actions.append(Send(Message.PING, seq=self._pinged))
        step = self._ladder.climb(now)
        return actions if step is None else actions + self._take(step)

    def wakeup(self) -> float | None:
        """When to tick next."""
        dues = [self._ladder.due, self._ping_at if self.up else None]
        return min((due for due in dues if due is not None), default=None)

    def _next_ping(self, now: float) -> float:
        """On the beat that all modules share: the supervisor wakes once for all of their pings."""
        interval = self._timings.ping_interval
        return (now // interval + 1) * interval

    def _begin_ending(self, now: float) -> list[Action]:
        if self.stage is Stage.SPAWNED:
            self._ladder = ladder.terminating(self._timings, now)
            return _terminate()
        self._ladder = ladder.stopping(self._timings, now)
        grace_ms = round(self._timings.shutdown_grace * 1000)
        return [Send(Message.SHUTDOWN, grace_ms=grace_ms)]

    def _take(self, step: Step) -> list[Action]:
        t = self._timings
        match step:
            case Step.LATE_LAUNCH:
                text = f"the launcher has not answered for {t.start_timeout:g} s"
                return [Report(text, "error")]
            case Step.UNRESPONSIVE:
                self.responsive = False
                text = f"has not answered a ping for {t.unresponsive_after:g} s"
                return [Report(text, "warning")]
            case Step.STACKS:
                return [Report("hangs; its stacks go to its log", "warning"), DumpStacks()]
            case Step.ABORT:
                return self._abort()
            case Step.TERMINATE:
                self.blame = f"did not end within {t.shutdown_grace:g} s of being asked to: SIGTERM"
                return [Report(self.blame, "warning"), *_terminate()]
            case Step.KILL:
                self.blame = f"{self.blame or 'did not end on SIGTERM'}, then SIGKILL"
                return [Report(self.blame, "warning"), Signal(signal.SIGKILL)]
            case Step.STUCK:
                text = f"process {self.pid} is still there {t.kill_grace:g} s after SIGKILL"
                return [Report(text, "error")]

    def _abort(self) -> list[Action]:
        self.ending = Ending.HUNG
        self.blame = self.blame or self._why_hung()
        return [
            FailCalls(self.blame),
            Report(f"{self.blame}: SIGABRT", "error"),
            Signal(signal.SIGABRT),
        ]

    def _why_hung(self) -> str:
        t = self._timings
        if self.ready_at is not None:
            return f"did not answer a ping for {t.abort_after:g} s (its stacks are in its log)"
        where = _HUNG_IN.get(self.stage, "while it started")
        return (
            f"did not become ready within {t.start_timeout:g} s: hung {where} "
            "(its stacks are in its log)"
        )


def _terminate() -> list[Action]:
    # A process group that was stopped (SIGSTOP, a debugger) takes no SIGTERM before it continues.
    return [Signal(signal.SIGTERM), Signal(signal.SIGCONT)]
