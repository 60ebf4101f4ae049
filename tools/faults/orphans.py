"""Processes that a supervisor leaves behind: seen, since they become children of ours."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil

from supervisor.linux import PR_SET_CHILD_SUBREAPER, prctl


def processes_below(pid: int) -> list[psutil.Process]:
    """Every descendant of process `pid`."""
    return list(psutil.Process(pid).children(recursive=True))


def living(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run."""
    return [process for process in processes if _lives(process)]


@contextmanager
def adopting() -> Iterator[Callable[[], list[psutil.Process]]]:
    """Whoever becomes an orphan meanwhile is a child of this process: gives a function that reaps
    those that have ended and answers those that live.
    """
    before = {child.pid for child in psutil.Process().children()}
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        yield lambda: _reap(before)
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0)


def _reap(before: set[int]) -> list[psutil.Process]:
    left = []
    for child in psutil.Process().children():
        if child.pid in before:
            continue
        if _lives(child):
            left.append(child)
        else:
            try:
                os.waitpid(child.pid, os.WNOHANG)
            except ChildProcessError:
                continue
    return left


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
