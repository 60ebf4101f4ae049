"""What is wanted, in the module's part of the cluster's key-value store. Nothing else is kept."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Collection
from typing import Any, Protocol

from local_orchestrator.errands import Errand
from local_orchestrator.hosts import Host, known
from local_orchestrator.removal import OSDRemoval
from local_orchestrator.services import Service
from local_orchestrator.upgrade import Upgrade


HOST, SERVICE, ERRAND, REMOVAL = "host/", "service/", "errand/", "removal/"
UPGRADE, PAUSED = "upgrade", "paused"


class Store(Protocol):
    """The part of MgrModule that is needed."""

    log: logging.Logger

    def get_store(self, key: str) -> str | None: ...

    def get_store_prefix(self, key_prefix: str) -> dict[str, str]: ...

    def set_store(self, key: str, val: str | None) -> None: ...


class Desired:
    """Reads are of the store, each time. Safe from every thread."""

    def __init__(self, store: Store, several: Collection[str]) -> None:
        """`several`: the service types of which one host may have several daemons."""
        self._store = store
        self._several = several
        self._lock = threading.RLock()

    def hosts(self) -> list[Host]:
        """All hosts, by name; as long as none was added, this machine."""
        stored = self._read(HOST)
        if not stored:
            name = socket.gethostname()
            return [Host(name, name)]
        return [Host.from_json(name, record) for name, record in sorted(stored.items())]

    def save_host(self, host: Host) -> None:
        """Add or replace one."""
        with self._lock:
            for other in self.hosts():
                self._write(HOST + other.name, other.as_json())
            self._write(HOST + host.name, host.as_json())

    def change_host(self, name: str, change: Callable[[Host], Host]) -> Host:
        """Replace one by what `change` makes of it; raises OrchestratorValidationError."""
        with self._lock:
            changed = change(known(self.hosts(), name))
            self.save_host(changed)
            return changed

    def drop_host(self, name: str) -> None:
        self._write(HOST + name, None)

    def services(self) -> list[Service]:
        """All services, by name, also those that are being removed."""
        found = []
        for name, record in sorted(self._read(SERVICE).items()):
            try:
                found.append(Service.from_json(record, self._several))
            except Exception as error:  # of another release, or written by hand
                self._store.log.error("the stored spec of %s cannot be read: %s", name, error)
        return found

    def save_service(self, service: Service) -> None:
        self._write(SERVICE + service.name, service.as_json())

    def drop_service(self, name: str) -> None:
        self._write(SERVICE + name, None)

    def errands(self) -> list[Errand]:
        """What is still to be done to single daemons, in order."""
        return [Errand(**record) for _, record in sorted(self._read(ERRAND).items())]

    def save_errand(self, errand: Errand) -> None:
        self._write(_key(errand), errand.as_json())

    def drop_errand(self, errand: Errand) -> None:
        self._write(_key(errand), None)

    def removals(self) -> list[OSDRemoval]:
        """OSDs that are being removed, by id."""
        records = self._read(REMOVAL).values()
        return sorted((OSDRemoval(**r) for r in records), key=lambda removal: removal.osd_id)

    def save_removal(self, removal: OSDRemoval) -> None:
        self._write(f"{REMOVAL}{removal.osd_id}", vars(removal))

    def drop_removal(self, osd_id: int) -> None:
        self._write(f"{REMOVAL}{osd_id}", None)

    def upgrade(self) -> Upgrade | None:
        """The upgrade that is under way."""
        stored = self._store.get_store(UPGRADE)
        return Upgrade.from_json(json.loads(stored)) if stored else None

    def save_upgrade(self, upgrade: Upgrade | None) -> None:
        self._write(UPGRADE, vars(upgrade) if upgrade else None)

    @property
    def paused(self) -> bool:
        """Whether background work rests."""
        return self._store.get_store(PAUSED) is not None

    def pause(self, paused: bool) -> None:
        self._write(PAUSED, True if paused else None)

    def _read(self, prefix: str) -> dict[str, Any]:
        found = self._store.get_store_prefix(prefix)
        return {key.removeprefix(prefix): json.loads(text) for key, text in found.items()}

    def _write(self, key: str, value: Any) -> None:
        self._store.set_store(key, None if value is None else json.dumps(value))


def _key(errand: Errand) -> str:
    return f"{ERRAND}{errand.asked:017.6f}/{errand.daemon}/{errand.action}"
