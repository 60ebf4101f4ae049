"""Requests that the cluster has taken and not answered yet."""

from collections.abc import Callable

from supervisor.cluster.interface import Done


class Tokens:
    """Numbers requests to the cluster and calls back with each one's Done. Loop thread only."""

    def __init__(self) -> None:
        self._last = 0
        self._waiting: dict[int, Callable[[Done], None]] = {}

    def new(self, done: Callable[[Done], None]) -> int:
        """A fresh token; `done` is called once with its answer."""
        self._last += 1
        self._waiting[self._last] = done
        return self._last

    def settle(self, done: Done) -> None:
        """Hand an answer to whoever asked."""
        self._waiting.pop(done.token)(done)

    def __len__(self) -> int:
        return len(self._waiting)
