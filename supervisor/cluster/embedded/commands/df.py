"""`df`: how much room there is, and which pool takes it."""

from collections import Counter
from typing import Any

from supervisor.cluster.embedded.answers import Args, Reply, show
from supervisor.cluster.embedded.texttable import figure, percent, size, table
from supervisor.cluster.embedded.world import World


Document = dict[str, Any]
_BASIC = ("stored", "objects", "kb_used", "bytes_used", "percent_used", "max_avail")


def _df(world: World, args: Args) -> Reply:
    df = world.documents["df"]
    if not args.has("detail"):
        pools = [{**pool, "stats": {k: pool["stats"][k] for k in _BASIC}} for pool in df["pools"]]
        return show(
            args, {**df, "pools": pools}, f"{_raw(df)} \n--- POOLS ---\n{_pools(world, df)}"
        )
    return show(args, df, f"{_raw(df)} \n--- POOLS ---\n{_detailed(world, df)}")


def _raw(df: Document) -> str:
    kinds = {**df["stats_by_class"], "TOTAL": df["stats"]}
    rows = [
        (name, size(s["total_bytes"]), size(s["total_avail_bytes"]), size(s["total_used_bytes"]),
         size(s["total_used_raw_bytes"]), percent(s["total_used_raw_ratio"]))
        for name, s in kinds.items()
    ]  # fmt: skip
    heads = ("CLASS", ">SIZE", ">AVAIL", ">USED", ">RAW USED", ">%RAW USED")
    return f"--- RAW STORAGE ---\n{table(heads, rows)}"


def _groups(world: World) -> Counter[int]:
    return Counter(pg.pool for pg in world.pgs)


def _pools(world: World, df: Document) -> str:
    groups = _groups(world)
    rows = [
        (pool["name"], pool["id"], groups[pool["id"]], size(s["stored"]), figure(s["objects"]),
         size(s["bytes_used"]), percent(s["percent_used"]), size(s["max_avail"]))
        for pool in df["pools"] for s in [pool["stats"]]
    ]  # fmt: skip
    heads = ("POOL", ">ID", ">PGS", ">STORED", ">OBJECTS", ">USED", ">%USED", ">MAX AVAIL")
    return table(heads, rows)


def _detailed(world: World, df: Document) -> str:
    groups = _groups(world)
    rows = [
        (pool["name"], pool["id"], groups[pool["id"]], size(s["stored"]), size(s["stored_data"]),
         size(s["stored_omap"]), figure(s["objects"]), size(s["bytes_used"]),
         size(s["data_bytes_used"]), size(s["omap_bytes_used"]), percent(s["percent_used"]),
         size(s["max_avail"]), figure(s["quota_objects"]) if s["quota_objects"] else "N/A",
         size(s["quota_bytes"]) if s["quota_bytes"] else "N/A", "N/A",
         size(s["compress_bytes_used"]), size(s["compress_under_bytes"]))
        for pool in df["pools"] for s in [pool["stats"]]
    ]  # fmt: skip
    heads = (
        "POOL", ">ID", ">PGS", ">STORED", ">(DATA)", ">(OMAP)", ">OBJECTS", ">USED", ">(DATA)",
        ">(OMAP)", ">%USED", ">MAX AVAIL", ">QUOTA OBJECTS", ">QUOTA BYTES", ">DIRTY",
        ">USED COMPR", ">UNDER COMPR",
    )  # fmt: skip
    return table(heads, rows)


COMMANDS = {"df": _df}
