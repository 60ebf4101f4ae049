"""Which devices of which hosts become OSDs, and how."""

from enum import Enum
from typing import Any

from ceph.deployment.hostspec import SpecValidationError
from ceph.deployment.inventory import Device
from ceph.deployment.refusal import a_list, a_text
from ceph.deployment.service import merged
from ceph.deployment.service_spec import CustomConfig, PlacementSpec, ServiceSpec


class OSDMethod(str, Enum):
    """How ceph-volume makes an OSD of a device."""

    raw = "raw"
    lvm = "lvm"


class DriveGroupValidationError(SpecValidationError):
    """A description of OSDs that cannot be followed: `name` says which, and which part of it."""

    def __init__(self, name: str | None, msg: str) -> None:
        super().__init__(f'Failed to validate OSD spec "{name or "<unnamed>"}": {msg}')


class DeviceSelection:
    """Devices by their paths, or all of them, or those that have properties: part of the name of
    model or vendor, a size (10G:40G, :40G, 10G: or as the inventory writes it), whether they
    rotate. `limit` is the number of devices at most.
    """

    _supported_filters = ["paths", "size", "vendor", "model", "rotational", "limit", "all"]

    def __init__(
        self,
        paths: list[str] | None = None,
        model: str | None = None,
        size: str | None = None,
        rotational: bool | None = None,
        limit: int | None = None,
        vendor: str | None = None,
        all: bool = False,
    ) -> None:
        self.paths = [Device(path) for path in a_list("paths", paths or [])]
        self.model = model
        self.vendor = vendor
        self.size = size
        self.rotational = rotational
        self.limit = limit
        self.all = all

    def validate(self, name: str) -> None:
        """Raise DriveGroupValidationError for a selection that says nothing, or what cannot be
        together; `name` says whose it is.
        """
        properties = (self.model, self.vendor, self.size, self.rotational)
        by_property = any(value is not None for value in properties)
        problem = ""
        if not isinstance(self.limit, int | None):
            problem = f"limit must be an integer, not {self.limit!r}"
        elif self.paths and by_property:
            problem = "device selection: `paths` and other parameters are mutually exclusive"
        elif not self.all and not self.paths and not by_property:
            problem = "device selection cannot be empty"
        elif self.all and (self.paths or by_property):
            problem = f"device selection: `all` and other parameters are mutually exclusive. {self}"
        if problem:
            raise DriveGroupValidationError(name, problem)

    @classmethod
    def from_json(cls, device_spec: dict[str, Any]) -> "DeviceSelection | None":
        """The selection that is described, None for an empty description; raises KeyError for a
        field that is unknown.
        """
        if not device_spec:
            return None
        for field in device_spec:
            if field not in cls._supported_filters:
                raise KeyError(field)
        return cls(**device_spec)

    def to_json(self) -> dict[str, Any]:
        """What from_json() reads; only what is said."""
        fields = {
            "paths": [device.path for device in self.paths],
            "model": self.model,
            "vendor": self.vendor,
            "size": self.size,
            "rotational": self.rotational,
            "limit": self.limit,
            "all": self.all,
        }
        return {
            field: value
            for field, value in fields.items()
            if value or (field == "rotational" and value is not None)
        }

    def __repr__(self) -> str:
        fields = {field: getattr(self, field) for field in self._supported_filters}
        given = [
            f"{field}={value!r}"
            for field, value in fields.items()
            if value is not None and value != []
        ]
        return f"DeviceSelection({', '.join(given)})"

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other)

    __hash__ = None  # type: ignore[assignment]  # two equal ones may come to differ


_SELECTIONS = ("data_devices", "db_devices", "wal_devices", "journal_devices")


