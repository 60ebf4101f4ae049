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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from faults.client import Refused, Unreachable
from faults.kinds import Cell
from faults.ledger import Ledger
from faults.outcome import Outcome
from faults.stage import INNOCENT, Stage, StageError, wait_for
from faults.witness import Witness


SMALL_DISK = "64m"
FILE_BYTES = 4096  # that a file may have, where every later write is to fail
MOST_WRITES = 40  # acknowledged before the supervisor is killed
PAUSE_SECONDS = 2.0
LARGE_VALUE = "x" * 60_000
BACK_SECONDS = 30.0


class Besieger:
    """Carries out cells on a stage of its own."""

    def __init__(self, stage: Stage, witnesses: list[Witness], seed: int) -> None:
        self._stage = stage
        self._witnesses = witnesses
        self._rng = random.Random(seed)  # noqa: S311  replayed by its seed, no secret
        self._number = 0

    def run(self, cell: Cell) -> Outcome:
        """Carry out one; what goes wrong with it is in the outcome, too."""
        self._number += 1
        name = f"{cell.kind.name} #{cell.point}" if cell.point else cell.kind.name
        outcome = Outcome(name, cell.phase)
        strikes: dict[str, Callable[[Ledger, Outcome], None]] = {
            "disk-full": self._disk_full,
            "commit-EIO": self._no_writes,
            "supervisor-SIGKILL": self._killed,
            "supervisor-SIGSTOP": self._stopped,
        }
        for witness in self._witnesses:
            witness.since()
        try:
            before = self._stage.inventory()
            rows = self._stage.rows()
            ledger = Ledger(self._stage.socket, f"s{self._number}")
            try:
                wait_for(lambda: ledger.count() > len(INNOCENT), BACK_SECONDS, "the first writes")
                strikes[cell.kind.name](ledger, outcome)
            finally:
                book = ledger.stop()
            verdict = book.check(self._stage)
            outcome.acknowledged, outcome.lost = verdict.acknowledged, verdict.lost
            outcome.twice, outcome.wrong = verdict.twice, verdict.wrong
            if ledger.doubled:
                outcome.twice.append(f"{ledger.doubled} answers to operators")
            book.forget(self._stage)
            if cell.kind.name != "supervisor-SIGKILL":
                now = self._stage.rows()
                outcome.siblings_replaced = [n for n in INNOCENT if now[n]["pid"] != rows[n]["pid"]]
            outcome.leaks = self._stage.settled(before)
        except (StageError, Refused, Unreachable, OSError) as error:
            outcome.error = str(error)
        for witness in self._witnesses:
            gaps, taken = witness.since()
            outcome.slowest_sibling = max([outcome.slowest_sibling, *taken])
            if outcome.outage is None:
                outcome.gaps += [str(gap) for gap in gaps]
        return outcome

    def _disk_full(self, ledger: Ledger, outcome: Outcome) -> None:
        """The file system of the data folder is filled to its last byte, and emptied again."""
        if not os.path.ismount(self._stage.state / "data"):
            raise StageError("not tried: a small file system needs root and mount")
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

    def _refusing(
        self,
        ledger: Ledger,
        outcome: Outcome,
        begin: Callable[[], None],
        end: Callable[[], None],
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

    def _killed(self, ledger: Ledger, outcome: Outcome) -> None:
        """SIGKILL after a seeded number of acknowledgements and a seeded fraction of a commit's
        time; whoever starts it again is the harness, at once, in place of systemd.
        """
        writes = self._rng.randrange(1, MOST_WRITES)
        pause = self._rng.uniform(0, 0.01)
        count = ledger.count() + writes
        wait_for(lambda: ledger.count() >= count, BACK_SECONDS, f"{writes} writes")
        time.sleep(pause)
        below = psutil.Process(self._stage.pid).children(recursive=True)
        at = time.time()
        self._stage.kill()
        wait_for(lambda: not any(_lives(p) for p in below), BACK_SECONDS, "its processes to end")
        outcome.detected = f"its processes end (after {writes} writes)"
        outcome.detect_seconds = time.time() - at
        self._stage.launch()
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


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
