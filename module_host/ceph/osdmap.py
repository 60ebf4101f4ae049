"""The OSD map and its increments, as far as they follow from the dumps.

Where PGs are is not computed but read: the CRUSH mapping function runs inside Ceph only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from module_host.ceph.copies import fresh
from module_host.ceph.crush import FIXED_POINT, CrushData
from module_host.session import Session


REPLICATED, ERASURE = 1, 3  # values of a pool's `type`
NO_TIME = "0.000000"  # how Ceph writes a time that was never set
_UNCHANGED = {
    "new_pool_max": -1,
    "new_flags": -1,
    "new_full_ratio": -1.0,
    "new_nearfull_ratio": -1.0,
    "new_backfillfull_ratio": -1.0,
    "new_require_min_compat_client": 255,
    "new_require_osd_release": 255,
}
# ceph-mgr does not close this list where it ends: what follows is in it.
_PURGED_SNAPS: list[Any] = [
    [],
    [],
    {
        "change_stretch_mode": False,
        "stretch_mode_enabled": False,
        "new_stretch_bucket_count": 0,
        "new_degraded_stretch_mode": 0,
        "new_recovering_stretch_mode": 0,
        "new_stretch_mode_bucket": 0,
    },
]
_LISTS_BEFORE_WEIGHT = ("new_pools", "new_pool_names", "old_pools", "new_up_osds")
_LISTS_AFTER_WEIGHT = (
    "osd_state_xor", "new_pg_temp", "primary_temp", "new_pg_upmap", "old_pg_upmap",
    "new_pg_upmap_items", "old_pg_upmap_items", "new_up_thru", "new_lost",
    "new_last_clean_interval", "new_blocklist", "old_blocklist", "new_range_blocklist",
    "old_range_blocklist", "new_xinfo", "new_uuid",
)  # fmt: skip


@dataclass
class IncrementData:
    """A change of one OSD map: reweights and the CRUSH map that comes with it."""

    epoch: int
    fsid: str
    crush: CrushData
    reweights: dict[int, int] = field(default_factory=dict)  # fixed point

    def reweight(self, weights: Mapping[int, float]) -> None:
        """Set OSD weights, each clamped to 0..1; raises TypeError for an id that is no int."""
        for osd, weight in weights.items():
            if not isinstance(osd, int):
                kind = type(osd).__name__
                raise TypeError(f"{kind!r} object cannot be interpreted as an integer")
            self.reweights[osd] = int(min(max(float(weight), 0.0), 1.0) * FIXED_POINT)

    def weight_set(self, weights: Mapping[int, float]) -> None:
        """Set weights of devices in the compat weight set; raises TypeError as reweight()."""
        for osd in weights:
            if not isinstance(osd, int):
                kind = type(osd).__name__
                raise TypeError(f"{kind!r} object cannot be interpreted as an integer")
        self.crush = self.crush.with_compat_weights(
            {osd: int(float(weight) * FIXED_POINT) for osd, weight in weights.items()}
        )

    def dump(self) -> dict[str, Any]:
        """Give it in the shape of ceph-mgr 16.2.15."""
        return (
            {"epoch": self.epoch, **_UNCHANGED, "crush": self.crush.dump(), "new_max_osd": -1}
            | {name: [] for name in _LISTS_BEFORE_WEIGHT}
            | {"new_weight": [{"osd": o, "weight": w} for o, w in sorted(self.reweights.items())]}
            | {name: [] for name in _LISTS_AFTER_WEIGHT}
            | {"erasure_code_profiles": {}, "old_erasure_code_profiles": []}
            | {"new_removed_snaps": [], "new_purged_snaps": fresh(_PURGED_SNAPS)}
            | {"fsid": self.fsid}
            | dict.fromkeys(("modified", "new_last_up_change", "new_last_in_change"), NO_TIME)
        )


NOWHERE: Mapping[str, Any] = {"up_primary": -1, "acting_primary": -1, "up": [], "acting": []}


class OsdMapData:
    """One version of the OSD map with its CRUSH map; never changes."""

    def __init__(
        self, document: Mapping[str, Any], crush: CrushData, pgs: Mapping[str, Any] | None
    ) -> None:
        """`pgs`: where PGs were when this map was taken, as in pg_stats; None: not known."""
        self._document = document
        self._pgs = pgs
        self.crush = crush

    @property
    def epoch(self) -> int:
        """Epoch of this version."""
        return int(self._document["epoch"])

    @property
    def crush_version(self) -> int:
        """Version of the CRUSH map."""
        return int(self._document["crush_version"])

    def dump(self) -> dict[str, Any]:
        """Copy the document."""
        copied: dict[str, Any] = fresh(self._document)
        return copied

    def increment(self) -> IncrementData:
        """Begin a change of this version."""
        return IncrementData(self.epoch + 1, self._document["fsid"], self.crush)

    def apply(self, increment: IncrementData) -> "OsdMapData":
        """Give the next version; raises ValueError where `increment` is of another version."""
        if increment.epoch != self.epoch + 1:
            raise ValueError(
                f"the increment leads to epoch {increment.epoch}, this map is at {self.epoch}"
            )
        document = self.dump()
        document |= {
            "epoch": increment.epoch,
            "crush_version": self.crush_version + 1,
            "modified": NO_TIME,
        }
        for osd in document["osds"]:
            if osd["osd"] in increment.reweights:
                weight = increment.reweights[osd["osd"]]
                osd |= {"weight": weight / FIXED_POINT, "in": int(weight > 0)}
        unmoved = not increment.reweights and increment.crush is self.crush
        return OsdMapData(document, increment.crush, self._pgs if unmoved else None)

    def pools_by_take(self, item: int) -> list[int]:
        """Ids of the pools whose rule starts at `item`."""
        rules = self.crush.rules_taking(item)
        return [pool["pool"] for pool in self._document["pools"] if pool["crush_rule"] in rules]

    def raw_used_rate(self, pool_id: int) -> float:
        """Bytes on disks for each byte stored; raises ValueError for an unknown pool."""
        pool = self._pool(pool_id)
        if pool["type"] != ERASURE:
            return float(pool["size"])
        profile = self._document["erasure_code_profiles"][pool["erasure_code_profile"]]
        return float(pool["size"] / int(profile["k"]))

    def places(self, pool_id: int) -> dict[str, dict[str, Any]]:
        """{pgid: {up_primary, acting_primary, up, acting}}; a PG just made is NOWHERE yet.

        Raises ValueError for an unknown pool, NotImplementedError for a map that moves PGs.
        """
        if self._pgs is None:
            raise NotImplementedError(
                "where PGs would be in a changed map needs the CRUSH mapping function, which runs "
                "inside Ceph and is not available to a module in a process of its own"
            )
        seen = {pg["pgid"]: pg for pg in self._pgs["pg_stats"]}
        found = {}
        for seed in range(self._pool(pool_id)["pg_num"]):
            pg = seen.get(f"{pool_id}.{seed:x}", NOWHERE)
            found[f"{pool_id}.{seed:x}"] = {key: fresh(pg[key]) for key in NOWHERE}
        return found

    def folded(self, pool_id: int, seed: int) -> int:
        """Which of the pool's PGs holds objects of that hash; raises ValueError as places()."""
        count = int(self._pool(pool_id)["pg_num"])
        mask = (1 << (count - 1).bit_length()) - 1
        return seed & mask if seed & mask < count else seed & (mask >> 1)

    def _pool(self, pool_id: int) -> Mapping[str, Any]:
        for pool in self._document["pools"]:
            if pool["pool"] == pool_id:
                found: Mapping[str, Any] = pool
                return found
        raise ValueError(f"no pool has the id {pool_id}")


def current(session: Session) -> OsdMapData:
    """The newest published map."""
    return OsdMapData(
        session.shared_state("osd_map"),
        CrushData(session.shared_state("osd_map_crush")),
        session.shared_state("pg_stats"),
    )
