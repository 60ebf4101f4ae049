"""Whose a process is: every process of a daemon carries a mark in its environment.

BUGS
    A program that overwrites the memory of its environment, to show a title in ps, loses its mark.
"""

import contextlib
import hashlib
import os
import select
import signal
from pathlib import Path

import psutil


MARK = "MGR_AGENT_DAEMON"  # <instance>:<name>
_START_TIME = 19  # field 22 of /proc/<pid>/stat, counted behind the comm


def instance_of(folder: Path) -> str:
    """A short name for the agent of this folder, the same for ever."""
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]


def boot_id() -> str:
    """Another one after each boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def started_ticks(pid: int) -> int:
    """When the process began, in clock ticks since the boot; 0: it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[_START_TIME])


def end_strays(instance: str) -> list[str]:
    """Kill every process that an agent of this instance had started; answers who, for the log. To
    be called when no other agent of the folder runs.
    """
    ended = []
    mark = f"{MARK}={instance}:".encode()
    while found := _marked(mark):
        for pidfd, said in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                ended.append(said)
        for pidfd, _ in found:
            _await_end(pidfd)
            os.close(pidfd)
    return ended


def _await_end(pidfd: int) -> None:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    poll.poll(1000)


def _marked(mark: bytes) -> list[tuple[int, str]]:
    found = []
    for pid in psutil.pids():
        try:
            pidfd = os.pidfd_open(pid)
        except (OSError, ValueError):
            continue
        # Read after the pidfd was opened: both are of the same process, or the signal fails.
        try:
            variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            variables = []
        named = next((v for v in variables if v.startswith(mark)), None)
        if named is None or _zombie(pid):
            os.close(pidfd)
        else:
            name = named.partition(b":")[2].decode(errors="replace")
            found.append((pidfd, f"process {pid} of {name}"))
    return found


def _zombie(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
