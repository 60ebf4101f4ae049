"""Landlock: which files the process may touch, which programs it may run, which TCP ports it may
use, and whom it may signal. Irrevocable.

Works for any user since Linux 5.13. Binds the calling thread and those made after it. Does not see
connect() to a unix socket by path, nor UDP. A rule is tied to the file or folder that its path
names now, not to the name.
"""

import ctypes
import errno
import os
import platform
import stat
import struct
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from module_host import linux


NEWEST_ABI = 7  # the newest that this file knows the meaning of

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH_BENEATH = 1

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
REMOVE_DIR = 1 << 4
REMOVE_FILE = 1 << 5
MAKE_CHAR = 1 << 6
MAKE_DIR = 1 << 7
MAKE_REG = 1 << 8
MAKE_SOCK = 1 << 9
MAKE_FIFO = 1 << 10
MAKE_BLOCK = 1 << 11
MAKE_SYM = 1 << 12
REFER = 1 << 13
TRUNCATE = 1 << 14
IOCTL_DEV = 1 << 15

READ = READ_FILE | READ_DIR
# No EXECUTE: what a module wrote cannot be run as a program. No device nodes.
WRITE = (
    READ_FILE | READ_DIR | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK
    | MAKE_FIFO | MAKE_SYM | REFER | TRUNCATE
)  # fmt: skip
_FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

_ALL_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1, 2
_RULE_NET_PORT = 2
_BIND_TCP, _CONNECT_TCP = 1, 2
SCOPES_SINCE = 6
PORTS_SINCE = 4


@dataclass(frozen=True)
class Rules:
    """What stays allowed; None: not controlled at all. Paths that do not exist, or cannot
    be reached, are skipped.

    `readable`, `writable` (and then readable, too): files beneath these; `programs`: files beneath
    these may be executed; `bind`, `connect`: TCP ports; `scoped`: signals and abstract sockets
    stay inside.
    """

    readable: Sequence[str] | None = None
    writable: Sequence[str] = ()
    programs: Sequence[str] | None = None
    bind: Collection[int] | None = None
    connect: Collection[int] | None = None
    scoped: bool = False


def abi() -> int:
    """The kernel's Landlock ABI, at most NEWEST_ABI; 0 where there is none."""
    if platform.machine() not in ("x86_64", "aarch64"):
        return 0
    try:
        return min(linux.syscall(_CREATE_RULESET, 0, 0, _VERSION_FLAG), NEWEST_ABI)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP):
            return 0
        raise


def missing(version: int) -> list[str]:
    """What ABI `version` cannot enforce about files, in words."""
    gaps = []
    if version < 2:
        gaps.append("moves between folders (all are refused)")
    if version < 3:
        gaps.append("truncating files")
    return gaps


def restrict(version: int, rules: Rules) -> None:
    """Confine the calling thread to `rules`, as far as the ABI goes. no_new_privs must be set.
    Raises OSError.
    """
    files = next(_ALL_BY_ABI[v] for v in (5, 3, 2, 1) if version >= v)
    handled = (files & ~EXECUTE) * (rules.readable is not None)
    handled |= EXECUTE * (rules.programs is not None)
    ports = _BIND_TCP * (rules.bind is not None) | _CONNECT_TCP * (rules.connect is not None)
    fields = [handled]
    if version >= PORTS_SINCE:
        fields.append(ports)
    if version >= SCOPES_SINCE:
        fields.append((_SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS) * rules.scoped)
    if not any(fields):
        return
    ruleset = _create(fields)
    try:
        for path, rights in _rights(rules).items():
            if rights & handled:
                _allow(ruleset, path, rights & handled)
        if version >= PORTS_SINCE:
            _allow_ports(ruleset, _BIND_TCP, rules.bind or ())
            _allow_ports(ruleset, _CONNECT_TCP, rules.connect or ())
        linux.syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _rights(rules: Rules) -> dict[str, int]:
    rights: dict[str, int] = {}
    for paths, right in (
        (rules.readable or (), READ),
        (rules.writable, WRITE),
        (rules.programs or (), EXECUTE),
    ):
        for path in paths:
            rights[path] = rights.get(path, 0) | right
    return rights


def _create(fields: list[int]) -> int:
    attribute = struct.pack(f"={len(fields)}Q", *fields)
    raw = ctypes.create_string_buffer(attribute, len(attribute))
    return linux.syscall(_CREATE_RULESET, ctypes.addressof(raw), len(attribute), 0)


def _allow_ports(ruleset: int, right: int, ports: Iterable[int]) -> None:
    for port in ports:
        raw = ctypes.create_string_buffer(struct.pack("=QQ", right, port), 16)
        linux.syscall(_ADD_RULE, ruleset, _RULE_NET_PORT, ctypes.addressof(raw), 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # there is nothing that a rule could allow
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= _FILE_RIGHTS
        raw = ctypes.create_string_buffer(struct.pack("=Qi", rights, fd), 12)
        linux.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.addressof(raw), 0)
    finally:
        os.close(fd)
