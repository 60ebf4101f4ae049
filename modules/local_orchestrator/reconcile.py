"""What has to be done so that what runs becomes what is wanted: a pure decision.

Nothing here starts or stops a daemon that is where it belongs: one that was stopped stays stopped.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from local_orchestrator.daemons import Daemon
from local_orchestrator.hosts import Host
from local_orchestrator.placement import Slot, assign
from local_orchestrator.services import Service


@dataclass(frozen=True)
class Deploy:
    """One more daemon of a service."""

    service: str
    slot: Slot


@dataclass(frozen=True)
class Remove:
    """A daemon that is not wanted there."""

    daemon: Daemon
    why: str


@dataclass(frozen=True)
class Redeploy:
    """A daemon that was made from an older revision of its service's spec."""

    daemon: Daemon


Action = Deploy | Remove | Redeploy


def reconcile(
    services: Iterable[Service], hosts: Sequence[Host], daemons: Sequence[Daemon]
) -> list[Action]:
    """All that is to do now. Removals come first, so that what replaces them finds room."""
    removals: list[Action] = []
    others: list[Action] = []
    for service in services:
        own = [daemon for daemon in daemons if daemon.service == service.name]
        if service.deleted is not None:
            if service.spec.service_type != "osd":
                removals += [Remove(daemon, "its service was removed") for daemon in own]
        elif service.managed:
            plan = assign(service.name, service.spec.placement, hosts, own, service.several)
            removals += [Remove(daemon, "it is not in the placement") for daemon in plan.remove]
            others += [Deploy(service.name, slot) for slot in plan.add]
            others += _outdated(service, plan.keep)
    return [*removals, *_drained(hosts, daemons, removals), *others]


def _drained(
    hosts: Iterable[Host], daemons: Iterable[Daemon], removals: Collection[Action]
) -> list[Action]:
    """What remains on hosts that are drained; OSDs go by another way, which empties them first."""
    draining = {host.name for host in hosts if host.draining}
    going = {action.daemon.name for action in removals if isinstance(action, Remove)}
    return [
        Remove(daemon, "its host is drained")
        for daemon in daemons
        if daemon.host in draining and daemon.type != "osd" and daemon.name not in going
    ]


def _outdated(service: Service, daemons: Sequence[Daemon]) -> list[Action]:
    """Of those made from an older spec, all that failed, and one of the others if all run."""
    old = [daemon for daemon in daemons if daemon.labels.get("revision") != service.revision]
    failed = [daemon for daemon in old if daemon.state == "error"]
    running = [daemon for daemon in old if daemon.running]
    if all(daemon.running or daemon.state == "stopped" for daemon in daemons):
        return [Redeploy(daemon) for daemon in running[:1]]
    return [Redeploy(daemon) for daemon in failed]


def finished(services: Iterable[Service], daemons: Iterable[Daemon]) -> list[Service]:
    """Removed services of which nothing is left."""
    left = {daemon.service for daemon in daemons if daemon.type != "osd"}
    return [
        service for service in services if service.deleted is not None and service.name not in left
    ]
