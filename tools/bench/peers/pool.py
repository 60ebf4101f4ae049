"""Connections that are lent to one thread at a time, as the callers in a module host have them."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar


Connection = TypeVar("Connection")


class Pool(Generic[Connection]):
    """As many as there were calls at once: last in, first out. Safe from every thread."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._idle: deque[Connection] = deque()

    def take(self) -> Connection:
        """One for the caller alone."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def give(self, connection: Connection) -> None:
        """Back, for the next caller; one that failed is not given back."""
        self._idle.append(connection)

    def empty(self, close: Callable[[Connection], object]) -> None:
        """Close those that nobody has."""
        while self._idle:
            close(self._idle.pop())
