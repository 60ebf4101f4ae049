"""What modules use, read from /proc for each one's whole tree of processes. Worker thread only."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from supervisor.core.limits import Limits
from supervisor.core.watch import Usage, wants_exact
from supervisor.linux import children, read_all


PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class _Stat:
    """Of /proc/PID/stat what counts here."""

    cpu_seconds: float
    threads: int
    rss: int


def usage(pid: int, limits: Limits, log_bytes: int = 0) -> Usage | None:
    """Of the process `pid` and all below it; None where it is gone. Where there are more than it
    may have, the others are not looked at: a fork bomb grows faster than it can be counted.
    """
    stats: dict[int, _Stat] = {}
    threads = 0
    for found in _tree(pid):
        stat = _stat(found)
        if stat is not None:
            stats[found] = stat
            threads += stat.threads
        if limits.processes and threads > limits.processes:
            return Usage(processes=len(stats), threads=threads, log_bytes=log_bytes)
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
        threads=threads,
        cpu_seconds=sum(stat.cpu_seconds for stat in stats.values()),
        log_bytes=log_bytes,
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
    fields = text.rpartition(b")")[2].split()
    return _Stat(
        (int(fields[11]) + int(fields[12])) / TICK, int(fields[17]), int(fields[21]) * PAGE
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
