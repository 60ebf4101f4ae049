"""How costs grow: with the number of modules, and of placement groups."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import orjson
import psutil

from bench.curve import Curve, Point
from bench.row import Target
from bench.sides.side import SUBJECT
from bench.sides.supervised import Setup, supervised
from bench.suites.publication import pg_dump
from bench.timed import timed
from bench.turns import Effort
from module_host.state import StateReader
from supervisor.cluster.publisher import Publisher


TARGETS: tuple[Target, ...] = ()
CROWDS, QUICK_CROWDS = (1, 3, 10, 30, 60, 100), (1, 4, 10)
GROUPS, QUICK_GROUPS = (1_000, 5_000, 20_000, 60_000, 200_000), (1_000, 4_000)
WATCH_SECONDS, QUICK_SECONDS = 10.0, 2.0
COMMANDS = 200
REPEATS = 5
MIB = 1 << 20


def run(effort: Effort) -> Iterator[Curve]:
    """Each point is measured once, by medians where it is a duration."""
    yield _modules(effort)
    yield _groups(effort)


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


def _groups(effort: Effort) -> Curve:
    lines: dict[str, list[Point]] = {
        name: [] for name in ("encode", "publish", "get, a fresh object", "get, shared")
    }
    for number in QUICK_GROUPS if effort.quick else GROUPS:
        document = pg_dump(number)
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            publisher = Publisher(Path(folder))
            publisher.publish("pg_dump", document)
            reader = StateReader(Path(folder))

            def publish() -> None:
                document["version"] += 1  # noqa: B023  # called within the turn of the loop
                publisher.publish("pg_dump", document)  # noqa: B023

            calls = (
                lambda: orjson.dumps(document),  # noqa: B023
                publish,
                lambda: reader.fresh("pg_dump"),  # noqa: B023
                lambda: reader.shared("pg_dump"),  # noqa: B023
            )
            for line, call in zip(lines.values(), calls, strict=True):
                call()
                line.append((number, median(timed(call)(REPEATS)) / 1e6))
            publisher.close()
    return Curve(
        "groups", "pg_dump against the number of placement groups", "placement groups", "ms",
        lines, "linear, and flat where it is shared",
    )  # fmt: skip
