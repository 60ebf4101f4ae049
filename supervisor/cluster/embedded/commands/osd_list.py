"""Commands that show OSDs and the OSD map."""

import statistics
from typing import Any

from supervisor.cluster.embedded.answers import Args, Reply, osd_id, show
from supervisor.cluster.embedded.checks import locations
from supervisor.cluster.embedded.commands.osd import osd_in
from supervisor.cluster.embedded.commands.pool_list import pool_line
from supervisor.cluster.embedded.commands.status import osd_counts, osd_sentence
from supervisor.cluster.embedded.placement import NONE
from supervisor.cluster.embedded.texttable import table, weight
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]


def _ls(world: World, args: Args) -> Reply:
    numbers = [osd["osd"] for osd in world.osd_map["osds"]]
    return show(args, numbers, "\n".join(map(str, numbers)))


def _stat(world: World, args: Args) -> Reply:
    sentence = f"{osd_sentence(world)}; epoch: e{world.osd_map['epoch']}"
    return show(args, osd_counts(world), sentence)


def _addrs(addrvec: list[Document]) -> str:
    return ",".join(f"{a['type']}:{a['addr']}/{a['nonce']}" for a in addrvec)


def _line(osd: Document) -> str:
    affinity = osd["primary_affinity"]
    return (
        f"osd.{osd['osd']} {'up' if osd['up'] else 'down':<4} {'in' if osd['in'] else 'out':<3}"
        f" weight {osd['weight']:g}{'' if affinity == 1 else f' primary_affinity {affinity:g}'}"
        f" up_from {osd['up_from']} up_thru {osd['up_thru']} down_at {osd['down_at']}"
        f" last_clean_interval [{osd['last_clean_begin']},{osd['last_clean_end']})"
        f" [{_addrs(osd['public_addrs']['addrvec'])}] [{_addrs(osd['cluster_addrs']['addrvec'])}]"
        f" {','.join(osd['state'])} {osd['uuid']}"
    )


def _dump(world: World, args: Args) -> Reply:
    map_ = world.osd_map
    keys = (
        "epoch", "fsid", "created", "modified", "flags", "crush_version", "full_ratio",
        "backfillfull_ratio", "nearfull_ratio", "require_min_compat_client", "min_compat_client",
        "require_osd_release",
    )  # fmt: skip
    lines = [
        f"{key} {f'{map_[key]:.6g}' if isinstance(map_[key], float) else map_[key]}" for key in keys
    ]
    lines.append(
        f"stretch_mode_enabled {str(bool(map_['stretch_mode']['stretch_mode_enabled'])).lower()}"
    )
    lines += [pool_line(pool) for pool in map_["pools"]]
    lines += [f"max_osd {map_['max_osd']}", *map(_line, map_["osds"])]
    for entry in map_["pg_upmap_items"]:
        moves = ",".join(f"{pair['from']},{pair['to']}" for pair in entry["mappings"])
        lines.append(f"pg_upmap_items {entry['pgid']} [{moves}]")
    lines += [f"blocklist {addr} expires {until}" for addr, until in map_["blocklist"].items()]
    return show(args, map_, "\n".join(lines))


def _info(world: World, args: Args) -> Reply:
    if not args.has("id"):
        osds = world.osd_map["osds"]
        return show(args, osds, "\n".join(map(_line, osds)))
    osd = osd_in(world.osd_map, osd_id(args.text("id")))
    return show(args, osd, _line(osd))


def walk(tree: Document) -> list[tuple[int, Document]]:
    """(depth, node) of the tree, in the order in which it is printed."""
    nodes = {node["id"]: node for node in tree["nodes"]}
    inner = {child for node in tree["nodes"] for child in node.get("children", ())}
    found: list[tuple[int, Document]] = []

    def visit(number: int, depth: int) -> None:
        found.append((depth, nodes[number]))
        for child in sorted(nodes[number].get("children", ()), key=lambda n: (n < 0, abs(n))):
            visit(child, depth + 1)

    for number in nodes:
        if number not in inner:
            visit(number, 0)
    return found


def branch(depth: int, node: Document) -> str:
    """The node's name, with its type where it is a bucket, as far in as it is deep."""
    return "    " * depth + (f"{node['type']} " if node["id"] < 0 else "") + str(node["name"])


