"""What one fault in one phase came to."""

from dataclasses import asdict, dataclass, field
from typing import Any


class NotTriedError(Exception):
    """The fault needs what this machine lacks; the text says what."""


@dataclass
class Outcome:
    """Times in seconds from the moment at which the fault struck; None: it never happened.

    `detected`: by what, in the supervisor's own words. `recovered`: until the module answered
    again; `how`: "by itself", "never gone" (it answers all along), or "restarted by hand"
    (nothing had noticed, and nothing else was harmed). `calls`: what became of the calls that
    were pending on the module. `uncertain`: pending calls that did not get exactly one outcome.
    `served`: from the start of another supervisor until it answered with what was stored;
    `served_cpu`: the processor's part of that.
    `outlived`: processes of a supervisor that lived after it; `doubled`: modules that had two.
    """

    fault: str
    phase: str
    detected: str = "nothing"
    detect_seconds: float | None = None
    recovered: float | None = None
    how: str = ""
    gaps: list[str] = field(default_factory=list)
    slowest_sibling: float = 0.0
    siblings_replaced: list[str] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=dict)
    uncertain: list[str] = field(default_factory=list)
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    leaks: dict[str, int] = field(default_factory=dict)
    outlived: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    served: float | None = None
    served_cpu: float | None = None
    skipped: str = ""  # why it was not tried on this machine
    error: str = ""  # the cell itself could not be carried out
    outage: float | None = None  # of the whole supervisor, where the fault is meant to strike it

    @property
    def faults(self) -> list[str]:
        """Promises that were broken; empty where all is well."""
        if self.skipped:
            return []
        broken = []
        if self.error:
            broken.append(self.error)
        if self.gaps:
            broken.append(f"siblings disturbed: {'; '.join(self.gaps[:3])}")
        if self.siblings_replaced:
            broken.append(f"siblings replaced: {', '.join(self.siblings_replaced)}")
        if self.recovered is None:
            broken.append("not recovered")
        broken += [
            f"{name}: {', '.join(found[:3])}"
            for name in ("uncertain", "lost", "twice", "wrong", "outlived", "doubled")
            if (found := getattr(self, name))
        ]
        if self.leaks:
            broken.append("leaks: " + ", ".join(f"{n} {what}" for what, n in self.leaks.items()))
        return broken

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        return {**asdict(self), "broken": self.faults}
