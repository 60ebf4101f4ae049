"""Paths that take turns in an order of chance: what the machine does meanwhile falls on all."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


Nanoseconds = list[float] | list[int]
WARM_UP_CALLS = 3
LEAST_CALLS, MOST_CALLS = 5, 5000


@dataclass(frozen=True)
class Effort:
    """How much is measured: rounds, and the seconds of one path in a round."""

    rounds: int = 9
    seconds: float = 0.3
    quick: bool = False  # a trial of the harness: heavy references are left out


@dataclass(frozen=True)
class Path:
    """One kind of call. `run(n)` takes n samples and answers the nanoseconds of a call in each;
    a sample is `batch` calls.
    """

    name: str
    run: Callable[[int], Nanoseconds]
    least: int = LEAST_CALLS  # samples in a round, however long they take
    batch: int = 1


def take_turns(paths: Sequence[Path], effort: Effort) -> dict[str, list[Nanoseconds]]:
    """The nanoseconds of every call, by path and round."""
    calls = {path.name: _calls(path, effort.seconds) for path in paths}
    taken: dict[str, list[Nanoseconds]] = {path.name: [] for path in paths}
    order = list(paths)
    shuffle = random.Random(1).shuffle  # noqa: S311  # an order, no secret
    for _ in range(effort.rounds):
        shuffle(order)
        for path in order:
            taken[path.name].append(path.run(calls[path.name]))
    return taken


def _calls(path: Path, seconds: float) -> int:
    """Warm the path up, and say how many samples it takes in that time."""
    path.run(1)
    taken = path.run(min(WARM_UP_CALLS, path.least))
    return max(path.least, min(MOST_CALLS, int(seconds * 1e9 / max(1, median(taken) * path.batch))))
