"""The Linux calls that Python's os module lacks."""

import contextlib
import ctypes
import os
from pathlib import Path


PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
PR_SET_CHILD_SUBREAPER = 36

_COMM_BYTES = 15
_libc = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, argument: int) -> None:
    """Set `option` of the process, as man 2 prctl says; raises OSError."""
    if _libc.prctl(option, ctypes.c_ulong(argument), 0, 0, 0):
        number = ctypes.get_errno()
        raise OSError(number, f"prctl({option}): {os.strerror(number)}")


def name_thread(name: str) -> None:
    """Name the calling thread, and the process by its first one, as ps shows it; 15 bytes count."""
    raw = ctypes.create_string_buffer(name.encode()[:_COMM_BYTES])
    prctl(PR_SET_NAME, ctypes.addressof(raw))


def children(pid: int) -> list[int]:
    """Pids of the children of all threads of `pid`, zombies included; none where it is gone."""
    found: list[int] = []
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  names are enough
    except OSError:
        return found
    for task in tasks:
        with contextlib.suppress(OSError):  # it has ended: its children are another thread's now
            text = Path(f"/proc/{pid}/task/{task}/children").read_text(encoding="ascii")
            found += map(int, text.split())
    return found
