"""Where a module's log records go: its own file, the daemon's log, the cluster log.

Handlers sit on the root logger, since one process holds one module. The daemon's log is the place
for records only while the module has no file of its own.
"""

import logging
import logging.handlers
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar


FILE_FORMAT = "%(asctime)s [%(threadName)s] [%(levelname)s] [%(name)s] %(message)s"
MAX_RECORD = 64 << 10  # bytes; one record must not fill a disk or a message of the bus
# debug_mgr up to each number, and the level of Python's logging that it stands for.
# Since octopus the guide has a table of its own, which did not change from pacific to main. Before,
# records went to the daemon's log with severities, debug 20, info 4, warning 1 and error 0.
GUIDE_LEVELS = ((0, "CRITICAL"), (1, "WARNING"), (4, "INFO"))
SEVERITY_LEVELS = ((0, "ERROR"), (3, "WARNING"), (19, "INFO"))
_CLUSTER_PRIORITIES = {"DEBUG": 0, "INFO": 1, "WARNING": 3, "ERROR": 4, "CRITICAL": 4}

_emitting = threading.local()


@contextmanager
def _emitting_once() -> Iterator[bool]:
    """Tell whether this thread is not in here already: what handlers call may itself log."""
    first = not getattr(_emitting, "active", False)
    _emitting.active = True
    try:
        yield first
    finally:
        if first:
            _emitting.active = False


class CappedFormatter(logging.Formatter):
    """Formats a record and cuts it at MAX_RECORD bytes, saying so."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        if len(text) <= MAX_RECORD // 4:
            return text
        data = text.encode(errors="backslashreplace")
        if len(data) <= MAX_RECORD:
            return text
        return f"{data[:MAX_RECORD].decode(errors='ignore')}... (cut, {len(data)} bytes)"


class CPlusPlusHandler(logging.Handler):
    """To the daemon's log. The name is upstream's."""

    def __init__(self, module_inst: Any) -> None:
        super().__init__()
        self._module = module_inst
        name = module_inst.module_name.replace("%", "%%")
        self.setFormatter(CappedFormatter(f"[{name} %(levelname)-4s %(name)s] %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        with _emitting_once() as first:
            if first:
                self._module._ceph_log(self.format(record))  # noqa: SLF001  the primitive


class ClusterLogHandler(logging.Handler):
    """To the cluster log, in a channel named like the module."""

    def __init__(self, module_inst: Any) -> None:
        super().__init__()
        self._module = module_inst
        self.setFormatter(CappedFormatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        priority = _CLUSTER_PRIORITIES.get(record.levelname, 1)
        with _emitting_once() as first:
            if first:
                self._module._ceph_cluster_log(  # noqa: SLF001  the primitive
                    self._module.module_name, priority, self.format(record)
                )


class FileHandler(logging.handlers.WatchedFileHandler):
    """To the module's own file. It follows a rotation by name; in a host, which may open no file,
    its stream is the descriptor that the host keeps current (module_host.log_file).
    """

    def __init__(self, module_inst: Any) -> None:
        self.path = own_path(module_inst.get_ceph_option("log_file"), module_inst.module_name)
        super().__init__(self.path, delay=True, encoding="utf-8", errors="backslashreplace")
        self.setFormatter(CappedFormatter(FILE_FORMAT))


def own_path(daemon_log: str, module: str) -> str:
    """Name of a module's log file beside the daemon's: mgr.x.log -> mgr.x.hello.log."""
    stem, dot_log, _ = daemon_log.rpartition(".log")
    return f"{stem}.{module}.log" if dot_log else f"{daemon_log}.{module}"


class MgrModuleLoggingMixin:
    """Configures the root logger from the module's options."""

    log_to_file: bool
    log_to_cluster: bool
    DEBUG_MGR_LEVELS: ClassVar[tuple[tuple[int, str], ...]] = GUIDE_LEVELS

    def _configure_logging(
        self,
        mgr_level: str,
        module_level: str,
        cluster_level: str,
        log_to_file: bool,
        log_to_cluster: bool,
    ) -> None:
        """Put the handlers in place. `mgr_level` is debug_mgr, the others are module options."""
        self._root_logger = logging.getLogger()
        self._unconfigure_logging()
        self._mgr_log_handler = CPlusPlusHandler(self)
        self._cluster_log_handler = ClusterLogHandler(self)
        self._file_log_handler = FileHandler(self)
        self._root_logger.setLevel(logging.NOTSET)
        self._set_log_level(mgr_level, module_level, cluster_level)
        self._supervisor_set_log_targets(log_to_file, log_to_cluster)

    def _unconfigure_logging(self) -> None:
        for handler in list(logging.getLogger().handlers):
            if isinstance(handler, CPlusPlusHandler | FileHandler | ClusterLogHandler):
                logging.getLogger().removeHandler(handler)
                handler.close()
        self.log_to_file = False
        self.log_to_cluster = False

    def _set_log_level(self, mgr_level: str, module_level: str, cluster_level: str) -> None:
        """Set the handlers' levels; an empty `module_level` follows the daemon's."""
        self._cluster_log_handler.setLevel((cluster_level or "info").upper())
        level = module_level.upper() if module_level else self._ceph_log_level_to_python(mgr_level)
        self._mgr_log_handler.setLevel(level)
        self._file_log_handler.setLevel(level)

    def _supervisor_set_log_targets(self, log_to_file: bool, log_to_cluster: bool) -> None:
        self.log_to_file, self.log_to_cluster = log_to_file, log_to_cluster
        for handler, wanted in (
            (self._file_log_handler, log_to_file),
            (self._mgr_log_handler, not log_to_file),
            (self._cluster_log_handler, log_to_cluster),
        ):
            if wanted:
                self._root_logger.addHandler(handler)
            else:
                self._root_logger.removeHandler(handler)

    def _enable_file_log(self) -> None:
        self._supervisor_set_log_targets(True, self.log_to_cluster)

    def _disable_file_log(self) -> None:
        self._supervisor_set_log_targets(False, self.log_to_cluster)

    def _enable_cluster_log(self) -> None:
        self._supervisor_set_log_targets(self.log_to_file, True)

    def _disable_cluster_log(self) -> None:
        self._supervisor_set_log_targets(self.log_to_file, False)

    def _ceph_log_level_to_python(self, log_level: str) -> str:
        """Map debug_mgr, "2/5" or "2", to a level of the logging module."""
        try:
            number = int(log_level.partition("/")[0])
        except ValueError:
            number = 0
        for limit, level in self.DEBUG_MGR_LEVELS:
            if number <= limit:
                return level
        return "DEBUG"

    def getLogger(self, name: str | None = None) -> logging.Logger:
        """The root logger, or the one called `name`."""
        return logging.getLogger(name)
