"""The results: a JSON file with a part for each kind of run, and the page docs/faults.md."""

import json
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.report import host

from faults.adversary_page import adversary_page
from faults.beside_page import beside_page
from faults.markdown import table, template
from faults.outcome import Outcome
from faults.stage import CALL_TIMEOUT, LIMITS, SHUTDOWN_GRACE, STALL_WARNING, START_TIMEOUT


HEADS = (
    "fault", "phase", "detected by", "ms", "back, ms", "how", "siblings disturbed",
    "slowest sibling, ms", "pending calls", "acknowledged", "lost, doubled",
    "processes outlived, doubled", "leaks", "",
)  # fmt: skip
DETECTED_LENGTH = 90
# What these say in many words is in the columns beside.
SHORTER = {
    "Unhandled exception from module 'chaos' while running on mgr.x": "serve() raised",
    "Module 'chaos' failed to start on mgr.x": "__init__ raised",
}


def keep(file: Path | None, part: str, content: dict[str, Any]) -> dict[str, Any]:
    """All parts, with `part` replaced; written to `file` where there is one."""
    parts: dict[str, Any] = {}
    if file is not None and file.exists():
        parts = json.loads(file.read_text(encoding="utf-8"))
    parts[part] = content
    if file is not None:
        file.write_text(json.dumps(parts, indent=1) + "\n", encoding="utf-8")
    return parts


def matrix(outcomes: Sequence[Outcome], seed: int, bound: float) -> dict[str, Any]:
    """The part "matrix"."""
    return {
        "host": host_line(),
        "seed": seed,
        "bound": bound,
        "cells": [outcome.plain() for outcome in outcomes],
    }


def host_line() -> str:
    """Where it was measured, in one line."""
    here = host()
    return f"{here['cpu']}, {here['cores']} cores, {here['system']}, Python {here['python']}"


def page(parts: dict[str, Any], asked: str = "matrix") -> str:
    """docs/faults.md of the parts that there are; docs/adversary.md where that was asked for."""
    if asked == "adversary":
        return adversary_page(parts[asked])
    sections = {"matrix": _matrix_page, "soak": _soak_page, "beside": beside_page}
    found = [write(parts[name]) for name, write in sections.items() if name in parts]
    return "\n".join([template("introduction"), *found])


def _matrix_page(part: dict[str, Any]) -> str:
    cells = part["cells"]
    broken = [cell for cell in cells if cell["broken"]]
    told = [f"- {cell['fault']} in {cell['phase']}: {'; '.join(cell['broken'])}" for cell in broken]
    counts = {
        name: sum(bool(cell[name]) for cell in cells)
        for name in ("gaps", "lost", "twice", "leaks", "outlived", "doubled", "skipped")
    }
    return template(
        "matrix",
        seed=part["seed"],
        host=part["host"],
        bound=part["bound"],
        start=START_TIMEOUT,
        grace=SHUTDOWN_GRACE,
        call=CALL_TIMEOUT,
        stall=STALL_WARNING,
        limits=", ".join(f"{name} {value}" for name, value in LIMITS.items()),
        cells=len(cells),
        broken=len(broken),
        acknowledged=sum(cell["acknowledged"] for cell in cells),
        served=_served(cells),
        list="\n".join([*told, "", ""]) if told else "",
        table=table(HEADS, [_row(cell) for cell in cells]),
        **counts,
    )


def _served(cells: list[dict[str, Any]]) -> str:
    """How soon another supervisor answered with what was stored."""
    after = {
        how: [
            (c["served"], c["served_cpu"])
            for c in cells
            if c["served"] is not None and sign in c["fault"]
        ]
        for how, sign in (("SIGKILL", "SIGKILL"), ("an orderly end", "SIGTERM"))
    }
    return "; ".join(
        f"after {how} {_ms(statistics.median(wall for wall, _ in found))} ms "
        f"(the median of {len(found)}; at most {_ms(max(wall for wall, _ in found))} ms), "
        f"of which its processor works {_ms(statistics.median(cpu for _, cpu in found))} ms"
        for how, found in after.items()
        if found
    )


def _row(cell: dict[str, Any]) -> list[str]:
    detected = cell["detected"]
    for long, short in SHORTER.items():
        detected = detected.replace(long, short)
    if cell["skipped"]:
        detected = f"not tried: {cell['skipped']}"
    if len(detected) > DETECTED_LENGTH:
        detected = detected[: DETECTED_LENGTH - 1] + "…"
    held = ", ".join(f"{count} {what}" for what, count in cell["leaks"].items())
    wrong = len(cell["lost"]), len(cell["twice"]) + len(cell["wrong"])
    return [
        cell["fault"], cell["phase"], detected, _ms(cell["detect_seconds"]), _ms(cell["recovered"]),
        cell["how"] or "-", str(len(cell["gaps"])), _ms(cell["slowest_sibling"]),
        ", ".join(f"{count} {what}" for what, count in cell["calls"].items()) or "-",
        str(cell["acknowledged"]), f"{wrong[0]}, {wrong[1]}",
        f"{len(cell['outlived'])}, {len(cell['doubled'])}", held or "0",
        "BROKEN" if cell["broken"] else "",
    ]  # fmt: skip


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.0f}"


def _soak_page(part: dict[str, Any]) -> str:
    kinds, phases = zip(*(fault.split(" in ") for fault in part["by_fault"]), strict=True)
    growth = f"{part['rss_kib_per_hour']:.0f} KiB"
    rows = [
        ["resident memory, MiB", *(f"{mib:.1f}" for mib in part["rss_mib"]), growth],
        ["descriptors", *map(str, part["descriptors"]), f"{part['descriptors_per_hour']:.1f}"],
        ["threads", *map(str, part["threads"]), "-"],
        ["processes below it", *map(str, part["processes"]), "-"],
        [
            "resident memory of the harness, MiB",
            *(f"{mib:.1f}" for mib in part["harness_rss_mib"]),
            f"{part['harness_rss_kib_per_hour']:.0f} KiB",
        ],
    ]
    heads = ("supervisor", "first", "after a quarter", "last", "growth an hour after that quarter")
    plain = ("asked", "every", "rate", "seed", "host", "faults", "seconds", "acknowledged")
    return template(
        "soak",
        kinds=", ".join(sorted(set(kinds))),
        phases=", ".join(sorted(set(phases))),
        table=table(heads, rows),
        slowest=part["slowest_sibling"] * 1000,
        **{name: part[name] for name in plain},
        **{name: len(part[name]) for name in ("failed", "gaps", "lost", "twice")},
    )
