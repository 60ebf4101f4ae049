"""Monitors, and the daemons' metadata."""

import errno
from collections import Counter
from typing import Any

from supervisor.cluster.embedded.answers import Args, Refusal, Reply, show
from supervisor.cluster.embedded.commands.status import mon_names, quorum
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]


def _addrs(mon: Document) -> str:
    vector = mon["public_addrs"]["addrvec"]
    return "[" + ",".join(f"{a['type']}:{a['addr']}/{a['nonce']}" for a in vector) + "]"


def _time(text: str) -> str:
    """The monitor map's JSON writes Z for UTC, its text as every other map does."""
    return text.removesuffix("Z") + "+0000" if text.endswith("Z") else text


def _stat(world: World, args: Args) -> Reply:
    map_, names = world.documents["mon_map"], mon_names(world)
    ranks = {mon["name"]: mon["rank"] for mon in map_["mons"]}
    data = {
        "epoch": map_["epoch"],
        "min_mon_release_name": map_["min_mon_release_name"],
        "num_mons": len(map_["mons"]),
        "leader": names[0],
        "quorum": [{"rank": ranks[name], "name": name} for name in names],
    }
    mons = ",".join(f"{mon['name']}={_addrs(mon)}" for mon in map_["mons"])
    plain = (
        f"e{map_['epoch']}: {len(map_['mons'])} mons at {{{mons}}} removed_ranks: {{}},"
        f" election epoch {quorum(world)['election_epoch']}, leader {ranks[names[0]]} {names[0]},"
        f" quorum {','.join(str(ranks[name]) for name in names)} {','.join(names)}"
    )
    return show(args, data, plain)


def _dump(world: World, args: Args) -> Reply:
    map_ = world.documents["mon_map"]
    lines = [
        f"epoch {map_['epoch']}", f"fsid {map_['fsid']}", f"last_changed {_time(map_['modified'])}",
        f"created {_time(map_['created'])}",
        f"min_mon_release {map_['min_mon_release']} ({map_['min_mon_release_name']})",
        f"election_strategy: {map_['election_strategy']}",
        *(f"{mon['rank']}: {_addrs(mon)} mon.{mon['name']}" for mon in map_["mons"]),
    ]  # fmt: skip
    data = {**map_, "quorum": quorum(world)["quorum"]}
    return show(args, data, "\n".join(lines), f"dumped monmap epoch {map_['epoch']}")


def _quorum_status(world: World, args: Args) -> Reply:
    mon, names = quorum(world), mon_names(world)
    data = {
        "election_epoch": mon["election_epoch"],
        "quorum": mon["quorum"],
        "quorum_names": names,
        "quorum_leader_name": names[0],
        "quorum_age": mon["quorum_age"],
        "features": {k: v for k, v in mon["features"].items() if k.startswith("quorum")},
        "monmap": mon["monmap"],
    }
    return show(args, data)


def _metadata_of(kind: str, argument: str, key: str) -> Any:
    def command(world: World, args: Args) -> Reply:
        daemons = world.documents["_metadata"].get(kind, {})
        if not args.has(argument):
            return show(args, [{key: name, **entry} for name, entry in daemons.items()])
        name = args.text(argument).removeprefix(f"{kind}.")
        if name not in daemons:
            raise Refusal(errno.ENOENT, f"there is no {kind}.{name}")
        return show(args, {key: name, **daemons[name]})

    return command


def _versions_of(kind: str) -> Any:
    def command(world: World, args: Args) -> Reply:
        daemons = world.documents["_metadata"].get(kind, {}).values()
        return show(args, Counter(daemon["ceph_version"] for daemon in daemons))

    return command


def _node_ls(world: World, args: Args) -> Reply:
    found: dict[str, dict[str, list[Any]]] = {}
    for kind in ("mon", "osd", "mds", "mgr"):
        hosts: dict[str, list[Any]] = {}
        for name, entry in world.documents["_metadata"].get(kind, {}).items():
            hosts.setdefault(entry["hostname"], []).append(int(name) if kind == "osd" else name)
        found[kind] = hosts
    wanted = args.text("type", "all")
    if wanted != "all" and wanted not in found:
        raise Refusal(errno.EINVAL, f"'{wanted}' is not one of all, {', '.join(found)}")
    return show(args, found if wanted == "all" else found[wanted])


def _mgr_dump(world: World, args: Args) -> Reply:
    return show(args, world.documents["mgr_map"])


def _mgr_stat(world: World, args: Args) -> Reply:
    map_ = world.documents["mgr_map"]
    keys = ("epoch", "available", "active_name")
    return show(args, {**{key: map_[key] for key in keys}, "num_standby": len(map_["standbys"])})


def _service_dump(world: World, args: Args) -> Reply:
    return show(args, world.documents["service_map"])


COMMANDS = {
    "mon stat": _stat,
    "mon dump": _dump,
    "quorum_status": _quorum_status,
    "mon metadata": _metadata_of("mon", "id", "name"),
    "mds metadata": _metadata_of("mds", "who", "name"),
    "mgr metadata": _metadata_of("mgr", "who", "name"),
    "mon versions": _versions_of("mon"),
    "osd versions": _versions_of("osd"),
    "mds versions": _versions_of("mds"),
    "mgr versions": _versions_of("mgr"),
    "node ls": _node_ls,
    "mgr dump": _mgr_dump,
    "mgr stat": _mgr_stat,
    "service dump": _service_dump,
}
