"""What the module's code is doing, and since when: the ages in a pulse."""

import time
from enum import Enum
from typing import Self


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

    def running(self, kind: Kind) -> "Piece":
        """For `with`: counts the block as one piece of work."""
        return Piece(self._running, kind)

    def age_ms(self, kind: Kind) -> int:
        """Age of the oldest running piece; 0: none runs."""
        since = [start for k, start in list(self._running.values()) if k is kind]
        return max(1, int((time.monotonic() - min(since)) * 1000)) if since else 0

    def busy(self, kind: Kind) -> bool:
        """Whether a piece of `kind` runs."""
        return any(k is kind for k, _ in list(self._running.values()))


class Piece:
    """A piece of work; a class, as a generator takes three times as long, at each call."""

    __slots__ = ("_kind", "_running")

    def __init__(
        self, running: dict[object, tuple[Activity.Kind, float]], kind: Activity.Kind
    ) -> None:
        self._running = running
        self._kind = kind

    def __enter__(self) -> Self:
        self._running[self] = (self._kind, time.monotonic())
        return self

    def __exit__(self, *_: object) -> None:
        del self._running[self]
