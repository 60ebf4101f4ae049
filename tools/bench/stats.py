"""From single durations to the figures that are shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


Number = float | int


@dataclass(frozen=True)
class Figures:
    """The medians, over the rounds, of each round's percentiles; in the row's unit."""

    p50: float
    p99: float
    samples: int

    @classmethod
    def of(cls, value: float) -> "Figures":
        """Of what is one number: a size, a rate, a share."""
        return cls(value, value, 1)

    @classmethod
    def median(cls, values: Sequence[Number]) -> "Figures":
        """Of what is one number in each round."""
        middle = median(values)
        return cls(middle, percentile(sorted(values), 0.99), len(values))


def percentile(ordered: Sequence[Number], share: float) -> Number:
    """The smallest value that is not below `share` (0 to 1) of the sorted values."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def figures(rounds: Sequence[Sequence[Number]], divisor: float = 1000) -> Figures:
    """The figures of one path; each round is a list of nanoseconds. `divisor` gives the unit:
    1000 for microseconds.
    """
    ordered = [sorted(durations) for durations in rounds]
    return Figures(
        p50=median(percentile(durations, 0.50) for durations in ordered) / divisor,
        p99=median(percentile(durations, 0.99) for durations in ordered) / divisor,
        samples=sum(map(len, ordered)),
    )
