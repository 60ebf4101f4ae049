"""The daemon's own log: to its file always, and to standard error for whoever started it: a person,
a program, or systemd's journal.
"""

import contextlib
import logging
import os
import sys
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

import structlog


class _LogFile(WatchedFileHandler):
    """The daemon's log. Its disk may be full or its folder gone: the daemon goes on, standard error
    still has the records, and the file is tried again with each of them.
    """

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):  # of reopening; emit() itself hands its own on
            super().emit(record)

    def _open(self) -> Any:
        # Not for others to read, as the modules' logs.
        return open(
            self.baseFilename,
            self.mode,
            encoding=self.encoding,
            errors=self.errors,
            opener=lambda path, flags: os.open(path, flags | os.O_CLOEXEC, 0o640),
        )


_SHARED: list[structlog.typing.Processor] = [
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]


_PRIORITIES = {"critical": 2, "error": 3, "warning": 4, "info": 6, "debug": 7}  # sd-daemon(3)


def form_of_stderr() -> str:
    """What suits whoever reads standard error: "console", "journal" or "json"."""
    if sys.stderr.isatty():
        return "console"
    try:
        status = os.fstat(sys.stderr.fileno())
    except OSError:
        return "json"
    journal = os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
    return "journal" if journal else "json"


def configure(log_file: Path, level: str, form: str) -> None:
    """Send every record of the daemon to `log_file` and to standard error.

    `form` is "console" (for people), "json", or "journal" (systemd's: it keeps time and level by
    itself); the file is always for people. The file may be rotated under the daemon: it is
    reopened by name. Raises OSError where it cannot be opened now.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    # What a handler cannot write, it must not answer with a traceback for each record.
    logging.raiseExceptions = False
    file = _LogFile(log_file, encoding="utf-8", errors="backslashreplace")
    file.setFormatter(_formatter("console", colors=False))
    screen = logging.StreamHandler(sys.stderr)
    screen.setFormatter(_formatter(form, colors=sys.stderr.isatty()))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
        old.close()
    root.addHandler(file)
    root.addHandler(screen)
    root.setLevel(level.upper())


def reopen() -> None:
    """Go on in a file of the proper name now; the next record would see to it anyway."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _LogFile):
            handler.acquire()
            try:
                with contextlib.suppress(OSError):
                    handler.reopenIfNeeded()
            finally:
                handler.release()


def _formatter(form: str, *, colors: bool) -> logging.Formatter:
    renderer: structlog.typing.Processor
    match form:
        case "json":
            renderer = structlog.processors.JSONRenderer()
        case "journal":
            renderer = _journal_lines
        case _:
            renderer = structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=0, pad_level=False)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def _journal_lines(
    _logger: Any, _method: str, record: structlog.typing.EventDict
) -> structlog.typing.ProcessorReturnValue:
    """Each line with its priority in front: a line that came with a module's text cannot bring its
    own.
    """
    name, event = record.pop("logger", "root"), record.pop("event", "")
    priority = _PRIORITIES.get(record.pop("level", "info"), 6)
    stack = record.pop("exception", "")
    record.pop("timestamp", None)
    words = [f"{name}: {event}", *(f"{key}={value}" for key, value in sorted(record.items()))]
    lines = [*" ".join(words).splitlines(), *stack.splitlines()]
    return "\n".join(f"<{priority}>{line}" for line in lines)
