"""Carries out the faults that strike the supervisor itself: its disk, its life, its time to run.

Every sibling notices these; what must hold is that nothing acknowledged is lost, that no call is
carried out or answered twice, and that all of it is back afterwards, without anything left of
what was.
"""

import contextlib
import os
import random
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil

from faults.client import Refused, Unreachable
from faults.failing_disk import failing_disk
from faults.kinds import DIES, KILLED, Cell
from faults.ledger import Ledger
from faults.orphans import adopting, living, processes_below
from faults.outcome import NotTriedError, Outcome
from faults.points import POINTS, Point
from faults.stage import INNOCENT, STORED_OPTION, Stage, StageError, wait_for
from faults.warming import warm_up
from faults.witness import Witness


SMALL_DISK = "64m"
FILE_BYTES = 4096  # that a file may have, where every later write is to fail
MOST_WRITES = 40  # acknowledged before the supervisor is killed
PAUSE_SECONDS = 2.0
LARGE_VALUE = "x" * 60_000
BACK_SECONDS = 30.0
GONE_SECONDS = 5.0  # for what is below a supervisor that ended
HOUR = 3600.0


Strike = Callable[[Ledger, Outcome], None]


class Besieger:
    """Carries out cells on a stage of its own."""

    def __init__(self, stage: Stage, witnesses: list[Witness], seed: int) -> None:
        self._stage = stage
        self._witnesses = witnesses
        self._rng = random.Random(seed)  # noqa: S311  replayed by its seed, no secret
        self._number = 0
        self._stored = ""

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
                return (), partial(self._dies_starting, point)
            return point.program, partial(self._dies_serving, point)
        jumping = ("-m", "faults.jumping", str(self._jump_file))
        ways: dict[str, tuple[Sequence[str], Strike]] = {
            "disk-full": ((), self._disk_full),
            "commit-EIO": ((), self._failing_disk),
            "commit-EFBIG": ((), self._no_writes),
            "supervisor-clock-ahead": (jumping, partial(self._clock, HOUR)),
            "supervisor-clock-back": (jumping, partial(self._clock, -HOUR)),
            "supervisor-SIGTERM": ((), self._ended),
            KILLED: ((), self._killed),
            "supervisor-SIGSTOP": ((), self._stopped),
        }
        return ways[cell.kind.name]

    @property
    def _jump_file(self) -> Path:
        return self._stage.state / "jump"

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
            wait_for(lambda: ledger.count() > len(INNOCENT), BACK_SECONDS, "the first writes")
            strike(ledger, outcome)
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

    def _disk_full(self, ledger: Ledger, outcome: Outcome) -> None:
        """The file system of the data folder is filled to its last byte, and emptied again."""
        if not os.path.ismount(self._stage.state / "data"):
            raise NotTriedError("a small file system needs root and mount")
        filler = self._stage.state / "data" / "filler"

        def fill() -> None:
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    for size in (1 << 20, 4096, 1):
                        with contextlib.suppress(OSError):
                            file.write(b"\0" * size)
                            break
                    else:
                        return

        self._refusing(ledger, outcome, fill, filler.unlink)

    def _no_writes(self, ledger: Ledger, outcome: Outcome) -> None:
        """Every write beyond a file's first page fails (EFBIG), also those of a commit."""
        pid = self._stage.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)

        def limit() -> None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (FILE_BYTES, before[1]))

        def lift() -> None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

        self._refusing(ledger, outcome, limit, lift)

    def _failing_disk(self, ledger: Ledger, outcome: Outcome) -> None:
        """Every sync of the thread that commits fails (EIO)."""
        disk = failing_disk(self._stage.pid)
        self._refusing(ledger, outcome, disk.__enter__, lambda: disk.__exit__(None, None, None))

    def _refusing(
        self,
        ledger: Ledger,
        outcome: Outcome,
        begin: Callable[[], None],
        end: Callable[[], object],
    ) -> None:
        """Writes are refused between the two, and taken again afterwards."""
        kept: list[str] = []
        refused: list[tuple[float, str]] = []
        at = time.time()
        begin()
        try:
            # Small writes fit into what the database's log has already; large ones do not.
            until = time.monotonic() + PAUSE_SECONDS
            while time.monotonic() < until:
                kept.append(f"faults/{len(kept)}")
                try:
                    self._stage.run("config-key set", key=kept[-1], val=LARGE_VALUE)
                except Refused as error:
                    refused.append((time.time(), str(error)))
                    time.sleep(PAUSE_SECONDS / 20)
        finally:
            end()
            lifted = time.time()
        refused = sorted([*refused, *ledger.book.refused])
        if refused:
            outcome.detected, outcome.detect_seconds = refused[0][1], refused[0][0] - at
        wait_for(self._takes_writes, BACK_SECONDS, "writes to be taken again")
        outcome.recovered, outcome.how = time.time() - lifted, "by itself"
        outcome.calls = {"refused": len(refused)}
        for key in kept:
            self._stage.run("config-key rm", key=key)

    def _takes_writes(self) -> bool:
        try:
            self._stage.run("innocent_d keep", key="again", value="yes")
        except (Refused, Unreachable):
            return False
        return True

    def _clock(self, seconds: float, ledger: Ledger, outcome: Outcome) -> None:
        """The supervisor's wall clock jumps, and for a while everything is to go on as before."""
        self._jump_file.write_text(str(seconds))
        os.kill(self._stage.pid, signal.SIGUSR2)
        count = ledger.count()
        time.sleep(PAUSE_SECONDS)
        wait_for(lambda: ledger.count() > count, BACK_SECONDS, "writes to go on")
        outcome.recovered, outcome.how = 0.0, "never gone"

    def _killed(self, ledger: Ledger, outcome: Outcome) -> None:
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

    def _ended(self, ledger: Ledger, outcome: Outcome) -> None:
        """Asked to end, and started again: what the others are to be compared with."""
        self._store()
        self._again(self._stage.stop, outcome)

    def _dies_serving(self, point: Point, ledger: Ledger, outcome: Outcome) -> None:
        """It comes to that point soon, since everybody writes."""
        self._store()
        os.kill(self._stage.pid, signal.SIGUSR2)
        self._again(partial(self._stage.ends, BACK_SECONDS), outcome)

    def _dies_starting(self, point: Point, ledger: Ledger, outcome: Outcome) -> None:
        """A supervisor that was killed is followed by one that does not get far."""
        self._store()

        def end() -> None:
            self._stage.kill()
            self._stage.launch(point.program)
            self._stage.ends(BACK_SECONDS)

        self._again(end, outcome)

    def _store(self) -> None:
        """Something new that is to be there afterwards."""
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

    def _stopped(self, ledger: Ledger, outcome: Outcome) -> None:
        """It stands still for a while, as a suspended machine does."""
        os.kill(self._stage.pid, signal.SIGSTOP)
        try:
            time.sleep(PAUSE_SECONDS)
        finally:
            os.kill(self._stage.pid, signal.SIGCONT)
        at = time.time()
        wait_for(self._takes_writes, BACK_SECONDS, "writes to be taken again")
        outcome.detected = "nothing: calls wait meanwhile"
        outcome.recovered, outcome.how = time.time() - at, "by itself"
        outcome.outage = PAUSE_SECONDS


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A small file system in `folder`, where this process may mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK},mode=0700", "tmpfs", str(folder)]
    mounted = (
        os.geteuid() == 0
        and subprocess.run(words, capture_output=True, check=False).returncode == 0
    )
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)
