"""The background work: one round after the other, soon after each change and every few seconds."""

import time
from collections.abc import Callable
from functools import partial

from ceph.deployment.service_spec import ServiceSpec, service_spec_allow_invalid_from_json

from local_orchestrator import errands, health
from local_orchestrator.agent import AgentError
from local_orchestrator.daemons import Daemon, chosen
from local_orchestrator.deployer import Deployer
from local_orchestrator.errands import Errand
from local_orchestrator.osds import Osds, Wanted, missing
from local_orchestrator.placement import Slot
from local_orchestrator.progress import Progress
from local_orchestrator.reconcile import Action, Deploy, Remove, finished, reconcile
from local_orchestrator.retiring import Retiring
from local_orchestrator.services import Service
from local_orchestrator.side_by_side import side_by_side
from local_orchestrator.site import METADATA, Site
from local_orchestrator.upgrade import LINE
from local_orchestrator.upgrading import Upgrading


BUSY_SECONDS = 1.0  # between two rounds while something is under way
FAILED_SECONDS = 5.0
OSD_REMOVAL, UPGRADE, CLUSTER = "removal of OSDs", LINE, "cluster"
QUORATE = ("mon", "mgr", "osd")  # kinds of which the cluster has to be asked about each in turn


def _line(daemon: str, action: str = "") -> str:
    """What is done one after the other: what is one daemon's, one sensitive kind's, new daemons."""
    kind = daemon.partition(".")[0]
    return kind if kind in QUORATE else action if action == errands.DEPLOY else daemon


