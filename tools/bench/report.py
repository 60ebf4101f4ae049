"""The results: the JSON document, the table on the screen, and the page of the documentation."""

import os
import platform
import tomllib
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from prettytable import PrettyTable

from bench.curve import Curve
from bench.plot import svg
from bench.row import Row
from bench.turns import Effort


LIBRARIES = (
    "pyzmq", "protobuf", "msgpack", "orjson", "grpcio", "Pyro5", "rpyc", "ray",
)  # fmt: skip
PAGES = Path(__file__).parent / "pages"
PROFILE_LINES = 22


def document(
    rows: Sequence[Row], curves: Sequence[Curve], effort: Effort, command: str
) -> dict[str, Any]:
    """Everything as plain data."""
    return {
        "command": command,
        "host": host(),
        "versions": _versions(),
        "rounds": effort.rounds,
        "seconds": effort.seconds,
        "quick": effort.quick,
        "rows": [row.plain() for row in rows],
        "curves": [curve.plain() for curve in curves],
    }


def screen(result: Mapping[str, Any]) -> str:
    """The document as text: the host, the versions, one line a row."""
    table = PrettyTable(["what", "beside", "its figure", "ours", "value", "target", ""])
    table.align = "r"
    for left in ("what", "beside", ""):
        table.align[left] = "l"
    for row in result["rows"]:
        table.add_row([row["what"], row["reference"] or "-", *_cells(row)])
    return "\n".join([_machine(result), table.get_string()])


def page(result: Mapping[str, Any], folder: Path) -> str:
    """The page, in Markdown; its plots are written into `folder`, and those that are no more go."""
    reasons = tomllib.loads((PAGES / "reasons.toml").read_text(encoding="utf-8"))
    return (PAGES / "performance.md").read_text(encoding="utf-8").format(
        command=result["command"],
        machine=_machine(result),
        rounds=result["rounds"],
        rows=_markdown(result["rows"]),
        misses=_misses(result["rows"], reasons),
        curves=_curves(result["curves"], reasons, folder),
    )  # fmt: skip


def host() -> dict[str, Any]:
    """The machine that this process runs on: cpu, cores, system, python."""
    return {
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _machine(result: Mapping[str, Any]) -> str:
    of = result["host"]
    versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
    return f"{of['cpu']}, {of['cores']} cores, {of['system']}, Python {of['python']}; {versions}"


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _markdown(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        "| what | beside | its p50 / p99 | ours p50 / p99 | value | target | |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        cells = [row["what"], row["reference"] or "-", *_cells(row)]
        if row["note"]:
            cells[0] += f" ({row['note']})"
        lines.append("| " + " | ".join(str(cell).replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def _cells(row: Mapping[str, Any]) -> list[str]:
    unit = row["unit"]
    value = row["value"]
    shown = "-" if value is None else f"{_short(value)}{'x' if row['reference'] else ' ' + unit}"
    wanted = row["wanted"]
    if row["statistic"] == "p99" and wanted != "-":
        wanted += " at p99"
    return [
        _pair(row["reference_figures"], unit),
        _pair(row["ours"], unit),
        shown,
        wanted,
        row["verdict"],
    ]


def _pair(of: Mapping[str, float] | None, unit: str) -> str:
    if of is None:
        return "-"
    if of["p50"] == of["p99"]:
        return f"{_short(of['p50'])} {unit}"
    return f"{_short(of['p50'])} / {_short(of['p99'])} {unit}"


def _misses(rows: Sequence[Mapping[str, Any]], reasons: Mapping[str, str]) -> str:
    missed = [row for row in rows if row["met"] is False]
    if not missed:
        return "None."
    parts = []
    for row in missed:
        beside = f", beside {row['reference']}" if row["reference"] else ""
        why = reasons.get(row["key"], "Not explained yet.")
        parts.append(f"**{row['what']}{beside}: {row['verdict']}.** {why.strip()}")
        if row["profile"]:
            lines = row["profile"].splitlines()[:PROFILE_LINES]
            parts.append("```\n" + "\n".join(line.rstrip() for line in lines) + "\n```")
    return "\n\n".join(parts)


def _curves(curves: Sequence[Mapping[str, Any]], reasons: Mapping[str, str], folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.svg"):
        old.unlink()
    parts = []
    for curve in curves:
        (folder / f"{curve['key']}.svg").write_text(svg(curve), encoding="utf-8")
        growth = ", ".join(f"{name} {value:g}" for name, value in curve["exponents"].items())
        why = reasons.get(curve["key"], "")
        parts.append(
            f"### {curve['title']}\n\n![{curve['title']}]({folder.name}/{curve['key']}.svg)\n\n"
            f"Expected: {curve['expected']}. Exponents over the upper half: {growth}. {why}".strip()
        )
    return "\n\n".join(parts) or "Not measured in this run."


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def _cpu() -> str:
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:  # noqa: PTH123
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()
