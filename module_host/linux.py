"""The few Linux calls that Python's os module lacks."""

import ctypes
import os
from pathlib import Path


PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_NAME = 15
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

_MNT_DETACH = 2
_COMM_BYTES = 15
_ARG_START, _ARG_END = 45, 46  # fields 48 and 49 of /proc/self/stat, counted behind the comm

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_dup3_locked = ctypes.PyDLL(None).dup3  # keeps the interpreter's lock
_dup3_locked.argtypes = [ctypes.c_int] * 3
_STANDARD_STREAMS = range(3)


def prctl(option: int, *arguments: int) -> None:
    """Set `option` of the process, as man 2 prctl says, with up to four numbers; raises OSError."""
    padded = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *padded):
        raise _last_error(f"prctl({option})")


def syscall(number: int, *arguments: int) -> int:
    """Call the system call `number`, pointers given as addresses; raises OSError."""
    result: int = _libc.syscall(ctypes.c_long(number), *(ctypes.c_ulong(a) for a in arguments))
    if result < 0:
        raise _last_error(f"system call {number}")
    return result


def unshare(kinds: int) -> None:
    """Leave what is shared with the parent, as man 2 unshare says; raises OSError."""
    if _libc.unshare(ctypes.c_int(kinds)):
        raise _last_error("unshare")


def mount(source: str, target: str, *, kind: str = "", flags: int = 0, data: str = "") -> None:
    """Mount, bind or change a mount, as man 2 mount says; raises OSError."""
    words = [os.fsencode(word) or None for word in (source, target, kind, data)]
    if _libc.mount(*words[:3], ctypes.c_ulong(flags), words[3]):
        raise _last_error(f"mount on {target}")


def unmount(target: str) -> None:
    """Take away what is mounted there, at once for whoever looks; raises OSError."""
    if _libc.umount2(os.fsencode(target), _MNT_DETACH):
        raise _last_error(f"unmount {target}")


def replace_descriptors(new: int, targets: list[int]) -> None:
    """Make every open descriptor of `targets` a duplicate of `new`, in one step for all threads of
    Python: none of them can write to one that is replaced and then to one that is not.
    Standard streams are inherited by programs, others are not.
    """
    flags = [0 if target in _STANDARD_STREAMS else os.O_CLOEXEC for target in targets]
    # A loop in C: the interpreter may let another thread run between two bytecodes only.
    list(map(_dup3_locked, [new] * len(targets), targets, flags))


def name_thread(name: str) -> None:
    """Name the calling thread as tools like top show it; 15 bytes count."""
    raw = ctypes.create_string_buffer(name.encode()[:_COMM_BYTES])
    prctl(PR_SET_NAME, ctypes.addressof(raw))


def name_process(name: str) -> None:
    """Name the process: its main thread, and the command line where ps looks for one."""
    name_thread(name)
    fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
    fields = fields.rpartition(")")[2]
    start, end = (int(fields.split()[i]) for i in (_ARG_START, _ARG_END))
    room = end - start
    if room > 0:
        # The last byte stays NUL: the kernel takes anything else for a line that runs on into
        # the environment.
        line = name.encode()[: room - 1].ljust(room, b"\0")
        ctypes.memmove(start, line, room)


def children() -> list[int]:
    """Pids of this process' children, zombies included; the calling thread must be its only one."""
    pid = os.getpid()
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_bytes().split()]


def _last_error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")
