"""Carries out the faults that strike the supervisor itself: its disk, its life, its time to run.

Every sibling notices these; what must hold is that nothing acknowledged is lost, that no call is
carried out or answered twice, and that all of it is back afterwards, without anything left of
what was.
"""

import random
from collections.abc import Callable, Sequence
from functools import partial

from faults.client import Refused, Unreachable
from faults.disk_faults import DiskFaults
from faults.kinds import DIES, KILLED, Cell
from faults.ledger import Ledger
from faults.life_faults import LifeFaults
from faults.outcome import NotTriedError, Outcome
from faults.points import POINTS
from faults.stage import INNOCENT, Stage, StageError, wait_for
from faults.warming import warm_up
from faults.witness import Witness


BEGIN_SECONDS = 30.0
HOUR = 3600.0

Strike = Callable[[Ledger, Outcome], None]


class Besieger:
    """Carries out cells on a stage of its own."""

    def __init__(self, stage: Stage, witnesses: list[Witness], seed: int) -> None:
        self._stage = stage
        self._witnesses = witnesses
        self._disk = DiskFaults(stage)
        rng = random.Random(seed)  # noqa: S311  replayed by its seed, no secret
        self._life = LifeFaults(stage, rng)
        self._number = 0

    def run(self, cell: Cell) -> Outcome:
        """Carry out one; what goes wrong with it is in the outcome, too."""
        self._number += 1
        name = f"{cell.kind.name} #{cell.point}" if cell.kind.name == KILLED else cell.kind.name
        outcome = Outcome(name, cell.phase)
        program, strike = self._plan(cell, outcome)
        try:
            self._run_under(program)
            self._carry_out(strike, outcome)
        except NotTriedError as reason:
            outcome.skipped = str(reason)
        except (StageError, Refused, Unreachable, OSError) as error:
            outcome.error = str(error)
        for witness in self._witnesses:
            gaps, taken = witness.since()
            outcome.slowest_sibling = max([outcome.slowest_sibling, *taken])
            if outcome.outage is None:
                outcome.gaps += [str(gap) for gap in gaps]
        return outcome

    def _plan(self, cell: Cell, outcome: Outcome) -> tuple[Sequence[str], Strike]:
        """The program that is struck, where it is not mgr-supervisor itself, and how."""
        if cell.kind.name == DIES:
            point = POINTS[cell.point - 1]
            outcome.fault = f"supervisor-SIGKILL {point}"
            if point.starting:
                return (), partial(self._life.dies_starting, point)
            return point.program, partial(self._life.dies_serving, point)
        jumping = ("-m", "faults.jumping", str(self._life.jump_file))
        ways: dict[str, tuple[Sequence[str], Strike]] = {
            "disk-full": ((), self._disk.disk_full),
            "commit-EIO": ((), self._disk.no_syncs),
            "commit-EFBIG": ((), self._disk.no_writes),
            "supervisor-clock-ahead": (jumping, partial(self._life.clock, HOUR)),
            "supervisor-clock-back": (jumping, partial(self._life.clock, -HOUR)),
            "supervisor-SIGTERM": ((), self._life.ended),
            KILLED: ((), self._life.killed),
            "supervisor-SIGSTOP": ((), self._life.stopped),
        }
        return ways[cell.kind.name]

    def _run_under(self, program: Sequence[str]) -> None:
        stage = self._stage
        if tuple(stage.program) != tuple(program):
            stage.stop()
            stage.launch(program)
            stage.serves()
            stage.quiet()
            warm_up(stage)
        for witness in self._witnesses:
            witness.since()

    def _carry_out(self, strike: Strike, outcome: Outcome) -> None:
        stage = self._stage
        before, rows, starts = stage.inventory(), stage.rows(), stage.starts
        ledger = Ledger(stage.socket, f"s{self._number}")
        try:
            wait_for(lambda: ledger.count() > len(INNOCENT), BEGIN_SECONDS, "the first writes")
            strike(ledger, outcome)
        except NotTriedError:
            # It was not struck: what is left in its name would be taken for a second time later.
            ledger.stop().forget(stage)
            raise
        finally:
            book = ledger.stop()
        verdict = book.check(stage)
        outcome.acknowledged, outcome.lost = verdict.acknowledged, verdict.lost
        outcome.twice, outcome.wrong = verdict.twice, verdict.wrong
        if ledger.doubled:
            outcome.twice.append(f"{ledger.doubled} answers to operators")
        book.forget(stage)
        if stage.starts == starts:
            now = stage.rows()
            outcome.siblings_replaced = [n for n in INNOCENT if now[n]["pid"] != rows[n]["pid"]]
        outcome.doubled = stage.doubled()
        outcome.leaks = stage.settled(before)
