"""What modules read of the cluster: maps, placement groups, counters."""

import copy
import json
import lzma
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.clusters.plan import Size
from bench.clusters.writing import write
from bench.row import Row, Sense, Target
from bench.sides.ceph_mgr import Maps, ceph_mgr
from bench.sides.side import SUBJECT, Side
from bench.sides.supervised import MODERN, Setup, Supervised, supervised
from bench.stats import Figures, figures
from bench.turns import Effort, take_turns


MAP = Target("osd_map", "get('osd_map'), unchanged, a fresh object", "ceph-mgr", 0.5, "us")
SHARED = Target("osd_map shared", "get('osd_map'), unchanged, shared", "ceph-mgr", 0.01, "us")
GROUPS = Target("pg_dump", "get('pg_dump'), 20,000 PGs, unchanged", "ceph-mgr", 0.5, "us")
COUNTERS = Target(
    "counters", "get_all_perf_counters(), 1,000 OSDs, per counter", "ceph-mgr", 0.5, "us"
)
RENEWED = Target(
    "counters renewed", "the same, each time after new samples of all", "ceph-mgr", None, "us"
)
MESSAGES = Target("counters messages", "messages that it sends", "", 1, "messages", Sense.AT_MOST)
TARGETS = (MAP, SHARED, GROUPS, COUNTERS, RENEWED, MESSAGES)
FULL, QUICK = Maps(osds=300, pgs=20_000), Maps(osds=30, pgs=1_000)
COUNTED_OSDS = 1000
STILL = 86_400.0  # a tick that never comes: nothing changes while it is measured
TICK_SECONDS = 2.0
RENEWALS = 5
HEAVY_CALLS = 2  # of what takes a second


def run(effort: Effort) -> Iterator[Row]:
    """Ours is loaded with the very documents that the real manager gave its module."""
    size = QUICK if effort.quick else FULL
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        reference = stack.enter_context(ceph_mgr(size))
        documents = reference.documents(folder / "documents.json")
        _complete(documents, COUNTED_OSDS)
        snapshot = folder / "cluster.json.xz"
        snapshot.write_bytes(lzma.compress(json.dumps(documents).encode(), preset=0))
        del documents
        ours = stack.enter_context(
            supervised(Setup(modern=(MODERN,), snapshot=snapshot, tick=STILL, unlimited=True))
        )
        yield from _maps(reference, ours, size, effort)
        counted = _counters(reference, ours, effort)
        yield counted
        yield Row(RENEWED, counted.reference, _renewed(folder / "counted.json.xz"))
        sent = ours.ask(SUBJECT, "effort", statement="get_all_perf_counters")
        yield Row(MESSAGES, None, Figures.of(sent["messages"]))


def _maps(reference: Side, ours: Supervised, size: Maps, effort: Effort) -> Iterator[Row]:
    statement = "get osd_map"
    shared = ours.path(statement, batch=1000, module=MODERN)
    paths = [reference.path(statement), ours.path(statement)]
    taken = take_turns([*paths, replace(shared, name="shared")], effort)
    note = f"{size.osds} OSDs, {reference.name}'s own document"
    theirs = figures(taken[reference.name])
    yield Row(MAP, theirs, figures(taken[ours.name]), note, profile=ours.profile(statement, 50))
    yield Row(
        SHARED, theirs, figures(taken["shared"]),
        f"{note}; read-only, at the newer API level; means of 1000 calls",
    )  # fmt: skip
    statement = "get pg_dump"
    taken = take_turns(
        [side.path(statement, least=HEAVY_CALLS) for side in (reference, ours)], effort
    )
    theirs, mine = (figures(taken[side.name]) for side in (reference, ours))
    yield Row(
        GROUPS,
        theirs,
        mine,
        f"{size.pgs} PGs of OSDs that are down",
        profile=ours.profile(statement, 2),
    )


def _counters(reference: Side, ours: Side, effort: Effort) -> Row:
    statement = "get_all_perf_counters"
    counts = [side.ask(SUBJECT, "shape")["counters"] for side in (reference, ours)]
    taken = take_turns(
        [side.path(statement, least=HEAVY_CALLS) for side in (reference, ours)], effort
    )
    theirs, mine = (
        figures(taken[side.name], divisor=1000 * count)
        for side, count in zip((reference, ours), counts, strict=True)
    )
    note = f"{reference.name} has {counts[0]} counters of the daemons that run, ours {counts[1]}"
    return Row(COUNTERS, theirs, mine, note, profile=ours.profile(statement, 5))


def _renewed(snapshot: Path) -> Figures:
    """Microseconds a counter where the clock ticks: the first call after each tick decodes anew."""
    write(Size(COUNTED_OSDS, 1000), snapshot)
    with supervised(Setup(snapshot=snapshot, tick=TICK_SECONDS)) as side:
        count = side.ask(SUBJECT, "shape")["counters"]
        path = side.path("get_all_perf_counters")
        taken: list[float] = []
        for _ in range(RENEWALS):
            time.sleep(2 * TICK_SECONDS)
            taken += path.run(1)
    return figures([taken], divisor=1000 * count)


def _complete(documents: dict[str, Any], counted: int) -> None:
    """What the real manager lacks of OSDs that never ran: their statistics, as those of osd.0, and
    the counters of `counted` OSDs.
    """
    numbers = [osd["osd"] for osd in documents["osd_map"]["osds"]]
    for holder in (documents["osd_stats"], documents["pg_dump"]):
        known = {row["osd"]: row for row in holder["osd_stats"]}
        holder["osd_stats"] = [{**known.get(n, known[0]), "osd": n} for n in numbers]
    for name in ("_perf_schema", "_perf_counters"):
        like = documents[name]["osd.0"]
        documents[name] |= {f"osd.{n}": copy.deepcopy(like) for n in range(counted)}
