"""What clients ask for about upgrades."""

import json
from dataclasses import replace
from typing import Any

from orchestrator import OrchestratorError, OrchestratorValidationError, UpgradeStatusSpec

from local_orchestrator import upgrade
from local_orchestrator.progress import Progress
from local_orchestrator.site import Site
from local_orchestrator.upgrade import LINE, Upgrade


class UpgradeRequests:
    """Each answers a sentence or a document; raises OrchestratorError."""

    def __init__(self, site: Site, progress: Progress) -> None:
        self._site = site
        self._progress = progress

    def check(self, image: str | None, version: str | None) -> str:
        installed = self._site.installed_versions()
        upgrade.refuse(image, version, installed)
        found = upgrade.check(self._site.daemons(), self._site.versions, installed)
        return json.dumps(found, indent=4, sort_keys=True)

    def available(self, image: str | None, tags: bool) -> dict[str, Any]:
        """What could be upgraded to: what is installed."""
        if image or tags:
            raise OrchestratorValidationError(f"there are no images to list: {upgrade.NO_IMAGES}")
        return {"versions": sorted(set(self._site.installed_versions().values()))}

    def start(
        self,
        image: str | None,
        version: str | None,
        daemon_types: list[str] | None,
        hosts: str | None,
        services: list[str] | None,
        limit: int | None,
    ) -> str:
        installed = self._site.installed_versions()
        upgrade.refuse(image, version, installed)
        if self._site.desired.upgrade() is not None:
            raise OrchestratorError("an upgrade is under way: see `orch upgrade status`")
        if limit is not None and limit < 1:
            raise OrchestratorValidationError(f"limit: {limit} is below 1")
        wanted = Upgrade(
            upgrade.version(installed), 0, daemon_types, hosts.split(",") if hosts else None,
            services, limit,
        )  # fmt: skip
        daemons = self._site.daemons()
        old = upgrade.outdated(daemons, self._site.versions, installed)
        total = len([daemon for daemon in old if wanted.concerns(daemon)])
        if not total:
            return f"Nothing to upgrade: {wanted.which} run {wanted.target}"
        self._save(replace(wanted, total=total))
        return f"Initiating upgrade of {total} daemon(s) to {wanted.target}"

    def pause(self) -> str:
        self._save(replace(self._current(), paused=True))
        return "Paused upgrade"

    def resume(self) -> str:
        self._save(replace(self._current(), paused=False, message=""))
        return "Resumed upgrade"

    def stop(self) -> str:
        current = self._current()
        self._save(None)
        for errand in self._site.desired.errands():
            if errand.line == LINE:
                self._site.desired.drop_errand(errand)
        self._progress.end(LINE, "stopped by the operator")
        return f"Stopped upgrade to {current.target}"

    def status(self) -> UpgradeStatusSpec:
        current, daemons = self._site.desired.upgrade(), self._site.daemons()
        installed = self._site.installed_versions() if current else {}
        old = upgrade.outdated(daemons, self._site.versions, installed)
        return upgrade.status(current, daemons, old)

    def _current(self) -> Upgrade:
        current = self._site.desired.upgrade()
        if current is None:
            raise OrchestratorError("no upgrade is under way")
        return current

    def _save(self, wanted: Upgrade | None) -> None:
        self._site.desired.save_upgrade(wanted)
        self._site.wake()
