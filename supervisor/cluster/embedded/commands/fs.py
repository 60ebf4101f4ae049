"""`fs ...`: the file system map."""

from supervisor.cluster.embedded.answers import Args, Reply, show
from supervisor.cluster.embedded.world import World


def _ls(world: World, args: Args) -> Reply:
    names = {pool["pool"]: pool["pool_name"] for pool in world.osd_map["pools"]}
    data = []
    for entry in world.documents["fs_map"]["filesystems"]:
        map_ = entry["mdsmap"]
        data.append(
            {
                "name": map_["fs_name"],
                "metadata_pool": names.get(map_["metadata_pool"], ""),
                "metadata_pool_id": map_["metadata_pool"],
                "data_pool_ids": map_["data_pools"],
                "data_pools": [names.get(number, "") for number in map_["data_pools"]],
            }
        )
    plain = "\n".join(
        f"name: {entry['name']}, metadata pool: {entry['metadata_pool']},"
        f" data pools: [{' '.join(entry['data_pools'])} ]"
        for entry in data
    )
    return show(args, data, plain or "No filesystems enabled")


def _dump(world: World, args: Args) -> Reply:
    map_ = world.documents["fs_map"]
    lines = [f"e{map_['epoch']}", f"legacy client fscid: {map_['default_fscid']}"]
    for entry in map_["filesystems"]:
        mds = entry["mdsmap"]
        lines += ["", f"Filesystem '{mds['fs_name']}' ({entry['id']})"]
        lines += [f"{key}\t{mds[key]}" for key in ("epoch", "max_mds", "in", "data_pools")]
        lines += [_daemon(info) for info in mds["info"].values()]
    if not map_["filesystems"]:
        lines += ["", "No filesystems configured"]
    if map_["standbys"]:
        lines += ["", "Standby daemons:", *map(_daemon, map_["standbys"])]
    return show(args, map_, "\n".join(lines), f"dumped fsmap epoch {map_['epoch']}")


def _daemon(info: dict[str, object]) -> str:
    return f"[mds.{info['name']}{{{info['rank']}:{info['gid']}}} state {info['state']}]"


def _mds_stat(world: World, args: Args) -> Reply:
    map_ = world.documents["fs_map"]
    parts = [f"{e['mdsmap']['fs_name']}:{len(e['mdsmap']['up'])}" for e in map_["filesystems"]]
    several = len(parts) > 1
    ranks = [
        (f"{entry['mdsmap']['fs_name']}:" if several else "")
        + f"{info['rank']}={info['name']}={info['state']}"
        for entry in map_["filesystems"] for info in entry["mdsmap"]["info"].values()
        if info["rank"] >= 0
    ]  # fmt: skip
    parts += [f"{{{','.join(ranks)}}}"] if ranks else []
    parts += [f"{len(map_['standbys'])} up:standby"] if map_["standbys"] else []
    return show(args, {"fsmap": map_, "mdsmap_first_committed": 1,
                       "mdsmap_last_committed": map_["epoch"]}, " ".join(parts))  # fmt: skip


COMMANDS = {"fs ls": _ls, "fs dump": _dump, "mds stat": _mds_stat}
