"""Injects faults into modules and into the supervisor, and measures what becomes of everybody else.

    .venv/bin/python -m faults                 the matrix: every kind in every phase
    .venv/bin/python -m faults --soak 600      one fault a second
    .venv/bin/python -m faults beside          the same faults in a real ceph-mgr, too
    .venv/bin/python -m faults adversary       a module that tries to get out: docs/adversary.md

All of it on this machine, in a folder of its own, bounded: see docs/faults.md for what each fault
does.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from faults import matrix, report
from faults.client import Unreachable
from faults.kinds import BY_NAME, PHASES, SUPERVISOR, Cell, cells
from faults.outcome import Outcome
from faults.soak import soak
from faults.stage import StageError


BOUND_SECONDS = 1.0
KILLS = 10


def main(argv: Sequence[str] | None = None) -> int:
    """0: no promise was broken. 1: some were, they are listed. 2: it could not be run."""
    arguments = _parse(argv)
    try:
        if arguments.what == "beside":
            part, broken = _beside(arguments)
        elif arguments.what == "adversary":
            part, broken = _adversary()
        elif arguments.soak:
            part, broken = _soak(arguments)
        else:
            part, broken = _matrix(arguments)
    except (StageError, Unreachable) as error:
        print(f"faults: {error}", file=sys.stderr)
        return 2
    name = "soak" if arguments.what == "matrix" and arguments.soak else arguments.what
    if arguments.note:
        part["host"] = f"{part['host']}; {arguments.note}"
    parts = report.keep(arguments.json, name, part)
    if arguments.write:
        arguments.write.write_text(report.page(parts, name), encoding="utf-8")
    elif not arguments.json:
        print(report.page(parts, name))
    for line in broken:
        print(f"broken: {line}", file=sys.stderr)
    return 1 if broken else 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "what", nargs="?", choices=("matrix", "beside", "adversary"), default="matrix"
    )
    parser.add_argument("--kinds", default=",".join(BY_NAME), help="comma separated; default: all")
    parser.add_argument(
        "--phases", default=",".join((*PHASES, SUPERVISOR)), help="comma separated; default: all"
    )
    parser.add_argument("--seed", type=int, default=1, help="of all that is random; default: 1")
    parser.add_argument(
        "--kills", type=int, default=KILLS, help=f"moments to kill the supervisor; default: {KILLS}"
    )
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="soak for so long instead")
    parser.add_argument("--rate", type=float, default=1.0, help="faults a second of a soak")
    parser.add_argument(
        "--bound", type=float, default=BOUND_SECONDS, metavar="SECONDS",
        help=f"a sibling that answers later is disturbed; default: {BOUND_SECONDS:g}",
    )  # fmt: skip
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="keep the results there; other parts of it stay"
    )
    parser.add_argument(
        "--note", metavar="TEXT", help="added to the host line: what else ran there"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="the page; default: to standard output")  # noqa: E501  # fmt: skip
    arguments = parser.parse_args(argv)
    for name, known in (("kinds", tuple(BY_NAME)), ("phases", (*PHASES, SUPERVISOR))):
        asked = tuple(getattr(arguments, name).split(","))
        for one in asked:
            if one not in known:
                parser.error(f"--{name}: there is no {one!r}; there are {', '.join(known)}")
        setattr(arguments, name, asked)
    if arguments.rate <= 0 or arguments.bound <= 0 or arguments.kills < 0:
        parser.error("--rate and --bound must be above 0, --kills not below")
    if arguments.soak is not None and arguments.soak <= 0:
        parser.error("--soak must be above 0")
    return arguments


def _matrix(arguments: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    chosen = cells(arguments.kinds, arguments.phases, arguments.kills)
    if not chosen:
        raise StageError("none of these kinds can strike in these phases")
    done = 0

    def tell(cell: Cell, outcome: Outcome) -> None:
        nonlocal done
        done += 1
        state = "; ".join(outcome.faults) or "ok"
        print(f"{done}/{len(chosen)} {cell}: {outcome.detected[:50]}: {state}", file=sys.stderr)

    outcomes = matrix.run(chosen, arguments.seed, arguments.bound, tell)
    broken = [f"{o.fault} in {o.phase}: {'; '.join(o.faults)}" for o in outcomes if o.faults]
    return report.matrix(outcomes, arguments.seed, arguments.bound), broken


def _soak(arguments: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    result = soak(
        arguments.soak, arguments.rate, arguments.seed, arguments.bound,
        lambda line: print(line, file=sys.stderr),
    )  # fmt: skip
    part = {**result.plain(), "asked": arguments.soak, "host": report.host_line()}
    broken = [
        f"{name}: {', '.join(part[name][:3])}"
        for name in ("failed", "gaps", "lost", "twice")
        if part[name]
    ]
    return part, broken


def _beside(arguments: argparse.Namespace) -> tuple[dict[str, Any], list[str]]:
    from faults.beside import beside

    return beside(arguments.seed), []


def _adversary() -> tuple[dict[str, Any], list[str]]:
    from faults import adversary

    part = adversary.everything(lambda line: print(line, file=sys.stderr))
    return {**part, "host": report.host_line()}, adversary.broken(part)


if __name__ == "__main__":
    sys.exit(main())
