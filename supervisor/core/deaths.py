"""Why a process ended, in a sentence's second half: "killed by SIGSEGV, core dumped"."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from supervisor.core.events import Exited

_CODES = {
    1: "an unexpected exception, its log has it",
    64: "it could not be set up as asked, its log says why",
    65: "it could not load",
    70: "__init__ raised",
    71: "the protocol was refused",
    72: "it lost the supervisor",
    73: "a required sandbox layer is missing",
}

_SIGNALS = {
    signal.SIGXCPU: "it reached its limit of CPU time (RLIMIT_CPU)",
    signal.SIGXFSZ: "it reached its limit of file size (RLIMIT_FSIZE)",
    signal.SIGSYS: "it made a forbidden system call (seccomp)",
}


def describe(event: Exited) -> str:
    """How a module's process ended: the exit code or signal, and what is known of its cause."""
    if event.status < 0:
        return killed(event.status, event.core_dumped, event.max_rss_kib, event.cause)
    known = _CODES.get(event.status)
    return f"exited with code {event.status}" + (f": {known}" if known else "")


def kind(event: Exited) -> str:
    """What is the same at each such end, whatever the figures."""
    return _name(-event.status) if event.status < 0 else f"exit code {event.status}"


def killed(status: int, core_dumped: bool, max_rss_kib: int, cause: str = "") -> str:
    """How any process ended by a signal; `status` is the signal's number, negated; `cause`: of a
    SIGKILL, where it is known.
    """
    text = f"killed by {_name(-status)}"
    if core_dumped:
        text += ", core dumped"
    if status == -signal.SIGKILL and cause:
        text += f": {cause}"
    elif status == -signal.SIGKILL:
        text += ": by another process, or by the kernel for want of memory"
        if max_rss_kib:
            text += f" (it used up to {max_rss_kib // 1024} MiB)"
    known = next((why for number, why in _SIGNALS.items() if number == -status), None)
    return text + (f": {known}" if known else "")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have no name of their own
        return f"signal {number}"
