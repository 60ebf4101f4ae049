"""Looking at modules that are off, so that their options and commands are known to operators, and
telling once which modules cannot be loaded, as ceph-mgr does.
"""

from collections.abc import Callable

from supervisor.core import events
from supervisor.core.state import State
from supervisor.edge.host import Host
from supervisor.edge.hosts import Hosts


AT_ONCE = 2  # of modules that are merely looked at, beside those that start


class Inspection:
    """Used on the loop's thread. `wants` says whether a module is to run."""

    def __init__(
        self, hosts: Hosts, wants: Callable[[str], bool], complain: Callable[[str], None]
    ) -> None:
        self._hosts = hosts
        self._wants = wants
        self._complain = complain
        self._waiting: list[Host] = []
        self._unseen: set[str] = set()  # modules whose classes nobody has looked at yet
        self._unloadable: list[str] = []

    def begin(self, *, tell: bool) -> None:
        """Look at every module that is off; `tell`: complain at the end of those, and of those that
        are to run, that cannot be loaded.
        """
        self._waiting = [host for host in self._hosts if not self._wants(host.name)]
        if tell:
            self._unseen = {host.name for host in self._hosts}
            for host in self._hosts:
                self.changed(host)  # known already, perhaps while this manager was a standby

    def stop(self) -> None:
        """Look at none any more."""
        self._waiting.clear()

    def changed(self, host: Host) -> None:
        """A module's state or facts are others than before."""
        facts, state = host.lifecycle.facts, host.lifecycle.state
        if host.name not in self._unseen or (facts is None and state is not State.BACKOFF):
            return
        self._unseen.discard(host.name)
        if facts is None or not facts.has_active:
            self._unloadable.append(host.name)
        if not self._unseen and self._unloadable:
            names = ", ".join(sorted(self._unloadable))
            self._complain(f"Failed to load ceph-mgr modules: {names}")

    def go_on(self) -> None:
        """Look at the next ones: a few at a time, and after those that are to run."""
        if not self._waiting:
            return
        starting = any(host.lifecycle.state is State.STARTING for host in self._hosts)
        looking = sum(1 for host in self._hosts if host.nonce and not self._wants(host.name))
        while self._waiting and not starting and looking < AT_ONCE:
            host = self._waiting.pop(0)
            if host.lifecycle.facts is None and not self._wants(host.name):
                looking += 1
                host.tell(events.InspectAsked())
