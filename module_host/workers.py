"""Threads that come and go with the work: incoming remote() calls run here.

They never wait behind commands and notifications, because calls nest and go in circles: a module
that waits for another one's answer must still be able to answer that one.
"""

import logging
import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from module_host import threads


log = logging.getLogger("workers")

MOST_THREADS = 64
MOST_NESTED = 500  # threads, of all kinds, above which not even a nested job gets one
MOST_WAITING = 1000
IDLE_SECONDS = 10.0


class Workers:
    """Runs jobs at once while there are fewer than MOST_THREADS, then in order of arrival.

    A nested job, which a running one may be waiting for, always runs at once: behind the others it
    would wait for threads that wait for it.
    """

    def __init__(self, name: str, *, most: int = MOST_THREADS, idle: float = IDLE_SECONDS) -> None:
        self._name = name
        self._most = most
        self._idle = idle
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._threads = 0
        self._started = 0
        self._free = 0  # threads that wait, minus jobs that do

    @property
    def threads(self) -> int:
        """How many there are now."""
        return self._threads

    @property
    def busy(self) -> int:
        """How many of them have a job."""
        return self._threads - max(0, self._free)

    def submit(self, job: Callable[[], None], *, nested: bool = False) -> bool:
        """Run `job` soon; False: too many wait or run already, it will not be run."""
        with self._lock:
            if self._free > 0:
                self._free -= 1
                self._jobs.put(job)
                return True
            if self._threads >= (MOST_NESTED if nested else self._most):
                return not nested and self._queue(job)
            self._threads += 1
            self._started += 1
            name = f"{self._name}-{self._started}"
        try:
            threads.start(name, lambda: self._work(job))
        except RuntimeError:
            log.exception("the system gives no thread for a job")
            with self._lock:
                self._threads -= 1
            return False
        return True

    def end(self) -> None:
        """Let the threads end after what waits; no more is submitted."""
        for _ in range(self._threads):
            self._jobs.put(None)

    def _queue(self, job: Callable[[], None]) -> bool:
        if -self._free >= MOST_WAITING:
            return False
        self._free -= 1
        self._jobs.put(job)
        return True

    def _work(self, first: Callable[[], None]) -> None:
        job: Callable[[], None] | None = first
        while job is not None:
            try:
                job()
            except BaseException:
                log.exception("a job failed")
            with self._lock:
                self._free += 1
            job = self._next()

    def _next(self) -> Callable[[], None] | None:
        while True:
            try:
                return self._jobs.get(timeout=self._idle)
            except Empty:
                with self._lock:
                    # A job that was just submitted counts on this thread.
                    if self._free > 0:
                        self._free -= 1
                        self._threads -= 1
                        return None
