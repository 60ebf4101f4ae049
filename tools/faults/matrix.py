"""Runs the matrix: the faults of a module on one stage, those of the supervisor on another."""

import contextlib
from collections.abc import Callable, Iterator

from faults.besiege import Besieger
from faults.cell import Runner
from faults.disk_faults import small_disk
from faults.kinds import SUPERVISOR, Cell
from faults.outcome import Outcome
from faults.stage import WITNESSED, Stage, StageError, stage
from faults.warming import warm_up
from faults.witness import Witness


Tell = Callable[[Cell, Outcome], None]


@contextlib.contextmanager
def witnesses(made: Stage, bound: float) -> Iterator[list[Witness]]:
    """One for each sibling that is watched."""
    watching: list[Witness] = []
    try:
        watching += [Witness(made.socket, name, bound) for name in WITNESSED]
        yield watching
    finally:
        for one in watching:
            one.stop()


def with_lasting_leaks(carry_out: Callable[[Cell], Outcome], cell: Cell) -> Outcome:
    """The outcome of a cell, with the leaks that it has each time: a pool of connections that grew
    once is none.
    """
    outcome = carry_out(cell)
    if outcome.leaks:
        again = carry_out(cell).leaks
        both = outcome.leaks.keys() & again.keys()
        outcome.leaks = {what: again[what] for what in sorted(both)}
    return outcome


def run(cells: list[Cell], seed: int, bound: float, tell: Tell) -> list[Outcome]:
    """Every cell in turn; `tell` hears of each as it is done."""
    ours = [cell for cell in cells if cell.phase == SUPERVISOR]
    theirs = [cell for cell in cells if cell.phase != SUPERVISOR]
    outcomes: list[Outcome] = []

    def all_of(chosen: list[Cell], carry_out: Callable[[Cell], Outcome]) -> None:
        for cell in chosen:
            outcome = with_lasting_leaks(carry_out, cell)
            outcomes.append(outcome)
            tell(cell, outcome)

    if theirs:
        with stage(seed) as made, witnesses(made, bound) as watching:
            warm_up(made)
            all_of(theirs, Runner(made, watching).run)
            _end(made)
    if ours:
        with stage(seed, small_disk) as made, witnesses(made, bound) as watching:
            warm_up(made)
            all_of(ours, Besieger(made, watching, seed).run)
    return outcomes


def _end(made: Stage) -> None:
    code = made.stop()
    if code:
        raise StageError(f"the supervisor ended with code {code} when it was asked to end")
