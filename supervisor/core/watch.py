"""What follows from what a module uses: nothing, a warning, or its end with the figure."""

from __future__ import annotations

from dataclasses import dataclass

from supervisor.core.limits import Limits, size


NEAR = 0.8  # of a limit: from here on a warning stands ...
CLEAR = 0.7  # ... until it is below this again, so that it does not flap
LEEWAY = 0.1  # of data_size: what a module whose folder is full may add, to empty it
REMEMBERED = 600.0  # seconds for which a killed module's limit stays in the health report


@dataclass(frozen=True)
class Usage:
    """One look at a module's whole tree of processes.

    memory       bytes of PSS where `exact`, else of RSS, which counts shared pages at each process
    threads      of all processes: what the limit `processes` counts
    cpu_seconds  spent by those that live now
    log_bytes    by which its log grew since the last look, cut or not
    connections  to the supervisor; 0 where all modules together have too few to be counted
    data_bytes   that its data folder takes on disk, as far as that was counted
    """

    memory: int = 0
    exact: bool = False
    processes: int = 0
    threads: int = 0
    descriptors: int = 0
    cpu_seconds: float = 0.0
    log_bytes: int = 0
    connections: int = 0
    data_bytes: int = 0


def wants_exact(limits: Limits, memory: int) -> bool:
    """Whether `memory` bytes of RSS are enough to pay for reading the PSS, which costs much more
    and is never above it.
    """
    return limits.memory > 0 and memory >= limits.memory * CLEAR


class Watch:
    """Of one module, over all of its processes.

    warning   what its health check says; "" where there is nothing to say

    A folder outlives the process that filled it, and only that module knows what in it may go: one
    that was killed for its data_size may go on, and is killed again when it has added to it.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.warning = ""
        self._killed: str = ""
        self._killed_at = 0.0
        self._borne = 0.0  # bytes of data past the limit that it may have, since it was killed

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
        if limits.connections and usage.connections > limits.connections:
            return f"limit connections: it had {usage.connections} of {limits.connections}"
        if limits.data_size and usage.data_bytes > max(limits.data_size, self._borne):
            return (
                f"limit data_size: its data folder had at least {size(usage.data_bytes)} "
                f"of {size(limits.data_size)}"
            )
        return ""

    def look(self, usage: Usage, now: float) -> str:
        """Answers the limit that it must be killed for, or ""; and brings `warning` up to date."""
        over = self.over(usage)
        if over:
            self.killed(over, now)
        self._bear(usage.data_bytes)
        near = self._near(usage)
        if near:
            self.warning = f"is near a limit: {near}"
        elif self._killed and now - self._killed_at < REMEMBERED:
            self.warning = f"was killed: {self._killed}"
        elif self._borne:
            have, most = size(usage.data_bytes), size(self.limits.data_size)
            self.warning = f"is past a limit: data_size, {have} of {most}"
        else:
            self.warning = ""
        return over

    def killed(self, limit: str, now: float) -> None:
        """The kernel was first to end it for that limit."""
        self._killed, self._killed_at = limit, now

    def _bear(self, data: int) -> None:
        """Whoever makes room keeps to it."""
        most = self.limits.data_size
        if not most or data <= most:
            self._borne = 0.0
        elif data > self._borne or data + LEEWAY * most < self._borne:
            self._borne = data + LEEWAY * most

    def _near(self, usage: Usage) -> str:
        limits = self.limits
        standing = self.warning.startswith("is near")
        share = CLEAR if standing else NEAR
        if limits.memory and usage.exact and limits.memory >= usage.memory > share * limits.memory:
            return f"memory, {size(usage.memory)} of {size(limits.memory)}"
        if limits.processes and limits.processes >= usage.threads > share * limits.processes:
            return f"processes, {usage.threads} of {limits.processes}"
        if limits.connections and limits.connections >= usage.connections > (
            share * limits.connections
        ):
            return f"connections, {usage.connections} of {limits.connections}"
        if limits.data_size and limits.data_size >= usage.data_bytes > share * limits.data_size:
            return f"data_size, {size(usage.data_bytes)} of {size(limits.data_size)}"
        return ""
