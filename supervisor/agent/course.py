"""The course of one plain process: when it is started, signalled, started again. Pure: acts out.

Whether it is *wanted* and whether it *runs* are two things that are never merged. What the policy
means is systemd's: "always", also after exit code 0; "on-failure"; "no".
"""

import signal
from dataclasses import dataclass, field
from enum import StrEnum


FIRST_DELAY = 1.0  # seconds, doubled at each failure in a row
LONGEST_DELAY = 60.0
STABLE = 2 * LONGEST_DELAY  # who ran that long starts again with the first delay
KILL_AGAIN = 1.0

POLICIES = ("always", "on-failure", "no")


class State(StrEnum):
    """What is seen of a daemon, whichever engine keeps it."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPED = "stopped"
    ERROR = "error"


@dataclass(frozen=True)
class Launch:
    """Have a process made."""


@dataclass(frozen=True)
class Signal:
    """Send `number` to the process and its group."""

    number: int


Act = Launch | Signal


class Phase(StrEnum):
    """Of the process."""

    NONE = "none"
    LAUNCHING = "launching"
    ALIVE = "alive"


@dataclass
class Course:
    """Times are seconds of a clock that only goes forward, given by the caller."""

    policy: str
    stop_seconds: float
    restarts: int = 0
    why: str = ""  # of the last end
    wanted: bool = field(default=False, init=False)
    phase: Phase = field(default=Phase.NONE, init=False)
    _failed: bool = field(default=False, init=False)  # the last end was a failure
    _streak: int = field(default=0, init=False)
    _began: float = field(default=0.0, init=False)
    _retry_at: float | None = field(default=None, init=False)
    _kill_at: float | None = field(default=None, init=False)

    @property
    def state(self) -> State:
        """As `list` shows it. One that waits to be started again is in error, as cephadm has it."""
        if self.phase is Phase.ALIVE:
            return State.RUNNING
        if self.phase is Phase.LAUNCHING:
            return State.STARTING
        return State.ERROR if self._failed and self.wanted else State.STOPPED

    @property
    def due(self) -> float | None:
        """When `tick` is to be called next."""
        return min((at for at in (self._retry_at, self._kill_at) if at is not None), default=None)

    @property
    def done(self) -> bool:
        """Whether it is to run, has ended, and its policy leaves it at that."""
        return self.wanted and self.phase is Phase.NONE and self._retry_at is None

    @property
    def failed(self) -> bool:
        """Whether its last end was a failure."""
        return self._failed

    def rest(self, failed: bool) -> None:
        """It was `done` in an earlier life of ours, and stays so."""
        self.wanted = True
        self._failed = failed

    def want(self, now: float) -> list[Act]:
        """It is to run: at once, whatever its backoff says."""
        self.wanted = True
        self._streak = 0
        # While the old process is being stopped, its end brings the new one.
        return self._launch(now) if self.phase is Phase.NONE else []

    def unwant(self, now: float) -> list[Act]:
        """It is not to run: asked to end, killed when it has not after `stop_seconds`."""
        self.wanted = False
        self._retry_at = None
        return self._terminate(now) if self.phase is Phase.ALIVE else []

    def adopted(self, now: float, wanted: bool) -> list[Act]:
        """A process of it was found."""
        self.wanted = wanted
        return self.launched(now)

    def launched(self, now: float) -> list[Act]:
        """The process exists."""
        self.phase = Phase.ALIVE
        self._began = now
        return [] if self.wanted else self._terminate(now)

    def ended(self, now: float, failed: bool, why: str) -> list[Act]:
        """The process is gone, or could not be made."""
        asked = self._kill_at is not None
        self.phase = Phase.NONE
        self._kill_at = None
        self.why = f"stopped as asked: {why}" if asked else why
        self._failed = failed and not asked
        if not self.wanted:
            return []
        if asked:
            return self._launch(now)
        if self.policy == "always" or (self.policy == "on-failure" and failed):
            if now - self._began >= STABLE:
                self._streak = 0
            self._retry_at = now + min(FIRST_DELAY * 2**self._streak, LONGEST_DELAY)
            self._streak += 1
            # Also after exit code 0: it should be there and is not.
            self._failed = True
        return []

    def tick(self, now: float) -> list[Act]:
        """Let deadlines pass."""
        acts: list[Act] = []
        if self._retry_at is not None and self._retry_at <= now:
            self.restarts += 1
            acts += self._launch(now)
        if self._kill_at is not None and self._kill_at <= now:
            self._kill_at = now + KILL_AGAIN
            acts.append(Signal(signal.SIGKILL))
        return acts

    def _launch(self, now: float) -> list[Act]:
        self._retry_at = None
        self._began = now
        self.phase = Phase.LAUNCHING
        return [Launch()]

    def _terminate(self, now: float) -> list[Act]:
        if self._kill_at is not None:
            return []
        self._kill_at = now + self.stop_seconds
        # One that is stopped would not hear the first.
        return [Signal(signal.SIGTERM), Signal(signal.SIGCONT)]
