"""The table of `ceph osd status`."""

from collections.abc import Iterable
from fnmatch import fnmatch
from typing import Any

from mgr_module import MgrModule
from mgr_util import format_bytes, format_dimless
from prettytable import PrettyTable

from status.rates import Counters


COLUMNS = {
    "ID": "r", "HOST": "l", "USED": "r", "AVAIL": "r", "WR OPS": "r", "WR DATA": "r",
    "RD OPS": "r", "RD DATA": "r", "STATE": "l",
}  # fmt: skip
WIDTH = 5


def below(crush: dict[str, Any], pattern: str) -> set[int] | None:
    """OSDs below the buckets whose names match; None where no name does."""
    buckets = {bucket["id"]: bucket for bucket in crush["buckets"]}
    matching = [bucket for bucket in buckets.values() if fnmatch(bucket["name"], pattern)]
    if not matching:
        return None
    found, waiting = set(), [item["id"] for bucket in matching for item in bucket["items"]]
    while waiting:
        item = waiting.pop()
        if item >= 0:
            found.add(item)
        else:
            waiting += [entry["id"] for entry in buckets[item]["items"]]
    return found


def table(module: MgrModule, osds: Iterable[dict[str, Any]]) -> str:
    """One line for each of `osds`, entries of the OSD map."""
    drawn = PrettyTable(list(COLUMNS), border=False)
    drawn.align.update(COLUMNS)
    drawn.left_padding_width, drawn.right_padding_width = 0, 2
    usage = {entry["osd"]: entry for entry in module.get("osd_stats")["osd_stats"]}
    for osd in osds:
        drawn.add_row(_row(module, osd, usage.get(osd["osd"])))
    return str(drawn.get_string())


def _row(module: MgrModule, osd: dict[str, Any], usage: dict[str, Any] | None) -> list[Any]:
    name = str(osd["osd"])
    counters = Counters(module, "osd", name)
    host, used, free = "", 0, 0
    if usage:
        host = (module.get_metadata("osd", name) or {}).get("hostname", "")
        used, free = usage["kb_used"] << 10, usage["kb_avail"] << 10
    return [
        osd["osd"],
        host,
        format_bytes(used, WIDTH),
        format_bytes(free, WIDTH),
        format_dimless(counters.rate("osd.op_w") + counters.rate("osd.op_rw"), WIDTH),
        format_bytes(counters.rate("osd.op_in_bytes"), WIDTH),
        format_dimless(counters.rate("osd.op_r"), WIDTH),
        format_bytes(counters.rate("osd.op_out_bytes"), WIDTH),
        ",".join(osd["state"]),
    ]
