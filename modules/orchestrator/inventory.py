"""What hosts have in them."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, NamedTuple

from ceph.deployment.inventory import Devices

from orchestrator.errors import OrchestratorValidationError


class InventoryFilter:
    """Which hosts to look at: with one of `labels`, called one of `hosts`; None: any."""

    def __init__(self, labels: list[str] | None = None, hosts: list[str] | None = None) -> None:
        self.labels = labels
        self.hosts = hosts


class InventoryHost:
    """The devices of one host. `addr`: where it is reached, its name where nothing else is said."""

    def __init__(
        self,
        name: str,
        devices: Devices | None = None,
        labels: list[str] | None = None,
        addr: str | None = None,
    ) -> None:
        assert devices is None or isinstance(devices, Devices)
        self.name = name
        self.addr = addr or name
        self.devices = Devices([]) if devices is None else devices
        self.labels = [] if labels is None else labels

    def to_json(self) -> dict[str, Any]:
        """As `from_json` reads it."""
        return {
            "name": self.name,
            "addr": self.addr,
            "devices": self.devices.to_json(),
            "labels": self.labels,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> InventoryHost:
        """Read {"name", "devices", "addr"?, "labels"?}; raises OrchestratorValidationError."""
        known = ("name", "devices", "addr", "labels")
        try:
            given = deepcopy(data)  # devices keep parts of what they are read from
            name, devices = given["name"], Devices.from_json(given["devices"])
            unknown = [key for key in given if key not in known]
            if unknown:
                raise OrchestratorValidationError(
                    f"Unknown key(s) in Inventory: {','.join(unknown)}"
                )
            return cls(name, devices, given.get("labels"), given.get("addr"))
        except KeyError as error:
            raise OrchestratorValidationError(f"{error} is required for {cls.__name__}") from error
        except TypeError as error:
            raise OrchestratorValidationError(f"Failed to read inventory: {error}") from error

    @classmethod
    def from_nested_items(cls, hosts: list[Any]) -> list[InventoryHost]:
        """From (name, an object whose `data` is the list of devices) for each host."""
        return [cls(name, Devices.from_json(held.data)) for name, held in hosts]

    @staticmethod
    def get_host_names(hosts: list[InventoryHost]) -> list[str]:
        """The names alone."""
        return [host.name for host in hosts]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InventoryHost):
            return NotImplemented
        return self.name == other.name and self.devices == other.devices

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<InventoryHost>({self.name})"


class DeviceLightLoc(NamedTuple):
    """A light: of device `dev` (its id, as VENDOR_MODEL_SERIAL), which is `path` on `host`."""

    host: str
    dev: str
    path: str
