"""Pats systemd's watchdog from the loop, so that a stuck loop is noticed and restarted."""

import threading

from supervisor.edge.loop import Loop
from supervisor.edge.notify import ServiceNotifier


class Watchdog:
    """A timer thread asks the loop to answer; only the loop's answer reaches systemd."""

    def __init__(self, loop: Loop, notifier: ServiceNotifier) -> None:
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        interval = notifier.watchdog_interval
        if interval is not None:

            def tick() -> None:
                while not self._end.wait(interval):
                    loop.post(lambda: notifier.send("WATCHDOG=1"))

            self._thread = threading.Thread(target=tick, name="watchdog", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """End the timer."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()
