"""Daemons as the host agent reports them: the only thing that is believed about what runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from orchestrator import DaemonDescription, DaemonDescriptionStatus, OrchestratorEvent


NEW_SECONDS = 60.0
STATUS = {
    "running": DaemonDescriptionStatus.running,
    "starting": DaemonDescriptionStatus.starting,
    "stopped": DaemonDescriptionStatus.stopped,
    "error": DaemonDescriptionStatus.error,
}


@dataclass(frozen=True)
class Daemon:
    """One deployed daemon. Labels are what its deployment wrote down: service, host and so on."""

    name: str  # "mds.a"
    host: str
    service: str
    state: str = "running"
    pid: int | None = None
    created: float = 0.0  # seconds of the epoch, as all times here
    deployed: float = 0.0  # when it was made last, from its spec of that time
    started: float | None = None
    restarts: int = 0
    memory: int | None = None  # bytes
    cpu: float | None = None  # percent
    why: str = ""
    engine: str = ""
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def reported(cls, record: Mapping[str, Any]) -> "Daemon | None":
        """From a record of the agent's list; None for what this orchestrator did not deploy."""
        labels = record.get("labels") or {}
        if "service_name" not in labels or "hostname" not in labels:
            return None
        return cls(
            name=record["name"],
            host=labels["hostname"],
            service=labels["service_name"],
            state=record["state"],
            pid=record.get("pid"),
            created=float(labels.get("created") or record.get("created") or 0.0),
            deployed=record.get("created") or 0.0,
            started=record.get("started"),
            restarts=record.get("restarts") or 0,
            memory=record.get("memory"),
            cpu=record.get("cpu"),
            why=record.get("why") or "",
            engine=record.get("engine") or "",
            labels=labels,
        )

    @property
    def type(self) -> str:
        return self.name.partition(".")[0]

    @property
    def id(self) -> str:
        return self.name.partition(".")[2]

    @property
    def running(self) -> bool:
        return self.state == "running"

    def is_new(self, now: float) -> bool:
        """Whether its process may still be on its way into the cluster."""
        return self.running and now - (self.started or 0.0) < NEW_SECONDS

    @property
    def ports(self) -> list[int]:
        return [int(port) for port in self.labels.get("ports", "").split(",") if port]

    def describe(
        self, now: datetime, version: str | None, events: list[OrchestratorEvent]
    ) -> DaemonDescription:
        """As the interface shows it; `version` is what the cluster says that it runs."""
        status = STATUS.get(self.state, DaemonDescriptionStatus.unknown)
        deployed = moment(self.deployed)
        return DaemonDescription(
            daemon_type=self.type,
            daemon_id=self.id,
            hostname=self.host,
            container_image_name=self.labels.get("image"),
            version=version or self.labels.get("version") or None,
            status=status,
            status_desc=self.state,
            last_refresh=now,
            created=moment(self.created),
            started=moment(self.started) if self.running else None,
            last_configured=deployed,
            last_deployed=deployed,
            osdspec_affinity=self.labels.get("osdspec_affinity") or None,
            events=events,
            memory_usage=self.memory,
            cpu_percentage=None if self.cpu is None else f"{self.cpu:.2f}%",
            service_name=self.service,
            ports=self.ports or None,
            ip=self.labels.get("ip") or None,
            deployed_by=[],
        )


def moment(seconds: float | None) -> datetime | None:
    """Seconds of the epoch as a datetime."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def chosen(
    daemons: Iterable[Daemon],
    service: str | None = None,
    type_: str | None = None,
    id_: str | None = None,
    host: str | None = None,
) -> list[Daemon]:
    """Those that fit every filter that is given."""
    return [
        daemon
        for daemon in daemons
        if (not service or daemon.service == service)
        and (not type_ or daemon.type == type_)
        and (not id_ or daemon.id == id_)
        and (not host or daemon.host == host)
    ]
