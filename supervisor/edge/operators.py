"""Who asks at the control socket: the kernel's word on the peer, and what follows from it."""

import errno
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor import accounts
from supervisor.core.roles import Operators, Role, refusal
from supervisor.edge.outcome import Outcome
from supervisor.edge.outcome import refusal as refused
from supervisor.edge.peer import Peer


GROUPS_SECONDS = 30.0  # how long the answer of the group database holds


@dataclass(frozen=True)
class Operator:
    """Somebody who was let in."""

    uid: int
    gid: int
    pid: int
    user: str
    role: Role

    @property
    def source(self) -> str:
        """As the audit trail names it, in the fields of ceph's own."""
        return f"from='client.mgrctl uid:{self.uid} pid:{self.pid}' entity='client.{self.user}'"

    @property
    def view(self) -> dict[str, Any]:
        """For whoever asks who it is."""
        return {"user": self.user, "uid": self.uid, "gid": self.gid, "role": str(self.role)}

    def forbidden(
        self, _kind: str, command: dict[str, Any], permission: str | None
    ) -> Outcome | None:
        """The refusal of a command that the role does not cover."""
        why = refusal(self.role, str(command["prefix"]), permission, command)
        return None if why is None else refused(errno.EACCES, f"{self.user}: {why}")


class Doorkeeper:
    """Tells operators from strangers. Loop thread only."""

    def __init__(self, operators: Operators) -> None:
        self._operators = operators
        self._own = os.geteuid()
        self._known: dict[tuple[int, int], tuple[float, str, frozenset[int]]] = {}

    def admit(self, peer: Peer) -> Operator | str:
        """The operator, or a sentence for who is none."""
        if self._is_of_ours(peer):
            return "a module does not command its own supervisor: it sends commands over the bus"
        user, groups = self._look_up(peer)
        role = self._operators.role(peer.uid, groups, self._own)
        if role is None:
            return (
                f"user '{user}' (uid {peer.uid}) is none of its operators: [operators] lists them"
            )
        return Operator(peer.uid, peer.gid, peer.pid, user, role)

    def _look_up(self, peer: Peer) -> tuple[str, frozenset[int]]:
        """Name and groups, as the databases of this machine have them."""
        now, who = time.monotonic(), (peer.uid, peer.gid)
        known = self._known.get(who)
        if known is None or known[0] <= now:
            known = (now + GROUPS_SECONDS, accounts.user_name(peer.uid), accounts.groups(*who))
            self._known[who] = known
        return known[1:]

    def _is_of_ours(self, peer: Peer) -> bool:
        """Whether the peer is a process below this one: a module, or what a module has started.
        All of them stay below, since orphans come to this process. One that is gone already was
        perhaps one of them; the kernel shows no pid (0) of a process in a foreign pid namespace.
        """
        pid = peer.pid
        while pid not in (0, 1, os.getpid()):
            above = parent(pid)
            if above is None:
                return peer.uid == self._own
            pid = above
        return pid == os.getpid()


def parent(pid: int) -> int | None:
    """Of a process; None where there is none of that number, or none that may be looked at."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return None
    return int(stat.rpartition(b")")[2].split()[1])