class DriveGroupSpec(ServiceSpec):
    """OSDs on the hosts of `placement`: `data_devices` hold the data, `db_devices`, `wal_devices`
    and `journal_devices` what is kept apart. Sizes are bytes, or text with a unit;
    `data_allocate_fraction` is in (0, 1]. `osd_id_claims` are ids to be used again, by host.
    `filter_logic`: whether a device must have all properties of a selection (AND), or one (OR).
    """

    _types = ["osd"]
    _supported_features = [
        "encrypted", "block_wal_size", "osds_per_device", "db_slots", "wal_slots", "block_db_size",
        "placement", "service_id", "service_type", *_SELECTIONS, "data_directories", "objectstore",
        "osd_id_claims", "journal_size", "unmanaged", "filter_logic", "preview_only",
        "extra_container_args", "extra_entrypoint_args", "data_allocate_fraction", "method",
        "crush_device_class",
    ]  # fmt: skip

    def __init__(
        self,
        placement: PlacementSpec | None = None,
        service_id: str | None = None,
        data_devices: DeviceSelection | None = None,
        db_devices: DeviceSelection | None = None,
        wal_devices: DeviceSelection | None = None,
        journal_devices: DeviceSelection | None = None,
        data_directories: list[str] | None = None,
        osds_per_device: int | None = None,
        objectstore: str = "bluestore",
        encrypted: bool = False,
        db_slots: int | None = None,
        wal_slots: int | None = None,
        osd_id_claims: dict[str, list[str]] | None = None,
        block_db_size: int | str | None = None,
        block_wal_size: int | str | None = None,
        journal_size: int | str | None = None,
        service_type: str | None = None,
        unmanaged: bool = False,
        filter_logic: str = "AND",
        preview_only: bool = False,
        extra_container_args: list[str] | None = None,
        extra_entrypoint_args: list[str] | None = None,
        data_allocate_fraction: float | None = None,
        method: OSDMethod | None = None,
        crush_device_class: str | None = None,
        custom_configs: list[CustomConfig] | None = None,
    ) -> None:
        super().__init__(
            "osd" if service_type is None else service_type,
            service_id,
            placement=placement,
            unmanaged=unmanaged,
            preview_only=preview_only,
            extra_container_args=extra_container_args,
            extra_entrypoint_args=extra_entrypoint_args,
            custom_configs=custom_configs,
        )
        self.data_devices = data_devices
        self.db_devices = db_devices
        self.wal_devices = wal_devices
        self.journal_devices = journal_devices
        self.block_wal_size = block_wal_size
        self.block_db_size = block_db_size
        self.journal_size = journal_size
        self.osds_per_device = osds_per_device
        self.data_directories = data_directories
        self.objectstore = objectstore
        self.encrypted = encrypted
        self.db_slots = db_slots
        self.wal_slots = wal_slots
        self.osd_id_claims = osd_id_claims or {}
        self.filter_logic = a_text("filter_logic", filter_logic).upper()
        self.data_allocate_fraction = data_allocate_fraction
        self.method = method
        self.crush_device_class = crush_device_class

    @classmethod
    def _from_json_impl(cls, json_drive_group: dict[str, Any]) -> ServiceSpec:
        fields = dict(json_drive_group)
        if "host_pattern" in fields and "placement" not in fields:
            fields["placement"] = {"host_pattern": fields.pop("host_pattern")}
        name = fields.get("service_id", "<unnamed>")
        if fields.get("spec") == {}:
            raise DriveGroupValidationError(name, "Didn't find drive selections")
        fields = merged(fields)
        for field in fields:
            if field not in cls._supported_features:
                raise DriveGroupValidationError(name, f"Feature `{field}` is not supported")
        for field in _SELECTIONS:
            if field in fields:
                fields[field] = _selection(f"{name}.{field}", fields[field])
        return super()._from_json_impl(fields)

    def validate(self) -> None:
        super().validate()
        if self.placement.is_empty():
            raise DriveGroupValidationError(self.service_id, "`placement` required")
        if self.data_devices is None:
            raise DriveGroupValidationError(self.service_id, "`data_devices` element is required.")
        selections = {field: getattr(self, field) for field in _SELECTIONS}
        for field, selection in selections.items():
            if selection is not None:
                selection.validate(f"{self.service_id}.{field}")
        problem = self._problem([selections[field] for field in _SELECTIONS[1:]])
        if problem:
            raise DriveGroupValidationError(self.service_id, problem)

    def _problem(self, apart: list[DeviceSelection | None]) -> str:
        if any(selection is not None and selection.all for selection in apart):
            return "`all` is only allowed for data_devices"
        if self.objectstore != "bluestore":
            return f"{self.objectstore} is not supported. Must be one of ('bluestore')"
        for field in ("block_wal_size", "block_db_size", "journal_size"):
            size = getattr(self, field)
            if size is not None and type(size) not in (int, str):
                return f"{field} must be of type int or string"
        if self.filter_logic not in ("AND", "OR"):
            return "filter_logic must be either <AND> or <OR>"
        if self.method not in (None, "lvm", "raw"):
            return "method must be one of None, lvm, raw"
        return ""


def _selection(name: str, described: Any) -> DeviceSelection | None:
    if described is not None and not isinstance(described, dict):
        raise DriveGroupValidationError(name, f"must be an object, not {described!r}")
    try:
        return DeviceSelection.from_json(described or {})
    except KeyError as error:
        raise DriveGroupValidationError(
            name, f"Filtering for `{error.args[0]}` is not supported"
        ) from None
    except (TypeError, SpecValidationError) as error:
        raise DriveGroupValidationError(name, str(error)) from None
