"""Access to the monitoring services, and tuned profiles of hosts; newer backends only."""

from __future__ import annotations

from typing import Any

from orchestrator.result import OrchResult


class SettingMethods:
    def get_prometheus_access_info(self) -> OrchResult[dict[str, str]]:
        """The user, the password and the certificate for Prometheus."""
        raise NotImplementedError

    def set_prometheus_access_info(self, user: str, password: str) -> OrchResult[str]:
        """Let that user into Prometheus."""
        raise NotImplementedError

    def get_alertmanager_access_info(self) -> OrchResult[dict[str, str]]:
        """The user, the password and the certificate for the Alertmanager."""
        raise NotImplementedError

    def set_alertmanager_access_info(self, user: str, password: str) -> OrchResult[str]:
        """Let that user into the Alertmanager."""
        raise NotImplementedError

    def get_prometheus_cert(self) -> OrchResult[str]:
        """Prometheus' certificate."""
        raise NotImplementedError

    def set_prometheus_target(self, url: str) -> OrchResult[str]:
        """Have Prometheus scrape another cluster's."""
        raise NotImplementedError

    def remove_prometheus_target(self, url: str) -> OrchResult[str]:
        """Undo `set_prometheus_target`."""
        raise NotImplementedError

    def apply_tuned_profiles(self, specs: list[Any], no_overwrite: bool) -> OrchResult[str]:
        """Keep kernel settings on hosts; `no_overwrite`: leave profiles that exist alone."""
        raise NotImplementedError

    def rm_tuned_profile(self, profile_name: str) -> OrchResult[str]:
        """Remove a profile."""
        raise NotImplementedError

    def tuned_profile_ls(self) -> OrchResult[list[Any]]:
        """All profiles."""
        raise NotImplementedError

    def tuned_profile_add_setting(
        self, profile_name: str, setting: str, value: str
    ) -> OrchResult[str]:
        """Add a setting to a profile, or change it."""
        raise NotImplementedError

    def tuned_profile_add_settings(
        self, profile_name: str, setting: dict[str, str]
    ) -> OrchResult[str]:
        """Add several."""
        raise NotImplementedError

    def tuned_profile_rm_setting(self, profile_name: str, setting: str) -> OrchResult[str]:
        """Remove a setting from a profile."""
        raise NotImplementedError

    def tuned_profile_rm_settings(self, profile_name: str, settings: list[str]) -> OrchResult[str]:
        """Remove several."""
        raise NotImplementedError
