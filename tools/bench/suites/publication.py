"""A new pg_dump, put where eight modules could read it that do not."""

import lzma
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path as FilePath
from typing import Any

import orjson
import psutil

from bench.readers import readers
from bench.row import Row, Target
from bench.sides.supervised import folder_in_memory
from bench.stats import Figures, figures
from bench.timed import timed
from bench.turns import Effort, Path, take_turns
from supervisor.cluster.embedded.snapshot import SHIPPED
from supervisor.cluster.publisher import Publisher


COST = Target("publish", "a new pg_dump of 20,000 PGs for 8 modules", "encoding it once", 1.2, "ms")
MEMORY = Target("publish memory", "what a module grows by, each time", "", 0.05, "MiB")
TARGETS = (COST, MEMORY)
READERS = 8
GROUPS, QUICK_GROUPS = 20_000, 2_000
TIMES = 10
MS = 1e6
MIB = 1 << 20


def run(effort: Effort) -> Iterator[Row]:
    """The publisher is the supervisor's own; the readers are the host's, each in a process."""
    document = pg_dump(QUICK_GROUPS if effort.quick else GROUPS)
    with ExitStack() as stack:
        folder = stack.enter_context(folder_in_memory())
        publish = stack.enter_context(published(folder, document))
        pids = stack.enter_context(readers(folder, READERS))
        paths = [Path("publish", timed(publish)), Path("encode", timed(lambda: encode(document)))]
        taken = take_turns(paths, effort)
        size = len(orjson.dumps(document)) / MIB
        yield Row(
            COST, figures(taken["encode"], MS), figures(taken["publish"], MS), f"{size:.1f} MiB"
        )
        before = memory(pids)
        for _ in range(TIMES):
            publish()
        grown = (memory(pids) - before) / READERS / TIMES / MIB
        yield Row(MEMORY, None, Figures.of(grown), f"{TIMES} versions, PSS of {READERS} readers")


@contextmanager
def published(folder: FilePath, document: dict[str, Any]) -> Iterator[Callable[[], None]]:
    """A function that publishes the next version of `document`; `folder` has one already."""
    publisher = Publisher(folder)

    def publish() -> None:
        _change(document)
        publisher.publish("pg_dump", document)

    try:
        publish()
        yield publish
    finally:
        publisher.close()


def encode(document: dict[str, Any]) -> None:
    """Encode the next version, and no more."""
    _change(document)
    orjson.dumps(document)


def memory(pids: list[int]) -> int:
    """Bytes of all these processes, PSS."""
    return sum(psutil.Process(pid).memory_full_info().pss for pid in pids)


def pg_dump(groups: int) -> dict[str, Any]:
    """The captured document with so many placement groups, each like one of its own."""
    with lzma.open(SHIPPED) as file:
        document: dict[str, Any] = orjson.loads(file.read())["pg_dump"]
    rows = document["pg_stats"]
    document["pg_stats"] = [
        {**rows[number % len(rows)], "pgid": f"1.{number:x}"} for number in range(groups)
    ]
    return document


def _change(document: dict[str, Any]) -> None:
    document["version"] += 1
    document["pg_stats"][0]["reported_seq"] += 1
