"""Escalation: what is done, step after step, to a process that keeps the supervisor waiting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from supervisor.core.policy import Timings


class Step(StrEnum):
    """What happens on a rung."""

    LATE_LAUNCH = "late-launch"
    UNRESPONSIVE = "unresponsive"
    STACKS = "stacks"
    ABORT = "abort"
    TERMINATE = "terminate"
    KILL = "kill"
    STUCK = "stuck"


@dataclass(frozen=True)
class Rung:
    """`step`, `delay` seconds after the rung before was really climbed."""

    delay: float
    step: Step


class Ladder:
    """Rungs that are climbed one by one as time passes.

    Delays count from the rung before and not from the foot: a supervisor that was itself stopped
    for a minute would otherwise climb to the top in one go, before it reads the answers that wait.
    """

    def __init__(self, rungs: tuple[Rung, ...], now: float) -> None:
        self._rungs = rungs
        self._next = 0
        self._since = now

    @property
    def due(self) -> float | None:
        """When the next rung is due; None at the top."""
        if self._next == len(self._rungs):
            return None
        return self._since + self._rungs[self._next].delay

    def climb(self, now: float) -> Step | None:
        """Climb the next rung if it is due."""
        due = self.due
        if due is None or due > now:
            return None
        step = self._rungs[self._next].step
        self._next += 1
        self._since = now
        return step


def launching(t: Timings, now: float) -> Ladder:
    """While the launcher has not said that it forked: there is nothing yet to end."""
    return Ladder((Rung(t.start_timeout, Step.LATE_LAUNCH),), now)


def starting(t: Timings, now: float) -> Ladder:
    """From the fork until Ready."""
    hung = (Rung(t.start_timeout, Step.STACKS), Rung(t.stacks_grace, Step.ABORT))
    return Ladder(hung + _kill_after(t.kill_grace, t), now)


def pulsing(t: Timings, now: float) -> Ladder:
    """From each sign of life until the next."""
    silent = (
        Rung(t.unresponsive_after, Step.UNRESPONSIVE),
        Rung(t.stacks_after - t.unresponsive_after, Step.STACKS),
        Rung(t.abort_after - t.stacks_after, Step.ABORT),
    )
    return Ladder(silent + _kill_after(t.kill_grace, t), now)


def stopping(t: Timings, now: float) -> Ladder:
    """After a Shutdown message."""
    terminate = (Rung(t.shutdown_grace, Step.TERMINATE),)
    return Ladder(terminate + _kill_after(t.term_grace, t), now)


def terminating(t: Timings, now: float) -> Ladder:
    """After SIGTERM to a process that cannot be spoken to yet."""
    return Ladder(_kill_after(t.term_grace, t), now)


def killed(t: Timings, now: float) -> Ladder:
    """After SIGKILL."""
    return Ladder((Rung(t.kill_grace, Step.STUCK),), now)


def _kill_after(delay: float, t: Timings) -> tuple[Rung, ...]:
    return (Rung(delay, Step.KILL), Rung(t.kill_grace, Step.STUCK))
