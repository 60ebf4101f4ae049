"""Every attempt of the adversary behind all walls, without each of them, and behind each alone: so
that what stopped it is known, not supposed.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Self

from faults.adversary_stage import ATTEMPTS, Stage, Tried, Walls, stage
from module_host.sandbox.layers import SWITCHES


# What the supervisor itself enforces; the layers around the process are SWITCHES.
BUS, LIMITS = "bus", "limits"
WALLS = (*SWITCHES, BUS, LIMITS)
LANDLOCK = ("files", "programs", "signals", "ports")

REQUIRE, OFF, OPEN = "require", "off", "nothing at all"
MODES = {
    REQUIRE: Walls(),
    "best-effort": Walls(mode="best-effort"),
    "best-effort, no Landlock": Walls(mode="best-effort", without=LANDLOCK),
    OFF: Walls(mode="off"),
    OPEN: Walls(mode="off", bus="warn", limits=False),
}
GRANTS = {
    'without `grants = "none"`': Walls(grants="shipped"),
    "`subprocess = true`": Walls(more=("subprocess = true",)),
    '`connect = ["*"]`': Walls(more=('connect = ["*"]',)),
    '`listen = ["*"]`': Walls(more=('listen = ["*"]',)),
}

Tell = Callable[[str], None]
Run = dict[str, Tried]


def without(wall: str) -> Walls:
    """All walls but this one."""
    if wall == BUS:
        return Walls(bus="warn")
    if wall == LIMITS:
        return Walls(limits=False)
    return Walls(without=(wall,))


def alone(wall: str) -> Walls:
    """No wall but this one, and what no setting takes away."""
    layers = tuple(name for name in SWITCHES if name != wall)
    none = Walls(without=layers, bus="warn", limits=False)
    if wall == BUS:
        return replace(none, bus="enforce")
    return replace(none, limits=True) if wall == LIMITS else none


class Runner:
    """Attempts behind one kind of walls after the other, in one supervisor as long as that will."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._stage: Stage | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()

    def run(self, walls: Walls, names: Iterable[str]) -> Run:
        """What comes of each of these attempts, by name."""
        if self._stage is None or not self._stage.rebuild(walls):
            self._open.close()
            self._stage = self._open.enter_context(stage(walls))
        return {name: self._stage.attempt(name) for name in names}


def everything(tell: Tell) -> dict[str, Any]:
    """All of it; what `page` makes the page of, but for the host line. Takes some minutes."""
    with Runner() as runner:
        return _everything(runner, tell)


def _everything(runner: Runner, tell: Tell) -> dict[str, Any]:
    runs: dict[str, Run] = {}

    def carry_out(label: str, walls: Walls, names: Sequence[str]) -> None:
        if names:
            runs[label] = runner.run(walls, names)
            count = sum(tried.got_out for tried in runs[label].values())
            tell(f"{label}: {count} of {len(names)} got out")

    every = list(ATTEMPTS)
    # What limits bound takes seconds each, and no layer has a part in it.
    layered = [name for name, attempt in ATTEMPTS.items() if not attempt.limited]
    for label, walls in MODES.items():
        carry_out(label, walls, every)
    for label, walls in GRANTS.items():
        carry_out(label, walls, layered)
    stopped = [n for n in every if runs[OPEN][n].got_out and not runs[REQUIRE][n].got_out]
    for wall in WALLS:
        carry_out(f"without {wall}", without(wall), [n for n in stopped if _concerns(wall, n)])
    several = [
        name
        for name in stopped
        if not any(_got_out(runs, f"without {wall}", name) for wall in WALLS)
    ]
    for wall in WALLS:
        carry_out(f"{wall} alone", alone(wall), [n for n in several if _concerns(wall, n)])
    plain = {
        label: {name: [tried.outcome, tried.errno, tried.detail] for name, tried in run.items()}
        for label, run in runs.items()
    }
    return {"walls": list(WALLS), "runs": plain}


def broken(part: dict[str, Any]) -> list[str]:
    """What should not be: attempts that got out behind all walls and are not known for it, walls
    that stop nothing.
    """
    found = [
        f"{name} got out: {detail}"
        for name, (outcome, _errno, detail) in part["runs"][REQUIRE].items()
        if outcome == "got out" and not ATTEMPTS[name].gap
    ]
    found += [
        f"{name} is stopped where no wall stands: {errno} {detail}"
        for name, (outcome, errno, detail) in part["runs"][OPEN].items()
        if outcome == "denied" and not ATTEMPTS[name].closed
    ]
    useless = [
        wall for wall in part["walls"] if not any(wall in stopped_by(part, n) for n in ATTEMPTS)
    ]
    return found + [f"no attempt shows what the wall {wall} is for" for wall in useless]


def stopped_by(part: dict[str, Any], name: str) -> list[str]:
    """The walls whose absence lets the attempt through; where no single one's does, each wall that
    stops it alone. Empty: it got out, or was stopped by something that is no wall.
    """
    runs = part["runs"]
    missed = [wall for wall in part["walls"] if _out(runs, f"without {wall}", name)]
    return missed or ([] if unswitched(part, name) else _alone(part, name))


def unswitched(part: dict[str, Any], name: str) -> bool:
    """Whether it is stopped behind any wall: by what stands beside each of them."""
    return bool(part["walls"]) and _alone(part, name) == part["walls"]


def _alone(part: dict[str, Any], name: str) -> list[str]:
    runs = part["runs"]
    return [
        wall
        for wall in part["walls"]
        if name in runs.get(f"{wall} alone", ()) and not _out(runs, f"{wall} alone", name)
    ]


def needed(part: dict[str, Any], name: str) -> bool:
    """Whether one wall's absence lets it through."""
    return any(_out(part["runs"], f"without {wall}", name) for wall in part["walls"])


def _concerns(wall: str, name: str) -> bool:
    return not ATTEMPTS[name].limited or wall == LIMITS


def _got_out(runs: dict[str, Run], label: str, name: str) -> bool:
    return name in runs.get(label, {}) and runs[label][name].got_out


def _out(runs: dict[str, Any], label: str, name: str) -> bool:
    return name in runs.get(label, {}) and runs[label][name][0] == "got out"
