"""`status`, `versions` and what else sums the cluster up."""

import datetime as dt
from collections import Counter
from typing import Any

import orjson

from supervisor.cluster.embedded import health
from supervisor.cluster.embedded.answers import Args, Reply, show
from supervisor.cluster.embedded.texttable import figure, size, span
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]
_USUAL_FLAGS = ("sortbitwise", "recovery_deletes", "purged_snapdirs", "pglog_hardlimit")


def _epoch_seconds(text: str) -> int:
    try:
        return int(dt.datetime.fromisoformat(text).timestamp())
    except ValueError:
        return 0  # "0.000000": never


def _age(world: World, since: int) -> str:
    return span(max(0, int(world.now().timestamp()) - since))


def osd_counts(world: World) -> Document:
    """`osd stat`."""
    map_ = world.osd_map
    return {
        "epoch": map_["epoch"],
        "num_osds": len(map_["osds"]),
        "num_up_osds": sum(osd["up"] for osd in map_["osds"]),
        "osd_up_since": _epoch_seconds(map_.get("last_up_change", "")),
        "num_in_osds": sum(osd["in"] for osd in map_["osds"]),
        "osd_in_since": _epoch_seconds(map_.get("last_in_change", "")),
        "num_remapped_pgs": sum("remapped" in pg.row["state"] for pg in world.pgs),
    }


def osd_sentence(world: World) -> str:
    """`6 osds: 6 up (since 3m), 6 in (since 4m)`."""
    counts = osd_counts(world)
    remapped = counts["num_remapped_pgs"]
    return (
        f"{counts['num_osds']} osds: {counts['num_up_osds']} up"
        f" (since {_age(world, counts['osd_up_since'])}), {counts['num_in_osds']} in"
        f" (since {_age(world, counts['osd_in_since'])})"
        + (f"; {remapped} remapped pgs" if remapped else "")
    )


def quorum(world: World) -> Document:
    """What the monitors' own state says."""
    found: Document = orjson.loads(world.documents["mon_status"]["json"])
    return found


def mon_names(world: World) -> list[str]:
    """Names of the monitors in quorum."""
    mons = {mon["rank"]: mon["name"] for mon in world.documents["mon_map"]["mons"]}
    return [mons[rank] for rank in quorum(world)["quorum"]]


def _data(world: World) -> Document:
    documents, mon = world.documents, quorum(world)
    mgr_map, pg_status = documents["mgr_map"], documents["pg_status"]
    checks = {
        code: {key: value for key, value in entry.items() if key != "detail"}
        for code, entry in world.health["checks"].items()
    }
    return {
        "fsid": world.osd_map["fsid"],
        "health": {**world.health, "checks": checks},
        "election_epoch": mon["election_epoch"],
        "quorum": mon["quorum"],
        "quorum_names": mon_names(world),
        "quorum_age": mon["quorum_age"],
        "monmap": {
            "epoch": documents["mon_map"]["epoch"],
            "min_mon_release_name": documents["mon_map"]["min_mon_release_name"],
            "num_mons": len(documents["mon_map"]["mons"]),
        },
        "osdmap": osd_counts(world),
        "pgmap": {k: v for k, v in pg_status.items() if k != "pgs_by_pool_state"},
        "fsmap": _fsmap(documents["fs_map"]),
        "mgrmap": {
            "available": mgr_map["available"],
            "num_standbys": len(mgr_map["standbys"]),
            "modules": mgr_map["modules"],
            "services": mgr_map["services"],
        },
        "servicemap": documents["service_map"],
        "progress_events": {key: dict(event) for key, event in world.report.progress.items()},
    }


def _fsmap(map_: Document) -> Document:
    by_rank = [
        {"filesystem_id": entry["id"], "rank": info["rank"], "name": info["name"],
         "status": info["state"], "gid": info["gid"]}
        for entry in map_["filesystems"] for info in entry["mdsmap"]["info"].values()
        if info["rank"] >= 0
    ]  # fmt: skip
    found: Document = {
        "epoch": map_["epoch"],
        "by_rank": by_rank,
        "up:standby": len(map_["standbys"]),
    }
    if map_["filesystems"]:
        mds = map_["filesystems"][0]["mdsmap"]
        found |= {"id": map_["filesystems"][0]["id"], "up": len(mds["up"]), "in": len(mds["in"]),
                  "max": mds["max_mds"]}  # fmt: skip
    return found


def _status(world: World, args: Args) -> Reply:
    return show(args, _data(world), _plain(world))


