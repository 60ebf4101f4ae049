"""`mgr module ls|enable|disable` and `mgr services`: ceph's words for which modules run, and where.

Unlike ceph-mgr, which re-executes itself, no other module notices. The texts are those of
16.2.15's monitor.
"""

import errno
from collections.abc import Mapping
from typing import Any

from supervisor.cluster.interface import Done
from supervisor.control.rendering import pretty, render
from supervisor.core.events import DisableAsked, EnableAsked
from supervisor.core.facts import CommandDeclaration
from supervisor.edge.broker import READY_WAIT
from supervisor.edge.commands import BuiltIn
from supervisor.edge.host import Host
from supervisor.edge.outcome import Answer, Outcome, not_found, refusal
from supervisor.edge.supervisor import Supervisor


class ModuleFamily:
    """Lists, enables and disables modules."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def commands(self) -> list[BuiltIn]:
        """What this family answers."""
        name = "name=module,type=CephString"
        force = "name=force,type=CephChoices,strings=--force,req=false"
        return [
            BuiltIn(CommandDeclaration("mgr module ls", "list active mgr modules", "r"), self.ls),
            BuiltIn(
                CommandDeclaration(f"mgr module enable {name} {force}", "enable mgr module", "rw"),
                self.enable,
            ),
            BuiltIn(
                CommandDeclaration(f"mgr module disable {name}", "disable mgr module", "rw"),
                self.disable,
            ),
            BuiltIn(
                CommandDeclaration("mgr services", "list service endpoints of modules", "r"),
                self.services,
            ),
        ]

    def ls(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """In the shape of ceph's own."""
        desired = self._supervisor.desired
        enabled = desired.enabled() - desired.always_on
        hosts = {host.name: host for host in self._supervisor.hosts}
        view = {
            "always_on_modules": sorted(desired.always_on),
            "enabled_modules": sorted(enabled),
            "disabled_modules": [
                _entry(host) for name, host in hosts.items() if not desired.wants(name)
            ],
        }
        answer(render(args, view, lambda v: pretty(v).decode()))

    def services(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """Where modules said that they serve (set_uri), by module."""
        view = {host.name: host.uri for host in self._supervisor.hosts if host.uri}
        answer(render(args, view, lambda v: pretty(v).decode()))

    def enable(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """Refused without --force where no tree has it, or its can_run refused."""
        name = str(args.get("module", ""))
        forced = bool(args.get("force")) or args.get("yes_i_really_mean_it") is True
        host = self._supervisor.hosts.get(name)
        if host is None or forced or self._supervisor.desired.wants(name):
            self._enable(name, forced, answer)
        else:
            host.look(READY_WAIT, lambda: self._enable(name, forced, answer))

    def _enable(self, name: str, forced: bool, answer: Answer) -> None:
        desired, host = self._supervisor.desired, self._supervisor.hosts.get(name)
        why = _refuses_to_run(host)
        if name in desired.always_on:
            answer(Outcome(0, b"", f"module '{name}' is already enabled (always-on)"))
        elif host is None and not forced:
            answer(
                not_found(
                    f"all mgr daemons do not support module '{name}', "
                    "pass --force to force enablement"
                )
            )
        elif why is not None and not forced:
            answer(
                not_found(
                    f"module '{name}' reports that it cannot run on the active manager daemon: "
                    f"{why} (pass --force to force enablement)"
                )
            )
        elif name in desired.enabled():
            answer(Outcome(0, b"", f"module '{name}' is already enabled"))
        elif host is None:
            desired.enable(name, forced, lambda done: self._enabled_missing(name, done, answer))
        else:
            desired.enable(name, forced, lambda done: _enabled(host, forced, done, answer))

    def disable(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """The module's shutdown() is called, time-limited; the answer does not wait for it."""
        name, desired = str(args.get("module", "")), self._supervisor.desired
        host = self._supervisor.hosts.get(name)
        if name in desired.always_on:
            answer(refusal(errno.EINVAL, f"module '{name}' cannot be disabled (always-on)"))
        elif name not in desired.enabled():
            answer(Outcome(0, b"", f"module '{name}' is already disabled"))
        else:
            desired.disable(name, lambda done: self._disabled(name, host, done, answer))

    def _enabled_missing(self, name: str, done: Done, answer: Answer) -> None:
        if done.retval == 0:
            self._supervisor.missing(name)
        answer(_outcome(done))

    def _disabled(self, name: str, host: Host | None, done: Done, answer: Answer) -> None:
        if done.retval == 0:
            if host is not None:
                host.tell(DisableAsked())
            # A fault of a module that is off is nobody's concern (as upstream's qa expects).
            self._supervisor.health.forget(name)
            self._supervisor.beacon.touch()
        answer(_outcome(done))


def _enabled(host: Host, forced: bool, done: Done, answer: Answer) -> None:
    if done.retval == 0:
        host.tell(EnableAsked(forced))
    answer(_outcome(done))


def _outcome(done: Done) -> Outcome:
    """As ceph's: silent in success. What the cluster says of the key is no news to an operator."""
    return Outcome() if done.retval == 0 else Outcome(done.retval, b"", done.stderr)


def _refuses_to_run(host: Host | None) -> str | None:
    facts = host.lifecycle.facts if host is not None else None
    return None if facts is None or facts.can_run else facts.error


def _entry(host: Host) -> dict[str, Any]:
    facts = host.lifecycle.facts
    return {
        "name": host.name,
        "can_run": facts.can_run if facts else True,
        "error_string": facts.error if facts else "",
        "module_options": facts.option_report() if facts else {},
    }
