"""Kinds of service that this backend does not deploy, each with the reason that users read."""

from dataclasses import dataclass
from typing import NoReturn

from ceph.deployment.service_spec import ServiceSpec
from orchestrator import OrchestratorValidationError

from local_orchestrator.recipes.cluster import Cluster
from local_orchestrator.recipes.programs import needed
from local_orchestrator.recipes.recipe import Place, Recipe


@dataclass(frozen=True)
class Refused(Recipe):
    """Names the program that is not installed, and where it is, why it is not started."""

    kind: str
    reason: str
    program: str = ""
    package: str = ""

    def check(self, spec: ServiceSpec, cluster: Cluster | None) -> NoReturn:
        if self.program:
            needed(self.kind, self.program, self.package)
        raise OrchestratorValidationError(f"{self.kind} is not deployed here: {self.reason}")

    def deployment(
        self, spec: ServiceSpec, daemon_id: str, place: Place, cluster: Cluster | None
    ) -> NoReturn:
        self.check(spec, cluster)


REFUSED = (
    Refused(
        kind="nfs",
        reason="the gateways' common grace database is not kept by this backend",
        program="ganesha.nfsd",
        package="nfs-ganesha-ceph",
    ),
    Refused(
        kind="iscsi",
        reason="its gateways configure targets in this machine's kernel",
        program="rbd-target-api",
        package="ceph-iscsi",
    ),
    Refused(
        kind="ingress",
        reason="a virtual address needs several machines, and this backend has one",
        program="haproxy",
        package="haproxy",
    ),
    Refused(
        kind="snmp-gateway",
        reason="its program, snmp_notifier, is in no Debian package",
    ),
    Refused(kind="grafana", reason="its program, grafana-server, is in no Debian package"),
    Refused(kind="cephadm-exporter", reason="it reports what cephadm deployed"),
)
