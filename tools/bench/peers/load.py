"""The loads that are put on a call: one in flight, or many."""

import threading
import time
from collections.abc import Callable


def one_at_a_time(call: Callable[[], object], calls: int) -> list[int]:
    """Nanoseconds of each of `calls` calls, one after the other."""
    clock = time.perf_counter_ns
    taken = []
    for _ in range(calls):
        start = clock()
        call()
        taken.append(clock() - start)
    return taken


def rate(call: Callable[[], object], in_flight: int, seconds: float) -> float:
    """Calls a second of `in_flight` threads, each with one call in flight, for `seconds`.

    Every thread makes a call before the clock starts, so connections are there. Raises what a call
    raised.
    """
    start = threading.Barrier(in_flight + 1)
    over = threading.Event()
    counts = [0] * in_flight
    failed: list[BaseException] = []

    def work(number: int) -> None:
        try:
            call()
            start.wait()
            while not over.is_set():
                call()
                counts[number] += 1
        except BaseException as error:
            failed.append(error)
            over.set()
            start.abort()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(in_flight)]
    for thread in threads:
        thread.start()
    try:
        start.wait()
    except threading.BrokenBarrierError:
        pass  # what broke it is raised below
    began = time.perf_counter()
    over.wait(seconds)
    elapsed = time.perf_counter() - began
    made = sum(counts)
    over.set()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return made / elapsed
