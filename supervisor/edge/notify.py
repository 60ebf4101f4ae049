"""Tells systemd how the daemon is doing (sd_notify), where systemd asked to be told."""

import os
import socket
import time
from collections import defaultdict
from collections.abc import Iterable

from supervisor.core.state import State


_WELL = (State.RUNNING, State.STANDBY, State.WAITING)  # who is in these need not be named


def summary(role: str, modules: Iterable[tuple[str, State]]) -> str:
    """One line for `systemctl status`: "active: 4 running, 1 backoff (crash)"."""
    by_state: dict[State, list[str]] = defaultdict(list)
    for name, state in sorted(modules):
        if state is not State.DISABLED:
            by_state[state].append(name)
    parts = [
        f"{len(names)} {state}" + ("" if state in _WELL else f" ({', '.join(names)})")
        for state, names in sorted(by_state.items(), key=lambda item: item[0] not in _WELL)
    ]
    return f"{role}: {', '.join(parts) or 'no module enabled'}"


class ServiceNotifier:
    """Sends state lines to $NOTIFY_SOCKET; without it, does nothing. Never raises, never blocks."""

    def __init__(self) -> None:
        address = os.environ.pop("NOTIFY_SOCKET", "")
        if address.startswith("@"):  # an abstract socket, as systemd writes it
            address = "\0" + address[1:]
        self._address = address
        self._socket = (
            socket.socket(
                socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK
            )
            if address
            else None
        )
        usec = os.environ.pop("WATCHDOG_USEC", "")
        pid = os.environ.pop("WATCHDOG_PID", str(os.getpid()))
        mine = usec.isdecimal() and int(usec) > 0 and pid == str(os.getpid())
        # Half of what systemd allows, as sd_watchdog_enabled(3) advises.
        self.watchdog_interval = int(usec) / 2e6 if mine else None
        self._status = ""

    def send(self, *lines: str) -> None:
        """E.g. `send("READY=1", "STATUS=5 modules running")`."""
        if self._socket is not None:
            try:
                self._socket.sendto("\n".join(lines).encode(), self._address)
            except OSError:
                pass  # the manager is gone or busy; nothing here depends on it

    def status(self, text: str) -> None:
        """What `systemctl status` is to say, sent when it is something new."""
        if text != self._status:
            self._status = text
            self.send(f"STATUS={text}")

    def reloading(self) -> None:
        """READY=1 is to follow once that is done."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.send("RELOADING=1", f"MONOTONIC_USEC={now}")

    def close(self) -> None:
        """Release the socket."""
        if self._socket is not None:
            self._socket.close()
