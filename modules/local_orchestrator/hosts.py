"""The logical hosts of this machine, as they are wanted."""

import errno
import ipaddress
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from ceph.deployment.hostspec import HostSpec
from orchestrator import OrchestratorError, OrchestratorValidationError


NO_SCHEDULE = "_no_schedule"  # upstream's label: nothing is placed there, what is there goes
MAINTENANCE = "maintenance"


@dataclass(frozen=True)
class Host:
    """One host. `halted`: the daemons that entering maintenance stopped, started when it ends."""

    name: str
    addr: str
    labels: tuple[str, ...] = ()
    maintenance: bool = False
    halted: tuple[str, ...] = ()
    location: tuple[tuple[str, str], ...] = ()

    @property
    def draining(self) -> bool:
        """Whether its daemons are to go."""
        return NO_SCHEDULE in self.labels

    @property
    def schedulable(self) -> bool:
        """Whether daemons may be placed there."""
        return not self.draining and not self.maintenance

    def spec(self, offline: bool = False) -> HostSpec:
        """As the interface shows it; `offline` where nobody can say what runs there."""
        status = MAINTENANCE if self.maintenance else "offline" if offline else ""
        return HostSpec(
            self.name, self.addr, list(self.labels), status, location=dict(self.location) or None
        )

    def as_json(self) -> dict[str, Any]:
        """What is stored."""
        return {
            "addr": self.addr,
            "labels": list(self.labels),
            "maintenance": self.maintenance,
            "halted": list(self.halted),
            "location": dict(self.location),
        }

    @classmethod
    def from_json(cls, name: str, stored: dict[str, Any]) -> "Host":
        """The inverse of as_json()."""
        return cls(
            name,
            stored["addr"],
            tuple(stored["labels"]),
            stored["maintenance"],
            tuple(stored["halted"]),
            tuple(stored["location"].items()),
        )

    @classmethod
    def from_spec(cls, spec: HostSpec, addr: str) -> "Host":
        """A host that somebody adds."""
        location = tuple((getattr(spec, "location", None) or {}).items())
        labels = tuple(dict.fromkeys(spec.labels))
        return cls(spec.hostname, addr, labels, spec.status == MAINTENANCE, (), location)

    def with_label(self, label: str) -> "Host":
        return replace(self, labels=tuple(dict.fromkeys((*self.labels, label))))

    def without_label(self, label: str) -> "Host":
        return replace(self, labels=tuple(kept for kept in self.labels if kept != label))


def local_address(name: str, addr: str, addresses: Collection[str], hostname: str) -> str:
    """The address of a host of this machine; raises OrchestratorValidationError for any other.

    `addresses` are those of this machine's interfaces. A host that was given no address has its own
    name for one; its daemons then bind to what ceph.conf says.
    """
    if addr in (name, hostname, ""):
        return addr or name
    if addr == "localhost":
        return "127.0.0.1"
    try:
        given = ipaddress.ip_address(addr.strip("[]"))
    except ValueError:
        given = None
    known = [str(given), addr] if given else [addr]
    if (given is not None and given.is_loopback) or any(one in addresses for one in known):
        return str(given)
    raise OrchestratorValidationError(
        f"host {name}: {addr} is not an address of this machine, and this orchestrator deploys "
        f"on this machine only; give one of 127.0.0.0/8 or of {', '.join(sorted(addresses))}"
    )


def known(hosts: Iterable[Host], name: str) -> Host:
    """The host of that name; raises OrchestratorValidationError."""
    for host in hosts:
        if host.name == name:
            return host
    raise OrchestratorValidationError(f"host {name} does not exist", -errno.ENOENT)


def refuse_removal(host: Host, daemons: Collection[str]) -> None:
    """Raise OrchestratorError where daemons still live on `host`."""
    if daemons:
        listed = "\n".join(sorted(daemons))
        raise OrchestratorError(
            f"Not allowed to remove {host.name} from cluster. "
            f"The following daemons are running in the host:\n{listed}\n"
            f"Please run 'ceph orch host drain {host.name}' to remove daemons from host"
        )
