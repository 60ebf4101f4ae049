"""Selected devices as the ceph-volume commands that make OSDs of them."""

from itertools import zip_longest

from ceph.deployment.drive_selection.selector import DriveSelection
from ceph.deployment.inventory import Device


class to_ceph_volume:
    """Commands for one host. `osd_id_claims` are ids that its OSDs are to have; `preview`: commands
    that only report, as JSON, what they would do.
    """

    def __init__(
        self,
        selection: DriveSelection,
        osd_id_claims: list[str] | None = None,
        preview: bool = False,
    ) -> None:
        self.selection = selection
        self.spec = selection.spec
        self.preview = preview
        self.osd_id_claims = osd_id_claims

    def run(self) -> list[str]:
        """The arguments of ceph-volume, each command one line; none where there are no devices for
        data. Raises ValueError where devices that must come in pairs do not.
        """
        data = _paths(self.selection.data_devices())
        if not data:
            return []
        if self.spec.method == "raw":
            commands = self._raw(data)
        elif self.spec.objectstore == "bluestore":
            commands = [self._bluestore(data)]
        elif self.spec.objectstore == "filestore":
            commands = [self._filestore(data)]
        else:
            commands = []
        return [command + self._options() for command in commands]

    def _raw(self, data: list[str]) -> list[str]:
        if self.spec.objectstore != "bluestore":
            raise ValueError("method raw only supports bluestore")
        db = _paths(self.selection.db_devices())
        wal = _paths(self.selection.wal_devices())
        for kind, devices in (("db", db), ("wal", wal)):
            if devices and len(devices) != len(data):
                raise ValueError(
                    f"Number of data devices must match number of {kind} devices for raw mode osds"
                )
        return [
            "raw prepare --bluestore"
            + _option("--data", data_path)
            + _option("--block.db", db_path)
            + _option("--block.wal", wal_path)
            for data_path, db_path, wal_path in zip_longest(data, db, wal)
        ]

    def _bluestore(self, data: list[str]) -> str:
        return (
            f"lvm batch --no-auto {' '.join(data)}"
            + _option("--db-devices", *_paths(self.selection.db_devices()))
            + _option("--wal-devices", *_paths(self.selection.wal_devices()))
            + _option("--block-wal-size", self.spec.block_wal_size)
            + _option("--block-db-size", self.spec.block_db_size)
        )

    def _filestore(self, data: list[str]) -> str:
        return (
            f"lvm batch --no-auto {' '.join(data)}"
            + _option("--journal-size", self.spec.journal_size)
            + _option("--journal-devices", *_paths(self.selection.journal_devices()))
            + " --filestore"
        )

    def _options(self) -> str:
        spec = self.spec
        return (
            (" --dmcrypt" if spec.encrypted else "")
            + _option("--osds-per-device", spec.osds_per_device)
            + _option("--data-allocate-fraction", spec.data_allocate_fraction)
            + _option("--osd-ids", *(self.osd_id_claims or ()))
            + ("" if spec.method == "raw" else " --yes --no-systemd")
            + _option("--crush-device-class", spec.crush_device_class)
            + (" --report --format json" if self.preview else "")
        )


def _paths(devices: list[Device]) -> list[str]:
    return [device.path for device in devices]


def _option(name: str, *values: object) -> str:
    """The option and its values, a blank before each; nothing where it has no value."""
    given = [str(value) for value in values if value]
    return f" {name} {' '.join(given)}" if given else ""
