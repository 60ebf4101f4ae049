"""`--dry-run`: what the backend's plan looks like on a terminal.

A plan is a list of entries {"service_type", "service_name", "add": [host], "remove": [host]}; of an
OSD spec {"service_type": "osd", "data": {host: [{"osdspec", "data": [{"data", "block_db",
"block_wal"}], "notes": [text]}]}}; a {"warning": text} stands above, an {"error": text} alone.
"""

import json
from collections.abc import Iterator
from typing import Any

from prettytable import PrettyTable


Plan = list[dict[str, Any]]


def preview(plan: Plan) -> str:
    """The two tables with their titles, or the errors."""
    errors = [entry["error"] for entry in plan if entry.get("error")]
    if errors:
        return json.dumps(errors)
    warnings = "".join(entry["warning"] for entry in plan if entry.get("warning"))
    services = _titled("SERVICESPEC PREVIEWS", _services(plan))
    return f"\n{warnings}\n\n{services}\n{_titled('OSDSPEC PREVIEWS', _osds(plan))}"


def _titled(title: str, table: str) -> str:
    rule = "#" * len(title)
    return f"{rule}\n{title}\n{rule}\n{table}\n"


def _services(plan: Plan) -> str:
    table = _table("SERVICESPEC PREVIEW", ["SERVICE", "NAME", "ADD_TO", "REMOVE_FROM"])
    for entry in plan:
        if entry.get("warning") or entry.get("service_type") == "osd":
            continue
        hosts = [" ".join(entry.get(key) or []) for key in ("add", "remove")]
        table.add_row([entry.get("service_type"), entry.get("service_name"), *hosts])
    return table.get_string()


def _osds(plan: Plan) -> str:
    table = _table("OSDSPEC PREVIEWS", ["service", "name", "host", "data", "db", "wal"])
    notes = ""
    for host, spec in _osd_specs(plan):
        if spec.get("error"):
            return str(spec.get("message"))
        if spec.get("notes"):
            notes += "\n".join(spec["notes"]) + "\n"
        for osd in spec.get("data", []):
            if osd.get("data"):
                beside = (osd.get("block_db", "-"), osd.get("block_wal", "-"))
                table.add_row(["osd", spec.get("osdspec"), host, osd["data"], *beside])
    return notes + table.get_string()


def _osd_specs(plan: Plan) -> Iterator[tuple[str, dict[str, Any]]]:
    for entry in plan:
        if entry.get("service_type") == "osd":
            for host, specs in (entry.get("data") or {}).items():
                yield from ((host, spec) for spec in specs)


def _table(title: str, heads: list[str]) -> PrettyTable:
    made = PrettyTable(header_style="upper", title=title, border=True)
    made.field_names = heads
    made.align = "l"
    made.left_padding_width, made.right_padding_width = 0, 2
    return made
