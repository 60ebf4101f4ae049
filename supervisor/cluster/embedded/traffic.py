"""Clients that read and write a little, so that counters and rates move. The same in every run.

Data is overwritten, never added: what the cluster holds stays what was captured.
"""

import random
from collections.abc import Mapping
from typing import Any

from supervisor.cluster.embedded.pgs import Pg, Pgs, touch


READS = (4, 40)  # a tick, in every pool that holds objects
WRITES = (1, 12)
KIB = 4  # an operation


class Traffic:
    """Adds operations to the groups' statistics; remembers what it added in the last tick."""

    def __init__(self) -> None:
        # Reproducible load, not secrets.
        self._random = random.Random(16215)  # noqa: S311
        self.last: dict[int, dict[str, int]] = {}  # pool -> {statistic: added}

    def advance(self, pgs: Pgs, osd_map: Mapping[str, Any], now: str) -> None:
        """One tick of client work; pools without an active group get none."""
        busy: dict[int, list[Pg]] = {}
        for pg in pgs:
            if pg.objects and pg.row["state"].startswith("active"):
                busy.setdefault(pg.pool, []).append(pg)
        self.last = {}
        if {"pauserd", "pausewr"} & set(osd_map["flags_set"]):
            return
        for pool, groups in sorted(busy.items()):
            pg = self._random.choice(groups)
            reads, writes = self._random.randint(*READS), self._random.randint(*WRITES)
            added = {
                "num_read": reads,
                "num_read_kb": reads * KIB,
                "num_write": writes,
                "num_write_kb": writes * KIB,
            }
            for key, count in added.items():
                pg.row["stat_sum"][key] += count
            epoch, _, version = pg.row["version"].partition("'")
            pg.row["version"] = f"{max(int(epoch), 1)}'{int(version) + writes}"
            touch(pg.row, osd_map["epoch"], now)
            self.last[pool] = added
