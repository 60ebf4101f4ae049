"""From the launch of a module's process to its being ready, forked and executed."""

import os
import signal
from collections.abc import Iterator, Sequence

from bench.row import Row, Target
from bench.sides.side import wait_for
from bench.sides.supervised import Setup, Supervised, supervised
from bench.stats import Figures, figures
from bench.turns import Effort


ONE = Target("start", "module start, spawn to ready, sandbox on", "exec of `python -I`", 0.2, "ms")
MANY = Target("start 30", "30 modules started at once", "exec of `python -I`", 0.15, "ms")
TARGETS = (ONE, MANY)
FORKED, EXECUTED = "forked", "executed"
CROWD = 30
STARTS, QUICK_STARTS = 5, 2  # of each, in a round
READY_SECONDS = 60.0
LOOK_SECONDS = 0.2  # the daemon's log has the times, so that looking often would only disturb
MS = 1e6


def run(effort: Effort) -> Iterator[Row]:
    """The reference is the same module in the same host, executed because the configuration names
    an interpreter for it; both have the sandbox around them.
    """
    yield _one(effort)
    rounds = 1 if effort.quick else 3
    spans: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(rounds):
        for executed in (True, False):
            spans[executed].append(_crowd(executed=executed))
    theirs, ours = (Figures.median(spans[executed]) for executed in (True, False))
    yield Row(MANY, theirs, ours, "killed at once, started again at once; until the last is ready")


def _one(effort: Effort) -> Row:
    taken: dict[str, list[list[float]]] = {FORKED: [], EXECUTED: []}
    with supervised(Setup(measured=(), idle=(FORKED,), executed=(EXECUTED,))) as side:
        for _ in range(effort.rounds):
            for name, rounds in taken.items():
                starts = QUICK_STARTS if effort.quick else STARTS
                rounds.append([restart(side, name) for _ in range(starts)])
    theirs, ours = (figures(taken[name], MS) for name in (EXECUTED, FORKED))
    return Row(ONE, theirs, ours, "restarts; the sandbox is around both")


def restart(side: Supervised, name: str) -> float:
    """Nanoseconds from the end of one process, when the next is launched, to its being ready."""
    before = len(side.happened(name, "ready"))
    side.command({"prefix": "module restart", "name": name})
    wait_for(
        lambda: len(side.happened(name, "ready")) > before,
        READY_SECONDS, f"{name} to be ready", LOOK_SECONDS,
    )  # fmt: skip
    return (side.happened(name, "ready")[-1] - side.happened(name, "ended: ")[-1]) * 1e9


def _crowd(*, executed: bool) -> float:
    """Milliseconds until thirty modules that are launched in one go are all ready."""
    names = tuple(f"idle{n}" for n in range(CROWD))
    idle, own = ((), names) if executed else (names, ())
    with supervised(Setup(measured=(), idle=idle, executed=own)) as side:
        for pid in side.pids(names):
            os.kill(pid, signal.SIGKILL)
        wait_for(
            lambda: _again(side, names),
            READY_SECONDS,
            "all modules to be ready again",
            LOOK_SECONDS,
        )
        died = min(side.happened(name, "died: ")[-1] for name in names)
        ready = max(side.happened(name, "ready")[-1] for name in names)
    return (ready - died) * 1000


def _again(side: Supervised, names: Sequence[str]) -> bool:
    return all(len(side.happened(name, "ready")) > 1 for name in names)
