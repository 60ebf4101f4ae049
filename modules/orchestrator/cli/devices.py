"""`ceph orch device ...`: the disks of the hosts."""

from datetime import datetime
from typing import Any, Optional

from ceph.deployment.inventory import Device
from ceph.utils import datetime_now
from mgr_module import HandleCommandResult
from mgr_util import format_bytes

from orchestrator._interface import (
    InventoryFilter,
    InventoryHost,
    OrchestratorClientMixin,
    OrchestratorError,
    _cli_read_command,
    _cli_write_command,
    raise_if_exception,
)
from orchestrator.cli.answers import Format, done, listed
from orchestrator.cli.tables import WIDTH, ago, table, yes


NARROW = ["HOST", "PATH", "TYPE", "DEVICE ID", "SIZE", "AVAILABLE", "REFRESHED", "REJECT REASONS"]
WIDE = [
    "HOST", "PATH", "TYPE", "TRANSPORT", "RPM", "DEVICE ID", "SIZE", "HEALTH", "IDENT", "FAULT",
    "AVAILABLE", "REFRESHED", "REJECT REASONS",
]  # fmt: skip
_LED = {"Unsupported": "N/A", True: "Yes", False: ""}


class DeviceCommands(OrchestratorClientMixin):
    """What disks there are, and making one usable again."""

    @_cli_read_command("orch device ls")
    def _device_ls(
        self,
        hostname: Optional[list[str]] = None,
        format: Format = Format.plain,
        refresh: bool = False,
        wide: bool = False,
    ) -> HandleCommandResult:
        """Show the block devices of all hosts, or of some"""
        chosen = InventoryFilter(hosts=hostname) if hostname else None
        hosts = raise_if_exception(self.get_inventory(host_filter=chosen, refresh=refresh))
        if format is not Format.plain:
            return listed(hosts, format)
        return HandleCommandResult(stdout=_table(hosts, wide))

    @_cli_write_command("orch device zap")
    def _device_zap(self, hostname: str, path: str, force: bool = False) -> HandleCommandResult:
        """Erase a device, so that it can hold an OSD again"""
        if not force:
            raise OrchestratorError("must pass --force to PERMANENTLY ERASE DEVICE DATA")
        return done(self.zap_device(hostname, path))


def _table(hosts: list[InventoryHost], wide: bool) -> str:
    heads, now = WIDE if wide else NARROW, datetime_now()
    drawn = table(heads, right=("SIZE",))
    for host in sorted(hosts, key=lambda each: each.name):
        for device in sorted(host.devices.devices, key=lambda each: each.path):
            cells = _cells(host.name, device, now)
            drawn.add_row([cells[head] for head in heads])
    return drawn.get_string()


def _cells(host: str, device: Device, now: datetime) -> dict[str, Any]:
    lsm = device.lsm_data
    leds = lsm.get("ledSupport") or {"IDENTstatus": "N/A", "FAILstatus": "N/A"}
    return {
        "HOST": host,
        "PATH": device.path,
        "TYPE": device.human_readable_type,
        "TRANSPORT": lsm.get("transport", ""),
        "RPM": lsm.get("rpm", ""),
        "DEVICE ID": device.device_id,
        "SIZE": format_bytes(device.sys_api.get("size", 0), WIDTH),
        "HEALTH": lsm.get("health", ""),
        "IDENT": _led(leds["IDENTstatus"]),
        "FAULT": _led(leds["FAILstatus"]),
        "AVAILABLE": yes(device.available),
        "REFRESHED": ago(now, device.created, " ago"),
        "REJECT REASONS": ", ".join(device.rejected_reasons),
    }


def _led(status: Any) -> str:
    return str(_LED.get(status, status))
