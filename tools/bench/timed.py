"""Times calls that are made in the harness' own process."""

import time
from collections.abc import Callable


def timed(call: Callable[[], object]) -> Callable[[int], list[int]]:
    """A path's `run` that makes `call()` each time and gives the nanoseconds of each."""

    def run(calls: int) -> list[int]:
        clock = time.perf_counter_ns
        taken = []
        for _ in range(calls):
            start = clock()
            call()
            taken.append(clock() - start)
        return taken

    return run
