"""The space document, `ceph df detail`."""

from typing import Any

from supervisor.cluster.embedded.placement import Placement


Document = dict[str, Any]


def copies(osd_map: Document, pool: Document) -> float:
    """Raw bytes that one stored byte takes: the size, or (k+m)/k."""
    profile = osd_map["erasure_code_profiles"].get(pool["erasure_code_profile"])
    if pool["type"] != 3 or not profile:
        return float(pool["size"])
    return (int(profile["k"]) + int(profile["m"])) / int(profile["k"])


def df(
    osd_map: Document, crush: Document, pool_stats: list[Document], osd_stats: list[Document]
) -> Document:
    """`ceph df detail`; a pool's use is what clients stored, as where OSDs report none per pool."""
    classes = {device["id"]: device.get("class", "") for device in crush["devices"]}
    by_class: dict[str, list[Document]] = {}
    for osd in osd_stats:
        by_class.setdefault(classes.get(osd["osd"], ""), []).append(osd)
    stats = {pool["poolid"]: pool["stat_sum"] for pool in pool_stats}
    room = _Room(osd_map, crush, osd_stats)
    return {
        "stats": {**_space(osd_stats), "num_osds": sum(osd["num_osds"] for osd in osd_stats),
                  "num_per_pool_osds": 0, "num_per_pool_omap_osds": 0},
        "stats_by_class": {name: _space(osds) for name, osds in sorted(by_class.items()) if name},
        "pools": [
            {"name": pool["pool_name"], "id": pool["pool"],
             "stats": _pool_use(osd_map, pool, stats[pool["pool"]], room)}
            for pool in osd_map["pools"]
        ],
    }  # fmt: skip


class _Room:
    """Raw bytes that a rule can still take: its fullest OSD, by weight, sets the limit."""

    def __init__(self, osd_map: Document, crush: Document, osd_stats: list[Document]) -> None:
        self._placement = Placement(crush, osd_map)
        self._of: dict[int, int] = {}
        reserve = 1 - osd_map["full_ratio"]
        self._free = {
            osd["osd"]: max(0.0, osd["statfs"]["available"] - reserve * osd["statfs"]["total"])
            for osd in osd_stats
        }

    def of(self, rule: int) -> int:
        if rule not in self._of:
            self._of[rule] = self._left(rule)
        return self._of[rule]

    def _left(self, rule: int) -> int:
        weights = {
            osd: weight * self._placement.weights[osd]
            for osd, (_, weight) in self._placement.candidates(rule).items()
            if weight * self._placement.weights.get(osd, 0.0) > 0
        }
        whole = sum(weights.values())
        limits = [self._free[osd] * whole / weight for osd, weight in weights.items()]
        return round(min(limits, default=0.0))


def _space(osds: list[Document]) -> Document:
    total = sum(osd["statfs"]["total"] for osd in osds)
    available = sum(osd["statfs"]["available"] for osd in osds)
    return {
        "total_bytes": total,
        "total_avail_bytes": available,
        "total_used_bytes": total - available,
        "total_used_raw_bytes": total - available,
        "total_used_raw_ratio": (total - available) / total if total else 0.0,
    }


def _pool_use(osd_map: Document, pool: Document, stats: Document, room: _Room) -> Document:
    rate = copies(osd_map, pool)
    stored, free = stats["num_bytes"], room.of(pool["crush_rule"])
    return {
        "stored": stored, "stored_data": stored, "stored_omap": 0,
        "objects": stats["num_objects"], "kb_used": -(-stored // 1024), "bytes_used": stored,
        "data_bytes_used": stored, "omap_bytes_used": 0,
        "percent_used": stored / (stored + free) if stored + free else 0.0,
        "max_avail": round(free / rate),
        "quota_objects": pool["quota_max_objects"], "quota_bytes": pool["quota_max_bytes"],
        "dirty": 0, "rd": stats["num_read"], "rd_bytes": stats["num_read_kb"] * 1024,
        "wr": stats["num_write"], "wr_bytes": stats["num_write_kb"] * 1024,
        "compress_bytes_used": 0, "compress_under_bytes": 0,
        "stored_raw": round(stored * rate), "avail_raw": free,
    }  # fmt: skip
