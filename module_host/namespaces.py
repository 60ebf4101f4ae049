"""Views of the machine of one's own (namespaces): of processes, of IPC objects, of mounts.

The zygote lives in a pid namespace, as its first process: whatever is started there ends with it,
and nothing there has a name for a process outside. Outside waits its *keeper*, whose end is the
zygote's and the other way round. What more a host wants of its own, it takes before its other
walls stand.

Root may make namespaces; others make a user namespace first, in which they may, and in which they
are nobody but themselves. Not where they hold capabilities, since those would be lost by it.
"""

import contextlib
import os
import select
import signal
from collections.abc import Callable
from typing import NoReturn

from module_host import linux
from module_host.ends import leave_now
from module_host.sandbox import capabilities


MOUNTS, IPC, _PIDS, _USERS = 0x00020000, 0x08000000, 0x20000000, 0x10000000  # CLONE_NEW*
_NOSUID, _NODEV, _NOEXEC = 2, 4, 8  # MS_*
_SLAVE, _RECURSIVE = 1 << 19, 1 << 14
_MAPS = {"setgroups": "deny", "uid_map": "{0} {0} 1", "gid_map": "{1} {1} 1"}
_FAILED = 1

_borrowed = False


def borrowed() -> bool:
    """Whether the capabilities that this process holds are those of a user namespace made here."""
    return _borrowed


def unshare(kinds: int) -> None:
    """Have namespaces of these kinds for oneself; mounts made in one are not seen outside, while
    those of the outside go on to come in. The process must have one thread. Raises OSError.
    """
    if os.geteuid() and not capabilities.held():
        # Tried by somebody else first: who has no name in its own user namespace is of no use.
        refusal = _in_a_child(lambda: _borrow(kinds))
        if refusal:
            raise OSError(refusal)
        _borrow(kinds)
    else:
        linux.unshare(kinds)
    if kinds & MOUNTS:
        linux.mount("", "/", flags=_SLAVE | _RECURSIVE)


def _borrow(kinds: int) -> None:
    global _borrowed
    user, group = os.geteuid(), os.getegid()
    linux.unshare(_USERS | kinds)
    for name, text in _MAPS.items():
        _write(f"/proc/self/{name}", text.format(user, group))
    _borrowed = True


def enter(off: str = "") -> tuple[str, str]:
    """Go on as the first process of a pid namespace with a /proc of its own. Answers the status of
    the layer `processes`, and why. Where this machine refuses, or `off` says why it is not wanted,
    everything stays as it was. Descriptors of the caller are closed in the keeper.
    """
    if off:
        return "off", off
    refusal = _in_a_child(_rehearse)
    if refusal:
        return "absent", refusal
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    unshare(_PIDS)
    keeper, kept = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid:
        _keep(pid, kept)
    os.close(kept)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    if select.select([keeper], [], [], 0)[0]:  # it died before the line above
        leave_now(_FAILED)
    os.close(keeper)
    _see_processes()
    return "enforced", ""


def _rehearse() -> None:
    """What `enter` does, so that it can fail: there is no way back from an unshare."""
    unshare(_PIDS)
    refusal = _in_a_child(_see_processes)
    if refusal:
        raise OSError(refusal)


def _see_processes() -> None:
    unshare(MOUNTS)  # not before the fork: the keeper stays with the /proc outside
    linux.mount("proc", "/proc", kind="proc", flags=_NOSUID | _NODEV | _NOEXEC)


def _in_a_child(work: Callable[[], None]) -> str:
    """Why `work` fails in a child of ours; "" where it does not."""
    reading, writing = os.pipe2(os.O_CLOEXEC)
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except OSError as error:
            os.write(writing, str(error).encode())
        else:
            leave_now(0)
        finally:
            leave_now(_FAILED)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        why = file.read().decode(errors="replace")
    _, status = os.waitpid(pid, 0)
    return why or ("a process of the new namespace ended" if status else "")


def _keep(pid: int, kept: int) -> NoReturn:
    """Be there until the zygote ends, and end as it did."""
    linux.name_process("mgr-keeper")
    null = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(null, stream)
    os.closerange(3, kept)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        leave_now(code)
    with contextlib.suppress(OSError):  # of SIGKILL
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
    leave_now(_FAILED)


def _write(path: str, text: str) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)
