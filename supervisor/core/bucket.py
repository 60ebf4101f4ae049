"""A token bucket: a rate that may be passed for a moment, not for long."""

from __future__ import annotations


class Bucket:
    """`rate` tokens a second, at most `burst` of them kept. Times are of any monotonic clock."""

    def __init__(self, rate: float, burst: float, now: float) -> None:
        if rate <= 0 or burst <= 0:
            raise ValueError("rate and burst must be above 0")
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float, tokens: float = 1.0) -> bool:
        """Take them all, or none."""
        self._fill(now)
        if self._tokens < tokens:
            return False
        self._tokens -= tokens
        return True

    def take_some(self, now: float, tokens: float) -> float:
        """Take as many as there are of those asked for; answers how many that was."""
        self._fill(now)
        taken = min(tokens, self._tokens)
        self._tokens -= taken
        return taken

    def due(self, tokens: float = 1.0) -> float:
        """When there are `tokens`, counted from the last take; `tokens` is at most the burst."""
        return self._at + max(0.0, (tokens - self._tokens) / self._rate)

    def _fill(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + max(0.0, now - self._at) * self._rate)
        self._at = max(self._at, now)
