"""A line plot as SVG: both axes logarithmic, a few kilobytes, no library."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Any


WIDTH, HEIGHT = 640, 380
LEFT, RIGHT, TOP, BOTTOM = 76, 190, 34, 48
COLOURS = ("#1b6ca8", "#c8553d", "#3a7d44", "#8e5ea2", "#b8860b", "#444444")
_HEAD = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
    'font-family="sans-serif" font-size="11">'
)


def svg(curve: Mapping[str, Any]) -> str:
    """The plot of a curve, as the JSON document has it."""
    lines: Mapping[str, Sequence[Sequence[float]]] = curve["lines"]
    across = _Axis([x for line in lines.values() for x, _ in line], LEFT, WIDTH - RIGHT)
    up = _Axis([y for line in lines.values() for _, y in line if y > 0], HEIGHT - BOTTOM, TOP)
    parts = [
        _HEAD,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 18, curve["title"], weight="bold"),
        _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, curve["x"], anchor="middle"),
        f'<g transform="translate(14 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)">'
        + _text(0, 0, curve["y"], anchor="middle")
        + "</g>",
    ]
    for value, place in across.ticks():
        parts.append(_stroke(place, TOP, place, HEIGHT - BOTTOM))
        parts.append(_text(place, HEIGHT - BOTTOM + 16, f"{value:,g}", anchor="middle"))
    for value, place in up.ticks():
        parts.append(_stroke(LEFT, place, WIDTH - RIGHT, place))
        parts.append(_text(LEFT - 6, place + 4, f"{value:,g}", anchor="end"))
    for number, (name, line) in enumerate(lines.items()):
        parts += _line(name, line, COLOURS[number % len(COLOURS)], number, across, up)
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Axis:
    """Whole decades around the values, over a stretch of pixels."""

    def __init__(self, values: Sequence[float], start: float, end: float) -> None:
        self._low = floor(log10(min(values)))
        self._high = max(self._low + 1, ceil(log10(max(values))))
        self._start, self._end = start, end

    def place(self, value: float) -> float:
        share = (log10(value) - self._low) / (self._high - self._low)
        return round(self._start + share * (self._end - self._start), 1)

    def ticks(self) -> list[tuple[float, float]]:
        decades = [10.0**power for power in range(self._low, self._high + 1)]
        return [(value, self.place(value)) for value in decades]


def _line(
    name: str, line: Sequence[Sequence[float]], colour: str, number: int, across: _Axis, up: _Axis
) -> list[str]:
    points = [(across.place(x), up.place(y)) for x, y in line if y > 0]
    drawn = " ".join(f"{x},{y}" for x, y in points)
    beside = WIDTH - RIGHT + 10
    height = TOP + 10 + 18 * number
    return [
        f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>',
        *(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points),
        f'<rect x="{beside}" y="{height - 8}" width="10" height="10" fill="{colour}"/>',
        _text(beside + 16, height + 1, name),
    ]


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )


def _stroke(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="#ddd"/>'
