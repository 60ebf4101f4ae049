"""A cgroup for the processes of each module, where cgroup v2 is delegated (cgroup_base).

A module's process is moved there by the zygote, before it runs anything of the module's, through a
descriptor that comes with the launch. What it starts is there, too. There the kernel keeps the
limits of memory and processes without the gap between two looks; what it had to do is read from
the same files (supervisor.core.cgroup). Loop thread only, but for Leaf.tally().

DIAGNOSTICS
    "no cgroups: ...": the limits are kept by the looks alone (limits_watch).
    "a former supervisor's cgroups are ended": it was killed, and left these.
"""

import time
from dataclasses import dataclass

import structlog

from supervisor.core import cgroup
from supervisor.core.limits import Limits
from supervisor.edge.cgroup_base import Base, UnusableError
from supervisor.edge.cgroup_leaf import Leaf


log = structlog.get_logger("cgroups")

PREFIX = "module-"
ALIKE = 16  # of one module: those of processes before, whose memory the kernel still clears
RETRY = 0.2  # seconds
PATIENCE = 2.0  # seconds for processes that were killed to be gone, at the start and the end
PAUSE = 0.01  # seconds


@dataclass(frozen=True)
class Bounded:
    """Whether a process is in a cgroup of its own, and what is bounded there or why it is not."""

    enforced: bool
    why: str


class Cgroups:
    """Of all modules, by the nonce of the launch."""

    def __init__(self) -> None:
        self._leaves: dict[bytes, Leaf] = {}
        self._ending: list[Leaf] = []
        self._retry_at = 0.0
        self._base: Base | None = None
        try:
            self._base = Base()
        except UnusableError as error:
            self._why = str(error)
            log.info(f"no cgroups: {error}")
            return
        self._why = "the process could not be moved"
        self._controllers = self._base.controllers
        stale = self._base.leaves(PREFIX)
        if stale:
            log.warning("a former supervisor's cgroups are ended", cgroups=len(stale))
            self._ending += stale
            self._end_now()
        log.info("cgroups", path=str(self._base.path), bounds=cgroup.summary(self._controllers))

    def prepare(self, nonce: bytes, module: str, limits: Limits) -> int | None:
        """Make one for a launch; answers the descriptor to move the process by, which the caller
        closes, or None where there is none to be had.
        """
        if self._base is None:
            return None
        try:
            leaf = self._made(module, limits)
            self._leaves[nonce] = leaf
            return leaf.door()
        except OSError as error:
            log.warning("no cgroup", module=module, why=str(error))
            return None

    def bounded(self, nonce: bytes, pid: int) -> Bounded:
        """What the kernel says of the process `pid`, which was just launched."""
        leaf = self._leaves.get(nonce)
        if leaf is None or not leaf.holds(pid):
            return Bounded(enforced=False, why=self._why)
        return Bounded(enforced=True, why=cgroup.summary(leaf.controllers))

    def leaf(self, nonce: bytes) -> Leaf | None:
        """The one of a launch."""
        return self._leaves.get(nonce)

    def verdict(self, nonce: bytes) -> cgroup.Verdict:
        """Why the kernel killed the process of that launch, if it did."""
        leaf = self._leaves.get(nonce)
        return cgroup.verdict(leaf.tally(), leaf.limits) if leaf else cgroup.Verdict()

    def retire(self, nonce: bytes) -> None:
        """The process of the launch is gone: end what it left, wherever that hides."""
        leaf = self._leaves.pop(nonce, None)
        if leaf is not None and not leaf.end():
            self._ending.append(leaf)

    def clock(self, now: float) -> float | None:
        """Remove what could not be removed before; says when to try again."""
        if self._ending and now >= self._retry_at:
            self._ending = [leaf for leaf in self._ending if not leaf.end()]
            self._retry_at = now + RETRY
        return self._retry_at if self._ending else None

    def close(self) -> None:
        """End and remove all; blocks two seconds at most."""
        if self._base is None:
            return
        self._ending += self._leaves.values()
        self._leaves.clear()
        self._end_now()
        self._base.close()
        self._base = None

    def _made(self, module: str, limits: Limits) -> Leaf:
        assert self._base is not None, "asked for only where there is one"
        for number in range(ALIKE):
            leaf = self._base.leaf(f"{PREFIX}{module}" + f".{number}" * bool(number))
            try:
                leaf.make(limits)
            except FileExistsError:
                continue
            return leaf
        raise FileExistsError(f"{ALIKE} of them are still there")

    def _end_now(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while self._ending and time.monotonic() < deadline:
            self._ending = [leaf for leaf in self._ending if not leaf.end()]
            if self._ending:
                time.sleep(PAUSE)
