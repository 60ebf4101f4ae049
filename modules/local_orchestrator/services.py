"""Services as they are wanted: their specs, and what is said about them."""

import errno
import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ceph.deployment.service_spec import (
    PlacementSpec,
    ServiceSpec,
    service_spec_allow_invalid_from_json,
)
from orchestrator import (
    OrchestratorError,
    OrchestratorEvent,
    OrchestratorValidationError,
    ServiceDescription,
)

from local_orchestrator.daemons import Daemon, moment
from local_orchestrator.hosts import Host
from local_orchestrator.placement import slots


# Upstream's defaults, less the hosts that its counts are made for.
PLACEMENTS = {
    "mon": {"count": 5},
    "mgr": {"count": 2},
    "mds": {"count": 2},
    "rgw": {"count": 2},
    "rbd-mirror": {"count": 2},
    "crash": {"host_pattern": "*"},
    "node-exporter": {"host_pattern": "*"},
}
MONITORS_AT_LEAST = 5  # this many monitors or managers may be asked for whatever the hosts are
PLACED_ONLY = ("placement", "unmanaged", "preview_only")  # fields that no daemon depends on


@dataclass(frozen=True)
class Service:
    """One wanted service. `deleted`: when it was removed, while daemons of it are still there."""

    spec: ServiceSpec
    created: float
    deleted: float | None = None
    several: bool = False  # whether one host may have several of its daemons

    @property
    def name(self) -> str:
        return self.spec.service_name()

    @property
    def managed(self) -> bool:
        """Whether its daemons are placed by the reconciler; OSDs are made from devices instead."""
        return not self.spec.unmanaged and self.spec.service_type != "osd"

    @property
    def wants_osds(self) -> bool:
        """Whether OSDs are to be made where it says."""
        return self.spec.service_type == "osd" and not self.spec.unmanaged and not self.deleted

    @property
    def revision(self) -> str:
        """Changes with whatever its daemons are made from, not with where they are."""
        flat = flattened(self.spec)
        kept = {key: value for key, value in flat.items() if key not in PLACED_ONLY}
        text = json.dumps(kept, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        """What is stored."""
        return {"spec": self.spec.to_json(), "created": self.created, "deleted": self.deleted}

    @classmethod
    def from_json(cls, stored: dict[str, Any], several: Collection[str]) -> "Service":
        """The inverse of as_json(); `several` are the types of which a host may have several."""
        with service_spec_allow_invalid_from_json():
            spec = ServiceSpec.from_json(stored["spec"])
        kept = stored["created"], stored["deleted"]
        return cls(spec, *kept, spec.service_type in several)


def flattened(spec: ServiceSpec) -> dict[str, Any]:
    """The fields of a spec in one dict, whichever style its to_json() writes."""
    flat = dict(spec.to_json())
    return {**flat, **flat.pop("spec", {})}


def settled(spec: ServiceSpec) -> ServiceSpec:
    """Give a spec without placement the default one of its type."""
    if spec.placement.is_empty() and spec.service_type != "osd":
        spec.placement = PlacementSpec(**PLACEMENTS.get(spec.service_type, {"count": 1}))
    return spec


def check_placement(spec: ServiceSpec, hosts: Sequence[Host], several: bool, most: int) -> None:
    """Raise OrchestratorValidationError where `spec` cannot be placed as written.

    `most`: how many daemons of a service one host may have. The texts are those of upstream.
    """
    placement, what = spec.placement, spec.one_line_str()
    unknown = sorted({h.hostname for h in placement.hosts} - {host.name for host in hosts})
    if unknown:
        raise OrchestratorValidationError(
            f"Cannot place {what} on {', '.join(unknown)}: Unknown hosts"
        )
    if not slots(placement, hosts):
        reason = "No matching hosts"
        if placement.label:
            reason += f" for label {placement.label}"
        raise OrchestratorValidationError(f"Cannot place {what}: {reason}")
    if placement.count_per_host and not several:
        raise OrchestratorValidationError(
            f"Cannot place more than one {spec.service_name()} per host"
        )
    if (placement.count_per_host or 0) > most:
        raise OrchestratorValidationError(
            f"The maximum count_per_host allowed is {most}; see the option max_count_per_host"
        )
    limit = most * len(hosts)
    if spec.service_type in ("mon", "mgr"):
        limit = max(MONITORS_AT_LEAST, len(hosts))
    if (placement.count or 0) > limit and spec.service_type != "osd":
        raise OrchestratorError(
            f"The maximum number of {spec.service_type} daemons allowed with {len(hosts)} hosts "
            f"is {limit}"
        )


def describe(
    service: Service,
    daemons: Sequence[Daemon],
    hosts: Sequence[Host],
    events: list[OrchestratorEvent],
    now: datetime,
) -> ServiceDescription:
    """As the interface shows it; `daemons` are those of this service."""
    schedulable = [host for host in hosts if host.schedulable]
    places = len(slots(service.spec.placement, schedulable))
    size = service.spec.placement.count or places * (service.spec.placement.count_per_host or 1)
    return ServiceDescription(
        spec=service.spec,
        container_image_name=getattr(service.spec, "image", None),
        last_refresh=now,
        created=moment(service.created),
        deleted=moment(service.deleted),
        size=size if service.managed else len(daemons),
        running=sum(daemon.running for daemon in daemons),
        events=events,
        virtual_ip=service.spec.get_virtual_ip(),
        ports=sorted({port for daemon in daemons for port in daemon.ports}),
    )


def without_spec(daemons: Sequence[Daemon]) -> Service:
    """A service of which there are daemons but no spec: shown as unmanaged, as upstream does."""
    with service_spec_allow_invalid_from_json():
        spec = ServiceSpec.from_json(json.loads(daemons[0].labels["spec"]))
    spec.unmanaged = True
    return Service(spec, min(daemon.created for daemon in daemons))


def known(services: Sequence[Service], name: str) -> Service:
    """The service of that name; raises OrchestratorError."""
    for service in services:
        if service.name == name:
            return service
    raise OrchestratorError(
        f'Invalid service "{name}": see "ceph orch ls" for those that there are', -errno.ENOENT
    )
