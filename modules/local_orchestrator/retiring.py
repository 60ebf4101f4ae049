"""Takes OSDs out of service in the background: emptied, then stopped and forgotten."""

import time
from dataclasses import replace

from orchestrator import OrchestratorError

from local_orchestrator import removal
from local_orchestrator.daemons import Daemon
from local_orchestrator.deployer import Deployer
from local_orchestrator.progress import Progress
from local_orchestrator.recipes import Cluster, osds
from local_orchestrator.removal import OSDRemoval, Step
from local_orchestrator.site import Site


class Retiring:
    """One look() a round; raises OrchestratorError."""

    def __init__(self, site: Site, deployer: Deployer, progress: Progress) -> None:
        self._site = site
        self._deployer = deployer
        self._progress = progress

    def look(self, daemons: list[Daemon]) -> bool:
        """Do what can be done now; answers whether something is under way."""
        self._enlist_drained(daemons)
        queued = self._site.desired.removals()
        cluster = self._site.cluster
        if not queued or cluster is None:
            return False
        by_id = {int(daemon.id): daemon for daemon in daemons if daemon.type == "osd"}
        groups = {r.osd_id: osds.placement_groups(cluster, r.osd_id) for r in queued}
        safe = [r.osd_id for r in queued if not osds.safe_to_destroy(cluster, [r.osd_id])]
        for step in removal.steps(queued, groups, safe):
            self._take(cluster, step, by_id.get(step.removal.osd_id))
        return True

    def _enlist_drained(self, daemons: list[Daemon]) -> None:
        draining = {host.name for host in self._site.desired.hosts() if host.draining}
        queued = {r.osd_id for r in self._site.desired.removals()}
        for daemon in daemons:
            if daemon.type == "osd" and daemon.host in draining and int(daemon.id) not in queued:
                self._site.desired.save_removal(of(daemon))

    def _take(self, cluster: Cluster, step: Step, daemon: Daemon | None) -> None:
        desired, osd = self._site.desired, step.removal
        key, message = f"osd.{osd.osd_id}", f"Removing osd.{osd.osd_id}"
        if step.what == "refill":
            if osd.started is not None:
                osds.refill(cluster, osd.osd_id, osd.weight, replace=osd.replace)
            desired.drop_removal(osd.osd_id)
            self._progress.end(key, "stopped by the operator")
        elif step.what == "drain":
            weight = osds.drain(cluster, osd.osd_id, replace=osd.replace)
            desired.save_removal(osd.draining(time.time(), weight))
            self._progress.left(key, message, max(osd.pgs, 1))
        elif step.what == "wait":
            self._remember(osd)
            # what is empty still waits for the cluster's consent
            self._progress.left(key, message, max(osd.pgs, 1))
        else:
            self._finish(cluster, osd, daemon)
            self._progress.end(key)

    def _remember(self, osd: OSDRemoval) -> None:
        """Keep how far it is, unless somebody called it off meanwhile."""
        for stored in self._site.desired.removals():
            if stored.osd_id == osd.osd_id and stored.pgs != osd.pgs:
                self._site.desired.save_removal(replace(stored, pgs=osd.pgs))

    def _finish(self, cluster: Cluster, osd: OSDRemoval, daemon: Daemon | None) -> None:
        if daemon is not None:
            why = "it is to be replaced" if osd.replace else "it was removed from the cluster"
            self._deployer.remove(daemon, why)
        if osds.exists(cluster, osd.osd_id):
            osds.take_out(cluster, osd.osd_id, replace=osd.replace)
        if osd.zap and osd.device and not osd.no_destroy:
            self._site.agent.must_run(["wipefs", "--all", osd.device])
        self._site.desired.drop_removal(osd.osd_id)
        self._site.log.info("osd.%s is out of the cluster", osd.osd_id)


def enlist(daemons: list[Daemon], ids: list[str], **wishes: bool) -> list[OSDRemoval]:
    """The removals that somebody asks for; raises OrchestratorError for OSDs that are not ours."""
    known = {daemon.id: daemon for daemon in daemons if daemon.type == "osd"}
    names = [name.removeprefix("osd.") for name in ids]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise OrchestratorError(f"Unable to find OSDs: {unknown}")
    return [of(known[name], **wishes) for name in names]


def of(osd: Daemon, **wishes: bool) -> OSDRemoval:
    """The removal of one OSD."""
    return OSDRemoval(int(osd.id), osd.host, osd.labels.get("device", ""), **wishes)
