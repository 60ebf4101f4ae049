"""What daemons cost: memory and processor time of each one's whole tree of processes."""

import threading
from collections.abc import Collection

import psutil


class Usage:
    """Remembers processes between two measurements: percent of a CPU is over the time between."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, psutil.Process] = {}

    def measure(self, pids: Collection[int]) -> dict[int, tuple[int, float]]:
        """By leader's pid: bytes of RSS and percent of one CPU; 0.0 at a process' first time."""
        with self._lock:
            seen: dict[int, psutil.Process] = {}
            measured = {pid: self._tree(pid, seen) for pid in pids}
            self._known = seen
            return measured

    def _tree(self, pid: int, seen: dict[int, psutil.Process]) -> tuple[int, float]:
        memory, cpu = 0, 0.0
        try:
            leader = psutil.Process(pid)
            tree = [leader, *leader.children(recursive=True)]
        except psutil.Error:
            return 0, 0.0
        for found in tree:
            known = self._known.get(found.pid)
            process = known if known is not None and known == found else found
            seen[process.pid] = process
            try:
                with process.oneshot():
                    memory += process.memory_info().rss
                    cpu += process.cpu_percent(None)
            except psutil.Error:
                continue  # it ended meanwhile
        return memory, round(cpu, 1)
