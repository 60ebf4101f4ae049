"""From the durations of single calls to the figures that are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figures:
    """Microseconds: the medians, over the rounds, of each round's percentiles."""

    p50: float
    p99: float
    calls: int


def percentile(ordered: Sequence[int], share: float) -> int:
    """The smallest value that is not below `share` (0 to 1) of the sorted values."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def figures(rounds: Sequence[Sequence[int]]) -> Figures:
    """The figures of one path; each round is a list of nanoseconds."""
    ordered = [sorted(durations) for durations in rounds]
    return Figures(
        p50=median(percentile(durations, 0.50) for durations in ordered) / 1000,
        p99=median(percentile(durations, 0.99) for durations in ordered) / 1000,
        calls=sum(map(len, ordered)),
    )
