"""Daemons that carry images and folders to another cluster."""

from ceph.deployment.service_spec import ServiceSpec

from local_orchestrator.recipes.ceph_daemon import CephRecipe, reachable
from local_orchestrator.recipes.cluster import Cluster


class RbdMirrorRecipe(CephRecipe):
    """Mirrors RBD images; which ones, the pools say."""

    kind = "rbd-mirror"
    program = "rbd-mirror"
    package = "rbd-mirror"
    unique = True
    client = True
    caps = ("mon", "profile rbd-mirror", "osd", "profile rbd")


class CephfsMirrorRecipe(CephRecipe):
    """Mirrors snapshots of CephFS; which ones, the module `mirroring` says."""

    kind = "cephfs-mirror"
    program = "cephfs-mirror"
    package = "cephfs-mirror"
    unique = True
    client = True
    caps = (
        *("mon", "profile cephfs-mirror"),
        *("mds", "allow r"),
        *("osd", "allow rw tag cephfs metadata=*, allow r tag cephfs data=*"),
        *("mgr", "allow r"),
    )

    def service_setup(self, spec: ServiceSpec, cluster: Cluster | None) -> None:
        super().service_setup(spec, cluster)
        known = reachable(self.kind, cluster)
        if "mirroring" not in known.ask_json("mgr module ls")["enabled_modules"]:
            known.ask("mgr module enable", module="mirroring")
