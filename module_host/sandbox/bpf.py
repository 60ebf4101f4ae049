"""Filters of system calls (seccomp): how one is put together, and installed. Irrevocable.

A filter is a list of instructions. It binds the calling thread and those made after it; of several
filters the strictest answer counts.
"""

import ctypes
import errno
import platform
import struct

from module_host import linux


Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, value
Numbers = tuple[int | None, int | None]  # of a system call on x86_64 and aarch64; None: no such

ARCHES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_*
_X32_BIT = 0x40000000

_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_MODE_FILTER = 2

ALLOW: Instruction = (_RETURN, 0, 0, _ALLOW)


def available() -> str:
    """Why no filter can be installed on this machine; "" where one can."""
    if platform.machine() not in ARCHES:
        return f"no table of system calls for {platform.machine()}"
    return ""


def refuse(number: int = errno.EPERM) -> Instruction:
    """The call fails with this errno."""
    return (_RETURN, 0, 0, _ERRNO | number)


def load(argument: int) -> Instruction:
    """Look at the lower 32 bits of an argument, counted from 0."""
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * argument)


def when(value: int, then: list[Instruction]) -> list[Instruction]:
    """If what was loaded is `value`; `then` must end in an answer."""
    return [(_JUMP_EQUAL, 0, len(then), value), *then]


def when_any_bit(mask: int, then: list[Instruction]) -> list[Instruction]:
    """If what was loaded has a bit of `mask`; `then` must end in an answer."""
    return [(_JUMP_ANY_BIT, 0, len(then), mask), *then]


def on(call: Numbers, machine: str, then: list[Instruction]) -> list[Instruction]:
    """If it is this call of `machine`; comes before anything that loads outside of a `then`."""
    number = call[list(ARCHES).index(machine)]
    return [] if number is None else when(number, then)


def program(machine: str, body: list[Instruction]) -> bytes:
    """`body` for `machine` as an array of struct sock_filter; what it does not answer is allowed.
    Entry points of another architecture, under which other numbers count, kill.
    """
    code = [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_EQUAL, 1, 0, ARCHES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        # The x32 entries are the same calls under other numbers.
        code += [(_JUMP_AT_LEAST, 0, 1, _X32_BIT), (_RETURN, 0, 0, _KILL)]
    code += [*body, ALLOW]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)


def install(code: bytes) -> None:
    """Filter the calling thread for good; no_new_privs must be set. Raises OSError."""
    instructions = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("@HP", len(code) // 8, ctypes.addressof(instructions))
    raw = ctypes.create_string_buffer(head, len(head))
    linux.prctl(linux.PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(raw))
