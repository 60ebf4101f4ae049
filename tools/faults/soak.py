"""One fault after another for as long as asked, and what the supervisor costs meanwhile."""

import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psutil

from faults.client import Refused, Unreachable
from faults.kinds import BY_NAME
from faults.ledger import Ledger
from faults.matrix import witnesses
from faults.stage import CHAOS, Stage, StageError, stage, struck, wait_for
from faults.warming import warm_up
from faults.witness import Witness


# Those after which a fresh process serves within a fraction of a second, and others that take a
# little longer: so many that one a second can be held.
FAULTS = (
    *(
        (kind, phase)
        for kind in ("SIGKILL", "SIGSEGV", "abort", "exit-0", "exit-1")
        for phase in ("import", "init", "serve", "caller", "shutdown")
    ),
    *(
        (kind, "serve")
        for kind in (
            "garbage-frames", "forged-source", "replayed-id", "log-flood", "call-flood",
            "descriptor-leak", "fork-bomb", "thread-bomb", "memory-bomb",
        )
    ),
)  # fmt: skip
SAMPLES = 600  # at most, however long it takes: what is kept of a run is as large as of any other
SHORTEST_SAMPLE_SECONDS = 1.0
KEPT = 100  # sentences about what went wrong
# What a young process still grows by is no leak: the slope is of what comes after it.
SETTLING_SHARE = 0.25
STRIKE_SECONDS = 10.0
BOOK_SECONDS = 8.0


Sample = tuple[float, int, int, int, int, int]


@dataclass
class Soak:
    """What it came to. Samples: seconds, bytes of RSS, descriptors, threads, processes; and the
    bytes of RSS of this process, which is to be as flat.
    """

    seconds: float
    rate: float
    seed: int
    struck: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    slowest: float = 0.0
    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    @property
    def every(self) -> float:
        """Seconds between two samples."""
        return max(SHORTEST_SAMPLE_SECONDS, self.seconds / SAMPLES)

    def slope(self, column: int) -> float:
        """Growth an hour of a column of the samples, by least squares over the settled part."""
        settled = self.samples[int(len(self.samples) * SETTLING_SHARE) :]
        if len(settled) < 2:
            return 0.0
        times = [sample[0] for sample in settled]
        line = statistics.linear_regression(times, [float(s[column]) for s in settled])
        return line.slope * 3600

    def plain(self) -> dict[str, Any]:
        """As plain data."""
        first, last = self.samples[0], self.samples[-1]
        settled = self.samples[int(len(self.samples) * SETTLING_SHARE)]
        return {
            "seconds": round(self.samples[-1][0], 1),
            "every": round(self.every, 1),
            "rate": self.rate,
            "seed": self.seed,
            "faults": sum(self.struck.values()),
            "by_fault": dict(sorted(self.struck.items())),
            "failed": self.failed,
            "rss_mib": [round(s[1] / 2**20, 2) for s in (first, settled, last)],
            "rss_kib_per_hour": round(self.slope(1) / 1024, 1),
            "descriptors": [first[2], settled[2], last[2]],
            "descriptors_per_hour": round(self.slope(2), 2),
            "threads": [first[3], settled[3], last[3]],
            "processes": [first[4], settled[4], last[4]],
            "harness_rss_mib": [round(s[5] / 2**20, 2) for s in (first, settled, last)],
            "harness_rss_kib_per_hour": round(self.slope(5) / 1024, 1),
            "gaps": self.gaps,
            "slowest_sibling": round(self.slowest, 3),
            "acknowledged": self.acknowledged,
            "lost": self.lost,
            "twice": self.twice,
        }


