"""What clients ask for about services and daemons."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from ceph.deployment.drive_group import DriveGroupSpec
from ceph.deployment.hostspec import HostSpec
from ceph.deployment.service_spec import ServiceSpec
from orchestrator import (
    DaemonDescription,
    OrchestratorError,
    OrchestratorValidationError,
    ServiceDescription,
)

from local_orchestrator import errands, services
from local_orchestrator.daemons import Daemon, chosen
from local_orchestrator.deployer import Deployer
from local_orchestrator.errands import DEPLOY, REMOVE, Errand
from local_orchestrator.hosts import known
from local_orchestrator.osds import Osds
from local_orchestrator.placement import Slot, assign
from local_orchestrator.services import Service
from local_orchestrator.site import SEVERAL, Site
from local_orchestrator.upgrade import NO_IMAGES


PRECIOUS = ("mon", "mgr", "osd")  # services that are not stopped as a whole
PREVIEW_WARNING = {
    "warning": "WARNING! This is what would happen now, with these hosts and devices; "
    "apply it soon, or look again.\n"
}


class ServiceRequests:
    """Each answers sentences or descriptions; raises OrchestratorError."""

    def __init__(self, site: Site, add_host: Callable[[HostSpec], str]) -> None:
        self._site = site
        self._add_host = add_host
        self._deployer = Deployer(site)
        self._osds = Osds(site, self._deployer)

    def describe(self, type_: str | None, name: str | None) -> list[ServiceDescription]:
        """All services that are wanted, and those of which there are only daemons."""
        site, now = self._site, datetime.now(UTC)
        daemons, hosts = site.daemons(), site.desired.hosts()
        wanted = site.desired.services()
        loose = {daemon.service for daemon in daemons} - {service.name for service in wanted}
        shown = [*wanted, *(services.without_spec(chosen(daemons, one)) for one in loose)]
        return [
            services.describe(
                service,
                chosen(daemons, service.name),
                hosts,
                site.events.of("service", service.name),
                now,
            )
            for service in shown
            if type_ in (None, service.spec.service_type) and name in (None, service.name)
        ]

    def daemons(
        self, service: str | None, type_: str | None, id_: str | None, host: str | None
    ) -> list[DaemonDescription]:
        """What runs or should."""
        site, now = self._site, datetime.now(UTC)
        return [
            daemon.describe(
                now, site.versions.get(daemon.name), site.events.of("daemon", daemon.name)
            )
            for daemon in chosen(site.daemons(), service, type_, id_, host)
        ]

    def apply(self, specs: Sequence[Any], no_overwrite: bool = False) -> list[str]:
        """Want these services and hosts."""
        return [self._apply(spec, no_overwrite) for spec in specs]

    def plan(self, specs: Sequence[Any]) -> list[dict[str, Any]]:
        """What apply() would change."""
        if any(isinstance(spec, HostSpec) for spec in specs):
            return [{"error": "hosts cannot be previewed: apply them first"}]
        return [dict(PREVIEW_WARNING), *(self._plan(spec) for spec in specs)]

    def add_daemon(self, spec: ServiceSpec) -> list[str]:
        """Daemons besides those that are managed, one on each host that the placement names."""
        if not spec.placement.hosts:
            raise OrchestratorValidationError("must specify host(s) to deploy on")
        slots = [Slot(h.hostname, h.name, h.network) for h in spec.placement.hosts]
        if (spec.placement.count or 0) > len(slots):
            raise OrchestratorValidationError(
                f"too few hosts: want {spec.placement.count}, have {spec.placement.hosts}"
            )
        hosts, name = self._site.desired.hosts(), spec.service_name()
        for slot in slots:
            known(hosts, slot.host)
        self._deployer.check(spec)
        if any(service.name == name and service.managed for service in self._wanted()):
            raise OrchestratorValidationError(
                f"{name} is managed, and what is not in its placement would be removed again: "
                "change its placement with `orch apply`, or set it unmanaged"
            )
        for slot in slots[: spec.placement.count]:
            more = {"spec": spec.to_json(), "slot": asdict(slot)}
            self._ask(Errand(f"{name}@{slot.host}", DEPLOY, time.time(), more=more))
        return [f"Scheduled to deploy {name} on host '{slot.host}'" for slot in slots]

    def remove_daemons(self, names: list[str]) -> list[str]:
        """Those of a managed service come back, as a new daemon."""
        return [
            self._schedule(daemon, REMOVE, f"Scheduled to remove {daemon.name} from host ")
            for daemon in map(self._daemon, names)
        ]

    def remove_service(self, name: str, force: bool) -> str:
        if name not in [service.name for service in self._wanted()]:
            loose = [daemon.name for daemon in chosen(self._site.daemons(), name)]
            if loose:
                raise OrchestratorError(
                    f"{name} has no spec, only daemons: remove them by "
                    f"`orch daemon rm {' '.join(loose)}`"
                )
        service = services.known(self._wanted(), name)
        kind = service.spec.service_type
        if kind in ("mon", "mgr"):
            raise OrchestratorError(
                f"Unable to remove {name} service.\n"
                f'Note, you might want to mark the {name} service as "unmanaged"'
            )
        left = [d.name for d in chosen(self._site.daemons(), name)] if kind == "osd" else []
        if left and not force:
            raise OrchestratorError(
                f"If {name} is removed then the following OSDs will remain, --force to proceed "
                f"anyway\n{' '.join(left)}"
            )
        self._site.desired.save_service(replace(service, deleted=time.time()))
        self._site.wake()
        return f"Removed service {name}"

    def set_unmanaged(self, unmanaged: bool, type_: str, name: str | None) -> str:
        """Let services be, or take care of them again: one, or all of a type."""
        found = [
            service
            for service in self._wanted()
            if (service.name == name if name else service.spec.service_type == type_)
        ]
        if not found:
            raise OrchestratorError(f"there is no service {name or 'of type ' + type_}")
        for service in found:
            service.spec.unmanaged = unmanaged
            self._site.desired.save_service(service)
        self._site.wake()
        return f"Set unmanaged to {unmanaged} for {', '.join(service.name for service in found)}"

    def service_action(self, action: str, name: str) -> list[str]:
        """To all daemons of a service; those that end one are done one after the other."""
        daemons = chosen(self._site.daemons(), name)
        if not daemons:
            raise OrchestratorError(
                f'No daemons exist under service name "{name}".'
                ' View currently running services using "ceph orch ls"'
            )
        if action == "stop" and name.partition(".")[0] in PRECIOUS:
            return [f"Stopping entire {name} service is prohibited."]
        if action != errands.STOP:
            daemons = [daemon for daemon in daemons if not self._rests(daemon)]
        line = name if action in errands.ROLLING else ""
        return [self._act(daemon, action, line) for daemon in daemons]

    def daemon_action(self, action: str, name: str, image: str | None) -> str:
        if image:
            raise OrchestratorValidationError(f"image {image}: {NO_IMAGES}")
        daemon = self._daemon(name)
        if action != errands.STOP and self._rests(daemon):
            raise OrchestratorError(f"host {daemon.host} is in maintenance, where nothing runs")
        return self._act(daemon, action)

    def _rests(self, daemon: Daemon) -> bool:
        """Whether its host is in maintenance."""
        hosts = self._site.desired.hosts()
        return any(host.maintenance for host in hosts if host.name == daemon.host)

    def _apply(self, spec: Any, no_overwrite: bool) -> str:
        if isinstance(spec, HostSpec):
            hosts = [host.name for host in self._site.desired.hosts()]
            if no_overwrite and spec.hostname in hosts:
                return _skipped(spec.hostname, "host")
            return self._add_host(spec)
        name = spec.service_name()
        old = next((service for service in self._wanted() if service.name == name), None)
        if no_overwrite and old and old.deleted is None:
            return _skipped(name, "service")
        self._check(spec)
        if not spec.preview_only:
            created = old.created if old else time.time()
            self._site.desired.save_service(Service(spec, created))
            self._site.wake()
        return f"Scheduled {name} update..."

    def _check(self, spec: ServiceSpec) -> None:
        """Give it the default placement; refuse what cannot be deployed or placed."""
        services.settled(spec)
        self._deployer.check(spec)
        most = int(self._site.option("max_count_per_host"))
        several = spec.service_type in SEVERAL
        services.check_placement(spec, self._site.desired.hosts(), several, most)

    def _plan(self, spec: ServiceSpec) -> dict[str, Any]:
        self._check(spec)
        found = {"service_name": spec.service_name(), "service_type": spec.service_type}
        if isinstance(spec, DriveGroupSpec):
            return {**found, "data": self._osds.preview(spec)}
        own = chosen(self._site.daemons(), spec.service_name())
        several = spec.service_type in SEVERAL
        plan = assign(spec.service_name(), spec.placement, self._site.desired.hosts(), own, several)
        return {
            **found,
            "add": [slot.host for slot in plan.add],
            "remove": [daemon.name for daemon in plan.remove],
        }

    def _act(self, daemon: Daemon, action: str, line: str = "") -> str:
        if action not in errands.ACTIONS:
            raise OrchestratorValidationError(f"{action!r} is none of {', '.join(errands.ACTIONS)}")
        return self._schedule(daemon, action, f"Scheduled to {action} {daemon.name} on host ", line)

    def _schedule(self, daemon: Daemon, action: str, sentence: str, line: str = "") -> str:
        self._ask(Errand(daemon.name, action, time.time(), line))
        return f"{sentence}'{daemon.host}'"

    def _ask(self, errand: Errand) -> None:
        self._site.desired.save_errand(errand)
        self._site.wake()

    def _daemon(self, name: str) -> Daemon:
        for daemon in self._site.daemons():
            if daemon.name == name:
                return daemon
        raise OrchestratorError(f"Unable to find {name} daemon(s)")

    def _wanted(self) -> list[Service]:
        return self._site.desired.services()


def _skipped(name: str, kind: str) -> str:
    return f"Skipped {name} {kind} spec. To change {name} spec omit --no-overwrite flag"
