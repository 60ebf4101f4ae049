"""The Linux calls that Python's os module lacks."""

import contextlib
import ctypes
import os


PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
PR_SET_CHILD_SUBREAPER = 36

_COMM_BYTES = 15
_PIECE = 1 << 16
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
        tasks = os.open(f"/proc/{pid}/task", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:
        return found
    try:
        for task in os.listdir(tasks):  # noqa: PTH208  names are enough
            with contextlib.suppress(OSError):  # it has ended: its children are another's now
                listed = read_all(f"{task}/children", tasks)
                if listed:
                    found += map(int, listed.split())
    except OSError:
        pass  # all of it has ended
    finally:
        os.close(tasks)
    return found


def read_all(file: str, folder: int | None = None) -> bytes:
    """Contents of a file of /proc; `folder`: a descriptor that `file` is below of. By hand: looks
    at processes read a thousand of them a second. Raises OSError.
    """
    fd = os.open(file, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)
    try:
        content = os.read(fd, _PIECE)
        while content and len(content) % _PIECE == 0 and (more := os.read(fd, _PIECE)):
            content += more
        return content
    finally:
        os.close(fd)
