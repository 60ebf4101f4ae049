"""What an orchestrator knows of one service."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from typing import Any

import yaml
from ceph.deployment.service_spec import ServiceSpec
from ceph.utils import datetime_to_str, str_to_datetime

from orchestrator.errors import handle_type_error
from orchestrator.event import OrchestratorEvent


_HEAD = ("container_image_id", "container_image_name", "service_url", "size", "running")
_TIMES = ("last_refresh", "created")


class ServiceDescription:
    """One service: the `spec` that it was asked for by, and how far it is.

    `size`: daemons that it should have, `running`: that do; `service_url` where it serves HTTP.
    """

    def __init__(
        self,
        spec: ServiceSpec,
        container_image_id: str | None = None,
        container_image_name: str | None = None,
        service_url: str | None = None,
        last_refresh: datetime | None = None,
        created: datetime | None = None,
        deleted: datetime | None = None,
        size: int = 0,
        running: int = 0,
        events: list[OrchestratorEvent] | None = None,
        virtual_ip: str | None = None,
        ports: list[int] | None = None,
    ) -> None:
        self.spec = spec
        self.container_image_id = container_image_id
        self.container_image_name = container_image_name
        self.service_url = service_url
        self.size = size
        self.running = running
        self.last_refresh = last_refresh
        self.created = created
        self.deleted = deleted
        self.events: list[OrchestratorEvent] = events or []
        self.virtual_ip = virtual_ip
        self.ports: list[int] = [] if ports is None else ports

    def service_type(self) -> str:
        """As "mds"."""
        kind: str = self.spec.service_type
        return kind

    def get_port_summary(self) -> str:
        """Where it is reached, as "10.0.0.1:80,443", "?" for an unknown address; "": nowhere."""
        if not self.ports:
            return ""
        address = (self.virtual_ip or "?").partition("/")[0]
        return f"{address}:{','.join(map(str, self.ports))}"

    def to_json(self) -> OrderedDict[str, Any]:
        """The spec with "status" and, as lines, "events"; as `from_json` reads it."""
        return self._report([event.to_json() for event in self.events])

    def to_dict(self) -> OrderedDict[str, Any]:
        """The same with events in parts."""
        return self._report([event.to_dict() for event in self.events])

    def _report(self, events: list[Any]) -> OrderedDict[str, Any]:
        told: OrderedDict[str, Any] = self.spec.to_json()
        status = {name: getattr(self, name) for name in _HEAD}
        for name in _TIMES:
            time = getattr(self, name)
            status[name] = datetime_to_str(time) if time else time
        status |= {"virtual_ip": self.virtual_ip, "ports": self.ports or None}
        told["status"] = {name: value for name, value in status.items() if value is not None}
        if events:
            told["events"] = events
        return told

    @classmethod
    @handle_type_error
    def from_json(cls, data: dict[str, Any]) -> ServiceDescription:
        """Read what `to_json` gave; raises OrchestratorValidationError, SpecValidationError."""
        given = dict(data)
        status = dict(given.pop("status", {}))
        events = [OrchestratorEvent.from_json(line) for line in given.pop("events", ())]
        status.update((name, str_to_datetime(status[name])) for name in _TIMES if name in status)
        return cls(spec=ServiceSpec.from_json(given), events=events, **status)

    def __repr__(self) -> str:
        return f"<ServiceDescription of {self.spec.one_line_str()}>"

    @staticmethod
    def yaml_representer(dumper: yaml.SafeDumper, data: ServiceDescription) -> Any:
        """A mapping, in the order of `to_json`."""
        return dumper.represent_dict(data.to_json().items())


yaml.add_representer(ServiceDescription, ServiceDescription.yaml_representer)
