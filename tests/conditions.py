"""Waiting for conditions, the only way in which tests wait."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar


Value = TypeVar("Value")
STEP = 0.02
_pause = threading.Event()  # never set: waiting on it is a pause that a signal can end


def poll_for(condition: Callable[[], Value], timeout: float = 10.0, what: str = "") -> Value:
    """The first true value of `condition`; fails the test, naming `what`, when none comes in time."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            name = what or getattr(condition, "__doc__", None) or repr(condition)
            raise AssertionError(f"not within {timeout} s: {name} (last value: {value!r})")
        _pause.wait(STEP)
