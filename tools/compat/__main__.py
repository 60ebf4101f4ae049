"""Runs a tree of upstream modules, unmodified, three ways, and writes the table that compares them.

    .venv/bin/python tools/compat [--tree DIR] [--write FILE]

Three ways: each module in a process of its own on our mgr_module; the same on the tree's own
mgr_module.py, standing on our ceph_module; and all of them in a real ceph-mgr on loopback
(tools/cephlab). Columns: it loads; it serves; of its commands that only read and need no argument,
how many answer without a fault; its self_test() through the upstream selftest module.
"""

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from compat.runs import Program, embedded_supervisor, real_manager


ROOT = Path(__file__).resolve().parent.parent.parent
TREE = Path("/usr/share/ceph/mgr")
FAULTS = ("Traceback (most recent call last)", "has experienced an error", "failed to load")
# What real ceph-mgr cannot do without packages that Debian's minimal installation leaves out is
# seen in its own column, so no module of the tree is left out here.


@dataclass
class Column:
    """What one way of running came to, by module."""

    title: str
    loads: dict[str, str] = field(default_factory=dict)
    serves: dict[str, str] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)
    self_test: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def modules_of(tree: Path) -> list[str]:
    """The modules of the tree, as ceph-mgr discovers them."""
    return sorted(path.parent.name for path in tree.glob("*/module.py"))


def examine(title: str, run: Program, names: list[str], commands: dict[str, list[str]]) -> Column:
    """Ask about every module; `run` sends one command line."""
    column = Column(title)
    dump = run("mgr dump", "--format", "json").json()
    available = {entry["name"]: entry for entry in dump["available_modules"]}
    for name in names:
        entry = available.get(name, {"can_run": False, "error_string": "not found"})
        column.loads[name] = "yes" if entry["can_run"] else f"no: {entry['error_string']}"
        column.self_test[name] = _self_test(run, name)
        column.commands[name] = _commands(run, name, commands.get(name, []), column)
    failed = _failed(run)
    for name in names:
        loaded = column.loads[name] == "yes"
        column.serves[name] = "-" if not loaded else "no" if name in failed else "yes"
        if name in failed:
            column.notes.append(f"{title}: {name}: {failed[name]}")
    return column


def _self_test(run: Program, name: str) -> str:
    answer = run("mgr self-test module", name)
    return "pass" if answer.code == 0 else f"fail ({answer.code})"


def _commands(run: Program, name: str, lines: list[str], column: Column) -> str:
    good = 0
    for line in lines:
        answer = run(line)
        if answer.code == 0 or not any(fault in answer.err for fault in FAULTS):
            good += 1
        else:
            last = answer.err.strip().splitlines()[-1:]
            column.notes.append(f"{column.title}: {name}: `{line}`: {''.join(last)}")
    return f"{good}/{len(lines)}" if lines else "-"


def _failed(run: Program) -> dict[str, str]:
    """Modules named by MGR_MODULE_ERROR, with the reason."""
    checks = run("health detail", "--format", "json").json()["checks"]
    told = checks.get("MGR_MODULE_ERROR", {}).get("detail", [])
    found = (re.search(r"Module '(\w+)' has failed: (.*)", entry["message"]) for entry in told)
    return {match[1]: match[2] for match in found if match}


def reading_commands(run_described: Callable[[], list[dict[str, str]]]) -> dict[str, list[str]]:
    """By module: the command lines that only read and need no argument."""
    lines: dict[str, list[str]] = {}
    for item in run_described():
        words = item["cmd"].split(" name=")[0]
        needs = any("req=false" not in a.lower() for a in item["cmd"].split(" name=")[1:])
        if item["perm"] == "r" and not needs:
            lines.setdefault(item["module"], []).append(words)
    return lines


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="compat-", dir="/tmp") as name:
        yield Path(name)


def collect(tree: Path) -> tuple[list[str], list[Column]]:
    """Run all three ways; answers the modules and the columns."""
    names = modules_of(tree)
    columns = []
    lines: dict[str, list[str]] = {}
    for title, api in (("our mgr_module", "supervisor"), ("its own mgr_module", "tree")):
        with _folder() as folder, embedded_supervisor(folder, tree, api, names) as run:
            lines = lines or reading_commands(run.describe)
            columns.append(examine(title, run, names, lines))
    with _folder() as folder, real_manager(folder, tree, names) as run:
        columns.append(examine("ceph-mgr 16.2.15", run, names, lines))
    return names, columns


def markdown(names: list[str], columns: list[Column]) -> str:
    """The table, and below it why anything is not a plain yes."""
    facets = ("loads", "serves", "commands", "self_test")
    heads = [f"{column.title}: {facet}" for column in columns for facet in facets]
    out = [
        "# Upstream's modules, unmodified, three ways",
        "",
        "Generated by `.venv/bin/python tools/compat --write docs/compatibility.md`.",
        "Commands: those that only read and need no argument; a refusal in a sentence counts as an",
        "answer, a traceback does not.",
        "",
        "| module | " + " | ".join(heads) + " |",
        "|---" * (len(heads) + 1) + "|",
    ]
    for name in names:
        cells = [
            cell[name].split(":")[0]
            for column in columns
            for cell in (column.loads, column.serves, column.commands, column.self_test)
        ]
        out.append(f"| {name} | " + " | ".join(cells) + " |")
    passed = [sum(v == "pass" for v in column.self_test.values()) for column in columns]
    out.append(
        "\nself_test passes: "
        + ", ".join(f"{c.title} {n} of {len(names)}" for c, n in zip(columns, passed, strict=True))
        + "."
    )
    reasons = [
        f"{column.title}: {name}: does not load: {why.removeprefix('no: ')}"
        for column in columns
        for name, why in column.loads.items()
        if why != "yes"
    ]
    notes = [note for column in columns for note in column.notes]
    out += ["", "## What is behind each no", "", *(f"- {line}" for line in [*reasons, *notes]), ""]
    return "\n".join(out)


def main() -> int:
    """Write or print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tree", type=Path, default=TREE, help=f"default: {TREE}")
    parser.add_argument("--write", type=Path, metavar="FILE", help="default: standard output")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the cells, for other programs")
    arguments = parser.parse_args()
    if not modules_of(arguments.tree):
        print(
            f"compat: no modules in {arguments.tree}: install ceph-mgr-modules-core",
            file=sys.stderr,
        )
        return 1
    names, columns = collect(arguments.tree)
    table = markdown(names, columns)
    if arguments.json:
        arguments.json.write_text(json.dumps([vars(column) for column in columns], indent=1))
    if arguments.write:
        arguments.write.write_text(table, encoding="utf-8")
    else:
        print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
