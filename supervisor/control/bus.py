"""`bus stats` and `whoami`: what went over the bus and what was refused there; who is asking."""

import errno
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from supervisor.control.rendering import render, table
from supervisor.core.facts import CommandDeclaration
from supervisor.edge.commands import ASKER, BuiltIn
from supervisor.edge.outcome import Answer, refusal
from supervisor.edge.supervisor import Supervisor


FORMAT = "name=format,type=CephChoices,strings=plain|json|json-pretty|yaml,req=false"


class BusFamily:
    """Shows counters; changes nothing."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def commands(self) -> list[BuiltIn]:
        """What this family answers."""
        return [
            BuiltIn(
                CommandDeclaration(
                    f"bus stats {FORMAT}",
                    "Show calls between modules, and the messages that were refused",
                    "r",
                ),
                self.stats,
                anywhere=True,
            ),
            BuiltIn(
                CommandDeclaration(f"whoami {FORMAT}", "Show your user and role", "r"),
                self.whoami,
                anywhere=True,
            ),
        ]

    def stats(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """Since this process started: {"mode", "calls": {outcome: n}, "refused": {who: {kind: n}}};
        `who` is a module, or "(strangers)".
        """
        view = {
            "mode": self._supervisor.config.bus,
            "calls": asdict(self._supervisor.broker.ledger.counts()),
            "refused": self._supervisor.gate.refused.view(),
        }
        answer(render(args, view, _plain))

    def whoami(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """Of an operator only: a module knows its name."""
        asker = args.get(ASKER)
        if isinstance(asker, Mapping):
            answer(render(args, dict(asker), _one_line))
        else:
            answer(refusal(errno.EINVAL, "'whoami' is for operators"))


def _one_line(view: Mapping[str, Any]) -> str:
    return f"{view['user']} (uid {view['uid']}, gid {view['gid']}): {view['role']}"


def _plain(view: Mapping[str, Any]) -> str:
    calls = ", ".join(f"{name.replace('_', ' ')} {n}" for name, n in view["calls"].items())
    rows = [[who, kind, n] for who, kinds in view["refused"].items() for kind, n in kinds.items()]
    refused = (
        table(["WHO", "REFUSED", "COUNT"], rows, right=["COUNT"]) if rows else "nothing refused"
    )
    return f"mode: {view['mode']}\ncalls: {calls}\n{refused}"
