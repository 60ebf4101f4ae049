"""Limits that the kernel keeps by itself, and the place of a module's process among others.

BUGS
    RLIMIT_NPROC counts all tasks of a user. Where modules share theirs, it only bounds what a fork
    bomb reaches before the watch (limits_watch) sees it, and for root it does not count at all.
"""

import contextlib
import os
import resource
from pathlib import Path

from supervisor.core.limits import Limits, nice_of


OOM_SCORE = 300  # of 1000: the kernel takes a module before the supervisor


def of(limits: Limits, *, own_user: bool) -> dict[str, int]:
    """Resource limits by name, none above what the supervisor itself may have. `own_user`: nobody
    else's tasks count for RLIMIT_NPROC.
    """
    # Not at once: who passes the limit is to be seen, by its cgroup or by the watch.
    above = max(16, limits.processes // 8) if own_user else limits.processes + _tasks()
    wanted = {
        "CORE": 0,
        "NOFILE": limits.open_files,
        "FSIZE": limits.file_size,
        "NPROC": limits.processes and limits.processes + above,
    }
    return {
        name: _at_most(name, value) for name, value in wanted.items() if value or name == "CORE"
    }


def favour_others(pid: int, cpu_share: int) -> None:
    """Give the fresh process its weight where CPUs are short, and let the kernel take it first
    where memory is. What it starts inherits both.
    """
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(str(OOM_SCORE), encoding="ascii")
    nice = nice_of(cpu_share)
    if not nice:
        return
    with contextlib.suppress(OSError):  # it is gone, or the kernel groups nothing by session
        for task in Path(f"/proc/{pid}/task").iterdir():
            os.setpriority(os.PRIO_PROCESS, int(task.name), nice)
        Path(f"/proc/{pid}/autogroup").write_text(str(nice), encoding="ascii")


def _tasks() -> int:
    """Processes and threads of the whole machine."""
    counts = Path("/proc/loadavg").read_text(encoding="ascii").split()[3]
    return int(counts.partition("/")[2])


def _at_most(name: str, value: int) -> int:
    """`value`, or less where the supervisor itself may not have as much."""
    _soft, hard = resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))
    return value if hard == resource.RLIM_INFINITY else min(value, hard)
