"""Block devices of the hosts."""

from __future__ import annotations

from orchestrator.inventory import DeviceLightLoc, InventoryFilter, InventoryHost
from orchestrator.result import OrchResult


class DeviceMethods:
    def get_inventory(
        self, host_filter: InventoryFilter | None = None, refresh: bool = False
    ) -> OrchResult[list[InventoryHost]]:
        """The devices of each host. `refresh`: look again rather than answer what is known."""
        raise NotImplementedError

    def blink_device_light(
        self, ident_fault: str, on: bool, locations: list[DeviceLightLoc]
    ) -> OrchResult[list[str]]:
        """Switch lights, `ident_fault`: "ident" or "fault"; one sentence for each."""
        raise NotImplementedError

    def zap_device(self, host: str, path: str) -> OrchResult[str]:
        """Erase a device. What was on it is lost."""
        raise NotImplementedError
