"""What an orchestrator knows of one daemon."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from enum import IntEnum
from typing import Any

import yaml
from ceph.deployment.service_spec import ServiceSpec
from ceph.utils import datetime_to_str, str_to_datetime

from orchestrator.daemon_types import daemon_type_to_service
from orchestrator.errors import OrchestratorError, handle_type_error
from orchestrator.event import OrchestratorEvent


# In the order of a report. Beside these: the name, the status, OSDs' affinity, times and events.
_HEAD = ("daemon_type", "daemon_id")
_BODY = (
    "hostname", "container_id", "container_image_id", "container_image_name",
    "container_image_digests", "memory_usage", "memory_request", "memory_limit", "cpu_percentage",
    "version",
)  # fmt: skip
_TAIL = ("is_active", "ports", "ip")
_RANK = ("rank", "rank_generation")
_TIMES = ("last_refresh", "created", "started", "last_deployed", "last_configured")


class DaemonDescriptionStatus(IntEnum):
    """What a daemon is doing."""

    unknown = -2
    error = -1
    stopped = 0
    running = 1
    starting = 2  # deployed, and not running yet

    @staticmethod
    def to_str(status: DaemonDescriptionStatus | None) -> str:
        """Its name; "unknown" for None."""
        if status is None:
            return DaemonDescriptionStatus.unknown.name
        try:
            return DaemonDescriptionStatus(status).name
        except ValueError:
            return "<unknown>"


class DaemonDescription:
    """One daemon: its type and id ("mds" and "a" of mds.a), where it is, from what, how it does.

    It tells what the orchestrator has decided and seen last, as of `last_refresh`. Memory is in
    bytes, `cpu_percentage` text as "1.2%". `_service_name` is the service's where the backend says
    it; else `service_name()` derives it from the names of daemon and host.
    """

    def __init__(
        self,
        daemon_type: str | None = None,
        daemon_id: str | None = None,
        hostname: str | None = None,
        container_id: str | None = None,
        container_image_id: str | None = None,
        container_image_name: str | None = None,
        container_image_digests: list[str] | None = None,
        version: str | None = None,
        status: DaemonDescriptionStatus | None = None,
        status_desc: str | None = None,
        last_refresh: datetime | None = None,
        created: datetime | None = None,
        started: datetime | None = None,
        last_configured: datetime | None = None,
        osdspec_affinity: str | None = None,
        last_deployed: datetime | None = None,
        events: list[OrchestratorEvent] | None = None,
        is_active: bool = False,
        memory_usage: int | None = None,
        memory_request: int | None = None,
        memory_limit: int | None = None,
        cpu_percentage: str | None = None,
        service_name: str | None = None,
        ports: list[int] | None = None,
        ip: str | None = None,
        deployed_by: list[str] | None = None,
        rank: int | None = None,
        rank_generation: int | None = None,
        extra_container_args: list[str] | None = None,
        extra_entrypoint_args: list[str] | None = None,
    ) -> None:
        self.daemon_type = daemon_type
        self.daemon_id = daemon_id
        self.daemon_name = self.name()
        self.hostname = hostname
        self.ip = ip
        self.ports = ports
        self._service_name = service_name
        self.osdspec_affinity = osdspec_affinity  # the name of the spec that made an OSD
        self.rank = rank
        self.rank_generation = rank_generation

        self.container_id = container_id
        self.container_image_id = container_image_id
        self.container_image_name = container_image_name
        self.container_image_digests = container_image_digests
        self.extra_container_args = extra_container_args
        self.extra_entrypoint_args = extra_entrypoint_args
        self.version = version
        self.deployed_by = deployed_by  # digests of the managers that did

        self._status = status
        self.status_desc = status_desc
        self.is_active = is_active
        self.memory_usage = memory_usage
        self.memory_request = memory_request
        self.memory_limit = memory_limit
        self.cpu_percentage = cpu_percentage

        self.last_refresh = last_refresh
        self.created = created
        self.started = started
        self.last_configured = last_configured
        self.last_deployed = last_deployed
        self.events: list[OrchestratorEvent] = events or []

    @property
    def status(self) -> DaemonDescriptionStatus | None:
        """What it is doing; setting it sets `status_desc`, its name, as well."""
        return self._status

    @status.setter
    def status(self, new: DaemonDescriptionStatus) -> None:
        self._status = new
        self.status_desc = DaemonDescriptionStatus.to_str(new)

    def get_port_summary(self) -> str:
        """Where it listens, as "*:9100" or "10.0.0.1:80,443"; "" where it does not."""
        if not self.ports:
            return ""
        return f"{self.ip or '*'}:{','.join(map(str, self.ports))}"

    def name(self) -> str:
        """As "mds.a"."""
        return f"{self.daemon_type}.{self.daemon_id}"

    def matches_service(self, service_name: str | None) -> bool:
        """Whether by its name alone it could be one of the service's; False for None."""
        kind, daemon_id = self._identity()
        if not service_name:
            return False
        return f"{daemon_type_to_service(kind)}.{daemon_id}".startswith(f"{service_name}.")

    def service_id(self) -> str:
        """The part of the service's name after its type; "" where it has none.

        Raises OrchestratorError where the names of daemon and host do not tell.
        """
        kind, daemon_id = self._identity()
        if self._service_name:
            return self._service_name.partition(".")[2]
        if kind == "osd":
            affinity = self.osdspec_affinity
            return affinity if affinity and affinity != "None" else ""
        if daemon_type_to_service(kind) in ServiceSpec.REQUIRES_SERVICE_ID:
            return self._service_id_by_name(daemon_id)
        return daemon_id

    def service_name(self) -> str:
        """As "mds.myfs" or "mgr"; raises as `service_id()`."""
        if self._service_name:
            return self._service_name
        assert self.daemon_type is not None
        service = daemon_type_to_service(self.daemon_type)
        if service in ServiceSpec.REQUIRES_SERVICE_ID:
            return f"{service}.{self.service_id()}"
        return service

    def _identity(self) -> tuple[str, str]:
        assert self.daemon_id is not None
        assert self.daemon_type is not None
        return self.daemon_type, self.daemon_id

    def _service_id_by_name(self, daemon_id: str) -> str:
        """From HOST, ID.HOST or ID.HOST.RANDOM; without the host's name: by the daemon's type."""
        unclear = OrchestratorError(
            "DaemonDescription: Cannot calculate service_id: "
            f"daemon_id='{daemon_id}' hostname='{self.hostname}'"
        )
        if not self.hostname:
            raise unclear
        host = self.hostname.partition(".")[0]
        if daemon_id == host:
            return daemon_id
        if host in daemon_id:
            before, _, after = daemon_id.rpartition(host)
            if not before.endswith(".") or (after and not after.startswith(".")):
                raise unclear
            return before[:-1]
        parts = daemon_id.split(".")
        if self.daemon_type == "rgw" and len(parts) in (3, 4):
            return ".".join(parts[:2])  # REALM.ZONE before the rest
        if self.daemon_type == "iscsi":
            return ".".join(parts[:-1])
        return daemon_id

    def to_json(self) -> OrderedDict[str, Any]:
        """As `from_json` reads it; events as lines. What is None is left out."""
        return self._report(
            head={"service_name": self._service_name},
            tail={name: getattr(self, name) for name in _RANK},
            events=[event.to_json() for event in self.events],
        )

    def to_dict(self) -> OrderedDict[str, Any]:
        """For JSON output: events in parts, without the service's name and ranks."""
        return self._report(head={}, tail={}, events=[event.to_dict() for event in self.events])

    def _report(
        self, *, head: dict[str, Any], tail: dict[str, Any], events: list[Any]
    ) -> OrderedDict[str, Any]:
        told: OrderedDict[str, Any] = OrderedDict((name, getattr(self, name)) for name in _HEAD)
        told.update(head, daemon_name=self.name())
        told.update((name, getattr(self, name)) for name in _BODY)
        told["status"] = None if self.status is None else self.status.value
        told["status_desc"] = self.status_desc
        if self.daemon_type == "osd":
            told["osdspec_affinity"] = self.osdspec_affinity
        told.update((name, getattr(self, name)) for name in _TAIL)
        told.update(tail)
        times = ((name, getattr(self, name)) for name in _TIMES)
        told.update((name, datetime_to_str(time)) for name, time in times if time)
        told["events"] = events or None
        return OrderedDict((name, value) for name, value in told.items() if value is not None)

    @classmethod
    @handle_type_error
    def from_json(cls, data: dict[str, Any]) -> DaemonDescription:
        """Read what `to_json` gave; raises OrchestratorValidationError that names a wrong field."""
        given = dict(data)
        given.pop("daemon_name", None)
        given.update((name, str_to_datetime(given[name])) for name in _TIMES if name in given)
        given["events"] = [OrchestratorEvent.from_json(line) for line in given.get("events", ())]
        status = given.pop("status", None)
        service, _, number = (given.get("service_name") or "").partition(".")
        if service == "osd" and _is_number(number):
            del given["service_name"]  # an OSD's own name, noted by an older cephadm
        return cls(status=None if status is None else DaemonDescriptionStatus(status), **given)

    def __copy__(self) -> DaemonDescription:
        return DaemonDescription.from_json(self.to_json())

    def __repr__(self) -> str:
        return f"<DaemonDescription>({self.name()})"

    def __str__(self) -> str:
        return f"{self.name()} in status {self.status_desc} on {self.hostname}"

    @staticmethod
    def yaml_representer(dumper: yaml.SafeDumper, data: DaemonDescription) -> Any:
        """A mapping, in the order of `to_json`."""
        return dumper.represent_dict(data.to_json().items())


def _is_number(text: str) -> bool:
    try:
        int(text)
    except ValueError:
        return False
    return True


yaml.add_representer(DaemonDescription, DaemonDescription.yaml_representer)
