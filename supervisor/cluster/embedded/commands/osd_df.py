"""`osd df`: how full each OSD is, alone or under its buckets."""

import errno
import statistics
from typing import Any

from supervisor.cluster.embedded.answers import Args, Refusal, Reply, show
from supervisor.cluster.embedded.checks import locations
from supervisor.cluster.embedded.commands.osd_list import branch, node_weights, walk
from supervisor.cluster.embedded.texttable import percent, size, table, weight
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]
_SIZES = ("kb", "kb_used", "kb_used_data", "kb_used_omap", "kb_used_meta", "kb_avail")
_OWN = (
    "id", "device_class", "name", "type", "type_id", "crush_weight", "depth", "pool_weights",
)  # fmt: skip
_HEADS = (
    ">ID", ">CLASS", "WEIGHT", "REWEIGHT", "SIZE", "RAW USE", "DATA", "OMAP", "META", "AVAIL",
    "%USE", "VAR", "PGS", ">STATUS",
)  # fmt: skip
_NUMBERS = slice(2, 13)  # of _HEADS: right-aligned below a left-aligned head


def _df(world: World, args: Args) -> Reply:
    tree = world.documents["osd_map_tree"]
    shown = _shown(world, args)
    stats = {osd["osd"]: osd for osd in world.documents["osd_stats"]["osd_stats"]}
    below = _osds_below(tree, shown)
    sums = {
        number: {key: sum(stats[osd][key] for osd in osds) for key in _SIZES}
        for number, osds in below.items()
    }
    counts = world.documents["pg_summary"]["by_osd"]
    groups = {int(number): sum(of.values()) for number, of in counts.items()}
    total = {key: sum(stats[osd][key] for osd in shown) for key in _SIZES}
    average = _use(total)
    nodes = [
        (depth, _node(node, sums[node["id"]], groups.get(node["id"], 0), average))
        for depth, node in walk(tree)
        if below[node["id"]]
    ]
    osds = [node for _, node in nodes if node["id"] >= 0]
    summary = _summary(osds, total, average)
    as_tree = args.text("output_method", "plain") == "tree"
    if not as_tree:
        nodes = [(depth, node) for depth, node in nodes if node["id"] >= 0]
    plain = _plain(nodes, node_weights(tree), total, summary, as_tree=as_tree)
    data = {"nodes": [node for _, node in nodes], "stray": [], "summary": summary}
    return show(args, data, plain)


def _shown(world: World, args: Args) -> set[int]:
    """The OSDs asked for: all, those of a device class, or those below a bucket."""
    places = locations(world.documents["osd_map_tree"])
    if not args.has("filter"):
        return set(places)
    word = args.text("filter")
    classes = {device["id"]: device.get("class") for device in world.crush["devices"]}
    names = {
        number: {f"osd.{number}", *(name for _, name in path)} for number, path in places.items()
    }
    by_class = args.text("filter_by", "name") == "class"
    found = {n for n in places if (classes.get(n) == word if by_class else word in names[n])}
    if not found:
        raise Refusal(errno.EINVAL, f"'{word}' not a pool, crush node or device class name")
    return found


def _osds_below(tree: Document, shown: set[int]) -> dict[int, list[int]]:
    """{node: the OSDs shown that are below it, or itself}."""
    nodes = {node["id"]: node for node in tree["nodes"]}
    found: dict[int, list[int]] = {}

    def visit(number: int) -> list[int]:
        if number not in found:
            children = nodes[number].get("children", ())
            found[number] = [osd for child in children for osd in visit(child)]
            found[number] += [number] if number in shown else []
        return found[number]

    for number in nodes:
        visit(number)
    return found


def _use(sizes: Document) -> float:
    return 100 * sizes["kb_used"] / sizes["kb"] if sizes["kb"] else 0.0


def _node(node: Document, sizes: Document, groups: int, average: float) -> Document:
    use = _use(sizes)
    found = {
        **{key: node[key] for key in _OWN if key in node},
        "reweight": node.get("reweight", -1),
        **sizes,
        "utilization": use,
        "var": use / average if average else 0.0,
        "pgs": groups,
    }
    same = ("status",) if node["id"] >= 0 else ("children",)
    return found | {key: node[key] for key in same}


def _summary(osds: list[Document], total: Document, average: float) -> Document:
    live = [node for node in osds if node["kb"]]
    shares = [node["var"] for node in live] or [0.0]
    return {
        **{f"total_{key}": value for key, value in total.items()},
        "average_utilization": average,
        "min_var": min(shares),
        "max_var": max(shares),
        "dev": statistics.pstdev([node["utilization"] for node in live]) if live else 0.0,
    }


def _plain(
    nodes: list[tuple[int, Document]],
    weights: dict[int, float],
    total: Document,
    summary: Document,
    *,
    as_tree: bool,
) -> str:
    rows: list[list[str]] = [
        [
            str(node["id"]), node.get("device_class", ""), weight(weights[node["id"]]),
            "-" if node["id"] < 0 else weight(node["reweight"]), *_figures(node),
            "-" if node["id"] < 0 else str(node["pgs"]), node.get("status", ""),
        ]
        for _, node in nodes
    ]  # fmt: skip
    average = {**total, "utilization": summary["average_utilization"]}
    rows.append(["", "", "", "TOTAL", *_figures(average), "", ""])
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEADS))]
    heads = list(_HEADS)
    for i in range(*_NUMBERS.indices(len(heads))):
        width = max(widths[i], len(heads[i]))
        for row in rows:
            row[i] = row[i].rjust(width)
    if as_tree:
        heads.append("TYPE NAME")
        names = [branch(depth, node) for depth, node in nodes]
        rows = [[*row, name] for row, name in zip(rows, [*names, ""], strict=True)]
    spread = f"{summary['min_var']:.2f}/{summary['max_var']:.2f}"
    return f"{table(heads, rows)}MIN/MAX VAR: {spread}  STDDEV: {percent(summary['dev'] / 100)}"


def _figures(node: Document) -> list[str]:
    var = percent(node["var"] / 100) if "var" in node else ""
    return [*(size(node[key] * 1024) for key in _SIZES), percent(node["utilization"] / 100), var]


COMMANDS = {"osd df": _df}
