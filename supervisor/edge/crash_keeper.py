"""Keeps a record of each module's crash, and has the crash module take it when that runs.

As ceph-crash does for Ceph's daemons: records wait in their folder until `crash post` succeeds.
"""

import signal
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from supervisor.core.actions import RecordCrash
from supervisor.core.crashes import Book, Group, entries, exception_of, signature, stack_of
from supervisor.edge.crash_files import CrashFiles, Meta, describe, what
from supervisor.edge.log_files import tail
from supervisor.edge.outcome import Answer, Outcome
from supervisor.edge.worker import Worker


log = structlog.get_logger("crashes")

LOG_LINES = 500
RETRY = 30.0  # seconds
# Of these faulthandler leaves a stack.
_FATAL = {signal.Signals(n).name for n in (4, 6, 7, 8, 11)}

Post = Callable[[bytes, Answer], None]


class CrashKeeper:
    """Loop thread only; `worker` touches the files.

    `may_post`: whether the crash module serves, and this manager is the active one; `post`: has it
    take a record.
    """

    def __init__(
        self,
        folder: Path,
        entity: str,
        worker: Worker,
        may_post: Callable[[], bool],
        post: Post,
    ) -> None:
        self._entity = entity
        self._files = CrashFiles(folder)
        self._worker = worker
        self._may_post = may_post
        self._send = post
        self._book = Book()  # of the worker's thread
        self._due = 0.0
        self._posting = False
        self.version = ""
        worker.submit(lambda: self._files.load(self._book), lambda _none: None, _failed)

    def record(self, module: str, log_file: Path, crash: RecordCrash) -> None:
        """Keep it, or count it in one that is alike."""
        at, version = time.time(), self.version

        def write() -> None:
            text = tail(log_file, LOG_LINES)
            meta = self._meta(module, version, crash, text, at)
            into = self._book.add(module, meta["stack_sig"], what(meta), meta["crash_id"], at)
            if into is None:
                self._files.write(meta, text)
            else:
                self._files.count(into.crash_id, at)

        self._worker.submit(write, lambda _none: self._soon(), _failed)

    def groups(self, module: str | None, then: Callable[[list[Group]], None]) -> None:
        """Hand the crashes of one module, or of all, to `then`."""
        self._worker.submit(lambda: self._book.groups(module), then, _failed)

    def clock(self, now: float) -> float | None:
        """Post what waits, once in a while; says when next."""
        if now >= self._due:
            self._due = now + RETRY
            if not self._posting and self._may_post():
                self._posting = True
                self._worker.submit(self._files.unposted, self._post, self._not_posted)
        return self._due

    def close(self) -> None:
        """Finish what is being written."""
        self._worker.close()

    def _soon(self) -> None:
        self._due = 0.0

    def _meta(self, module: str, version: str, crash: RecordCrash, text: bytes, at: float) -> Meta:
        if crash.traceback:
            backtrace = entries(crash.traceback)
        else:
            fatal = crash.kind in _FATAL
            backtrace = stack_of(text.decode(errors="replace")) if fatal else []
        backtrace = backtrace or [crash.kind or crash.reason]
        return {
            **describe(module, self._entity, version, at),
            "mgr_module_caller": crash.caller,
            "mgr_python_exception": exception_of(crash.traceback),
            "mgr_module_reason": crash.reason,
            "backtrace": backtrace,
            "stack_sig": signature(backtrace),
        }

    def _post(self, waiting: list[tuple[str, bytes]]) -> None:
        """One after the other: the crash module takes them in order."""
        if not waiting or not self._may_post():
            self._posting = False
            return
        (crash_id, meta), *rest = waiting

        def answered(outcome: Outcome) -> None:
            if outcome.retval:
                self._posting = False
                log.warning("a crash could not be posted", crash=crash_id, why=outcome.stderr)
                return
            self._worker.submit(
                lambda: self._taken(crash_id), lambda _none: self._post(rest), self._not_posted
            )

        self._send(meta, answered)

    def _taken(self, crash_id: str) -> None:
        self._files.posted(crash_id)
        self._book.forget(self._files.prune())

    def _not_posted(self, error: Exception) -> None:
        self._posting = False
        _failed(error)


def _failed(error: Exception) -> None:
    log.error("crash records could not be read or written", why=str(error))
