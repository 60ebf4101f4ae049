"""Calls that a module makes all the time: its options, its keys."""

from collections.abc import Iterator
from contextlib import ExitStack

from bench.row import Row, Sense, Target
from bench.sides.ceph_mgr import ceph_mgr
from bench.sides.side import CHEAP_BATCH, Side
from bench.sides.supervised import Setup, Supervised, add, per_call, supervised
from bench.stats import Figures, figures
from bench.turns import Effort, take_turns


READS = {
    "get_mgr_id": Target("get_mgr_id", "get_mgr_id()", "ceph-mgr", 1.5, "us"),
    "get_module_option": Target("get_module_option", "get_module_option()", "ceph-mgr", 1.0, "us"),
    "get_store": Target("get_store", "get_store()", "ceph-mgr", 1.0, "us"),
}
WRITE = Target("set_store", "set_store(), acknowledged", "ceph-mgr", 0.5, "us")
WRITERS = Target(
    "set_store 32", "set_store(), 32 writers at once", "one writer", 5.0, "writes/s", Sense.AT_LEAST
)
TARGETS = (*READS.values(), WRITE, WRITERS)
MANY = 32
PROFILED_CALLS = 2000


def run(effort: Effort) -> Iterator[Row]:
    """Both managers run the same module; the reads are measured in batches."""
    with ExitStack() as stack:
        reference = stack.enter_context(ceph_mgr())
        ours = stack.enter_context(supervised(Setup()))
        for statement, target in READS.items():
            yield _beside(reference, ours, target, statement, effort, CHEAP_BATCH)
        yield _beside(reference, ours, WRITE, "set_store", effort, 1)
        yield _writers(ours, effort)


def _beside(
    reference: Side, ours: Side, target: Target, statement: str, effort: Effort, batch: int
) -> Row:
    paths = [side.path(statement, batch=batch) for side in (reference, ours)]
    taken = take_turns(paths, effort)
    return Row(
        target,
        figures(taken[reference.name]),
        figures(taken[ours.name]),
        note=f"means of {batch} calls" if batch > 1 else "",
        profile=ours.profile(statement, PROFILED_CALLS),
    )


def _writers(ours: Supervised, effort: Effort) -> Row:
    rates: dict[int, list[float]] = {1: [], MANY: []}
    used: dict[int, dict[str, float]] = {threads: {} for threads in rates}
    for _ in range(effort.rounds):
        for threads, measured in rates.items():
            reached, spent = ours.rate("set_store", threads, effort.seconds)
            measured.append(reached)
            add(used[threads], spent)
    one, many = (Figures.median(rates[threads]) for threads in (1, MANY))
    lines = (
        f"{threads} at once, us of processor time a write: "
        + per_call(used[threads], sum(rates[threads]) * effort.seconds)
        for threads in rates
    )
    return Row(WRITERS, one, many, profile="\n".join(lines))
