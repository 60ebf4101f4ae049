"""The capabilities of root: dropped for good, also for programs that are run later.

A root without them is held to the mode bits of files like anyone else. So those that look past mode
bits stay where the module could not live without: where what it was granted, or its own folders,
belong to another user. Landlock bounds what they reach.
"""

import ctypes
import errno
import os
import struct
from collections.abc import Iterable

from module_host import linux


DAC_OVERRIDE, DAC_READ_SEARCH, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE = 1, 2, 6, 7, 8, 10
NAMES = {
    DAC_OVERRIDE: "DAC_OVERRIDE",
    DAC_READ_SEARCH: "DAC_READ_SEARCH",
    NET_BIND_SERVICE: "NET_BIND_SERVICE",
}

_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPGET = {"x86_64": 125, "aarch64": 90}
_VERSION_3 = 0x20080522
_PR_CAP_AMBIENT, _RAISE, _CLEAR_ALL = 47, 2, 4
_PR_SET_SECUREBITS = 28
_ROOT_IS_NOBODY = 0xC3  # NOROOT and NO_CAP_AMBIENT_RAISE, both locked
# struct __user_cap_data_struct: effective, permitted, inheritable; of bits 0-31, then of 32-63
_DATA = "=6I"


def held() -> int:
    """The permitted set of the calling thread, as a mask."""
    _, low, _, _, high, _ = struct.unpack(_DATA, _call(_CAPGET, bytes(struct.calcsize(_DATA))))
    return int(low | high << 32)


def drop(keep: Iterable[int]) -> None:
    """Give up all but `keep`, for this thread and all that comes of it. Raises OSError.

    That root gets all of them back with each program is switched off, which costs one call where
    emptying the bounding set costs forty; what else gives any, no_new_privs rules out.
    """
    permitted = held()
    wanted = permitted & _mask(keep)
    _set(permitted, permitted, wanted)
    linux.prctl(_PR_CAP_AMBIENT, _CLEAR_ALL)
    for number in range(wanted.bit_length()):
        if wanted & 1 << number:
            linux.prctl(_PR_CAP_AMBIENT, _RAISE, number)
    if permitted & 1 << SETPCAP:
        linux.prctl(_PR_SET_SECUREBITS, _ROOT_IS_NOBODY)
    _set(wanted, wanted, wanted)


def unreachable(readable: Iterable[str], writable: Iterable[str]) -> dict[int, str]:
    """Which capabilities the calling thread needs, and the first path that needs it: it belongs to
    another user, or a folder above it does. Paths that do not exist need none.
    """
    permitted = held()
    wanted = [(path, os.R_OK) for path in readable]
    wanted += [(path, os.R_OK | os.W_OK) for path in writable]
    needs: dict[int, str] = {}
    try:
        _set(0, permitted, 0)
        closed = [(path, mode) for path, mode in wanted if _closed(path, mode)]
        if closed:
            # To look through folders is often enough: what is in them may be one's own.
            _set(permitted & _mask((DAC_READ_SEARCH,)), permitted, 0)
        for path, mode in closed:
            if os.path.lexists(path):
                number = DAC_OVERRIDE if _closed(path, mode) else DAC_READ_SEARCH
                needs.setdefault(number, path)
    finally:
        _set(permitted, permitted, 0)
    return needs


def _closed(path: str, mode: int) -> bool:
    return not os.access(path, mode, effective_ids=True)


def _mask(numbers: Iterable[int]) -> int:
    return sum(1 << number for number in set(numbers))


def _set(*masks: int) -> None:
    """Effective, permitted and inheritable, in this order."""
    halves = [mask >> shift & 0xFFFFFFFF for shift in (0, 32) for mask in masks]
    _call(_CAPSET, struct.pack(_DATA, *halves))


def _call(numbers: dict[str, int], data: bytes) -> bytes:
    head = ctypes.create_string_buffer(struct.pack("=Ii", _VERSION_3, 0), 8)
    raw = ctypes.create_string_buffer(data, len(data))
    number = numbers.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, f"no table of system calls for {os.uname().machine}")
    linux.syscall(number, ctypes.addressof(head), ctypes.addressof(raw))
    return raw.raw
