"""The module's queue thread: commands, notify and config_notify, strictly in order.

As ceph-mgr's finisher does, but bounded, and a notification that waits already is not queued twice.
"""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

from module_host import threads
from module_host.activity import Activity


log = logging.getLogger("queue")

MOST_COMMANDS = 1000
MOST_NOTIFICATIONS = 10_000

Job = Callable[[], None]
Key = tuple[str, str]


class ModuleQueue:
    """Filled by the inbox thread, emptied by its own once the module is there."""

    def __init__(self, module: str, activity: Activity) -> None:
        self._module = module
        self._activity = activity
        self._jobs: SimpleQueue[tuple[Activity.Kind, Key | None, Job] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting: set[Key | None] = set()
        self._commands = 0
        self._notifications = 0

    def start(self) -> None:
        """Begin to work."""
        threads.start(f"m-fin-{self._module}"[:15], self._work)

    def end(self) -> None:
        """Let the thread end after what waits."""
        self._jobs.put(None)

    def depth(self) -> int:
        """How many jobs wait."""
        return self._jobs.qsize()

    def command(self, job: Job) -> bool:
        """Queue a command; False: too many wait, it will not be run."""
        with self._lock:
            if self._commands >= MOST_COMMANDS:
                return False
            self._commands += 1
        self._jobs.put((Activity.Kind.COMMAND, None, job))
        return True

    def notify(self, key: Key | None, job: Job) -> bool:
        """Queue a notification unless the same `key` waits already; None: it is like no other.

        False: too many wait, it is lost.
        """
        with self._lock:
            if key in self._waiting:
                return True
            if self._notifications >= MOST_NOTIFICATIONS:
                return False
            self._notifications += 1
            if key is not None:
                self._waiting.add(key)
        self._jobs.put((Activity.Kind.NOTIFY, key, job))
        return True

    def _work(self) -> None:
        while (waiting := self._jobs.get()) is not None:
            kind, key, job = waiting
            with self._lock:
                # Before it runs: what happens from now on is news again.
                self._waiting.discard(key)
                if kind is Activity.Kind.COMMAND:
                    self._commands -= 1
                else:
                    self._notifications -= 1
            try:
                with self._activity.running(kind):
                    job()
            except BaseException:
                log.exception("a %s failed", kind.value)
