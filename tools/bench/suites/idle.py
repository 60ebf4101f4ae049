"""What thirty modules cost that do nothing: memory, and the supervisor's time."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil

from bench.row import Row, Target
from bench.sides.supervised import Setup, Supervised, add, supervised
from bench.stats import Figures
from bench.turns import Effort


MEMORY = Target("memory", "memory of an idle module, PSS, of 30", "exec of `python -I`", 0.4, "MiB")
CPU = Target("idle cpu", "the supervisor's CPU time, 30 idle modules", "", 1.0, "% of a core")
TARGETS = (MEMORY, CPU)
CROWD = 30
WATCH_SECONDS, QUICK_SECONDS = 30.0, 5.0
SETTLE_SECONDS = 2.0
LARGEST = 6  # lines of a profile
MIB = 1 << 20


def run(effort: Effort) -> Iterator[Row]:
    """Two supervisors, one after the other: the first forks its modules, the second does not."""
    names = [f"idle{n}" for n in range(CROWD)]
    with supervised(Setup(measured=(), idle=names)) as side:
        time.sleep(SETTLE_SECONDS)
        forked = _memory(side, names)
        mappings = _mappings(side.pids(names[-1:])[0])
        cpu, threads = _share(side, QUICK_SECONDS if effort.quick else WATCH_SECONDS)
    with supervised(Setup(measured=(), executed=names)) as side:
        time.sleep(SETTLE_SECONDS)
        executed = _memory(side, names)
    yield Row(
        MEMORY, Figures.of(executed), Figures.of(forked), "sandbox on; the zygote included",
        profile=mappings,
    )  # fmt: skip
    yield Row(
        CPU, None, Figures.of(cpu), "clock ticks of the embedded cluster every 5 s included",
        profile=threads,
    )  # fmt: skip


def _memory(side: Supervised, names: list[str]) -> float:
    """MiB of each, PSS; what the zygote holds is shared out over them."""
    pids = side.pids(names)
    zygotes = {psutil.Process(pid).ppid() for pid in pids} - {side.process.pid}
    total = sum(psutil.Process(pid).memory_full_info().pss for pid in (*pids, *zygotes))
    return float(total / len(names) / MIB)


def _mappings(pid: int) -> str:
    """What of a process' memory is its own alone, by what is mapped there: the largest."""
    private: Counter[str] = Counter()
    shared: Counter[str] = Counter()
    for mapping in psutil.Process(pid).memory_maps(grouped=True):
        name = Path(mapping.path).name
        private[name] += mapping.private_dirty + mapping.private_clean
        shared[name] += mapping.rss
    lines = [f"{'its own, KiB':>14} {'of, KiB':>10}  of one of them, by mapping"]
    lines += [
        f"{size // 1024:>14,} {shared[name] // 1024:>10,}  {name}"
        for name, size in private.most_common(LARGEST)
    ]
    return "\n".join(lines)


def _share(side: Supervised, seconds: float) -> tuple[float, str]:
    """Percent of a core that the supervisor's own process uses, and each of its threads."""
    before, threads, begin = side.own_seconds(), _threads(side.process.pid), time.monotonic()
    time.sleep(seconds)
    elapsed = time.monotonic() - begin
    share = 100 * (side.own_seconds() - before) / elapsed
    after = _threads(side.process.pid)
    spent = {name: 100 * (after[name] - threads.get(name, 0.0)) / elapsed for name in after}
    busiest = sorted(spent.items(), key=lambda one: -one[1])[:LARGEST]
    shown = ", ".join(f"{name} {used:.2f}" for name, used in busiest)
    return share, f"% of a core by thread: {shown}"


def _threads(pid: int) -> dict[str, float]:
    """Processor seconds of the threads of a process, by their names."""
    found: dict[str, float] = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        add(found, {name: int((task / "schedstat").read_text().split()[0]) / 1e9})
    return found
