"""How a cost grows: lines over a number of modules, OSDs or placement groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any


Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """One plot. `lines` are points by name, in order of x; `expected` says how they should grow."""

    key: str
    title: str
    x: str
    y: str
    lines: Mapping[str, Sequence[Point]]
    expected: str

    def exponents(self) -> dict[str, float]:
        """How fast each line grows over its last half: 1 is linear, 0 flat, 2 quadratic."""
        return {
            name: _exponent(points[(len(points) - 1) // 2 :]) for name, points in self.lines.items()
        }

    def plain(self) -> dict[str, Any]:
        """For the JSON document."""
        return {
            "key": self.key,
            "title": self.title,
            "x": self.x,
            "y": self.y,
            "expected": self.expected,
            "lines": {
                name: [[float(f"{value:.4g}") for value in point] for point in points]
                for name, points in self.lines.items()
            },
            "exponents": {name: round(value, 2) for name, value in self.exponents().items()},
        }


def _exponent(points: Sequence[Point]) -> float:
    (first_x, first_y), (last_x, last_y) = points[0], points[-1]
    if first_x == last_x or first_y <= 0 or last_y <= 0:
        return 0.0
    return log(last_y / first_y) / log(last_x / first_x)
