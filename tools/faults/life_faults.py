"""Faults of the supervisor's own process: its clock, its time to run, its life."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from faults.ledger import Ledger
from faults.orphans import adopting, living, processes_below
from faults.outcome import Outcome
from faults.points import Point
from faults.stage import STORED_OPTION, Stage, StageError, wait_for


MOST_WRITES = 40  # acknowledged before the supervisor is killed
PAUSE_SECONDS = 2.0
BACK_SECONDS = 30.0
GONE_SECONDS = 5.0  # for what is below a supervisor that ended


class LifeFaults:
    """Where it ended, another one is started at once, and asked for what was stored."""

    def __init__(self, stage: Stage, rng: random.Random) -> None:
        self._stage = stage
        self._rng = rng
        self._number = 0
        self._stored = ""
        self.jump_file.write_text("0")

    @property
    def jump_file(self) -> Path:
        """That tells by how much a clock jumps."""
        return self._stage.state / "jump"

    def clock(self, seconds: float, ledger: Ledger, outcome: Outcome) -> None:
        """The supervisor's wall clock jumps, and for a while everything is to go on as before."""
        self.jump_file.write_text(str(seconds))
        os.kill(self._stage.pid, signal.SIGUSR2)
        count = ledger.count()
        time.sleep(PAUSE_SECONDS)
        wait_for(lambda: ledger.count() > count, BACK_SECONDS, "writes to go on")
        outcome.recovered, outcome.how = 0.0, "never gone"

    def killed(self, ledger: Ledger, outcome: Outcome) -> None:
        """SIGKILL after a seeded number of acknowledgements and a seeded fraction of a commit's
        time.
        """
        writes = self._rng.randrange(1, MOST_WRITES)
        pause = self._rng.uniform(0, 0.01)
        count = ledger.count() + writes
        self._store()
        wait_for(lambda: ledger.count() >= count, BACK_SECONDS, f"{writes} writes")
        time.sleep(pause)
        self._again(self._stage.kill, outcome)
        outcome.detected += f" (after {writes} writes)"

    def ended(self, ledger: Ledger, outcome: Outcome) -> None:
        """Asked to end, and started again: what the others are to be compared with."""
        self._store()
        self._again(self._stage.stop, outcome)

    def dies_serving(self, point: Point, ledger: Ledger, outcome: Outcome) -> None:
        """It comes to that point soon, since everybody writes."""
        self._store()
        os.kill(self._stage.pid, signal.SIGUSR2)
        self._again(self._dies, outcome)

    def dies_starting(self, point: Point, ledger: Ledger, outcome: Outcome) -> None:
        """A supervisor that was killed is followed by one that does not get far."""
        self._store()

        def end() -> None:
            self._stage.kill()
            self._stage.launch(point.program)
            self._dies()

        self._again(end, outcome)

    def _dies(self) -> None:
        status = self._stage.ends(BACK_SECONDS)
        if status != -signal.SIGKILL:
            raise StageError(f"the supervisor ended with status {status} before that point")

    def _store(self) -> None:
        """Something new that is to be there afterwards."""
        self._number += 1
        self._stored = f"stored-{self._number}"
        self._stage.run("config set", who="mgr", name=STORED_OPTION, value=self._stored)

    def _again(self, end: Callable[[], object], outcome: Outcome) -> None:
        """The supervisor ends by `end`, all of it; whoever starts another one is the harness, at
        once, in the place of systemd.
        """
        below = processes_below(self._stage.pid)
        with adopting() as orphans:
            at = time.time()
            end()
            try:
                wait_for(lambda: not living(below) and not orphans(), GONE_SECONDS, "its end")
            except StageError:
                outcome.outlived = [str(one) for one in [*living(below), *orphans()]]
            outcome.detected = "its processes end"
            outcome.detect_seconds = time.time() - at
        launched = time.time()
        self._stage.launch()
        self._stage.serves_stored(self._stored)
        outcome.served = time.time() - launched
        outcome.served_cpu = sum(psutil.Process(self._stage.pid).cpu_times()[:2])
        self._stage.serves()
        outcome.recovered, outcome.how = time.time() - at, "by a new start"
        outcome.outage = outcome.recovered
        self._stage.quiet()

    def stopped(self, ledger: Ledger, outcome: Outcome) -> None:
        """It stands still for a while, as a suspended machine does."""
        os.kill(self._stage.pid, signal.SIGSTOP)
        try:
            time.sleep(PAUSE_SECONDS)
        finally:
            os.kill(self._stage.pid, signal.SIGCONT)
        at = time.time()
        wait_for(self._stage.takes_writes, BACK_SECONDS, "writes to be taken again")
        outcome.detected = "nothing: calls wait meanwhile"
        outcome.recovered, outcome.how = time.time() - at, "by itself"
        outcome.outage = PAUSE_SECONDS
