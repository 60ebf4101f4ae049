"""What each kind of daemon has to say about itself."""

import secrets
import shlex
import string
from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from ceph.deployment.service_spec import ServiceSpec
from orchestrator import OrchestratorValidationError

from local_orchestrator.recipes.cluster import Cluster
from local_orchestrator.recipes.deployment import Deployment


SUFFIX_LETTERS = 6


@dataclass(frozen=True)
class Place:
    """Where one daemon goes: a logical host, and what on it is the daemon's.

    `name` and `network` are those of the placement (`host:network=name`), if it has any. `device`
    is an OSD's block device or file; without one it keeps its data in memory. `ports` are those
    that were assigned to the daemon; without any it takes those of its service.
    """

    host: str
    address: str = ""
    name: str = ""
    network: str = ""
    device: str = ""
    ports: tuple[int, ...] = ()

    @property
    def bare_host(self) -> str:
        """The host's name without its domain, as in names of daemons and in the CRUSH map."""
        return self.host.split(".")[0]

    @property
    def ip(self) -> str:
        """The host's address where it is an IP address, else empty."""
        try:
            return str(ip_address(self.address))
        except ValueError:
            return ""


# Most kinds have nothing to do at some of a service's steps, hence the empty methods (B027).
class Recipe(ABC):
    """How a kind of daemon is made ready, started and removed.

    A recipe decides and asks the cluster; it starts no process and writes no file. `cluster` is
    None where the supervisor knows no real cluster.
    """

    kind: str  # of service and daemon
    unique = False  # whether ids end in random letters, so that one host can have several

    @abstractmethod
    def check(self, spec: ServiceSpec, cluster: Cluster | None) -> None:
        """Raise OrchestratorValidationError, naming the field or the program, for what cannot be
        deployed here.
        """

    @abstractmethod
    def deployment(
        self, spec: ServiceSpec, daemon_id: str, place: Place, cluster: Cluster | None
    ) -> Deployment:
        """The daemon of that id; the same answer for the same id, so also for a redeployment.

        Raises OrchestratorError when the cluster refuses to make it ready.
        """

    def daemon_id(
        self, spec: ServiceSpec, place: Place, taken: Collection[str], cluster: Cluster | None
    ) -> str:
        """An id for one more daemon, besides those of its kind that are `taken`.

        Named as cephadm names: `<host>`, with `<service id>.` before it and six letters behind it
        where several may be on one host. Raises OrchestratorValidationError where it is taken.
        """
        if place.name or not self.unique:
            name = place.name or self.stem(spec, place)
            if name in taken:
                raise OrchestratorValidationError(f"name {self.kind}.{name} already in use")
            return name
        while True:
            name = f"{self.stem(spec, place)}.{_letters()}"
            if name not in taken:
                return name

    def stem(self, spec: ServiceSpec, place: Place) -> str:
        """What the ids of this service's daemons on that host begin with."""
        return ".".join(filter(None, (spec.service_id, place.bare_host)))

    def service_setup(self, spec: ServiceSpec, cluster: Cluster | None) -> None:  # noqa: B027
        """Tell the cluster what all daemons of the service need, before the first is deployed."""

    def service_gone(self, spec: ServiceSpec, cluster: Cluster | None) -> None:  # noqa: B027
        """Take that back, after the last was removed."""

    def ok_to_stop(self, daemon_ids: Sequence[str], cluster: Cluster | None) -> str:
        """Why these daemons should not be stopped now; empty when they may be."""
        return ""

    def leaving(self, daemon_id: str, cluster: Cluster | None) -> None:  # noqa: B027
        """Before a daemon is stopped for good; raises OrchestratorError when it must not be."""

    def removed(self, daemon_id: str, cluster: Cluster | None) -> None:  # noqa: B027
        """After a daemon and its folder are gone."""


def ports_of(spec: ServiceSpec, place: Place) -> tuple[int, ...]:
    """Ports of one daemon: those assigned to it, else its service's.

    Raises OrchestratorValidationError for what is no port number.
    """
    ports = place.ports or tuple(spec.get_port_start())
    for port in ports:
        if not isinstance(port, int) or not 0 < port < 65536:
            raise OrchestratorValidationError(f"{spec.service_name()}: {port!r} is no port number")
    return ports


def labels(spec: ServiceSpec, kind: str, daemon_id: str, place: Place) -> dict[str, str]:
    """Labels that every daemon has."""
    found = {
        "service_name": spec.service_name(),
        "daemon_type": kind,
        "daemon_id": daemon_id,
        "hostname": place.host,
    }
    ports = ",".join(map(str, ports_of(spec, place)))
    return {**found, "ports": ports} if ports else found


def in_networks(spec: ServiceSpec, place: Place) -> None:
    """Raise OrchestratorValidationError where the service's networks leave the host out."""
    if spec.networks and not any(
        place.ip and ip_address(place.ip) in ip_network(network) for network in spec.networks
    ):
        raise OrchestratorValidationError(
            f"networks: the address of host {place.host}, {place.address or 'unknown'},"
            f" is in none of {', '.join(spec.networks)}"
        )


def refuse_fields(spec: ServiceSpec, reasons: dict[str, str]) -> None:
    """Raise OrchestratorValidationError for the first of these fields that the spec has.

    Not given are None, False and what is empty; a number is given even if it is 0.
    """
    for name, reason in reasons.items():
        value = getattr(spec, name, None)
        if value or type(value) in (int, float):
            raise OrchestratorValidationError(f"{spec.service_name()}: {name}: {reason}")


def extra_arguments(spec: ServiceSpec) -> list[str]:
    """The spec's `extra_entrypoint_args`, each split at blanks as by a shell.

    Raises OrchestratorValidationError for what cannot be split.
    """
    words = spec.extra_entrypoint_args or []
    try:
        return [word for line in words for word in shlex.split(line)]
    except (ValueError, AttributeError, TypeError) as error:
        raise OrchestratorValidationError(
            f"{spec.service_name()}: extra_entrypoint_args: {words!r}: {error}"
        ) from error


def _letters() -> str:
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(SUFFIX_LETTERS))
