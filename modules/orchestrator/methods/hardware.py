"""What the boards of hosts (BMCs) tell and do; newer backends only."""

from __future__ import annotations

from typing import Any

from orchestrator.result import OrchResult


class HardwareMethods:
    def hardware_status(
        self, hostname: str | None = None, category: str | None = "summary"
    ) -> OrchResult[str]:
        """A table of one category of parts."""
        raise NotImplementedError

    def hardware_light(
        self, light_type: str, action: str, hostname: str, device: str | None = None
    ) -> OrchResult[dict[str, Any]]:
        """Light of the "chassis" or of a "device" (`light_type`): `action` "on", "off" or "get"."""
        raise NotImplementedError

    def hardware_powercycle(
        self, hostname: str, yes_i_really_mean_it: bool = False
    ) -> OrchResult[str]:
        """Switch a host off and on."""
        raise NotImplementedError

    def hardware_shutdown(
        self, hostname: str, force: bool | None = False, yes_i_really_mean_it: bool = False
    ) -> OrchResult[str]:
        """Switch a host off."""
        raise NotImplementedError

    def node_proxy_summary(self, hostname: str | None = None) -> OrchResult[dict[str, Any]]:
        """The state of each category of parts."""
        raise NotImplementedError

    def node_proxy_fullreport(self, hostname: str | None = None) -> OrchResult[dict[str, Any]]:
        """Everything that the boards tell."""
        raise NotImplementedError

    def node_proxy_firmwares(self, hostname: str | None = None) -> OrchResult[dict[str, Any]]:
        """Versions of firmware."""
        raise NotImplementedError

    def node_proxy_criticals(self, hostname: str | None = None) -> OrchResult[dict[str, Any]]:
        """The parts that are failing."""
        raise NotImplementedError

    def node_proxy_common(
        self, category: str, hostname: str | None = None
    ) -> OrchResult[dict[str, Any]]:
        """The parts of one category."""
        raise NotImplementedError
