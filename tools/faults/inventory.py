"""What a supervisor holds: counted before and after a fault, so that what stays is seen."""

import contextlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import psutil


MODULE = "mgr:"  # how names of module processes begin


@dataclass(frozen=True)
class Inventory:
    """Counts. `files` are those below its folders that are neither logs, nor records of crashes,
    nor the database's own.
    """

    descriptors: int
    threads: int
    processes: int
    files: int

    def leaked(self, before: "Inventory") -> dict[str, int]:
        """By what: how many more than `before`. Fewer is no leak."""
        return {
            name: now - then
            for name, now in vars(self).items()
            if now > (then := getattr(before, name))
        }


def take(pid: int, state: Path) -> Inventory:
    """Of the supervisor `pid` and of what is below it and below `state`."""
    process = psutil.Process(pid)
    return Inventory(
        descriptors=process.num_fds(),
        threads=process.num_threads(),
        processes=sum(_lives(child) for child in process.children(recursive=True)),
        files=sum(_counts(file, state) for file in state.rglob("*")),
    )


def doubles(pid: int) -> list[str]:
    """Modules of which supervisor `pid` has more than one process. What a module starts has its
    name, too, until it executes a program.
    """
    names: Counter[str] = Counter()
    for child in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.name().startswith(MODULE) and child.status() != psutil.STATUS_ZOMBIE:
                names[child.name()] += 1
    return sorted(f"{name} {count} times" for name, count in names.items() if count > 1)


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _counts(file: Path, state: Path) -> bool:
    """Published documents come and go with each version, and a crash is meant to leave a record:
    their folders are kept small by themselves.
    """
    parts = file.relative_to(state).parts
    return not (
        parts[0] in ("log", "tree")
        or "state" in parts
        or "crash" in parts
        or file.name.startswith("cluster.db")
        or file.name.startswith("struck-")
    )
