"""An overview of file systems as a terminal shows it, and as JSON."""

from collections.abc import Iterable
from typing import Any

from mgr_util import GREEN, YELLOW, bold, colorize, format_bytes, format_dimless
from prettytable import PrettyTable

from status.filesystems import SIZES, FileSystem, Overview, Row


WIDTH = 5


def as_json(shown: Overview) -> dict[str, Any]:
    """Give the document of `fs status --format json`; a key without content is absent."""
    versions = [{"version": text, "daemons": names} for text, names in shown.versions.items()]
    document = {
        "mdsmap": [row for filesystem in shown.filesystems for row in filesystem.daemons]
        + [{"name": name, "state": "standby"} for name in shown.standbys],
        "pools": [row for filesystem in shown.filesystems for row in filesystem.pools],
        "clients": [{"fs": each.name, "clients": each.clients} for each in shown.filesystems],
        "mds_version": versions[0]["version"] if len(versions) == 1 else versions,
    }
    return {key: value for key, value in document.items() if value}


def as_text(shown: Overview) -> str:
    """Give the tables of `fs status`."""
    parts = [_filesystem(filesystem) for filesystem in shown.filesystems]
    if shown.standbys:
        parts.append(_table(["STANDBY MDS"], [[name] for name in shown.standbys]))
    if len(shown.versions) == 1:
        parts.append(f"MDS version: {next(iter(shown.versions))}")
    elif shown.versions:
        rows = [[text, ", ".join(names)] for text, names in shown.versions.items()]
        parts.append(_table(["VERSION", "DAEMONS"], rows))
    return "\n".join(parts)


def _filesystem(shown: FileSystem) -> str:
    title = f"{shown.name} - {shown.clients} clients\n{'=' * len(shown.name)}"
    columns = ["RANK", "STATE", "MDS", "ACTIVITY", *(name.upper() for name in SIZES)]
    daemons = _table(columns, [_daemon(row) for row in shown.daemons])
    pools = [
        [
            row["name"],
            row["type"],
            format_bytes(row["used"], WIDTH),
            format_bytes(row["avail"], WIDTH),
        ]
        for row in shown.pools
    ]
    return f"{title}\n{daemons}\n{_table(['POOL', 'TYPE', 'USED', 'AVAIL'], pools)}"


def _daemon(row: Row) -> list[Any]:
    if "name" not in row:
        return [row["rank"], row["state"], *[""] * (2 + len(SIZES))]
    sizes = [format_dimless(row[name], WIDTH) for name in SIZES]
    if "events" in row:
        activity = f"Evts: {format_dimless(row['events'], WIDTH)}/s"
        return [f"{row['rank']}-s", row["state"], row["name"], activity, *sizes]
    activity = "" if row["rate"] == "0" else f"Reqs: {format_dimless(row['rate'], WIDTH)}/s"
    state = colorize(row["state"], GREEN if row["state"] == "active" else YELLOW)
    return [bold(str(row["rank"])), state, row["name"], activity, *sizes]


def _table(columns: list[str], rows: Iterable[list[Any]]) -> str:
    drawn = PrettyTable(columns, border=False)
    drawn.left_padding_width, drawn.right_padding_width = 0, 2
    drawn.add_rows(list(rows))
    return str(drawn.get_string())
