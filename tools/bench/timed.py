"""Times calls that are made in the harness' own process."""

from collections.abc import Callable
from functools import partial

from bench.peers.load import one_at_a_time


def timed(call: Callable[[], object]) -> Callable[[int], list[int]]:
    """A path's `run` that makes `call()` each time and gives the nanoseconds of each."""
    return partial(one_at_a_time, call)
