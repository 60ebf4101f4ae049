"""One named thread for work that may block the loop: reading module logs, asking /proc."""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

import structlog

from supervisor.edge.loop import Loop
from supervisor.linux import name_thread


log = structlog.get_logger("worker")
Result = TypeVar("Result")


class Worker:
    """Runs jobs one after another and posts each result back to the loop."""

    def __init__(self, loop: Loop, name: str = "worker") -> None:
        self._loop = loop
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name)
        self._thread.start()

    def submit(
        self,
        job: Callable[[], Result],
        done: Callable[[Result], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Run `job` on the thread; `done` or `failed` is called on the loop's thread."""

        def task() -> None:
            try:
                result = job()
            except Exception as error:
                problem = error
                self._loop.post(lambda: failed(problem))
            else:
                self._loop.post(lambda: done(result))

        self._jobs.put(task)

    def close(self) -> None:
        """Finish what was submitted and end the thread."""
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        name_thread(self._thread.name)
        while (task := self._jobs.get()) is not None:
            task()
