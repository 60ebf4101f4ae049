"""What goes wrong in a module where no caller would hear of it: in production it is only logged."""

import logging
import sys
import threading
import traceback
from dataclasses import dataclass


# The host's own loggers, on which it reports what a module's code raises.
_REPORTERS = ("inbox", "completions", "queue", "workers", "host")


class ModuleFault(AssertionError):  # noqa: N818  fails a test, as an assert does
    """The module raised where production would only have written to its log."""


class Overdue(AssertionError):  # noqa: N818  as above
    """The module's code did not return in time."""


@dataclass(frozen=True)
class Fault:
    """One exception: `where` it was raised ("hello.notify:"), and its traceback."""

    where: str
    error: BaseException
    traceback: str


class Faults(logging.Handler):
    """Collects them from the host's loggers while a module runs."""

    def __init__(self, found: list[Fault]) -> None:
        super().__init__(logging.ERROR)
        self._found = found

    def __enter__(self) -> None:
        for name in _REPORTERS:
            logging.getLogger(name).addHandler(self)

    def __exit__(self, *_: object) -> None:
        for name in _REPORTERS:
            logging.getLogger(name).removeHandler(self)
        self.close()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record that brings an exception."""
        if record.exc_info and record.exc_info[1]:
            error = record.exc_info[1]
            text = "".join(traceback.format_exception(error))
            self._found.append(Fault(record.getMessage(), error, text))


def stack(thread: threading.Thread | None) -> str:
    """Where a thread is now, as a traceback shows it."""
    frame = sys._current_frames().get(thread.ident or 0) if thread else None  # noqa: SLF001  its purpose
    return "".join(traceback.format_stack(frame)) if frame else "(the thread has ended)\n"


def thread_called(name: str) -> threading.Thread | None:
    """The newest thread of that name."""
    found = [thread for thread in threading.enumerate() if thread.name == name]
    return found[-1] if found else None
