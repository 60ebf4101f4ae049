"""Runs commands, whoever asks: finds who answers a prefix, and refuses with ceph-mgr's words."""

import errno
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import structlog

from proto import refusals
from supervisor.cluster.interface import Cluster, Done
from supervisor.core.commands import CommandTable
from supervisor.core.demand import Demand, demand
from supervisor.core.facts import CommandDeclaration
from supervisor.core.state import Goal, State
from supervisor.edge.broker import READY_WAIT, Broker
from supervisor.edge.gate import Gate
from supervisor.edge.host import Host
from supervisor.edge.hosts import Hosts
from supervisor.edge.operators import Operator
from supervisor.edge.outcome import Answer, Outcome, refusal
from supervisor.edge.tokens import Tokens


log = structlog.get_logger("commands")

# No identifiers, as every module's name is: a module called "cluster" must not take its commands.
SUPERVISOR = "(supervisor)"
CLUSTER = "(cluster)"
ASKER = "(asker)"  # what a built-in command finds among its arguments, no word of a client's
AUDIT, INFO = "audit", 1  # channel and priority of the audit trail
AUDITED = "from='"  # how an entry of it begins
AUDITED_CHARS = 4096  # of one command
_HIDDEN = {"config-key set": "val", "config-key put": "val", "config set": "value"}
Handler = Callable[[Mapping[str, Any], bytes, Answer], None]


class Forbidden(Protocol):
    """Says whether a command to a daemon of `kind` is refused; None: it goes on."""

    def __call__(
        self, kind: str, command: dict[str, Any], permission: str | None, /
    ) -> Outcome | None: ...


@dataclass(frozen=True)
class BuiltIn:
    """A command that the supervisor itself answers: arguments, input data, and whom to answer.

    `anywhere`: it is about this process, so that a standby answers it as well.
    """

    declaration: CommandDeclaration
    run: Handler
    anywhere: bool = False


