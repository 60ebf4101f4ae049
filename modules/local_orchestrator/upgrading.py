"""Carries an upgrade on, one daemon at a time, through errands."""

import time
from dataclasses import replace

from local_orchestrator import upgrade
from local_orchestrator.daemons import Daemon
from local_orchestrator.deployer import recipe_of
from local_orchestrator.errands import REDEPLOY, Errand
from local_orchestrator.progress import Progress
from local_orchestrator.site import Site
from local_orchestrator.upgrade import LINE, Upgrade


class Upgrading:
    """One look() a round; raises OrchestratorError."""

    def __init__(self, site: Site, progress: Progress) -> None:
        self._site = site
        self._progress = progress

    def look(self, daemons: list[Daemon]) -> bool:
        """Send the next daemon on its way once the one before runs; whether one is under way."""
        desired = self._site.desired
        current = desired.upgrade()
        if current is None:
            return False
        if current.paused or any(errand.line == LINE for errand in desired.errands()):
            return True
        self._site.versions = self._site.running_versions()
        old = self.outdated(daemons)
        if late := upgrade.unconfirmed(current, old):
            self._say(current, f"waiting for {', '.join(late)} to report its version")
            return True
        daemon = upgrade.next_one(current, old)
        if daemon is None:
            desired.save_upgrade(None)
            self._progress.end(LINE)
            self._site.log.info("upgrade to %s is complete", current.target)
            return False
        left = len([one for one in old if current.concerns(one)])
        self._progress.show(LINE, f"Upgrade to {current.target}", 1 - left / max(current.total, 1))
        self._send(current, daemon)
        return True

    def outdated(self, daemons: list[Daemon]) -> list[Daemon]:
        """Daemons that run another version than is installed."""
        running, installed = self._site.versions, self._site.installed_versions()
        return upgrade.outdated(daemons, running, installed)

    def broken(self, daemon: str) -> None:
        """`daemon` did not come back: the upgrade rests until somebody resumes or stops it."""
        current = self._site.desired.upgrade()
        if current is not None:
            message = f"{daemon} did not run again after it was redeployed"
            self._site.desired.save_upgrade(current.halted(message))
            self._progress.end(LINE, message)

    def _send(self, current: Upgrade, daemon: Daemon) -> None:
        desired = self._site.desired
        why_not = recipe_of(daemon.type).ok_to_stop([daemon.id], self._site.cluster)
        if why_not:
            self._say(current, f"waiting to redeploy {daemon.name}: {why_not}")
            return
        desired.save_upgrade(current.after(daemon.name))
        desired.save_errand(Errand(daemon.name, REDEPLOY, time.time(), LINE))
        self._site.wake()

    def _say(self, current: Upgrade, message: str) -> None:
        if current.message != message:
            self._site.desired.save_upgrade(replace(current, message=message))
