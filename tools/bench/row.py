"""A row of the table of targets: what is wanted, and what came of it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from bench.stats import Figures


CLOSE = 1.1  # a miss by less is told with one more digit


class Sense(StrEnum):
    """Which side of the limit is the good one."""

    AT_MOST = "<="
    AT_LEAST = ">="


@dataclass(frozen=True)
class Target:
    """What one row promises: `limit` bounds ours / reference or, where there is no `reference`, our
    figure itself in `unit`; None: shown for comparison. `statistic` is the percentile that counts,
    "p50" or "p99".
    """

    key: str
    what: str
    reference: str
    limit: float | None
    unit: str
    sense: Sense = Sense.AT_MOST
    statistic: str = "p50"

    @property
    def wanted(self) -> str:
        """The limit as people write it."""
        if self.limit is None:
            return "-"
        return f"{self.sense} {self.limit:g}{'x' if self.reference else ' ' + self.unit}"

    def missing(self, why: str) -> "Row":
        """The row of a run that did not measure it."""
        return Row(self, missing=why)


@dataclass(frozen=True)
class Row:
    """One target as this run found it. `missing` says why it was not measured, `note` under which
    conditions it was; `profile` is text that shows where our time goes.
    """

    target: Target
    reference: Figures | None = None
    ours: Figures | None = None
    note: str = ""
    missing: str = ""
    profile: str = field(default="", repr=False)

    @property
    def value(self) -> float | None:
        """What is held against the limit; None where something was not measured."""
        if self.missing or self.ours is None:
            return None
        ours: float = getattr(self.ours, self.target.statistic)
        if not self.target.reference:
            return ours
        if self.reference is None:
            return None
        return ours / float(getattr(self.reference, self.target.statistic))

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none, or it was not measured."""
        if self.value is None or self.target.limit is None:
            return None
        if self.target.sense is Sense.AT_MOST:
            return self.value <= self.target.limit
        return self.value >= self.target.limit

    @property
    def verdict(self) -> str:
        """In words: met, missed by how much, or not measured and why."""
        if self.value is None:
            return f"not measured: {self.missing or 'no reference'}"
        if self.target.limit is None:
            return "-"
        if self.met:
            return "met"
        low, high = sorted((self.value, self.target.limit))
        if low <= 0:
            return "missed"
        by = high / low
        return f"missed by {by:.{3 if by < CLOSE else 2}g}x"

    def plain(self) -> dict[str, Any]:
        """For the JSON document."""
        return {
            "key": self.target.key,
            "what": self.target.what,
            "unit": self.target.unit,
            "statistic": self.target.statistic,
            "reference": self.target.reference,
            "reference_figures": _plain(self.reference),
            "ours": _plain(self.ours),
            "value": None if self.value is None else float(f"{self.value:.4g}"),
            "wanted": self.target.wanted,
            "met": self.met,
            "verdict": self.verdict,
            "note": self.note,
            "profile": "" if self.met else self.profile,
        }


def _plain(figures: Figures | None) -> dict[str, float] | None:
    if figures is None:
        return None
    return {
        "p50": float(f"{figures.p50:.5g}"),
        "p99": float(f"{figures.p99:.5g}"),
        "samples": figures.samples,
    }