def _plain(world: World) -> str:
    mgr_map, mon = world.documents["mgr_map"], quorum(world)
    lines = ["  cluster:", f"    id:     {world.osd_map['fsid']}",
             f"    health: {world.health['status']}"]  # fmt: skip
    lines += [
        f"            {entry['summary']['message']}"
        for entry in world.health["checks"].values() if not entry["muted"]
    ]  # fmt: skip
    muted = health.muted(world.health, world.now())
    lines += [f"            {muted}"] if muted else []
    names = mon_names(world)
    since = _age(world, _epoch_seconds(mgr_map["active_change"]))
    flags = [flag for flag in world.osd_map["flags"].split(",") if flag not in _USUAL_FLAGS]
    active = f"{mgr_map['active_name']}(active, since {since})"
    if mgr_map["standbys"]:
        active += f", standbys: {', '.join(s['name'] for s in mgr_map['standbys'])}"
    lines += [
        " ",
        "  services:",
        f"    mon: {len(names)} daemons, quorum {','.join(names)} (age {span(mon['quorum_age'])})",
        f"    mgr: {active if mgr_map['available'] else 'no daemons active'}",
        *_mds_lines(world.documents["fs_map"]),
        f"    osd: {osd_sentence(world)}",
        *([f"         flags {','.join(flags)}"] if flags else []),
        " ",
        "  data:",
        *_volumes(world.documents["fs_map"]),
        *_pg_lines(world.documents["pg_status"]),
        " ",
    ]
    io = _io(world.documents["pg_status"])
    lines += ["  io:", *io, " "] if io else []
    shown = [event for event in world.report.progress.values() if event["add_to_ceph_s"]]
    if shown:
        lines.append("  progress:")
        # A message of several lines brings its own indent along.
        lines += [f"    {event['message']}" for event in shown]
        lines.append(" ")
    return "\n".join(lines)


def _mds_lines(map_: Document) -> list[str]:
    if not map_["filesystems"]:
        return []
    up = sum(len(entry["mdsmap"]["up"]) for entry in map_["filesystems"])
    return [f"    mds: {up}/{up} daemons up, {len(map_['standbys'])} standby"]


def _volumes(map_: Document) -> list[str]:
    count = len(map_["filesystems"])
    return [f"    volumes: {count}/{count} healthy"] if count else []


def _pg_lines(status: Document) -> list[str]:
    total, free = status["bytes_total"], status["bytes_avail"]
    lines = [
        f"    pools:   {status['num_pools']} pools, {status['num_pgs']} pgs",
        f"    objects: {figure(status['num_objects'])} objects, {size(status['data_bytes'])}",
        f"    usage:   {size(status['bytes_used'])} used, {size(free)} / {size(total)} avail",
    ]
    parts = []
    if "inactive_pgs_ratio" in status:
        parts.append(f"{100 * status['inactive_pgs_ratio']:.3f}% pgs not active")
    parts += [
        f"{status[f'{word}_objects']}/{status[f'{word}_total']} objects {word}"
        f" ({100 * status[f'{word}_ratio']:.3f}%)"
        for word in ("degraded", "misplaced") if f"{word}_objects" in status
    ]  # fmt: skip
    width = max((len(str(state["count"])) for state in status["pgs_by_state"]), default=0)
    parts += [
        f"{state['count']:<{width}} {state['state_name']}" for state in status["pgs_by_state"]
    ]
    heads = ["    pgs:     ", *["             "] * (len(parts) - 1)]
    return lines + [head + part for head, part in zip(heads, parts, strict=True)]


def _io(status: Document) -> list[str]:
    lines = []
    if "read_op_per_sec" in status:
        read, write = status["read_bytes_sec"], status["write_bytes_sec"]
        lines.append(
            f"    client:   {size(read)}/s rd, {size(write)}/s wr,"
            f" {figure(status['read_op_per_sec'])} op/s rd,"
            f" {figure(status['write_op_per_sec'])} op/s wr"
        )
    if "recovering_objects_per_sec" in status:
        lines.append(
            f"    recovery: {size(status['recovering_bytes_per_sec'])}/s,"
            f" {figure(status['recovering_objects_per_sec'])} objects/s"
        )
    return lines


def _versions(world: World, args: Args) -> Reply:
    found: dict[str, dict[str, int]] = {}
    for kind in ("mon", "mgr", "osd", "mds"):
        daemons = world.documents["_metadata"].get(kind, {}).values()
        found[kind] = dict(Counter(daemon["ceph_version"] for daemon in daemons))
    overall: Counter[str] = Counter()
    for counts in found.values():
        overall.update(counts)
    return show(args, {**found, "overall": overall})


def _version(world: World, args: Args) -> Reply:
    return show(args, {"version": world.version()}, world.version())


def _fsid(world: World, args: Args) -> Reply:
    fsid = world.osd_map["fsid"]
    return show(args, {"fsid": fsid}, fsid)


COMMANDS = {"status": _status, "version": _version, "versions": _versions, "fsid": _fsid}
