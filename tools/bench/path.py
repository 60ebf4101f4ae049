"""What is measured: a path that some call takes."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Path:
    """One kind of call. `run(n)` makes n calls and answers the nanoseconds of each."""

    name: str
    run: Callable[[int], list[int]]


def timed(call: Callable[[int], object]) -> Callable[[int], list[int]]:
    """A `run` that times `call(number)` in this process."""

    def run(calls: int) -> list[int]:
        clock = time.perf_counter_ns
        taken = []
        for number in range(calls):
            start = clock()
            call(number)
            taken.append(clock() - start)
        return taken

    return run


def echo(number: int, text: str) -> dict[str, object]:
    """The call that every peer makes: an int and a text there, a small dict back."""
    return {"number": number, "text": text}
