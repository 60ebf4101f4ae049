"""`pg ...`, and the statistics of pools."""

import datetime as dt
import errno
from typing import Any

from supervisor.cluster.embedded.answers import Args, Refusal, Reply, osd_id, show
from supervisor.cluster.embedded.commands.pool import pool_in
from supervisor.cluster.embedded.pgs import words
from supervisor.cluster.embedded.texttable import figure, size, span, table
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]
_BRIEF = ("pgid", "state", "up", "acting", "up_primary", "acting_primary")


def _stat(world: World, args: Args) -> Reply:
    status = world.documents["pg_status"]
    total, free, used = status["bytes_total"], status["bytes_avail"], status["bytes_used"]
    data = {
        "pg_ready": True,
        "pg_summary": {
            "num_pg_by_state": [
                {"name": s["state_name"], "num": s["count"]} for s in status["pgs_by_state"]
            ],
            "num_pgs": status["num_pgs"], "num_bytes": status["data_bytes"], "total_bytes": total,
            "total_avail_bytes": free, "total_used_bytes": used, "total_used_raw_bytes": used,
        },
    }  # fmt: skip
    states = ", ".join(f"{s['count']} {s['state_name']}" for s in status["pgs_by_state"])
    plain = (
        f"{status['num_pgs']} pgs: {states}; {size(status['data_bytes'])} data,"
        f" {size(used)} used, {size(free)} / {size(total)} avail"
    )
    return show(args, data, plain)


def _brief(rows: list[Document]) -> str:
    heads = ("PG_STAT", "STATE", "UP", ">UP_PRIMARY", "ACTING", ">ACTING_PRIMARY")
    return table(
        heads,
        [
            (r["pgid"], r["state"], _osds(r["up"]), r["up_primary"], _osds(r["acting"]),
             r["acting_primary"])
            for r in rows
        ],
    )  # fmt: skip


def _osds(numbers: list[int]) -> str:
    return f"[{','.join(map(str, numbers))}]"


_PG_HEADS = (
    "PG", ">OBJECTS", ">DEGRADED", ">MISPLACED", ">UNFOUND", ">BYTES", ">OMAP_BYTES*",
    ">OMAP_KEYS*", ">LOG", "STATE", ">SINCE", ">VERSION", ">REPORTED", "UP", "ACTING",
    "SCRUB_STAMP", "DEEP_SCRUB_STAMP",
)  # fmt: skip
_SUMS = (
    "num_objects", "num_objects_degraded", "num_objects_misplaced", "num_objects_unfound",
    "num_bytes", "num_omap_bytes", "num_omap_keys",
)  # fmt: skip


def _order(row: Document) -> tuple[int, int]:
    pool, _, seed = row["pgid"].partition(".")
    return int(pool), int(seed, 16)


def _full(rows: list[Document], now: dt.datetime) -> str:
    return table(
        _PG_HEADS,
        [
            (
                r["pgid"], *(r["stat_sum"][key] for key in _SUMS), r["log_size"], r["state"],
                _since(r, now), r["version"], f"{r['reported_epoch']}:{r['reported_seq']}",
                *(f"{_osds(r[key])}p{r[f'{key}_primary']}" for key in ("up", "acting")),
                r["last_scrub_stamp"], r["last_deep_scrub_stamp"],
            )
            for r in sorted(rows, key=_order)
        ],
    )  # fmt: skip


def _since(row: Document, now: dt.datetime) -> str:
    changed = dt.datetime.fromisoformat(row["last_change"])
    return span(max(0, int((now - changed).total_seconds())))


def _pools(stats: list[Document]) -> str:
    heads = ("POOLID", *(f">{h.lstrip('>')}" for h in _PG_HEADS[1:9]))
    return table(
        heads,
        [(p["poolid"], *(p["stat_sum"][key] for key in _SUMS), p["log_size"]) for p in stats],
    )


def _osd_table(stats: list[Document]) -> str:
    heads = ("OSD_STAT", ">USED", ">AVAIL", ">TOTAL", "HB_PEERS", ">PG_SUM")
    return table(
        heads,
        [
            (o["osd"], size(o["kb_used"] * 1024), size(o["kb_avail"] * 1024), size(o["kb"] * 1024),
             _osds(o["hb_peers"]), o["num_pgs"])
            for o in stats
        ],
    )  # fmt: skip


def _with_pings(world: World, stats: list[Document]) -> list[Document]:
    pings = {
        entry["osd"]: entry["network_ping_times"]
        for entry in world.documents["osd_ping_times"]["osd_ping_times"]
    }
    return [{**osd, "network_ping_times": pings.get(osd["osd"], [])} for osd in stats]


