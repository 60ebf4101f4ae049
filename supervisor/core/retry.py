"""What one module's failures have led to so far: the wait for the next try, and its proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supervisor.core.policy import Backoff


if TYPE_CHECKING:
    from random import Random

    from supervisor.core.policy import RestartPolicy


class Retry:
    """When the module is tried again, and what its failures amount to.

    at         when to try again; None: nothing is waited for
    proven_at  when a start after an alarm has proved itself; None: nothing to prove
    restarts   processes that replaced a dead one
    """

    def __init__(self, policy: RestartPolicy, rng: Random) -> None:
        self.at: float | None = None
        self.proven_at: float | None = None
        self.restarts = 0
        self._replacing = False
        self._policy = policy
        self._backoff = Backoff(policy, rng)

    def begin(self) -> None:
        """A new enabling: nothing of the last one counts."""
        self.forget()
        self.restarts = 0
        self._replacing = False

    def forget(self) -> None:
        """Forget the failures, and what was waited for."""
        self._backoff.reset()
        self.cancel()

    def cancel(self) -> None:
        """Wait for nothing."""
        self.at = self.proven_at = None

    def died(self) -> None:
        """A process is gone; the next one replaces it."""
        self._replacing = True

    def launched(self) -> None:
        """The next process is on its way."""
        self.at = None
        self.restarts += self._replacing
        self._replacing = False

    def ready(self, now: float) -> bool:
        """Whether it is well at once; after an alarm it must prove itself first."""
        if not self._backoff.alarming(now):
            return True
        self.proven_at = now + self._policy.proven
        return False

    def failed(self, now: float, ready_at: float | None) -> float:
        """Record the failure of a process that was ready since `ready_at`; return the delay."""
        if ready_at is not None and now - ready_at >= self._policy.stable:
            self._backoff.reset()
        elif ready_at is not None and not self._backoff.alarming(now):
            self._backoff.forgive()
        delay = self._backoff.failed(now)
        self.at = now + delay if delay > 0 else None
        return delay

    def alarm(self, now: float) -> str | None:
        """What to say of failures that are too many; None while they are not."""
        if not self._backoff.alarming(now):
            return None
        p = self._policy
        return (
            f"failed {p.failures} times within {p.window:g} s, "
            f"tried again every {p.longest_delay:g} s"
        )
