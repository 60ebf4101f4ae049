"""What the process around a module looks like: variables, sys.path, sys.argv, log streams."""

import faulthandler
import logging
import os
import signal
import sys
from pathlib import Path

from proto.v1.zygote_pb2 import Launch


LINE = "%(asctime)s [%(threadName)s] [%(levelname)s] [%(name)s] %(message)s"
_KEPT = ("PATH", "LANG", "LANGUAGE", "TZ")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def wanted(launch: Launch) -> dict[str, str]:
    """The variables of a host: a few of the zygote's, then what the launch says."""
    kept = {k: v for k, v in os.environ.items() if k in _KEPT or k.startswith("LC_")}
    scratch = str(Path(launch.data_dir, "tmp"))
    ours = {"PATH": _PATH} | kept | {"HOME": scratch, "TMPDIR": scratch}
    return ours | dict(launch.environment)


def clean(launch: Launch) -> None:
    """Set variables, sys.path and sys.argv as modules expect them."""
    variables = wanted(launch)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["ceph-mgr"]
    own = [p for p in sys.path if p]
    sys.path[:] = [*launch.sys_path, *own, *launch.extra_path]
    sys.path_importer_cache.clear()  # listings that the zygote made may be old by now


def make_scratch(launch: Launch) -> None:
    """The folder for temporary files; it belongs to whoever calls. Raises OSError."""
    Path(launch.data_dir, "tmp").mkdir(mode=0o700, parents=True, exist_ok=True)


def log_to_stderr() -> None:
    """Send log records to the module's log, until the module configures logging itself."""
    for stream in (sys.stdout, sys.stderr):
        # A crash must not take lines along, and no text of a module may fail to be printed.
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=LINE, force=True)


def yield_logging() -> None:
    """Withdraw our own log handler if others are there: the module's base class configured them."""
    root = logging.getLogger()
    ours = [h for h in root.handlers if getattr(h, "stream", None) is sys.stderr]
    if len(ours) < len(root.handlers):
        for handler in ours:
            root.removeHandler(handler)


def dump_stacks_to(fd: int) -> None:
    """Write all stacks there on a fatal signal, and on SIGUSR1 also while C holds the GIL."""
    faulthandler.enable(fd, all_threads=True)
    faulthandler.register(signal.SIGUSR1, fd, all_threads=True, chain=False)
