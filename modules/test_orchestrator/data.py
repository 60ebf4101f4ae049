"""What the backend was loaded with: hosts with their disks, services, daemons."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from orchestrator import (
    DaemonDescription,
    InventoryHost,
    OrchestratorValidationError,
    ServiceDescription,
)


T = TypeVar("T")


@dataclass(frozen=True)
class Data:
    """An empty list stands for what is on this machine."""

    inventory: list[InventoryHost] = field(default_factory=list)
    services: list[ServiceDescription] = field(default_factory=list)
    daemons: list[DaemonDescription] = field(default_factory=list)

    @classmethod
    def from_text(cls, text: str) -> "Data":
        """From JSON {"inventory": [], "services": [], "daemons": []}, each optional, whose entries
        have the form of the classes' to_json(); raises OrchestratorValidationError.
        """
        try:
            loaded = json.loads(text)
        except ValueError as error:
            raise OrchestratorValidationError(f"Invalid JSON file: {error}") from None
        if not isinstance(loaded, dict):
            raise OrchestratorValidationError("Invalid JSON file: it must hold an object")
        return cls(
            _all("inventory", loaded, InventoryHost.from_json),
            _all("services", loaded, ServiceDescription.from_json),
            _all("daemons", loaded, DaemonDescription.from_json),
        )


def _all(key: str, loaded: dict[str, Any], make: Callable[[dict[str, Any]], T]) -> list[T]:
    entries = loaded.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise OrchestratorValidationError(f"'{key}' must be a list of objects")
    try:
        return [make(each) for each in entries]
    except OrchestratorValidationError:
        raise
    except Exception as error:
        raise OrchestratorValidationError(f"'{key}': {error}") from None
