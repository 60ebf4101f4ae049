"""When to try again, and how long to wait for what: the numbers, and the delays they lead to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True)
class RestartPolicy:
    """How a module that fails is tried again. Times in seconds.

    The first restart follows at once, the next after `first_delay`, then twice as long each time up
    to `longest_delay`, each changed by up to +-`jitter` of itself. The delays are for modules that
    do not get ready: one that had been is restarted at once, unless its failures have raised the
    alarm.
    """

    first_delay: float = 1.0
    longest_delay: float = 60.0
    jitter: float = 0.2
    stable: float = 600.0  # ready for so long: earlier failures are forgotten
    failures: int = 5  # so many ...
    window: float = 600.0  # ... within this time raise MGR_MODULE_ERROR
    proven: float = 60.0  # ready for so long after that: it is withdrawn

    def __post_init__(self) -> None:
        if not 0 < self.first_delay <= self.longest_delay:
            raise ValueError("first_delay must be above 0 and at most longest_delay")
        if not 0 <= self.jitter < 1:
            raise ValueError("jitter must be at least 0 and below 1")
        if self.failures < 1 or min(self.stable, self.window, self.proven) <= 0:
            raise ValueError("failures must be at least 1, every time above 0")


@dataclass(frozen=True)
class Timings:
    """How long a module may take over what. All in seconds."""

    start_timeout: float = 20.0  # from the fork to Ready
    stacks_grace: float = 1.0  # from a start's dumped stacks to SIGABRT
    ping_interval: float = 2.0
    pulses_missed: int = 1  # so many pings without an answer: unresponsive
    stacks_after: float = 15.0  # without a pulse: dump stacks
    abort_after: float = 30.0  # without a pulse: SIGABRT
    shutdown_grace: float = 10.0  # from the Shutdown message to SIGTERM
    term_grace: float = 5.0  # from SIGTERM to SIGKILL
    kill_grace: float = 5.0  # from SIGABRT to SIGKILL
    stall_warning: float = 60.0  # at one job of its queue: MGR_MODULE_STALLED

    def __post_init__(self) -> None:
        grace = (self.stacks_grace, self.shutdown_grace, self.term_grace, self.kill_grace)
        times = (self.start_timeout, self.ping_interval, self.stall_warning, *grace)
        if min(times) <= 0 or self.pulses_missed < 1:
            raise ValueError("every time must be above 0, and pulses_missed at least 1")
        if not self.unresponsive_after < self.stacks_after < self.abort_after:
            raise ValueError(
                f"a silent module is unresponsive after {self.unresponsive_after:g} s "
                "(ping_interval times one more than pulses_missed); "
                "stacks_after must be above that, and abort_after above stacks_after"
            )

    @property
    def unresponsive_after(self) -> float:
        """Silence after which `pulses_missed` pings have each had an interval to be answered."""
        return self.ping_interval * (self.pulses_missed + 1)


class Backoff:
    """The failures of one module, and the delays that follow. The same seed gives the same ones."""

    def __init__(self, policy: RestartPolicy, rng: Random) -> None:
        self._policy = policy
        self._rng = rng
        self._streak = 0
        self._times: deque[float] = deque(maxlen=policy.failures)

    def failed(self, now: float) -> float:
        """Record a failure; return the seconds to wait before the next try, 0: at once."""
        self._times.append(now)
        self._streak += 1
        if self._streak == 1:
            return 0.0
        # The exponent is capped where the delay is, or a module that fails for months overflows.
        doublings = min(self._streak - 2, 64)
        delay = min(self._policy.first_delay * 2.0**doublings, self._policy.longest_delay)
        return delay * self._rng.uniform(1 - self._policy.jitter, 1 + self._policy.jitter)

    def forgive(self) -> None:
        """Let the next restart follow at once; the failures still count towards the alarm."""
        self._streak = 0

    def alarming(self, now: float) -> bool:
        """Whether the failures within the window are as many as the policy tolerates, or more."""
        full = len(self._times) == self._policy.failures
        return full and now - self._times[0] <= self._policy.window

    def reset(self) -> None:
        """Forget every failure."""
        self._streak = 0
        self._times.clear()
