"""A module whose queue stands still: one job of it runs on and on, and all that follows waits."""

from __future__ import annotations

from dataclasses import dataclass

from supervisor.core.actions import Action, DumpStacks, Report, SetStall


@dataclass(frozen=True)
class Ages:
    """Seconds since the job began that the module's queue is at; 0: it is at none of that kind."""

    command: float = 0.0
    notify: float = 0.0


IDLE = Ages()


class Stall:
    """Of one process. Says it once, and takes it back when the queue moves. Nothing is ended, as in
    ceph-mgr: a module may have a reason.
    """

    def __init__(self, after: float) -> None:
        """`after` so many seconds at one job it stands still."""
        self._after = after
        self.text = ""

    def look(self, ages: Ages) -> list[Action]:
        """What follows from the ages in a sign of life."""
        longest = max(ages.command, ages.notify)
        if longest < self._after:
            return [Report("its queue moves again"), *self.gone()] if self.text else []
        if self.text:
            return []
        what = "notify()" if ages.notify >= ages.command else "a command"
        self.text = f"its queue has stood still for more than {self._after:g} s, in {what}"
        told = Report(f"{self.text}; its stacks go to its log", "warning")
        return [told, DumpStacks(), SetStall(self.text)]

    def gone(self) -> list[Action]:
        """The process ended, and its queue with it."""
        if not self.text:
            return []
        self.text = ""
        return [SetStall("")]
