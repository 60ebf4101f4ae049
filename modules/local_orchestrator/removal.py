"""The removal of OSDs: emptied first, then destroyed or purged. Decisions and what is shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class OSDRemoval:
    """One OSD that is to go. Its methods are those that `orch osd rm status` calls.

    `device`: what it has for itself, to be erased by `zap`; empty for one in memory.
    `started`: seconds of the epoch since which it is being emptied, None before; `weight`: what it
    had in the CRUSH map, given back if the removal is stopped; `pgs`: placement groups that it
    still has, -1 where nobody knows; `stopped`: it was called off.
    """

    osd_id: int
    hostname: str
    device: str = ""
    replace: bool = False
    force: bool = False
    zap: bool = False
    no_destroy: bool = False
    started: float | None = None
    weight: float = 0.0
    pgs: int = -1
    stopped: bool = False

    @property
    def drain_started_at(self) -> datetime | None:
        return datetime.fromtimestamp(self.started, UTC) if self.started else None

    def drain_status_human(self) -> str:
        """What is going on, in upstream's words."""
        if self.started is None:
            return "not started"
        return "draining" if self.pgs else "done, waiting for purge"

    def get_pg_count(self) -> int:
        return self.pgs

    def to_json(self) -> dict[str, Any]:
        """As `--format json` shows it."""
        began = self.drain_started_at
        return {
            "osd_id": self.osd_id,
            "hostname": self.hostname,
            "state": self.drain_status_human(),
            "pgs": self.pgs,
            "replace": self.replace,
            "force": self.force,
            "zap": self.zap,
            "no_destroy": self.no_destroy,
            "drain_started_at": began.isoformat() if began else None,
        }

    def draining(self, since: float, weight: float) -> "OSDRemoval":
        return replace(self, started=since, weight=weight)


@dataclass(frozen=True)
class Step:
    """What follows for one removal: "drain" it, "wait", "finish" it, or "refill" it."""

    removal: OSDRemoval
    what: str


def steps(
    removals: Sequence[OSDRemoval], pgs: Mapping[int, int], safe: Collection[int]
) -> list[Step]:
    """Decide on every removal: `pgs` are placement groups an OSD, `safe` those that hold nothing
    that only they have. One that is forced is not emptied.
    """
    return [_step(removal, pgs.get(removal.osd_id, -1), safe) for removal in removals]


def _step(removal: OSDRemoval, pgs: int, safe: Collection[int]) -> Step:
    seen = replace(removal, pgs=pgs)
    if removal.stopped:
        return Step(seen, "refill")
    if removal.force:
        return Step(seen, "finish")
    if removal.started is None:
        return Step(seen, "drain")
    return Step(seen, "finish" if pgs == 0 and removal.osd_id in safe else "wait")