def node_weights(tree: Document) -> dict[int, float]:
    """CRUSH weight of every node: an OSD's own, a bucket's is the sum below it."""
    nodes = {node["id"]: node for node in tree["nodes"]}

    def of(number: int) -> float:
        node = nodes[number]
        own: float = node.get("crush_weight", 0.0)
        return own + sum(map(of, node.get("children", ())))

    return {number: of(number) for number in nodes}


def _tree(world: World, args: Args) -> Reply:
    tree = world.documents["osd_map_tree"]
    wanted = set(args.words("states"))
    osds = {osd["osd"]: osd for osd in world.osd_map["osds"]}

    def kept(node: Document) -> bool:
        osd = osds.get(node["id"])
        if osd is None or not wanted:
            return True
        states = {"up" if osd["up"] else "down", "in" if osd["in"] else "out"}
        return wanted <= states

    weights = node_weights(tree)
    rows = [
        (
            node["id"], node.get("device_class", ""), weight(weights[node["id"]]),
            branch(depth, node), node.get("status", ""),
            weight(node["reweight"]) if "reweight" in node else "",
            weight(node["primary_affinity"]) if "primary_affinity" in node else "",
        )
        for depth, node in walk(tree) if kept(node)
    ]  # fmt: skip
    heads = (">ID", ">CLASS", "WEIGHT", "TYPE NAME", ">STATUS", ">REWEIGHT", ">PRI-AFF")
    data = {**tree, "nodes": [node for node in tree["nodes"] if kept(node)]}
    return show(args, data, table(heads, rows))


def _metadata(world: World, args: Args) -> Reply:
    found = world.documents["osd_metadata"]
    if args.has("id"):
        number = osd_id(args.text("id"))
        osd_in(world.osd_map, number)
        return show(args, {"id": number, **found[str(number)]})
    return show(args, [{"id": int(key), **entry} for key, entry in found.items()])


def _find(world: World, args: Args) -> Reply:
    number = osd_id(args.text("id"))
    osd = osd_in(world.osd_map, number)
    metadata = world.documents["osd_metadata"].get(str(number), {})
    places = locations(world.documents["osd_map_tree"]).get(number, [])
    data: Document = {
        "osd": number,
        "addrs": osd["public_addrs"],
        "osd_fsid": osd["uuid"],
        "host": metadata.get("hostname", ""),
    }
    if "container_name" in metadata:
        data["container_name"] = metadata["container_name"]
    return show(args, {**data, "crush_location": dict(reversed(places))})


def _perf(world: World, args: Args) -> Reply:
    infos = [
        {"id": osd["osd"], "perf_stats": osd["perf_stat"]}
        for osd in world.documents["osd_stats"]["osd_stats"]
    ]
    rows = [
        (
            i["id"],
            int(i["perf_stats"]["commit_latency_ms"]),
            int(i["perf_stats"]["apply_latency_ms"]),
        )
        for i in infos
    ]
    data = {"pg_ready": True, "osdstats": {"osd_perf_infos": infos}}
    return show(args, data, table((">osd", ">commit_latency(ms)", ">apply_latency(ms)"), rows))


def _blocklist(world: World, args: Args) -> Reply:
    entries = world.osd_map["blocklist"]
    plain = "\n".join(f"{addr} {until}" for addr, until in entries.items())
    data = [{"addr": addr, "until": until} for addr, until in entries.items()]
    return show(args, data, plain, f"listed {len(entries)} entries")


def _utilization(world: World, args: Args) -> Reply:
    counts = {osd["osd"]: 0 for osd in world.osd_map["osds"] if osd["in"]}
    for pg in world.pgs:
        for osd in pg.row["acting"]:
            if osd != NONE and osd in counts:
                counts[osd] += 1
    mean = statistics.mean(counts.values()) if counts else 0.0
    dev = statistics.pstdev(counts.values()) if counts else 0.0
    lines = [f"avg {mean:g}", f"stddev {dev:g}"]
    for word, pick in (("min", min), ("max", max)):
        if counts:
            number = pick(counts, key=lambda n: counts[n])
            share = counts[number] / mean if mean else 0
            lines.append(f"{word} osd.{number} with {counts[number]} pgs ({share:g} * mean)")
    return show(args, {"utilization": {"avg_pgs": mean, "std_dev": dev}}, "\n".join(lines))


COMMANDS = {
    "osd ls": _ls,
    "osd stat": _stat,
    "osd dump": _dump,
    "osd info": _info,
    "osd tree": _tree,
    "osd metadata": _metadata,
    "osd find": _find,
    "osd perf": _perf,
    "osd blocklist ls": _blocklist,
    "osd utilization": _utilization,
}
