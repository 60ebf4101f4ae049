"""What thirty modules cost that do nothing: memory, and the supervisor's time."""

import time
from collections.abc import Iterator

import psutil

from bench.row import Row, Target
from bench.sides.supervised import Setup, Supervised, supervised
from bench.stats import Figures
from bench.turns import Effort


MEMORY = Target("memory", "memory of an idle module, PSS, of 30", "exec of `python -I`", 0.4, "MiB")
CPU = Target("idle cpu", "the supervisor's CPU time, 30 idle modules", "", 1.0, "% of a core")
TARGETS = (MEMORY, CPU)
CROWD = 30
WATCH_SECONDS, QUICK_SECONDS = 30.0, 5.0
SETTLE_SECONDS = 2.0
MIB = 1 << 20


def run(effort: Effort) -> Iterator[Row]:
    """Two supervisors, one after the other: the first forks its modules, the second does not."""
    names = [f"idle{n}" for n in range(CROWD)]
    with supervised(Setup(measured=(), idle=names)) as side:
        time.sleep(SETTLE_SECONDS)
        forked = _memory(side, names)
        cpu = _share(side, QUICK_SECONDS if effort.quick else WATCH_SECONDS)
    with supervised(Setup(measured=(), executed=names)) as side:
        time.sleep(SETTLE_SECONDS)
        executed = _memory(side, names)
    yield Row(MEMORY, Figures.of(executed), Figures.of(forked), "sandbox on; the zygote included")
    yield Row(CPU, None, Figures.of(cpu), "clock ticks of the embedded cluster every 5 s included")


def _memory(side: Supervised, names: list[str]) -> float:
    """MiB of each, PSS; what the zygote holds is shared out over them."""
    pids = side.pids(names)
    zygotes = {psutil.Process(pid).ppid() for pid in pids} - {side.process.pid}
    total = sum(psutil.Process(pid).memory_full_info().pss for pid in (*pids, *zygotes))
    return float(total / len(names) / MIB)


def _share(side: Supervised, seconds: float) -> float:
    """Percent of a core that the supervisor's own process uses."""
    before, begin = side.own_seconds(), time.monotonic()
    time.sleep(seconds)
    return 100 * (side.own_seconds() - before) / (time.monotonic() - begin)