def soak(seconds: float, rate: float, seed: int, bound: float, tell: Callable[[str], None]) -> Soak:
    """`rate` faults a second for `seconds`; a line a minute goes to `tell`."""
    rng = random.Random(seed)  # noqa: S311  replayed by its seed, no secret
    result = Soak(seconds, rate, seed)
    with stage(seed) as made, witnesses(made, bound) as watching:
        warm_up(made)
        book = _Books(made, result)
        begin = time.monotonic()
        said = 0
        try:
            while (passed := time.monotonic() - begin) < seconds:
                due = (sum(result.struck.values()) + len(result.failed) + 1) / rate
                _one(made, rng, result)
                book.turn(passed)
                _hear(watching, result)
                if not result.samples or passed - result.samples[-1][0] >= result.every:
                    result.samples.append(_sample(made, passed))
                if passed // 60 > said:
                    said = int(passed // 60)
                    tell(_progress(said, result))
                time.sleep(max(0.0, due - (time.monotonic() - begin)))
            made.withdraw()
            result.samples.append(_sample(made, time.monotonic() - begin))
        finally:
            book.close()
        _hear(watching, result)
    return result


def _hear(watching: list[Witness], result: Soak) -> None:
    """Take over what the witnesses saw: they are not to keep an hour's answers."""
    for witness in watching:
        gaps, taken = witness.since()
        result.gaps += [str(gap) for gap in gaps][: KEPT - len(result.gaps)]
        result.slowest = max([result.slowest, *taken])


def _progress(minutes: int, result: Soak) -> str:
    _, rss, descriptors, *_ = result.samples[-1]
    faults, failed = sum(result.struck.values()), len(result.failed)
    return (
        f"{minutes} min: {faults} faults, {failed} failed, {rss / 2**20:.1f} MiB, "
        f"{descriptors} descriptors, {len(result.gaps)} gaps, {len(result.lost)} lost"
    )


class _Books:
    """The ledger, a new book every few seconds: what clients keep would grow, and memory by it."""

    def __init__(self, made: Stage, result: Soak) -> None:
        self._stage = made
        self._result = result
        self._number = 0
        self._ledger = Ledger(made.socket, "soak0")

    def turn(self, passed: float) -> None:
        """Close a book that is old enough, and begin another."""
        if passed > (self._number + 1) * BOOK_SECONDS:
            self.close()
            self._number += 1
            self._ledger = Ledger(self._stage.socket, f"soak{self._number}")

    def close(self) -> None:
        """Compare it with what there is, and clear up."""
        book, result = self._ledger.stop(), self._result
        verdict = book.check(self._stage)
        result.acknowledged += verdict.acknowledged
        result.lost += verdict.lost
        result.twice += [*verdict.twice, *verdict.wrong]
        if self._ledger.doubled:
            result.twice.append(f"{self._ledger.doubled} answers to operators")
        book.forget(self._stage)


def _one(made: Stage, rng: random.Random, result: Soak) -> None:
    """One fault, until a fresh process of the module answers."""
    kind, phase = rng.choice(FAULTS)
    what = f"{kind} in {phase}"
    try:
        before = made.rows()[CHAOS]["pid"]
        marker = made.order(CHAOS, kind, phase)
        if phase in ("import", "init", "shutdown"):
            made.run("module restart", name=CHAOS)
        wait_for(lambda: struck(marker), STRIKE_SECONDS, f"{what} to strike")
        made.withdraw()
        marker.unlink()
        if BY_NAME[kind].ends:
            wait_for(lambda: _replaced(made, before), STRIKE_SECONDS, f"another after {what}")
        if phase in ("serve", "caller"):
            # It forgets earlier deaths: no backoff slows the rate.
            made.run("module restart", name=CHAOS)
            wait_for(lambda: made.answers(CHAOS), STRIKE_SECONDS, f"{CHAOS} to be restarted")
        result.struck[what] += 1
    except (StageError, Refused, Unreachable) as error:
        result.failed.append(str(error))


def _replaced(made: Stage, before: int) -> bool:
    return made.rows()[CHAOS]["pid"] not in (before, None) and made.answers(CHAOS)


def _sample(made: Stage, passed: float) -> Sample:
    held = made.inventory()
    rss, own = (psutil.Process(pid).memory_info().rss for pid in (made.pid, os.getpid()))
    return passed, rss, held.descriptors, held.threads, held.processes, own
