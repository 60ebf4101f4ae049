"""What follows from what a module uses: nothing, a warning, or its end with the figure."""

from __future__ import annotations

from dataclasses import dataclass

from supervisor.core.limits import Limits, size


NEAR = 0.8  # of a limit: from here on a warning stands ...
CLEAR = 0.7  # ... until it is below this again, so that it does not flap
REMEMBERED = 600.0  # seconds for which a killed module's limit stays in the health report


@dataclass(frozen=True)
class Usage:
    """One look at a module's whole tree of processes.

    memory       bytes of PSS where `exact`, else of RSS, which counts shared pages at each process
    threads      of all processes: what the limit `processes` counts
    cpu_seconds  spent by those that live now
    log_bytes    by which its log grew since the last look, cut or not
    """

    memory: int = 0
    exact: bool = False
    processes: int = 0
    threads: int = 0
    descriptors: int = 0
    cpu_seconds: float = 0.0
    log_bytes: int = 0


def wants_exact(limits: Limits, memory: int) -> bool:
    """Whether `memory` bytes of RSS are enough to pay for reading the PSS, which costs much more
    and is never above it.
    """
    return limits.memory > 0 and memory >= limits.memory * CLEAR


class Watch:
    """Of one module, over all of its processes.

    warning   what its health check says; "" where there is nothing to say
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.warning = ""
        self._killed: str = ""
        self._killed_at = 0.0

    def over(self, usage: Usage) -> str:
        """Which limit it has passed, with the figure; "" while it keeps within them."""
        limits = self.limits
        if limits.memory and usage.exact and usage.memory > limits.memory:
            return f"limit memory: it used {size(usage.memory)} of {size(limits.memory)}"
        if limits.processes and usage.threads > limits.processes:
            return (
                f"limit processes: it had at least {usage.threads} of {limits.processes}, "
                "threads included"
            )
        return ""

    def look(self, usage: Usage, now: float) -> str:
        """Answers the limit that it must be killed for, or ""; and brings `warning` up to date."""
        over = self.over(usage)
        if over:
            self.killed(over, now)
        near = self._near(usage)
        if near:
            self.warning = f"is near a limit: {near}"
        elif self._killed and now - self._killed_at < REMEMBERED:
            self.warning = f"was killed: {self._killed}"
        else:
            self.warning = ""
        return over

    def killed(self, limit: str, now: float) -> None:
        """The kernel was first to end it for that limit."""
        self._killed, self._killed_at = limit, now

    def _near(self, usage: Usage) -> str:
        limits = self.limits
        standing = self.warning.startswith("is near")
        share = CLEAR if standing else NEAR
        if limits.memory and usage.exact and limits.memory >= usage.memory > share * limits.memory:
            return f"memory, {size(usage.memory)} of {size(limits.memory)}"
        if limits.processes and limits.processes >= usage.threads > share * limits.processes:
            return f"processes, {usage.threads} of {limits.processes}"
        return ""
