"""Measures this project beside a real ceph-mgr and other ways of calling a process, in one run.

What is compared takes turns, so that what the machine does meanwhile falls on all. Only ratios
within one run mean anything. A row that cannot be measured says why.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType

from bench.curve import Curve
from bench.report import document, page, screen
from bench.row import Row
from bench.sides.side import SideError
from bench.turns import Effort


SUITES = (
    "calls", "documents", "commands", "remote", "results",
    "publication", "starting", "idle", "recovery", "scale",
)  # fmt: skip
QUICK = Effort(rounds=2, seconds=0.05, quick=True)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the table, write what is asked for; 1 where a suite failed."""
    words = sys.argv[1:] if argv is None else list(argv)
    arguments = _arguments(words)
    effort = arguments.effort
    rows: list[Row] = []
    curves: list[Curve] = []
    failed = False
    for name in arguments.suite:
        print(f"bench: {name}", file=sys.stderr)
        suite = import_module(f"bench.suites.{name}")
        failed |= not _run(suite, effort, rows, curves)
    command = shlex.join([".venv/bin/python", "-m", "bench", *words])
    result = document(rows, curves, effort, command)
    print(screen(result))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if arguments.write is not None:
        folder = arguments.write.with_suffix("")
        arguments.write.write_text(page(result, folder), encoding="utf-8")
    return int(failed)


def _run(suite: ModuleType, effort: Effort, rows: list[Row], curves: list[Curve]) -> bool:
    """Collect what the suite yields. One that fails leaves its other rows as not measured."""
    found: list[Row] = []
    why = "its suite did not yield it"
    try:
        for part in suite.run(effort):
            if isinstance(part, Curve):
                curves.append(part)
            else:
                found.append(part)
                print(f"bench: {part.target.what}: {part.verdict}", file=sys.stderr)
    except SideError as error:
        why = str(error)
        print(f"bench: {suite.__name__}: {why}", file=sys.stderr)
    measured = {row.target.key for row in found}
    missing = [target for target in suite.TARGETS if target.key not in measured]
    rows += [*found, *(target.missing(why) for target in missing)]
    return not missing


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--suite", default=",".join(SUITES), metavar="A,B", help=f"default: {','.join(SUITES)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a trial of minutes: few rounds, small clusters"
    )
    parser.add_argument("--rounds", type=int, help=f"default: {Effort.rounds}")
    parser.add_argument(
        "--round-seconds", type=float, metavar="S",
        help=f"how long each path is measured in a round; default: {Effort.seconds}",
    )  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="write the page there; plots go beside it"
    )
    given = parser.parse_args(words)
    given.suite = given.suite.split(",")
    if unknown := set(given.suite) - set(SUITES):
        parser.error(f"--suite: there is no {min(unknown)!r}; there are {', '.join(SUITES)}")
    effort = QUICK if given.quick else Effort()
    if given.rounds is not None:
        effort = replace(effort, rounds=given.rounds)
    if given.round_seconds is not None:
        effort = replace(effort, seconds=given.round_seconds)
    if effort.rounds < 1 or effort.seconds <= 0:
        parser.error("--rounds and --round-seconds must be above 0")
    given.effort = effort
    return given


if __name__ == "__main__":
    sys.exit(main())
