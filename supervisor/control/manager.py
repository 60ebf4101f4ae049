"""`mgr fail` and `mgr role`: which manager is active, and having another one take over."""

from collections.abc import Mapping
from typing import Any

from supervisor.control.rendering import pretty, render
from supervisor.core.election import FailAsked
from supervisor.core.facts import CommandDeclaration
from supervisor.edge.commands import BuiltIn
from supervisor.edge.outcome import Answer, Outcome
from supervisor.edge.supervisor import Supervisor


FORMAT = "name=format,type=CephChoices,strings=plain|json|json-pretty|yaml,req=false"


class ManagerFamily:
    """Shows and changes this manager's role."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def commands(self) -> list[BuiltIn]:
        """What this family answers."""
        return [
            BuiltIn(
                CommandDeclaration(
                    "mgr fail name=who,type=CephString,req=false",
                    "treat the named manager daemon as failed",
                    "rw",
                ),
                self.fail,
            ),
            BuiltIn(
                CommandDeclaration(
                    f"mgr role {FORMAT}", "Show the role of the manager that is asked", "r"
                ),
                self.role,
                anywhere=True,
            ),
        ]

    def fail(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """By name or gid; without one, the active manager. A standby is told nothing: ceph's is
        gone from the map until its next beacon.
        """
        cluster = self._supervisor.cluster
        us = cluster.own
        who = str(args.get("who", us.name))
        if who in (us.name, str(us.gid)):
            # The answer is on its way before anything ends.
            answer(Outcome())
            self._supervisor.elect(FailAsked())
        elif any(who in (other.name, str(other.gid)) for other in cluster.standbys()):
            answer(Outcome())
        else:
            answer(Outcome(0, b"", f"Daemon not found '{who}', already failed?"))

    def role(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """Who we are, what we are, and who is active."""
        cluster, election = self._supervisor.cluster, self._supervisor.election
        active = cluster.active
        view = {
            "name": cluster.own.name,
            "gid": cluster.own.gid,
            "pid": cluster.own.pid,
            "role": str(election.role),
            "epoch": election.epoch or None,
            "active": None
            if active is None
            else {"name": active.name, "gid": active.gid, "control": active.control},
        }
        answer(render(args, view, lambda v: pretty(v).decode()))
