"""What modules use, read from /proc for each one's whole tree of processes. Worker thread only.

Notes
-----
    To ask each thread for its children is most of what a look costs, and nearly always for nothing.
    A process that was alone at the last look, and has had no page fault since, is alone still: a
    fork makes its pages read-only, and no thread runs on without writing to one. What could get
    round that (a child that shares all memory, threads that live in shared mappings alone) cannot
    for longer than TRUSTED looks; and nobody is trusted who may run programs, since those share
    nothing with their parent.

"""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from supervisor.core.limits import Limits
from supervisor.core.watch import Usage, wants_exact
from supervisor.linux import children, read_all


PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")
TRUSTED = 8  # looks in a row at one process alone: four seconds


@dataclass(frozen=True)
class _Stat:
    """Of /proc/PID/stat what counts here."""

    faults: int
    cpu_seconds: float
    threads: int
    rss: int


class Counted(NamedTuple):
    """What of a Usage was counted elsewhere."""

    log_bytes: int = 0
    connections: int = 0
    data_bytes: int = 0


@dataclass
class _Alone:
    """A process that had no children when it had had so many page faults."""

    faults: int
    trusted: int = TRUSTED


class Sampler:
    """Looks at one module after the other, again and again."""

    def __init__(self) -> None:
        self._alone: dict[int, _Alone] = {}

    def usage(
        self, pid: int, limits: Limits, counted: Counted, *, runs_programs: bool
    ) -> Usage | None:
        """Of the process `pid` and all below it; None where it is gone. Where there are more than
        it may have, the others are not looked at: a fork bomb grows faster than it can be counted.
        `counted` is put into the answer.
        """
        top = _stat(pid)
        if top is not None and not runs_programs and self._still_alone(pid, top):
            return _sum(limits, {pid: top}, counted)
        stats: dict[int, _Stat] = {}
        threads = 0
        for found in _tree(pid):
            stat = _stat(found)
            if stat is not None:
                stats[found] = stat
                threads += stat.threads
            if limits.processes and threads > limits.processes:
                return Usage(processes=len(stats), threads=threads, **counted._asdict())
        # The faults of before the look: one during it is one since.
        if top is not None and stats.keys() == {pid}:
            self._alone[pid] = _Alone(top.faults)
        else:
            self._alone.pop(pid, None)
        return _sum(limits, stats, counted)

    def retain(self, pids: Collection[int]) -> None:
        """Forget what was known of all others."""
        self._alone = {pid: alone for pid, alone in self._alone.items() if pid in pids}

    def _still_alone(self, pid: int, stat: _Stat) -> bool:
        alone = self._alone.get(pid)
        if alone is None or alone.faults != stat.faults or not alone.trusted:
            return False
        alone.trusted -= 1
        return True


def _sum(limits: Limits, stats: dict[int, _Stat], counted: Counted) -> Usage | None:
    if not stats:
        return None
    memory = sum(stat.rss for stat in stats.values())
    exact = wants_exact(limits, memory)
    if exact:
        memory = sum(_pss(found, stat.rss) for found, stat in stats.items())
    return Usage(
        memory=memory,
        exact=exact,
        processes=len(stats),
        threads=sum(stat.threads for stat in stats.values()),
        cpu_seconds=sum(stat.cpu_seconds for stat in stats.values()),
        **counted._asdict(),
    )


def descriptors(pid: int) -> int:
    """How many descriptors are open in the process `pid` and all below it."""
    count = 0
    for found in _tree(pid):
        try:
            count += len(os.listdir(f"/proc/{found}/fd"))  # noqa: PTH208  names are enough
        except OSError:
            continue
    return count


def resident(pid: int) -> int | None:
    """Bytes of memory of the process `pid` alone; None where it is gone."""
    stat = _stat(pid)
    return stat.rss if stat else None


def _tree(pid: int) -> Iterator[int]:
    """`pid` and its descendants. A host is the subreaper of what it starts, so none gets away."""
    waiting = [pid]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += children(found)


def _stat(pid: int) -> _Stat | None:
    try:
        text = read_all(f"/proc/{pid}/stat")
    except OSError:
        return None
    # The name, in parentheses, may hold anything.
    fields = text.rpartition(b")")[2].split(maxsplit=22)
    return _Stat(
        int(fields[7]),
        (int(fields[11]) + int(fields[12])) / TICK,
        int(fields[17]),
        int(fields[21]) * PAGE,
    )


def _pss(pid: int, rss: int) -> int:
    """Its own pages and its part of shared ones; RSS where that may not be read. A process that has
    ended since has none: in a fork bomb many do, and their RSS would count shared pages for each.
    """
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        return 0
    except OSError:
        pass
    return rss
