"""What happened to services and daemons: a few events of each, kept in memory."""

import threading
from collections import defaultdict, deque

from ceph.utils import datetime_now
from orchestrator import OrchestratorEvent


KEPT = 5  # of each subject


class Events:
    """Safe from every thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], deque[OrchestratorEvent]] = defaultdict(
            lambda: deque(maxlen=KEPT)
        )

    def note(self, kind: str, subject: str, message: str, error: bool = False) -> None:
        """Keep one of a "service" or a "daemon"; what only repeats the last one renews that."""
        level = OrchestratorEvent.ERROR if error else OrchestratorEvent.INFO
        event = OrchestratorEvent(datetime_now(), kind, subject, level, message)
        with self._lock:
            kept = self._kept[kind, subject]
            if kept and (kept[-1].level, kept[-1].message) == (level, message):
                kept.pop()
            kept.append(event)

    def of(self, kind: str, subject: str) -> list[OrchestratorEvent]:
        """Those of one subject, the oldest first."""
        with self._lock:
            return list(self._kept.get((kind, subject), ()))

    def forget(self, kind: str, subject: str) -> None:
        """Drop those of a subject that is gone."""
        with self._lock:
            self._kept.pop((kind, subject), None)
