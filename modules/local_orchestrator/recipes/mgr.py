"""Managers beside the one that is there."""

from collections.abc import Sequence

from local_orchestrator.recipes.ceph_daemon import CephRecipe, reachable
from local_orchestrator.recipes.cluster import Cluster


class MgrRecipe(CephRecipe):
    """Real ceph-mgr daemons: they stand by, or take over from whoever is active."""

    kind = "mgr"
    program = "ceph-mgr"
    package = "ceph-mgr"
    unique = True
    caps = ("mon", "profile mgr", "osd", "allow *", "mds", "allow *")

    def ok_to_stop(self, daemon_ids: Sequence[str], cluster: Cluster | None) -> str:
        found = reachable(self.kind, cluster).ask_json("mgr dump")
        others = {standby["name"] for standby in found["standbys"]} - set(daemon_ids)
        if found["active_name"] not in daemon_ids:
            return ""
        if others:
            return f"mgr.{found['active_name']} is active: `mgr fail` lets another take over first"
        return f"mgr.{found['active_name']} is active and no other manager stands by"
