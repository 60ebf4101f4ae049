"""The far ends: processes of the harness' own, started before the first call, gone after the last.

A far end serves until its standard input is closed. So it ends with the harness, however that ends.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from selectors import EVENT_READ, DefaultSelector

from bench.peers.peer import NotMeasuredError


START_SECONDS = 30
STOP_SECONDS = 5
_READY = b"ready\n"


@contextmanager
def far(module: str, *words: str) -> Iterator[None]:
    """Run `python -m module words...` and wait until it serves. Raises NotMeasuredError."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        try:
            _wait_ready(process, module)
            yield
        finally:
            _end(process)


def stay() -> None:
    """In a far end: say that it serves, wait for the end of the harness, and leave at once."""
    os.write(1, _READY)
    sys.stdin.buffer.read()
    # Threads of a library that still wait for a connection must not keep the process.
    os._exit(0)


def _wait_ready(process: "subprocess.Popen[bytes]", module: str) -> None:
    assert process.stdout is not None
    with DefaultSelector() as selector:
        selector.register(process.stdout, EVENT_READ)
        if selector.select(START_SECONDS) and os.read(process.stdout.fileno(), 100) == _READY:
            return
    raise NotMeasuredError(f"{module} did not start within {START_SECONDS} s")


def _end(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
