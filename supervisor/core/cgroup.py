"""The words of cgroup v2: where a process is, what to write for a limit, what happened there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from supervisor.core.limits import Limits, size


CONTROLLERS = ("memory", "pids", "cpu")  # those that a limit of ours needs
UNLIMITED = "max"
_MOUNT_POINT, _ROOT = 4, 3  # fields of a line in mountinfo
_ESCAPES = {r"\040": " ", r"\011": "\t", r"\012": "\n", r"\134": "\\"}


@dataclass(frozen=True)
class Tally:
    """What happened in a cgroup since it was made. What its controllers do not count is 0.

    peak      bytes of memory that it had at most
    short     how often it had no memory left within its own limit
    killed    processes that the kernel killed for want of memory, here or around it
    refused   processes and threads that it was refused
    """

    peak: int = 0
    short: int = 0
    killed: int = 0
    refused: int = 0


@dataclass(frozen=True)
class Verdict:
    """Why the kernel killed a process: the `limit` of the module that was passed, or another
    `cause`. Both empty: it was not for want of memory.
    """

    limit: str = ""
    cause: str = ""


def membership(text: str) -> str | None:
    """The path in /proc/PID/cgroup below the root of version 2; None: that version is not there."""
    for line in text.splitlines():
        if line.startswith("0::"):
            return line.removeprefix("0::")
    return None


def folder(mountinfo: str, path: str) -> str | None:
    """Where the cgroup `path` is in the file system, as /proc/self/mountinfo has it; None where
    version 2 is mounted nowhere, or only another part of it.
    """
    for line in mountinfo.splitlines():
        fields, _, kind = line.partition(" - ")
        if kind.split(" ", 1)[0] != "cgroup2":
            continue
        parts = [_plain(field) for field in fields.split(" ")]
        root, point = parts[_ROOT].rstrip("/"), parts[_MOUNT_POINT].rstrip("/")
        if path == root or path.startswith(f"{root}/"):
            return (point + path.removeprefix(root)).rstrip("/") or "/"
    return None


def settings(limits: Limits, controllers: Collection[str]) -> dict[str, str]:
    """What to write into which file of a module's cgroup, as far as there are `controllers`."""
    wanted: dict[str, str] = {}
    if "memory" in controllers:
        wanted["memory.max"] = str(limits.memory or UNLIMITED)
        # The limit is for memory, wherever it is kept.
        wanted["memory.swap.max"] = "0" if limits.memory else UNLIMITED
        # A module that lost one of its processes or threads would be neither dead nor alive.
        wanted["memory.oom.group"] = "1"
    if "pids" in controllers:
        wanted["pids.max"] = str(limits.processes or UNLIMITED)
    if "cpu" in controllers:
        wanted["cpu.weight"] = str(limits.cpu_share)  # of 100, as others have
    return wanted


def numbers(text: str) -> dict[str, int]:
    """A file of the form of memory.events: a key and a number a line."""
    found = {}
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if value.isdecimal():
            found[key] = int(value)
    return found


def verdict(tally: Tally, limits: Limits) -> Verdict:
    """Of a process that was killed in a cgroup with these `limits`."""
    if not tally.killed:
        return Verdict()
    if tally.short and limits.memory:
        used = f"it used {size(tally.peak)} of {size(limits.memory)}"
        return Verdict(limit=f"limit memory: {used} and asked for more")
    used = f"of {size(limits.memory)} it used {size(tally.peak)}"
    return Verdict(cause=f"by the kernel, for want of memory outside of its own limit: {used}")


def refused(tally: Tally, limits: Limits) -> str:
    """What a module is told of that was refused processes or threads."""
    return (
        f"limit processes: it was refused {tally.refused} processes or threads beyond "
        f"{limits.processes}"
    )


def summary(controllers: Collection[str]) -> str:
    """What a module's cgroup bounds, for people."""
    missing = [name for name in CONTROLLERS if name not in controllers]
    if not missing:
        return ", ".join(CONTROLLERS)
    held = [name for name in CONTROLLERS if name in controllers]
    return f"{', '.join(held) or 'kill only'}; not available: {', '.join(missing)}"


def _plain(field: str) -> str:
    for escape, character in _ESCAPES.items():
        field = field.replace(escape, character)
    return field