class Loop:
    """Everything here happens on one thread, that of serve()."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._deployer = Deployer(site)
        self._osds = Osds(site, self._deployer)
        self.progress = Progress(site.module)
        self._retiring = Retiring(site, self._deployer, self.progress)
        self._upgrading = Upgrading(site, self.progress)
        self._troubles = health.Troubles()
        self._revisions: dict[str, str] = {}  # of the services, when they were tried last
        self._ending = False

    def run(self) -> None:
        """Until end()."""
        while not self._ending:
            self._site.woken.clear()
            try:
                pause = self._round()
            except Exception:
                # Whatever it was: what runs goes on running, and the next round may do better.
                self._site.log.exception("a round of the background work failed")
                pause = FAILED_SECONDS
            self._site.woken.wait(pause)

    def end(self) -> None:
        """Have run() return after its round."""
        self._ending = True
        self._site.wake()

    def _round(self) -> float:
        """One look at everything; answers after how many seconds to look again."""
        site, busy = self._site, False
        paused = site.desired.paused
        try:
            if not paused:
                busy = self._work()
            daemons = site.daemons()
        except AgentError as error:
            site.log.warning("%s", error)
            site.module.set_health_checks(health.checks([], [], absent=str(error), paused=paused))
            return BUSY_SECONDS
        site.module.set_health_checks(health.checks(daemons, self._troubles.lines, paused=paused))
        calm = float(site.option("refresh_seconds"))
        return min(BUSY_SECONDS, calm) if busy else calm

    def _work(self) -> bool:
        busy = self._run_errands()
        self._apply_services()
        busy |= bool(self._try(OSD_REMOVAL, lambda: self._retiring.look(self._site.daemons())))
        busy |= bool(self._try(UPGRADE, lambda: self._upgrading.look(self._site.daemons())))
        busy |= bool(self._try(CLUSTER, self._learn_versions))
        return busy

    def _learn_versions(self) -> bool:
        """Ask the cluster; whether a new daemon is not known to it yet."""
        site = self._site
        known = [daemon for daemon in site.daemons() if daemon.type in METADATA]
        # without any, a cluster that does not answer is nobody's business
        site.versions = site.running_versions() if known else {}
        return any(d.name not in site.versions for d in known if d.is_new(time.time()))

    def _try(self, subject: str, work: Callable[[], object], kind: str = "") -> object:
        """Do `work` unless it failed a moment ago; what fails is a health check, and an event of
        the subject where `kind` says that it has events. AgentAbsent is for the caller.
        """
        if self._ending or not self._troubles.due(subject, time.monotonic()):
            return None
        try:
            answer = work()
        except Exception as error:
            if isinstance(error, AgentError) and not self._agent_there():
                raise
            self._site.log.exception("%s failed", subject)
            self._troubles.failed(subject, str(error) or repr(error), time.monotonic())
            if kind:
                self._site.events.note(kind, subject, f"Failed to apply: {error}", error=True)
            return None
        self._troubles.well(subject)
        return answer

    def _agent_there(self) -> bool:
        try:
            self._site.agent.facts()
        except AgentError:
            return False
        return True

    def _run_errands(self) -> bool:
        """What operators asked to be done to single daemons; whether something is left of it."""
        desired = self._site.desired
        turn = errands.turn(desired.errands(), self._site.daemons(), time.time())
        for errand in turn.over:
            desired.drop_errand(errand)
        for errand in turn.broken:
            self._broken(errand)
        side_by_side(
            (_line(errand.daemon, errand.action), partial(self._run_errand, errand))
            for errand in turn.due
        )
        left = desired.errands()
        for line in {errand.line for errand in (*turn.over, *left)} - {"", UPGRADE}:
            rolling = sum(errand.line == line for errand in left)
            self.progress.left(f"restart {line}", f"Restarting {line}", rolling)
        return bool(left)

    def _run_errand(self, errand: Errand) -> None:
        desired, begun = self._site.desired, time.time()
        try:
            self._do(errand)
        except Exception as error:
            if isinstance(error, AgentError) and not self._agent_there():
                raise
            self._refused(errand, error)
        else:
            if errand.line:
                desired.save_errand(errand.done(begun))
            else:
                desired.drop_errand(errand)

    def _refused(self, errand: Errand, error: Exception) -> None:
        """It is not tried again: whoever asked for it sees why, and asks again."""
        self._site.log.error("%s of %s failed", errand.action, errand.daemon, exc_info=error)
        self._note(errand, f"{errand.action} of {errand.daemon} failed: {error}")
        self._site.desired.drop_errand(errand)
        if errand.line:
            self._broken(errand)

    def _broken(self, errand: Errand) -> None:
        """The daemon of a rolling restart did not come back: what was to follow is let be."""
        self._note(errand, f"{errand.daemon} does not run again after its {errand.action}")
        for other in self._site.desired.errands():
            if other.line == errand.line:
                self._site.desired.drop_errand(other)
        if errand.line == UPGRADE:
            self._upgrading.broken(errand.daemon)

    def _note(self, errand: Errand, message: str) -> None:
        """Say it where whoever asked looks: there may be no such daemon, so in the log as well."""
        self._site.events.note("daemon", errand.daemon, message, error=True)
        module = self._site.module
        module.cluster_log("cluster", module.ClusterLogPrio.ERROR, message)

    def _do(self, errand: Errand) -> None:
        if errand.action == errands.DEPLOY:
            self._deploy(errand)
            return
        daemon = next((d for d in self._site.daemons() if d.name == errand.daemon), None)
        if daemon is None:
            return  # it has just been removed
        if errand.action == errands.REMOVE:
            self._deployer.remove(daemon, "it was asked for")
        elif errand.action in (errands.REDEPLOY, errands.RECONFIG):
            self._deployer.redeploy(daemon, self._spec_of(daemon))
        else:
            self._deployer.act(daemon, errand.action)

    def _deploy(self, errand: Errand) -> None:
        with service_spec_allow_invalid_from_json():
            spec = ServiceSpec.from_json(errand.more["spec"])
        if "osd" in errand.more:
            self._osds.create(spec, Wanted(**errand.more["osd"]))
        else:
            self._deployer.deploy(spec, Slot(**errand.more["slot"]))

    def _spec_of(self, daemon: Daemon) -> ServiceSpec | None:
        services = self._site.desired.services()
        return next((s.spec for s in services if s.name == daemon.service), None)

    def _apply_services(self) -> None:
        """Make what runs what is wanted."""
        site = self._site
        services, hosts, daemons = site.desired.services(), site.desired.hosts(), site.daemons()
        self._forgive_changed(services)
        actions = reconcile(services, hosts, daemons)
        self._show_progress(services, actions)
        side_by_side(
            (_line(action.daemon.name), partial(self._carry_out, action, services))
            for action in actions
            if isinstance(action, Remove)
        )
        for action in actions:
            if not isinstance(action, Remove):
                self._carry_out(action, services)
        for service in services:
            if service.wants_osds:
                self._try(service.name, partial(self._make_osds, service), kind="service")
        self._show_progress(services, reconcile(services, hosts, site.daemons()))
        for service in finished(services, site.daemons()):
            self._try(service.name, partial(self._finish, service), kind="service")

    def _show_progress(self, services: list[Service], actions: list[Action]) -> None:
        """A bar for each service that has daemons to come or to go."""
        for service in services:
            left = sum(self._how(action, services)[0] == service.name for action in actions)
            self.progress.left(service.name, f"Updating {service.name}", left)

    def _forgive_changed(self, services: list[Service]) -> None:
        """What was changed is tried at once, what is gone is no trouble any more."""
        self._troubles.keep([*(s.name for s in services), OSD_REMOVAL, UPGRADE, CLUSTER])
        for service in services:
            state = f"{service.revision} {service.spec.placement} {service.deleted}"
            if self._revisions.get(service.name) != state:
                self._troubles.well(service.name)
            self._revisions[service.name] = state

    def _carry_out(self, action: Action, services: list[Service]) -> None:
        self._try(*self._how(action, services), kind="service")

    def _how(self, action: Action, services: list[Service]) -> tuple[str, Callable[[], object]]:
        """The subject of an action, and how to do it."""
        if isinstance(action, Deploy):
            spec = next(s.spec for s in services if s.name == action.service)
            return action.service, lambda: self._deployer.deploy(spec, action.slot)
        daemon = action.daemon
        if isinstance(action, Remove):
            return daemon.service, lambda: self._deployer.remove(daemon, action.why)
        return daemon.service, lambda: self._deployer.redeploy(daemon, self._spec_of(daemon))

    def _make_osds(self, service: Service) -> None:
        wanted = self._osds.wanted(service.spec)
        for osd in missing(wanted, self._site.daemons()):
            self._osds.create(service.spec, osd)

    def _finish(self, service: Service) -> None:
        if service.spec.service_type != "osd" or not chosen(self._site.daemons(), service.name):
            self._deployer.gone(service)
        self._site.desired.drop_service(service.name)
        self._site.events.forget("service", service.name)
