"""Large results of remote() calls, beside what it costs to move the bytes."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path as FilePath

from bench.bare_socket import bare_socket
from bench.row import Row, Target
from bench.sides.supervised import Setup, supervised
from bench.stats import Figures, figures
from bench.timed import timed
from bench.turns import Effort, Path, take_turns


SOCKET = "the bytes through a unix socket"
SIZES = {"1 MiB": 1 << 20, "50 MiB": 50 << 20}
MOVED = {name: Target(name, f"remote(), a result of {name}", SOCKET, 2.0, "ms") for name in SIZES}
GROWTH = Target("supervisor grows", "the supervisor's growth by 50 MiB results", "", 8.0, "MiB")
TARGETS = (*MOVED.values(), GROWTH)
RESULTS = 10
PROFILED = 250 << 20  # bytes of the profiled results together
LEAST_CALLS = 3
MS = 1e6
MIB = 1 << 20


def run(effort: Effort) -> Iterator[Row]:
    """Each result is a new object in the calling module."""
    with ExitStack() as stack:
        folder = FilePath(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        fetch = stack.enter_context(bare_socket(folder))
        ours = stack.enter_context(supervised(Setup()))
        for name, size in SIZES.items():
            bare = Path(SOCKET, timed(partial(fetch, size)), LEAST_CALLS)
            taken = take_turns([bare, ours.path(f"remote {name}", least=LEAST_CALLS)], effort)
            theirs, mine = (figures(taken[one], MS) for one in (SOCKET, ours.name))
            yield Row(
                MOVED[name], theirs, mine, profile=ours.profile(f"remote {name}", PROFILED // size)
            )
        before = ours.own_memory()
        ours.path("remote 50 MiB").run(RESULTS)
        grown = (ours.own_memory() - before) / MIB
        yield Row(GROWTH, None, Figures.of(grown), f"{RESULTS} results after as many others")
