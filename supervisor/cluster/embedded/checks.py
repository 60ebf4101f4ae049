"""The health checks that a monitor and a manager derive from the maps and the placement groups."""

from collections.abc import Mapping
from typing import Any

from supervisor.cluster.embedded.pgs import Pgs, words


Document = dict[str, Any]
DETAILS = 50  # lines of detail a check keeps, as mon_health_max_detail
WARNED_FLAGS = (
    "pauserd", "pausewr", "noup", "nodown", "noin", "noout", "nobackfill", "norecover", "noscrub",
    "nodeep-scrub", "notieragent", "nosnaptrim", "norebalance",
)  # fmt: skip


def check(message: str, count: int, detail: list[str], severity: str = "HEALTH_WARN") -> Document:
    """One check in the shape in which modules and monitors state it."""
    return {
        "severity": severity,
        "summary": {"message": message, "count": count},
        "detail": [{"message": line} for line in detail[:DETAILS]],
    }


def derive(osd_map: Document, tree: Document, pgs: Pgs) -> dict[str, Document]:
    """Every check that is raised, by code."""
    found = {
        "OSD_DOWN": _osds_down(osd_map, tree),
        **_buckets_down(osd_map, tree),
        "OSDMAP_FLAGS": _flags(osd_map),
        "PG_AVAILABILITY": _availability(pgs),
        "PG_DEGRADED": _degraded(pgs),
        "POOL_APP_NOT_ENABLED": _applications(osd_map, pgs),
    }
    return {code: entry for code, entry in found.items() if entry}


def _osds_down(osd_map: Document, tree: Document) -> Document | None:
    # One that is out as well is no longer missed.
    down = [osd["osd"] for osd in osd_map["osds"] if not osd["up"] and osd["in"]]
    if not down:
        return None
    places = locations(tree)
    detail = [
        f"osd.{number} ({','.join(map('='.join, places.get(number, ())))}) is down"
        for number in down
    ]
    return check(f"{len(down)} osds down", len(down), detail)


def _buckets_down(osd_map: Document, tree: Document) -> dict[str, Document | None]:
    """OSD_HOST_DOWN and its like: every bucket with an OSD that is missed and none that is up."""
    alive = {osd["osd"] for osd in osd_map["osds"] if osd["up"]}
    missed = {osd["osd"] for osd in osd_map["osds"] if not osd["up"] and osd["in"]}
    below: dict[tuple[str, str], set[int]] = {}
    above: dict[tuple[str, str], str] = {}
    for number, path in locations(tree).items():
        for depth, bucket in enumerate(path):
            below.setdefault(bucket, set()).add(number)
            above[bucket] = ",".join(map("=".join, path[:depth]))
    found: dict[str, list[tuple[str, int]]] = {}
    for (kind, name), osds in below.items():
        count = len(osds & missed)
        if count and not osds & alive:
            place = f"({above[kind, name]}) " if above[kind, name] else ""
            found.setdefault(kind, []).append(
                (f"{kind} {name} {place}({count} osds) is down", count)
            )
    return {
        f"OSD_{kind.upper()}_DOWN": check(
            f"{len(down)} {kind}{'s' if len(down) > 1 else ''}"
            f" ({sum(count for _, count in down)} osds) down",
            len(down),
            [line for line, _ in down],
        )
        for kind, down in found.items()
    }


def locations(tree: Document) -> dict[int, list[tuple[str, str]]]:
    """{osd: [(type, name), ...]} from the root down."""
    nodes = {node["id"]: node for node in tree["nodes"]}
    found: dict[int, list[tuple[str, str]]] = {}

    def walk(number: int, path: list[tuple[str, str]]) -> None:
        if number >= 0:
            found[number] = path
            return
        node = nodes[number]
        for child in node.get("children", ()):
            walk(child, [*path, (node["type"], node["name"])])

    inner = {child for node in tree["nodes"] for child in node.get("children", ())}
    for number in nodes:
        if number < 0 and number not in inner:
            walk(number, [])
    return found


def _flags(osd_map: Document) -> Document | None:
    raised = [flag for flag in WARNED_FLAGS if flag in osd_map["flags_set"]]
    return check(f"{','.join(raised)} flag(s) set", len(raised), []) if raised else None


def _availability(pgs: Pgs) -> Document | None:
    # One that is being created or peers is given time first.
    stuck = [pg.row for pg in pgs if not words(pg.row["state"]) & {"active", "peering"}]
    if not stuck:
        return None
    down = sum("down" in words(row["state"]) for row in stuck)
    message = f"Reduced data availability: {len(stuck)} pgs inactive"
    message += f", {down} pgs down" if down else ""
    return check(message, len(stuck) + down, [_where(row) for row in stuck])


def _degraded(pgs: Pgs) -> Document | None:
    rows = [pg.row for pg in pgs]
    total = sum(row["stat_sum"]["num_objects_degraded"] for row in rows)
    copies = sum(row["stat_sum"]["num_object_copies"] for row in rows)
    suffering = {
        word: [row for row in rows if word in words(row["state"])]
        for word in ("degraded", "undersized")
    }
    parts = [f"{len(some)} pgs {word}" for word, some in suffering.items() if some]
    if total:
        parts.insert(0, f"{total}/{copies} objects degraded ({100 * total / copies:.3f}%)")
    if not parts:
        return None
    worst = {row["pgid"]: row for some in suffering.values() for row in some}
    count = sum(map(len, suffering.values()))
    message = f"Degraded data redundancy: {', '.join(parts)}"
    return check(message, count, [_where(row) for row in worst.values()])


def _where(row: Mapping[str, Any]) -> str:
    acting = ",".join(map(str, row["acting"]))
    return f"pg {row['pgid']} is {row['state']}, acting [{acting}]"


def _applications(osd_map: Document, pgs: Pgs) -> Document | None:
    used = {pg.pool for pg in pgs if pg.objects}
    names = [
        pool["pool_name"]
        for pool in osd_map["pools"]
        if pool["pool"] in used and not pool["application_metadata"]
    ]
    if not names:
        return None
    detail = [f"application not enabled on pool '{name}'" for name in names]
    detail.append("use 'ceph osd pool application enable <pool> <application>' to name its user")
    return check(f"{len(names)} pool(s) do not have an application enabled", len(names), detail)
