"""What a manager derives from placement groups and OSDs: pg_*, osd_*, pool_* and df."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from supervisor.cluster.embedded.pgs import Pgs, pool_of, words
from supervisor.cluster.embedded.placement import NONE
from supervisor.cluster.embedded.space import copies, df


Document = dict[str, Any]
_SUMMED = ("log_size", "ondisk_log_size")
HEARTBEAT_PEERS = 10  # as osd_heartbeat_min_peers; all of a large cluster would be its square


class Digest:
    """Keeps what the groups do not tell (the OSDs' own use); derives everything else from them."""

    def __init__(self, osd_stats: Document, pg_dump: Document, osd_map: Document) -> None:
        self._shape = {key: value for key, value in pg_dump.items() if not isinstance(value, list)}
        self._osds = {osd["osd"]: osd for osd in osd_stats["osd_stats"]}
        self._zero = dict.fromkeys(pg_dump["pg_stats_sum"]["stat_sum"], 0)
        self._store = dict.fromkeys(pg_dump["pg_stats_sum"]["store_stats"], 0)
        self._reported: dict[int, Document] = {}  # the newest row of each OSD
        self._version = pg_dump["version"]
        held = _held(pg_dump["pg_stats"], osd_map)
        self._own = {  # bytes that an OSD uses beside its groups' data
            number: max(
                0, osd["statfs"]["total"] - osd["statfs"]["available"] - held.get(number, 0)
            )
            for number, osd in self._osds.items()
        }
        self._last = pg_dump["pg_stats_sum"]["stat_sum"]
        self._recovered: dict[int, Document] = {}
        self._span = 0.0
        self._rates: Document = self._zero
        self._gains: dict[int, Document] = {}

    def documents(
        self,
        pgs: Pgs,
        maps: tuple[Document, Document],
        moved: Mapping[int, Document],
        now: str,
        span: float | None = None,
    ) -> dict[str, Document]:
        """Every derived document. `moved`: what clients did per pool during the last sample.

        `span`: seconds since the sample before, None: a map changed between two samples.
        """
        osd_map, crush = maps
        rows = [pg.row for pg in pgs]
        pools = {pool["pool"]: pool for pool in osd_map["pools"]}
        by_pool = _by_pool(rows)
        pool_stats = [
            self._pool(number, by_pool.get(number, [])) for number in sorted(pools, reverse=True)
        ]
        osd_stats = self._osd_rows(rows, osd_map)
        total = self._sum(pool_stats)
        if span is not None:
            self._sample(total["stat_sum"], pool_stats, span)
        self._version += 1
        delta = {
            **total,
            "stat_sum": self._rates,
            "stamp_delta": f"{self._span:.6f}",
            "log_size": 0,
            "ondisk_log_size": 0,
            "up": 0,
            "acting": 0,
        }
        pg_dump = {
            **self._shape, "version": self._version, "stamp": now, "pg_stats_sum": total,
            "osd_stats_sum": _osd_sum(self._shape["osd_stats_sum"], osd_stats),
            "pg_stats_delta": delta, "pg_stats": rows, "pool_stats": pool_stats,
            "osd_stats": osd_stats, "pool_statfs": [],
        }  # fmt: skip
        counts = _pg_counts(rows)
        status = _pg_status(rows, counts, len(pools), total["stat_sum"], osd_stats)
        status.update(_io(moved.values(), self._span), **_added({}, self._gains.values()))
        return {
            "pg_dump": pg_dump,
            "pg_stats": {"pg_stats": rows},
            "pool_stats": {"pool_stats": pool_stats},
            "osd_stats": {"osd_stats": osd_stats, "pool_statfs": []},
            "io_rate": {"pg_stats_delta": delta},
            "pg_summary": {**counts, "pg_stats_sum": total},
            "pg_status": status,
            "pg_progress": {"pgs": {row["pgid"]: _progress(row) for row in rows}, "pg_ready": True},
            "active_clean_pgs": {
                "pg_stats": [
                    {key: row[key] for key in ("pgid", "state", "reported_epoch")}
                    for row in rows if words(row["state"]) >= {"active", "clean"}
                ],
                "total_num_pgs": len(rows),
            },
            "osd_pool_stats": _osd_pool_stats(pools, pool_stats, moved, self._gains, self._span),
            "df": df(osd_map, crush, pool_stats, osd_stats),
        }  # fmt: skip

    def _pool(self, number: int, mine: list[Document]) -> Document:
        return {
            "poolid": number,
            "num_pg": len(mine),
            "stat_sum": _total(self._zero, [row["stat_sum"] for row in mine]),
            "store_stats": self._store,
            **{key: sum(row[key] for row in mine) for key in _SUMMED},
            **{key: sum(len(row[key]) for row in mine) for key in ("up", "acting")},
            "num_store_stats": 0,
        }

    def _sum(self, pool_stats: list[Document]) -> Document:
        return {
            "stat_sum": _added(self._zero, (pool["stat_sum"] for pool in pool_stats)),
            "store_stats": self._store,
            **{k: sum(p[k] for p in pool_stats) for k in (*_SUMMED, "up", "acting")},
            "num_store_stats": 0,
        }

    def _sample(self, total: Document, pool_stats: list[Document], span: float) -> None:
        self._span = span
        self._rates = {key: max(0, value - self._last[key]) for key, value in total.items()}
        self._last = total
        self._gains = {}
        for pool in pool_stats:
            number, stats = pool["poolid"], pool["stat_sum"]
            now = {key: stats[f"num_{key}_recovered"] for key in ("objects", "bytes", "keys")}
            before = self._recovered.get(number, now)
            self._recovered[number] = now
            gained = {key: max(0, now[key] - before[key]) for key in now}
            if gained["objects"]:
                speeds = {f"recovering_{k}_per_sec": round(v / span) for k, v in gained.items()}
                self._gains[number] = speeds | {f"num_{k}_recovered": v for k, v in gained.items()}

    def _osd_rows(self, rows: list[Document], osd_map: Document) -> list[Document]:
        """As managers keep them: nothing of one that is out, the last word of one that is down."""
        held = _held(rows, osd_map)
        groups = Counter(osd for row in rows for osd in row["acting"] if osd != NONE)
        alive = sorted(osd["osd"] for osd in osd_map["osds"] if osd["up"])
        for osd in osd_map["osds"]:
            number = osd["osd"]
            base = self._osds[number]
            if not osd["in"]:
                row = {**_nothing(base), "osd": number}
            elif osd["up"] or number not in self._reported:
                used = self._own[number] + held.get(number, 0)
                total = base["statfs"]["total"]
                kb, kb_used = total // 1024, -(-used // 1024)
                row = {
                    **base, "num_pgs": groups[number], "up_from": osd["up_from"], "kb": kb,
                    "kb_used": kb_used, "kb_avail": kb - kb_used,
                    "statfs": {**base["statfs"], "available": total - used},
                    "hb_peers": _neighbours(alive, number),
                }  # fmt: skip
            else:
                continue
            self._reported[number] = {**row, "seq": base["seq"] + self._version}
        return [
            self._reported[osd["osd"]] for osd in sorted(osd_map["osds"], key=lambda o: -o["osd"])
        ]


def _by_pool(rows: list[Document]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = {}
    for row in rows:
        found.setdefault(pool_of(row), []).append(row)
    return found


def _neighbours(alive: list[int], number: int) -> list[int]:
    """Whom the OSD sends heartbeats to: those that follow it, by number and round the end."""
    start = bisect_right(alive, number)
    following = chain(alive[start : start + HEARTBEAT_PEERS], alive[:HEARTBEAT_PEERS])
    peers = dict.fromkeys(peer for peer in following if peer != number)
    return sorted(islice(peers, HEARTBEAT_PEERS))


def _nothing(row: Document) -> Document:
    empty: dict[type, Any] = {int: 0, float: 0.0, list: [], str: ""}
    return {
        key: _nothing(value) if isinstance(value, dict) else empty[type(value)]
        for key, value in row.items()
    }


def _total(keys: Iterable[str], parts: list[Document]) -> Document:
    """The sum of each key: of many parts that all have the same keys, so at the speed of C."""
    return {key: sum(map(itemgetter(key), parts)) for key in keys}


def _added(zero: Document, parts: Iterable[Document]) -> Document:
    total = Counter(zero)
    for part in parts:
        total.update(part)
    return dict(total)


def _held(rows: list[Document], osd_map: Document) -> dict[int, int]:
    """Bytes of group data per OSD: a copy each, or a shard each where the pool is erasure-coded."""
    rates = {pool["pool"]: copies(osd_map, pool) / pool["size"] for pool in osd_map["pools"]}
    found: Counter[int] = Counter()
    for row in rows:
        share = rates.get(pool_of(row), 1.0)
        for osd in row["acting"]:
            found[osd] += round(row["stat_sum"]["num_bytes"] * share)
    return found


def _osd_sum(shape: Document, osds: list[Document]) -> Document:
    found = {
        key: sum(osd[key] for osd in osds) if isinstance(value, int) and key in osds[0] else value
        for key, value in shape.items()
    }
    found["statfs"] = _added({}, (osd["statfs"] for osd in osds))
    return {**found, "up_from": 0, "seq": 0}


def _pg_counts(rows: list[Document]) -> Document:
    by_osd: dict[str, Counter[str]] = {}
    by_pool: dict[str, Counter[str]] = {}
    for row in rows:
        by_pool.setdefault(row["pgid"].partition(".")[0], Counter())[row["state"]] += 1
        for osd in row["acting"]:
            if osd != NONE:
                by_osd.setdefault(str(osd), Counter())[row["state"]] += 1
    return {"by_osd": by_osd, "by_pool": by_pool, "all": Counter(row["state"] for row in rows)}


def states(counts: Mapping[str, int]) -> list[Document]:
    """[{state_name, count}], the most frequent first."""
    return [
        {"state_name": name, "count": count}
        for name, count in sorted(counts.items(), key=lambda item: -item[1])
    ]


def _pg_status(
    rows: list[Document], counts: Document, pools: int, total: Document, osds: list[Document]
) -> Document:
    available = sum(osd["statfs"]["available"] for osd in osds)
    size = sum(osd["statfs"]["total"] for osd in osds)
    found: Document = {
        "pgs_by_pool_state": [
            {"pool_id": int(pool), "pg_state_counts": states(of)}
            for pool, of in counts["by_pool"].items()
        ],
        "pgs_by_state": states(counts["all"]),
        "num_pgs": len(rows),
        "num_pools": pools,
        "num_objects": total["num_objects"],
        "data_bytes": total["num_bytes"],
        "bytes_used": size - available,
        "bytes_avail": available,
        "bytes_total": size,
    }
    inactive = sum(1 for row in rows if "active" not in words(row["state"]))
    if inactive:
        found["inactive_pgs_ratio"] = inactive / len(rows)
    whole = total["num_object_copies"]
    for word in ("degraded", "misplaced"):
        if total[f"num_objects_{word}"]:
            found[f"{word}_objects"] = total[f"num_objects_{word}"]
            found[f"{word}_total"] = whole
            found[f"{word}_ratio"] = total[f"num_objects_{word}"] / whole
    return found


def _io(moved: Iterable[Document], span: float) -> Document:
    total = _added({}, moved)
    if not span or not total:
        return {}
    return {
        "read_bytes_sec": round(total["num_read_kb"] * 1024 / span),
        "write_bytes_sec": round(total["num_write_kb"] * 1024 / span),
        "read_op_per_sec": round(total["num_read"] / span),
        "write_op_per_sec": round(total["num_write"] / span),
    }


def _progress(row: Document) -> Document:
    return {
        "num_bytes_recovered": row["stat_sum"]["num_bytes_recovered"],
        "num_bytes": row["stat_sum"]["num_bytes"],
        "reported_epoch": row["reported_epoch"],
        "state": row["state"],
    }


def _osd_pool_stats(
    pools: Mapping[int, Document],
    pool_stats: list[Document],
    moved: Mapping[int, Document],
    recovered: Mapping[int, Document],
    span: float,
) -> Document:
    stats = {pool["poolid"]: pool["stat_sum"] for pool in pool_stats}
    found = []
    for number, pool in sorted(pools.items()):
        recovery: Document = {}
        for word in ("degraded", "misplaced"):
            count = stats[number][f"num_objects_{word}"]
            if count:
                whole = stats[number]["num_object_copies"]
                recovery |= {f"{word}_objects": count, f"{word}_total": whole,
                             f"{word}_ratio": count / whole}  # fmt: skip
        found.append(
            {
                "pool_name": pool["pool_name"],
                "pool_id": number,
                "recovery": recovery,
                "recovery_rate": recovered.get(number, {}),
                "client_io_rate": _io([moved[number]], span) if number in moved else {},
            }
        )
    return {"pool_stats": found}
