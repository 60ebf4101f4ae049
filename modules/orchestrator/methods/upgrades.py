"""Upgrades of the cluster to other images."""

from __future__ import annotations

from typing import Any

from orchestrator.features import hide_in_features
from orchestrator.result import OrchResult
from orchestrator.upgrade import UpgradeStatusSpec


class UpgradeMethods:
    def upgrade_check(self, image: str | None, version: str | None) -> OrchResult[str]:
        """Which daemons an upgrade would change, as JSON."""
        raise NotImplementedError

    def upgrade_ls(
        self, image: str | None, tags: bool, show_all_versions: bool | None = False
    ) -> OrchResult[dict[Any, Any]]:
        """Versions, or `tags`, that a registry has; the last one: newer backends."""
        raise NotImplementedError

    def upgrade_start(
        self,
        image: str | None,
        version: str | None,
        daemon_types: list[str] | None,
        hosts: str | None,
        services: list[str] | None,
        limit: int | None,
    ) -> OrchResult[str]:
        """Begin, everywhere or only with some daemons, at most `limit` of them."""
        raise NotImplementedError

    def upgrade_pause(self) -> OrchResult[str]:
        """Wait before the next daemon."""
        raise NotImplementedError

    def upgrade_resume(self) -> OrchResult[str]:
        """Go on."""
        raise NotImplementedError

    def upgrade_stop(self) -> OrchResult[str]:
        """Give the upgrade up; what is upgraded stays so."""
        raise NotImplementedError

    def upgrade_status(self) -> OrchResult[UpgradeStatusSpec]:
        """How far it is, also where none is under way."""
        raise NotImplementedError

    @hide_in_features
    def upgrade_available(self) -> OrchResult[Any]:
        """The versions that one can upgrade to."""
        raise NotImplementedError
