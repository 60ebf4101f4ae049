"""An operator's command to a module, alone and beside four busy threads in another module."""

from collections.abc import Iterator
from contextlib import ExitStack

from bench.row import Row, Target
from bench.sides.ceph_mgr import ceph_mgr
from bench.sides.side import NEIGHBOUR, SUBJECT, Side
from bench.sides.supervised import Setup, supervised
from bench.stats import figures
from bench.turns import Effort, Nanoseconds


QUIET = Target("command", "command to a module", "ceph-mgr", None, "ms")
BUSY = Target(
    "command busy", "command beside 4 busy threads in another module", "ceph-mgr", 0.05, "ms",
    statistic="p99",
)  # fmt: skip
TARGETS = (QUIET, BUSY)
THREADS = 4
CALLS, QUICK_CALLS = 200, 40
MS = 1e6


def run(effort: Effort) -> Iterator[Row]:
    """The managers take turns, also with being busy: two of them at once would share two cores."""
    with ExitStack() as stack:
        sides: list[Side] = [
            stack.enter_context(ceph_mgr()),
            stack.enter_context(supervised(Setup())),
        ]
        taken: dict[tuple[str, bool], list[Nanoseconds]] = {}
        calls = QUICK_CALLS if effort.quick else CALLS
        for _ in range(effort.rounds):
            for busy in (False, True):
                for side in sides:
                    taken.setdefault((side.name, busy), []).append(_measure(side, calls, busy))
    for target, busy in ((QUIET, False), (BUSY, True)):
        theirs, ours = (figures(taken[side.name, busy], MS) for side in sides)
        yield Row(target, theirs, ours, "by a client that stays connected")


def _measure(side: Side, calls: int, busy: bool) -> Nanoseconds:
    words = {"prefix": f"{SUBJECT} nothing"}
    if not busy:
        return side.latencies(words, calls)
    side.ask(NEIGHBOUR, "busy", threads=THREADS)
    try:
        return side.latencies(words, calls)
    finally:
        side.ask(NEIGHBOUR, "calm")
