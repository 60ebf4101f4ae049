"""The devices of one host that become OSDs: for data, and for what is kept apart."""

import logging
from collections.abc import Sequence

from ceph.deployment.drive_group import (
    DeviceSelection,
    DriveGroupSpec,
    DriveGroupValidationError,
)
from ceph.deployment.drive_selection.filter import FilterGenerator
from ceph.deployment.drive_selection.matchers import _MatchInvalid
from ceph.deployment.inventory import Device


logger = logging.getLogger(__name__)


class DriveSelection:
    """Devices of `disks` that `spec` means, each for one purpose only; `disks` are those that are
    left. `existing_daemons`, OSDs that the host has of this spec, count towards its limits.

    Raises DriveGroupValidationError where a selection asks for what a device does not report.
    """

    def __init__(
        self,
        spec: DriveGroupSpec,
        disks: Sequence[Device],
        existing_daemons: int | None = None,
    ) -> None:
        self.disks = list(disks)
        self.spec = spec
        self.existing_daemons = existing_daemons or 0
        self._data = self.assign_devices("data_devices", spec.data_devices)
        self._wal = self.assign_devices("wal_devices", spec.wal_devices)
        self._db = self.assign_devices("db_devices", spec.db_devices)
        self._journal = self.assign_devices("journal_devices", spec.journal_devices)

    def data_devices(self) -> list[Device]:
        """Those that hold the data, by path."""
        return self._data

    def wal_devices(self) -> list[Device]:
        """Those for BlueStore's write-ahead log, by path."""
        return self._wal

    def db_devices(self) -> list[Device]:
        """Those for BlueStore's database, by path."""
        return self._db

    def journal_devices(self) -> list[Device]:
        """Those for FileStore's journal, by path."""
        return self._journal

    def assign_devices(self, name: str, ds: DeviceSelection | None) -> list[Device]:
        """Take the devices that `ds` means out of `disks`, and answer them by path; those that are
        given by path are answered as they are. `name` says in errors whose selection it is.
        """
        if not ds or not self.spec.data_devices:
            return []
        if ds.paths:
            return ds.paths
        try:
            chosen = self._choose(ds)
        except _MatchInvalid as error:
            raise DriveGroupValidationError(f"{self.spec.service_id}.{name}", str(error)) from error
        for device in chosen:
            self.disks.remove(device)
        return sorted(chosen, key=lambda device: device.path)

    def _choose(self, ds: DeviceSelection) -> list[Device]:
        chosen: list[Device] = []
        for device in self.disks:
            reason = self._unusable(device)
            if reason:
                logger.debug("%s is passed over: %s", device.path, reason)
                continue
            if ds.limit and ds.limit > 0 and len(chosen) + self.existing_daemons >= ds.limit:
                logger.debug("%s and what follows is passed over: limit %s", device.path, ds.limit)
                break
            if device not in chosen and self._matches(device, ds):
                chosen.append(device)
        return chosen

    def _unusable(self, device: Device) -> str:
        """Why this device cannot be used, empty if it can: it is free, or Ceph has it already, by
        this spec or by none.
        """
        if not device.path:
            return "it has no path"
        if device.available:
            return ""
        if not device.ceph_device:
            return ", ".join(device.rejected_reasons) or "it is not available"
        specs = [lv["osdspec_affinity"] for lv in device.lvs or () if "osdspec_affinity" in lv]
        others = [spec for spec in specs if spec != self.spec.service_id]
        return f"{others[0]} uses it" if others and others[0] else ""

    def _matches(self, device: Device, ds: DeviceSelection) -> bool:
        wanted = (matcher.compare(device) for matcher in FilterGenerator(ds))
        return any(wanted) if self.spec.filter_logic == "OR" else all(wanted)

    def __repr__(self) -> str:
        chosen = {
            "data devices": self._data,
            "wal_devices": self._wal,
            "db devices": self._db,
            "journal devices": self._journal,
        }
        shown = [f"{name}={[d.path for d in devices]}" for name, devices in chosen.items()]
        return f"DeviceSelection({', '.join(shown)})"
