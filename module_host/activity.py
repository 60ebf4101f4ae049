"""What the module's code is doing, and since when: the ages in a pulse."""

import contextlib
import time
from collections.abc import Iterator
from enum import Enum


class Activity:
    """Safe from every thread."""

    class Kind(Enum):
        """What the supervisor distinguishes."""

        COMMAND = "command"
        BESIDE = "command beside others"  # it keeps nothing waiting
        NOTIFY = "notify"
        CALL = "call"

    def __init__(self) -> None:
        self._running: dict[object, tuple[Activity.Kind, float]] = {}

    @contextlib.contextmanager
    def running(self, kind: Kind) -> Iterator[None]:
        """Count the block as one piece of work."""
        token = object()
        self._running[token] = (kind, time.monotonic())
        try:
            yield
        finally:
            del self._running[token]

    def age_ms(self, kind: Kind) -> int:
        """Age of the oldest running piece; 0: none runs."""
        since = [start for k, start in list(self._running.values()) if k is kind]
        return max(1, int((time.monotonic() - min(since)) * 1000)) if since else 0

    def busy(self, kind: Kind) -> bool:
        """Whether a piece of `kind` runs."""
        return any(k is kind for k, _ in list(self._running.values()))
