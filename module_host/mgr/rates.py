"""Rates of change in time series of [time in seconds, value]."""

import itertools
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar


log = logging.getLogger("mgr_util")

T = TypeVar("T")
Point = Sequence[float]


def get_most_recent_rate(rates: Sequence[Point] | None) -> float:
    """The last rate, 0.0 where there is none."""
    return rates[-1][1] if rates else 0.0


def get_time_series_rates(data: Sequence[Point]) -> list[tuple[float, float]]:
    """[(time, change per second)] between each two neighbours."""
    pairs = _pairwise(_filter_time_series(data))
    return [(late[0], _derivative(early, late)) for early, late in pairs]


def _filter_time_series(data: Sequence[Point]) -> list[Point]:
    """Keep the last sample of each time; [] where that leaves fewer than two."""
    kept: list[Point] = []
    for early, late in _pairwise(data):
        if early[0] == late[0]:
            log.debug("Duplicate timestamp in time series data: %s, %s", early, late)
        else:
            kept.append(early)
    return [*kept, data[-1]] if kept else []


def _derivative(p1: Point, p2: Point) -> float:
    return (p2[1] - p1[1]) / (p2[0] - p1[0])


def _pairwise(iterable: Iterable[T]) -> Iterator[tuple[T, T]]:
    return itertools.pairwise(iterable)
