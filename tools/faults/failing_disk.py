"""A disk that fails under one thread of a running process: its fsync() answers EIO.

By strace, attached to that thread alone: the rest of the process runs at its own speed.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.outcome import NotTriedError
from faults.stage import wait_for


WRITER = "store-writer"  # the thread of the supervisor that commits
ATTACH_SECONDS = 10.0
CALLS = "fsync,fdatasync"


@contextmanager
def failing_disk(pid: int) -> Iterator[None]:
    """Every sync of the writer of supervisor `pid` fails meanwhile. Raises NotTriedError."""
    strace = shutil.which("strace")
    if strace is None or os.geteuid() != 0:
        raise NotTriedError("it needs strace, and root to attach it")
    thread = _writer(pid)
    command = [
        strace, "--quiet=all", "--attach", thread.name, "--trace", CALLS,
        "--inject", f"{CALLS}:error=EIO", "--output", os.devnull,
    ]  # fmt: skip
    tracer = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        wait_for(
            lambda: tracer.poll() is not None or _traced(thread), ATTACH_SECONDS, "strace to attach"
        )
        if tracer.poll() is not None:
            assert tracer.stderr is not None
            raise NotTriedError(f"strace: {tracer.stderr.read().decode().strip()}")
        yield
    finally:
        tracer.terminate()  # it lets go of the thread
        tracer.communicate()


def _writer(pid: int) -> Path:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        if (thread / "comm").read_text().strip() == WRITER:
            return thread
    raise NotTriedError(f"there is no thread {WRITER} in process {pid}")


def _traced(thread: Path) -> bool:
    lines = (thread / "status").read_text().splitlines()
    return next(line for line in lines if line.startswith("TracerPid:")).split()[1] != "0"