def _dump(world: World, args: Args) -> Reply:
    what = (args.words("dumpcontents") or ["all"])[0]
    dump = world.documents["pg_dump"]
    rows, pools = dump["pg_stats"], dump["pool_stats"]
    osds = _with_pings(world, dump["osd_stats"])
    brief = [{key: row[key] for key in _BRIEF} for row in rows]
    heads = [f"{k} {dump[k]}" for k in ("version", "stamp", "last_osdmap_epoch", "last_pg_scan")]
    whole = {"pg_ready": True, "pg_map": {**dump, "osd_stats": osds}}
    found: dict[str, tuple[Any, str]] = {
        "all": (
            whole,
            "\n".join([*heads, _full(rows, world.now()), _pools(pools), _osd_table(osds)]),
        ),
        "summary": (
            {
                "pg_ready": True,
                "pg_map": {k: v for k, v in dump.items() if not isinstance(v, list)},
            },
            "\n".join(heads),
        ),
        "sum": (
            {
                "pg_ready": True,
                "pg_map": {k: v for k, v in dump.items() if not isinstance(v, list)},
            },
            "\n".join(heads),
        ),
        "pgs": ({"pg_ready": True, "pg_stats": rows}, _full(rows, world.now())),
        "pgs_brief": ({"pg_ready": True, "pg_stats": brief}, _brief(rows)),
        "pools": ({"pg_ready": True, "pool_stats": pools}, _pools(pools)),
        "osds": (
            {"pg_ready": True, "osd_stats": osds, "pool_statfs": dump["pool_statfs"]},
            _osd_table(osds),
        ),
    }
    if what not in found:
        raise Refusal(errno.EINVAL, f"'{what}' is not one of {', '.join(found)}")
    return show(args, *found[what], f"dumped {what}")


def _listed(world: World, args: Args, rows: list[Document]) -> Reply:
    wanted = set(args.words("states")) - {"all"}
    kept = [row for row in rows if words(row["state"]) >= wanted]
    return show(args, {"pg_ready": True, "pg_stats": kept}, _full(kept, world.now()))


def _in_pool(args: Args, rows: list[Document]) -> list[Document]:
    if not args.has("pool"):
        return rows
    return [row for row in rows if row["pgid"].startswith(f"{args.number('pool')}.")]


def _ls(world: World, args: Args) -> Reply:
    return _listed(world, args, _in_pool(args, world.documents["pg_stats"]["pg_stats"]))


def _ls_by_pool(world: World, args: Args) -> Reply:
    pool = pool_in(world.osd_map, args.text("poolstr"))
    rows = world.documents["pg_stats"]["pg_stats"]
    return _listed(world, args, [row for row in rows if row["pgid"].startswith(f"{pool['pool']}.")])


def _ls_by_osd(world: World, args: Args) -> Reply:
    number = osd_id(args.text("osd"))
    rows = _in_pool(args, world.documents["pg_stats"]["pg_stats"])
    return _listed(world, args, [row for row in rows if number in row["acting"]])


def _ls_by_primary(world: World, args: Args) -> Reply:
    number = osd_id(args.text("osd"))
    rows = _in_pool(args, world.documents["pg_stats"]["pg_stats"])
    return _listed(world, args, [row for row in rows if number == row["acting_primary"]])


def _map(world: World, args: Args) -> Reply:
    pgid = args.text("pgid")
    pg = world.pgs.get(pgid)
    if pg is None:
        raise Refusal(errno.ENOENT, f"pgid '{pgid}' does not exist")
    row, epoch = pg.row, world.osd_map["epoch"]
    data = {
        "epoch": epoch,
        "raw_pgid": pgid,
        "pgid": pgid,
        "up": row["up"],
        "acting": row["acting"],
    }
    plain = (
        f"osdmap e{epoch} pg {pgid} ({pgid}) -> up {_osds(row['up'])} acting {_osds(row['acting'])}"
    )
    return show(args, data, plain)


def _pool_stats(world: World, args: Args) -> Reply:
    entries = world.documents["osd_pool_stats"]["pool_stats"]
    if args.has("pool_name"):
        number = pool_in(world.osd_map, args.text("pool_name"))["pool"]
        entries = [entry for entry in entries if entry["pool_id"] == number]
    lines: list[str] = []
    for entry in entries:
        lines += [f"pool {entry['pool_name']} id {entry['pool_id']}", *_activity(entry), ""]
    return show(args, entries, "\n".join(lines))


def _activity(entry: Document) -> list[str]:
    lines = []
    for word in ("degraded", "misplaced"):
        if f"{word}_objects" in entry["recovery"]:
            some, whole = entry["recovery"][f"{word}_objects"], entry["recovery"][f"{word}_total"]
            lines.append(f"  {some}/{whole} objects {word} ({100 * some / whole:.3f}%)")
    if entry["recovery_rate"]:
        rate = entry["recovery_rate"]
        lines.append(
            f"  recovery io {size(rate['recovering_bytes_per_sec'])}/s,"
            f" {rate['recovering_objects_per_sec']} objects/s"
        )
    io = entry["client_io_rate"]
    if io:
        lines.append(
            f"  client io {size(io['read_bytes_sec'])}/s rd, {size(io['write_bytes_sec'])}/s wr,"
            f" {figure(io['read_op_per_sec'])} op/s rd, {figure(io['write_op_per_sec'])} op/s wr"
        )
    return lines or ["  nothing is going on"]


COMMANDS = {
    "pg stat": _stat,
    "pg dump": _dump,
    "pg ls": _ls,
    "pg ls-by-pool": _ls_by_pool,
    "pg ls-by-osd": _ls_by_osd,
    "pg ls-by-primary": _ls_by_primary,
    "pg map": _map,
    "osd pool stats": _pool_stats,
}
