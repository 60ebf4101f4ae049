"""What `ceph fs status` shows: file systems, their MDSs and their pools."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from mgr_module import MgrModule

from status.rates import Counters


Row = dict[str, Any]

SIZES = {"dns": "mds_mem.dn", "inos": "mds_mem.ino", "dirs": "mds_mem.dir", "caps": "mds_mem.cap"}


@dataclass
class FileSystem:
    """One file system. Rows of MDSs: rank, state, name, rate or events, dns, inos, dirs, caps."""

    name: str
    clients: int = 0
    daemons: list[Row] = field(default_factory=list)
    pools: list[Row] = field(default_factory=list)  # id, name, type, used, avail


@dataclass
class Overview:
    """Everything that one call shows."""

    filesystems: list[FileSystem]
    standbys: list[str]
    versions: dict[str, list[str]]  # {version: names of MDSs}


def overview(module: MgrModule, wanted: str | None) -> Overview:
    """Collect the file system `wanted`, or all of them."""
    fs_map = module.get("fs_map")
    maps = [entry["mdsmap"] for entry in fs_map["filesystems"]]
    chosen = [mdsmap for mdsmap in maps if wanted in (None, mdsmap["fs_name"])]
    standbys = [standby["name"] for standby in fs_map["standbys"]]
    found = [_filesystem(module, mdsmap) for mdsmap in chosen]
    serving = [row["name"] for filesystem in found for row in filesystem.daemons if "name" in row]
    return Overview(found, standbys, _versions(module, [*serving, *standbys]))


def _filesystem(module: MgrModule, mdsmap: Row) -> FileSystem:
    found = FileSystem(mdsmap["fs_name"], pools=list(_pools(module, mdsmap)))
    for rank in mdsmap["in"]:
        gid = mdsmap["up"].get(f"mds_{rank}")
        if gid is None:
            found.daemons.append({"rank": rank, "state": "failed"})
            continue
        info = mdsmap["info"][f"gid_{gid}"]
        counters = Counters(module, "mds", info["name"])
        found.daemons.append(_active(rank, info, counters))
        # Any rank knows the clients; the first one that has any is believed.
        found.clients = found.clients or counters.latest("mds_sessions.session_count")
    for info in mdsmap["info"].values():
        if info["state"] == "up:standby-replay":
            found.daemons.append(_replaying(info, Counters(module, "mds", info["name"])))
    return found


def _active(rank: int, info: Row, counters: Counters) -> Row:
    state = info["state"].partition(":")[2]
    row: Row = {"rank": rank, "name": info["name"], "rate": "0"}
    if state == "active":
        row["rate"] = counters.rate("mds_server.handle_client_request")
    row["state"] = f"{state}(laggy)" if "laggy_since" in info else state
    return row | {name: counters.latest(path) for name, path in SIZES.items()}


def _replaying(info: Row, counters: Counters) -> Row:
    row: Row = {"rank": info["rank"], "name": info["name"], "state": "standby-replay"}
    row["events"] = counters.rate("mds_log.replayed")
    return row | {name: counters.latest(path) for name, path in SIZES.items()}


def _pools(module: MgrModule, mdsmap: Row) -> Iterator[Row]:
    usage = {pool["id"]: pool["stats"] for pool in module.get("df")["pools"]}
    names = {pool["pool"]: pool["pool_name"] for pool in module.get("osd_map")["pools"]}
    for pool in (mdsmap["metadata_pool"], *mdsmap["data_pools"]):
        # A pool made a moment ago is in the map before it is in the statistics.
        stats = usage.get(pool, {})
        yield {
            "id": pool,
            "name": names.get(pool, str(pool)),
            "type": "metadata" if pool == mdsmap["metadata_pool"] else "data",
            "used": stats.get("bytes_used", 0),
            "avail": stats.get("max_avail", 0),
        }


def _versions(module: MgrModule, names: Iterable[str]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for name in names:
        metadata = module.get_metadata("mds", name) or {}
        found[metadata.get("ceph_version", "unknown")].append(name)
    return dict(found)
