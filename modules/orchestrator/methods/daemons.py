"""Daemons, whatever service they belong to."""

from __future__ import annotations

from ceph.deployment.service_spec import ServiceSpec

from orchestrator.daemon import DaemonDescription
from orchestrator.result import OrchResult


class DaemonMethods:
    def list_daemons(
        self,
        service_name: str | None = None,
        daemon_type: str | None = None,
        daemon_id: str | None = None,
        host: str | None = None,
        refresh: bool = False,
    ) -> OrchResult[list[DaemonDescription]]:
        """The daemons for which all that is given holds. `refresh`: look again."""
        raise NotImplementedError

    def add_daemon(self, spec: ServiceSpec) -> OrchResult[list[str]]:
        """Deploy daemons now, without a service that keeps them."""
        raise NotImplementedError

    def remove_daemons(self, names: list[str]) -> OrchResult[list[str]]:
        """Remove daemons by their names ("mds.a"); one sentence for each."""
        raise NotImplementedError

    def daemon_action(
        self, action: str, daemon_name: str, image: str | None = None
    ) -> OrchResult[str]:
        """Have a daemon "start", "stop", "restart", "redeploy" (from `image`) or "reconfig"."""
        raise NotImplementedError
