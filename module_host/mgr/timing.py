"""Timers, and wrappers that say how long something took."""

import contextlib
import functools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar


log = logging.getLogger("mgr_util")

T = TypeVar("T")
WARN_AFTER_SECONDS = 30


class RTimer(threading.Timer):
    """Calls its function every `interval` seconds until cancelled, or until the function raises."""

    def run(self) -> None:
        """Run on the timer's thread."""
        try:
            while not self.finished.wait(self.interval):
                self.function(*self.args, **self.kwargs)
        except Exception:
            log.exception("recurring task ended")
            raise


@contextlib.contextmanager
def lock_timeout_log(lock: threading.Lock, timeout: int = 5) -> Iterator[None]:
    """Hold `lock`; says once in the log when it takes over 30 s to get, and goes on trying."""
    began = time.monotonic()
    warned = False
    while not lock.acquire(timeout=timeout):
        if not warned and time.monotonic() - began > WARN_AFTER_SECONDS:
            log.info("possible deadlock acquiring %s", lock)
            warned = True
    try:
        yield
    finally:
        lock.release()


def profile_method(skip_attribute: bool = False) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Log how long each call of a module's method takes; also in its `_execution_duration`."""

    def decorate(f: Callable[..., T]) -> Callable[..., T]:
        @functools.wraps(f)
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> T:
            self.log.debug("Starting method %s.", f.__name__)
            began = time.monotonic()
            result = f(self, *args, **kwargs)
            took = time.monotonic() - began
            if not skip_attribute:
                wrapper._execution_duration = took  # type: ignore[attr-defined]  # noqa: SLF001
            self.log.debug("Method %s ran %.3f seconds.", f.__name__, took)
            return result

        return wrapper

    return decorate


def merge_dicts(*args: dict[T, Any]) -> dict[T, Any]:
    """One dict of all; later ones win."""
    merged: dict[T, Any] = {}
    for part in args:
        merged |= part
    return merged
