"""What the cluster is told of us, whole, whenever a part changed: modules, services, health."""

import time
from collections.abc import Iterable
from typing import Any

from supervisor.cluster.interface import Cluster, ModuleReport, Report
from supervisor.core.bucket import Bucket
from supervisor.core.health import HealthBook
from supervisor.core.state import State
from supervisor.edge.host import Host


RATE, BURST = 20, 50  # reports a second, and at once: the cluster takes them all, and in order
AVAILABLE_AFTER = 20.0  # seconds; as mgr_module_load_expiration of newer managers


class Beacon:
    """Collects changes of one turn of the loop into one report."""

    def __init__(self, entity: str, cluster: Cluster, health: HealthBook) -> None:
        self.entity = entity
        self.progress: dict[str, dict[str, Any]] = {}
        self.available = False
        self._cluster = cluster
        self._health = health
        self._changed = True
        self._born = time.monotonic()
        self._bucket = Bucket(RATE, BURST, self._born)

    def touch(self) -> None:
        """Something that the report says is different now."""
        self._changed = True

    def begin(self) -> None:
        """Of the active manager from now on: available once its modules have started."""
        self.progress.clear()
        self.available = False
        self._changed = True
        self._born = time.monotonic()

    @property
    def due(self) -> bool:
        """Whether there may be anything to report."""
        return self._changed or not self.available

    def send(
        self, hosts: Iterable[Host], enabled: Iterable[str], always_on: Iterable[str]
    ) -> float | None:
        """Report if anything changed since the last time; where there were many reports lately, it
        answers when there may be another one.
        """
        hosts = list(hosts)
        if not self.available:
            self._become_available(hosts)
        if not self._changed:
            return None
        if not self._bucket.take(time.monotonic()):
            return self._bucket.due()
        self._changed = False
        self._cluster.report(
            Report(
                available=self.available,
                modules=[_module(host) for host in hosts],
                enabled=sorted(enabled),
                always_on=sorted(always_on),
                services={host.name: host.uri for host in hosts if host.uri},
                clients=[(name, addrs) for h in hosts for addrs, name in h.clients.items()],
                health=self._health.merged(),
                progress={event: dict(body) for event, body in self.progress.items()},
            )
        )
        return None

    def _become_available(self, hosts: list[Host]) -> None:
        """As newer managers: available once every enabled module has started, or had its time."""
        starting = any(host.lifecycle.state is State.STARTING for host in hosts)
        if not starting or time.monotonic() - self._born > AVAILABLE_AFTER:
            self.available = True
            self._changed = True


def _module(host: Host) -> ModuleReport:
    facts = host.lifecycle.facts
    if facts is None:
        return ModuleReport(host.name, can_run=True, error_string="", options=None)
    return ModuleReport(host.name, facts.can_run, facts.error, facts.option_report())
