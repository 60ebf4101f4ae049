"""Metadata servers."""

from collections.abc import Sequence

from ceph.deployment.service_spec import ServiceSpec

from local_orchestrator.recipes.ceph_daemon import CephRecipe, reachable
from local_orchestrator.recipes.cluster import Cluster


class MdsRecipe(CephRecipe):
    """MDSs that prefer the file system that the service is called after, which need not exist yet.

    Removing them leaves the file system as it is.
    """

    kind = "mds"
    program = "ceph-mds"
    package = "ceph-mds"
    unique = True
    caps = ("mon", "profile mds", "osd", "allow rw tag cephfs *=*", "mds", "allow")

    def service_setup(self, spec: ServiceSpec, cluster: Cluster | None) -> None:
        super().service_setup(spec, cluster)
        reachable(self.kind, cluster).ask(
            "config set", who=spec.service_name(), name="mds_join_fs", value=spec.service_id
        )

    def service_gone(self, spec: ServiceSpec, cluster: Cluster | None) -> None:
        reachable(self.kind, cluster).ask("config rm", who=spec.service_name(), name="mds_join_fs")

    def ok_to_stop(self, daemon_ids: Sequence[str], cluster: Cluster | None) -> str:
        return reachable(self.kind, cluster).refusal("mds ok-to-stop", ids=list(daemon_ids))
