"""How costs grow: with the number of modules, of OSDs, and of placement groups."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from statistics import median

import psutil

from bench.clusters.plan import Size
from bench.clusters.writing import write
from bench.curve import Curve, Point
from bench.row import Target
from bench.sides.side import SUBJECT, SideError
from bench.sides.supervised import MODERN, Setup, folder_in_memory, supervised
from bench.suites.publication import encode, pg_dump, published
from bench.timed import timed
from bench.turns import Effort


TARGETS: tuple[Target, ...] = ()
CROWDS, QUICK_CROWDS = (1, 3, 10, 30, 60, 100), (1, 4, 10)
GROUPS, QUICK_GROUPS = (1_000, 5_000, 20_000, 60_000, 200_000), (1_000, 4_000)
WATCH_SECONDS, QUICK_SECONDS = 10.0, 2.0
COMMANDS = 200
OSDS, QUICK_OSDS = (100, 300, 1_000, 3_000, 10_000), (100, 300)
REPEATS = 5
STILL = 86_400.0  # a tick that never comes
_READ = ("get osd_map", "get pg_dump", "get_all_perf_counters")
_SHARED = {"get osd_map, shared": "get osd_map", "get pg_dump, shared": "get pg_dump"}
_MEMORY = "the supervisor's memory, MiB"
MS = 1e6
MIB = 1 << 20


def run(effort: Effort) -> Iterator[Curve]:
    """Each point is measured once, by medians where it is a duration."""
    yield _modules(effort)
    yield _publication(effort)
    few = effort.quick
    osds = {n: Size(n, 1000, samples=1) for n in (QUICK_OSDS if few else OSDS)}
    yield _clusters("osds", "Cost against the number of OSDs", osds, "OSDs")
    groups = {n: Size(300, n, samples=1) for n in (QUICK_GROUPS if few else GROUPS)}
    yield _clusters("groups", "Cost against the number of placement groups", groups, "groups")


def _modules(effort: Effort) -> Curve:
    lines: dict[str, list[Point]] = {
        name: []
        for name in (
            "all ready after, ms", "memory of all, MiB", "supervisor CPU, % of a core",
            "a command, p50 us",
        )
    }  # fmt: skip
    for number in QUICK_CROWDS if effort.quick else CROWDS:
        names = [f"idle{n}" for n in range(number)]
        with supervised(Setup(measured=(SUBJECT,), idle=names)) as side:
            ready = max(side.happened(name, "ready")[0] for name in names)
            start = (ready - side.logged("zygote started")[0]) * 1000
            memory = sum(psutil.Process(pid).memory_full_info().pss for pid in side.pids(names))
            seconds = QUICK_SECONDS if effort.quick else WATCH_SECONDS
            before = side.own_seconds()
            time.sleep(seconds)
            share = 100 * (side.own_seconds() - before) / seconds
            taken = side.latencies({"prefix": f"{SUBJECT} nothing"}, COMMANDS)
        for line, value in zip(
            lines.values(), (start, memory / MIB, share, median(taken) / 1000), strict=True
        ):
            line.append((number, value))
    return Curve(
        "modules", "Cost against the number of modules", "modules", "ms, MiB, %, us", lines,
        "start and memory linear, the supervisor's time at most linear, a command flat",
    )  # fmt: skip


def _clusters(key: str, title: str, sizes: Mapping[int, Size], x: str) -> Curve:
    """What a module reads, and what a tick of the clock costs, in clusters of these sizes."""
    lines: dict[str, list[Point]] = {name: [] for name in (*_READ, *_SHARED, _MEMORY)}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        snapshot = Path(folder) / "cluster.json.xz"
        for number, size in sizes.items():
            write(size, snapshot)
            try:
                for name, value in _cluster(snapshot).items():
                    lines[name].append((number, value))
            except SideError as error:
                # The lines end here; what was found of smaller ones stands.
                print(f"bench: {number} {x}: {error}", file=sys.stderr)
                break
    return Curve(
        key, title, x, "ms, MiB", lines, "linear, and flat where the document is shared"
    )  # fmt: skip


def _cluster(snapshot: Path) -> dict[str, float]:
    """One point of each line: ms, and MiB of the supervisor."""
    setup = Setup(
        measured=(SUBJECT,), modern=(MODERN,), snapshot=snapshot, tick=STILL, unlimited=True
    )
    found = {}
    with supervised(setup) as side:
        found[_MEMORY] = side.own_memory() / MIB
        paths = {name: side.path(name) for name in _READ}
        paths |= {name: side.path(statement, module=MODERN) for name, statement in _SHARED.items()}
        for name, path in paths.items():
            path.run(1)
            found[name] = median(path.run(REPEATS)) / MS
    return found


def _publication(effort: Effort) -> Curve:
    lines: dict[str, list[Point]] = {"encode": [], "encode and publish": []}
    for number in QUICK_GROUPS if effort.quick else GROUPS:
        document = pg_dump(number)
        with folder_in_memory() as folder, published(folder, document) as publish:
            calls: list[Callable[[], None]] = [partial(encode, document), publish]
            for line, call in zip(lines.values(), calls, strict=True):
                call()
                line.append((number, median(timed(call)(REPEATS)) / MS))
    return Curve(
        "publication", "A new pg_dump against the number of placement groups",
        "placement groups", "ms", lines, "linear",
    )  # fmt: skip
