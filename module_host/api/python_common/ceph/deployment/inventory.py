"""The block devices of a host, as `ceph-volume inventory` reports them."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ceph.utils import datetime_now, datetime_to_str, str_to_datetime


class Device:
    """One device: `sys_api` is what the kernel says of it (size, model, rotational, ...), `lvs` its
    logical volumes, `lsm_data` what its controller says, `created` when this was found out.
    """

    report_fields = [
        "ceph_device",
        "rejected_reasons",
        "available",
        "path",
        "sys_api",
        "created",
        "lvs",
        "human_readable_type",
        "device_id",
        "lsm_data",
    ]

    def __init__(
        self,
        path: str,
        sys_api: dict[str, Any] | None = None,
        available: bool | None = None,
        rejected_reasons: list[str] | None = None,
        lvs: list[dict[str, str]] | None = None,
        device_id: str | None = None,
        lsm_data: dict[str, dict[str, str]] | None = None,
        created: datetime | None = None,
        ceph_device: bool | None = None,
    ) -> None:
        self.path = path
        self.sys_api = {} if sys_api is None else sys_api
        self.available = available
        self.rejected_reasons = [] if rejected_reasons is None else rejected_reasons
        self.lvs = lvs
        self.device_id = device_id
        self.lsm_data = {} if lsm_data is None else lsm_data
        self.created = datetime_now() if created is None else created
        self.ceph_device = ceph_device

    @property
    def human_readable_type(self) -> str:
        """hdd, ssd, or unknown where the kernel did not say whether it rotates."""
        if self.sys_api is None or "rotational" not in self.sys_api:
            return "unknown"
        return "hdd" if self.sys_api["rotational"] == "1" else "ssd"

    def to_json(self) -> dict[str, Any]:
        """What from_json() reads, and `human_readable_type`; `created` as text."""
        written = {field: getattr(self, field) for field in self.report_fields}
        if isinstance(self.created, datetime):
            written["created"] = datetime_to_str(self.created)
        return written

    @classmethod
    def from_json(cls, input: dict[str, Any]) -> "Device":
        """The device that is described: what is missing is None, what is unknown is passed over,
        as newer reports say more. Raises ValueError.
        """
        if not isinstance(input, dict):
            shown = json.dumps(input)[:10]
            raise ValueError(f"Device: Expected dict. Got `{shown}...`")  # noqa: TRY004  # upstream's
        fields = {field: input.get(field) for field in cls.report_fields}
        del fields["human_readable_type"]
        if fields["created"]:
            fields["created"] = str_to_datetime(fields["created"])
        if fields["rejected_reasons"]:
            fields["rejected_reasons"] = sorted(fields["rejected_reasons"])
        return cls(**fields)  # type: ignore[arg-type]  # report_fields and the arguments are one

    def __eq__(self, other: object) -> bool:
        """The same findings, whenever they were made."""
        if not isinstance(other, Device):
            return NotImplemented
        fields = [field for field in self.report_fields if field != "created"]
        return all(getattr(self, field) == getattr(other, field) for field in fields)

    __hash__ = None  # type: ignore[assignment]  # two equal ones may come to differ

    def __repr__(self) -> str:
        shown: dict[str, Any] = {
            "path": "unknown" if self.path is None else self.path,
            "lvs": self.lvs or "None",
            "available": self.available,
            "ceph_device": self.ceph_device,
        }
        if not self.available and self.rejected_reasons:
            shown["rejection reasons"] = self.rejected_reasons
        return f"Device({', '.join(f'{name}={value}' for name, value in shown.items())})"


class Devices:
    """All devices of a host, in the order of their paths."""

    def __init__(self, devices: Sequence[Device]) -> None:
        self.devices = sorted(devices, key=lambda device: device.path or "")

    def to_json(self) -> list[dict[str, Any]]:
        """What from_json() reads."""
        return [device.to_json() for device in self.devices]

    @classmethod
    def from_json(cls, input: list[dict[str, Any]]) -> "Devices":
        """The devices that are described; raises ValueError."""
        return cls([Device.from_json(device) for device in input])

    def copy(self) -> "Devices":
        """Another list of the same devices."""
        return Devices(self.devices)

    def __eq__(self, other: object) -> bool:
        return self.devices == other.devices if isinstance(other, Devices) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # two equal ones may come to differ
