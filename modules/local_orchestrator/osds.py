"""Making OSDs: which devices and folders a drive group means, and which of them have none yet."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ceph.deployment.drive_group import DriveGroupSpec
from ceph.deployment.drive_selection.selector import DriveSelection
from ceph.deployment.inventory import Device
from orchestrator import OrchestratorValidationError

from local_orchestrator import inventory
from local_orchestrator.daemons import Daemon
from local_orchestrator.deployer import Deployer
from local_orchestrator.placement import Slot, slots
from local_orchestrator.site import Site


PATH = "path"  # the label that says what an OSD was asked for on
BLOCK, FILE, FOLDER = "block special file", "regular file", "directory"  # as stat calls them


@dataclass(frozen=True)
class Wanted:
    """One OSD: on a device or file, or in memory where `device` is empty."""

    host: str
    path: str
    device: str = ""


def missing(wanted: Iterable[Wanted], daemons: Sequence[Daemon]) -> list[Wanted]:
    """Those that no daemon stands for."""
    there = {(daemon.host, daemon.labels.get(PATH)) for daemon in daemons if daemon.type == "osd"}
    return [osd for osd in wanted if (osd.host, osd.path) not in there]


def selected(spec: DriveGroupSpec, devices: Sequence[Device]) -> list[str]:
    """Paths of the available devices that the filters of a drive group choose."""
    free = [device for device in devices if device.available]
    return [device.path for device in DriveSelection(spec, free).data_devices()]


class Osds:
    """Blocking; raises OrchestratorError."""

    def __init__(self, site: Site, deployer: Deployer) -> None:
        self._site = site
        self._deployer = deployer

    def devices(self) -> list[Device]:
        """What `lsblk` says, and which devices OSDs of ours have."""
        found = inventory.devices(self._site.agent.must_run(inventory.LSBLK))
        used = {daemon.labels.get("device") for daemon in self._site.daemons()}
        return [inventory.in_use(one) if one.path in used else one for one in found]

    def wanted(self, spec: DriveGroupSpec) -> list[Wanted]:
        """Every OSD that `spec` asks for. Filters choose among the devices of this machine's own
        host; only paths reach the logical ones, which have no devices of their own.
        """
        self._deployer.check(spec)
        chosen = slots(spec.placement, [h for h in self._site.desired.hosts() if h.schedulable])
        if spec.data_devices and spec.data_devices.paths:
            paths = [
                (slot.host, device.path) for slot in chosen for device in spec.data_devices.paths
            ]
            return [self._at(host, path) for host, path in paths]
        own = self._site.agent.facts()["hostname"]
        if own not in [slot.host for slot in chosen]:
            return []
        kept = [
            daemon.labels[PATH]
            for daemon in self._site.daemons()
            if daemon.service == spec.service_name() and daemon.host == own
        ]
        fresh = selected(spec, self.devices())
        return [Wanted(own, path, path) for path in dict.fromkeys([*kept, *fresh])]

    def create(self, spec: DriveGroupSpec, osd: Wanted) -> str:
        """Make one; answers the daemon's name."""
        device = self._usable(osd.device) if osd.device else ""
        return self._deployer.deploy(spec, Slot(osd.host), device, {PATH: osd.path})

    def preview(self, spec: DriveGroupSpec) -> dict[str, list[dict[str, Any]]]:
        """By host, as the tables of a dry run want it."""
        found: dict[str, list[dict[str, Any]]] = {}
        for osd in missing(self.wanted(spec), self._site.daemons()):
            row = {"osdspec": spec.service_id, "data": [{"data": osd.path}], "notes": []}
            found.setdefault(osd.host, []).append(row)
        return found

    def _at(self, host: str, path: str) -> Wanted:
        """What is at `path` decides; with the option osd_objectstore it is only a name."""
        if self._site.option("osd_objectstore") == "memstore":
            return Wanted(host, path)
        ended = self._site.agent.run(["stat", "--dereference", "--format", "%F", path])
        kind = ended.out.strip()
        if ended.code or kind not in (BLOCK, FILE, FOLDER):
            raise OrchestratorValidationError(
                f"{host}:{path} is {kind or 'not there'}: an OSD needs a block device or a file, "
                "or a folder, which stands for one whose data are in memory"
            )
        return Wanted(host, path, "" if kind == FOLDER else path)

    def _usable(self, path: str) -> str:
        """`path`, unless it is a device with something on it."""
        for device in self.devices():
            if device.path == path and not device.available:
                raise OrchestratorValidationError(
                    f"{path} cannot hold an OSD: {', '.join(device.rejected_reasons)}"
                )
        return path


def as_more(spec: DriveGroupSpec, osd: Wanted) -> dict[str, Any]:
    """What an errand keeps of an OSD to make."""
    return {"spec": spec.to_json(), "osd": asdict(osd)}