class Commands:
    """The command table and the ways behind it. Loop thread only."""

    def __init__(
        self,
        hosts: Hosts,
        broker: Broker,
        cluster: Cluster,
        tokens: Tokens,
        gate: Gate,
        entity: str,
        seconds: float,
    ) -> None:
        self.table = CommandTable()
        self.standby = False  # only what is about this process is answered here
        self._builtins: dict[str, BuiltIn] = {}
        self._hosts = hosts
        self._broker = broker
        self._cluster = cluster
        self._tokens = tokens
        self._gate = gate
        self._entity = entity
        self._seconds = seconds

    def declare_builtins(self, builtins: list[BuiltIn]) -> None:
        """Our own commands first, then the cluster's: modules cannot take either over."""
        self.table.declare(SUPERVISOR, [builtin.declaration for builtin in builtins])
        for builtin in builtins:
            entry = next(e for e in self.table.entries() if e.declaration is builtin.declaration)
            self._builtins[entry.prefix] = builtin
        self.table.declare(
            CLUSTER,
            [
                CommandDeclaration(d["cmd"], d.get("desc", ""), d.get("perm", "r"))
                for d in self._cluster.descriptors()
            ],
        )

    def from_operator(self, operator: Operator, raw: bytes, inbuf: bytes, answer: Answer) -> None:
        """A command of mgrctl."""
        command = refusals.parse(raw)
        if isinstance(command, refusals.Refusal):
            answer(_refused(command))
            return
        service = ("mon", "")
        if self._allowed(operator.source, operator.forbidden, service, command, answer):
            self._run(service, command, raw, inbuf, answer, operator.view)

    def from_module(
        self, host: Host, service: tuple[str, str], raw: bytes, inbuf: bytes, answer: Answer
    ) -> None:
        """A command that a module sends to a daemon, or through the monitors to a module."""
        command = refusals.parse(raw)
        if isinstance(command, refusals.Refusal):
            answer(_refused(command))
            return
        source = f"{AUDITED}{self._entity} module:{host.name}' entity='{self._entity}'"
        if not self._allowed(source, partial(self._forbidden, host), service, command, answer):
            return
        if service[0] == "mon":
            self._run(service, command, raw, inbuf, answer, None)
        else:
            self.to_cluster(service, command, inbuf, answer)

    def to_module(self, host: Host, prefix: str, inbuf: bytes, answer: Answer) -> None:
        """Have a module run a command of its own that takes nothing but input: for ourselves."""
        self._to_module(host, prefix, json.dumps({"prefix": prefix}).encode(), inbuf, answer)

    def to_cluster(
        self, service: tuple[str, str], command: Mapping[str, Any], inbuf: bytes, answer: Answer
    ) -> None:
        """Have the cluster run it."""

        def done(result: Done) -> None:
            answer(Outcome(result.retval, result.stdout, result.stderr))

        self._cluster.command(self._tokens.new(done), service, command, inbuf)

    def _allowed(
        self,
        source: str,
        forbidden: Forbidden,
        service: tuple[str, str],
        command: dict[str, Any],
        answer: Answer,
    ) -> bool:
        """Whether the command goes on; refused otherwise. What writes, or was refused, is in the
        audit trail.
        """
        prefix = command["prefix"]
        permission = self.table.permission(prefix) if service[0] == "mon" else None
        refused = forbidden(service[0], command, permission)
        known = permission is not None or service[0] != "mon"
        if refused or (known and demand(prefix, permission, command) > Demand.READ):
            self._audit(source, command, "access denied" if refused else "dispatch")
        if refused:
            answer(refused)
        return refused is None

    def _forbidden(
        self, host: Host, kind: str, command: dict[str, Any], permission: str | None
    ) -> Outcome | None:
        why = self._gate.send(host, kind, command, permission)
        return None if why is None else refusal(errno.EACCES, why)

    def _audit(self, source: str, command: dict[str, Any], what: str) -> None:
        """In the shape of ceph's own entries. Values of options and keys stay out, as they may be
        secrets; a monitor of 16.2.15 leaves out the whole command then.
        """
        hidden = _HIDDEN.get(command["prefix"])
        text = json.dumps({**command, hidden: "..."} if hidden in command else command)
        if len(text) > AUDITED_CHARS:
            text = f"{text[:AUDITED_CHARS]}..."
        entry = f"{source} cmd=[{text}]: {what}"
        if self.standby:
            log.info(entry)
        else:
            self._cluster.log(self._entity, AUDIT, INFO, entry)

    def _run(
        self,
        service: tuple[str, str],
        command: dict[str, Any],
        raw: bytes,
        inbuf: bytes,
        answer: Answer,
        asker: Mapping[str, Any] | None,
    ) -> None:
        prefix = command["prefix"]
        entry = self.table.lookup(prefix)
        if entry is None or entry.owner == CLUSTER or self._elsewhere(prefix):
            self.to_cluster(service, command, inbuf, answer)
        elif entry.owner == SUPERVISOR:
            try:
                self._builtins[prefix].run({**command, ASKER: asker}, inbuf, answer)
            except (TypeError, ValueError) as error:  # modules send arguments that nobody has typed
                answer(refusal(errno.EINVAL, f"'{prefix}': {error}"))
        else:
            host = self._hosts.get(entry.owner)
            assert host is not None, "only modules that were found declare commands"
            self._to_module(host, prefix, raw, inbuf, answer)

    def _elsewhere(self, prefix: str) -> bool:
        """Whether only the active manager answers; the cluster says who that is."""
        builtin = self._builtins.get(prefix)
        return self.standby and not (builtin and builtin.anywhere)

    def _to_module(self, host: Host, prefix: str, raw: bytes, inbuf: bytes, answer: Answer) -> None:
        def go() -> None:
            why = self._unavailable(host, prefix)
            if why is None:
                self._broker.command(host, raw, inbuf, prefix, self._seconds, answer)
            else:
                answer(why)

        def refuse() -> None:
            answer(self._unavailable(host, prefix) or _refused(refusals.not_now(host.name, "busy")))

        host.wait_ready(READY_WAIT, go, refuse)

    def _unavailable(self, host: Host, prefix: str) -> Outcome | None:
        """ceph-mgr's refusal for a module that cannot serve `prefix` now; None: it can."""
        cycle, name = host.lifecycle, host.name
        match cycle.state:
            case State.DISABLED | State.STOPPING if cycle.desired.goal is not Goal.ENABLED:
                return _refused(refusals.not_enabled(name, prefix))
            case State.CANNOT_RUN:
                return _refused(refusals.failed_to_load(name, cycle.error))
            case _ if cycle.facts is not None and not cycle.facts.can_run and host.ready:
                # Enabled by force: it serves and others reach it, but as in ceph-mgr no operator.
                return _refused(refusals.serve_died(name, cycle.facts.refusal or ""))
            case State.FAILED if not refusals.runs_after_failure(name, prefix):
                return _refused(refusals.serve_died(name, cycle.error))
        if host.ready:
            why = cycle.facts.refusal if cycle.facts else None
            if why is None or refusals.runs_after_failure(name, prefix):
                return None
            # Forced: constructed and served, but an operator is to see that it cannot run.
            return _refused(refusals.serve_died(name, why))
        state = "waiting to be restarted" if cycle.state is State.BACKOFF else cycle.state
        return _refused(refusals.not_now(name, state, cycle.reason))


def _refused(refused: refusals.Refusal) -> Outcome:
    return Outcome(refused.retval, b"", refused.text)
