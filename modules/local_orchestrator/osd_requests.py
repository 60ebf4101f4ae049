"""What clients ask for about OSDs and the devices that they live on."""

import time
from dataclasses import replace
from typing import Any

from ceph.deployment.drive_group import DriveGroupSpec
from ceph.deployment.inventory import Devices
from orchestrator import (
    DeviceLightLoc,
    InventoryFilter,
    InventoryHost,
    OrchestratorError,
    OrchestratorValidationError,
)

from local_orchestrator import retiring
from local_orchestrator.deployer import Deployer
from local_orchestrator.errands import DEPLOY, Errand
from local_orchestrator.hosts import known
from local_orchestrator.osds import Osds, as_more, missing
from local_orchestrator.recipes.programs import find
from local_orchestrator.removal import OSDRemoval
from local_orchestrator.site import Site


UNTOUCHABLE = ("mounted", "LVM detected", "locked", "read-only", "Used by an OSD")


class OsdRequests:
    """Raises OrchestratorError."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._osds = Osds(site, Deployer(site))

    def inventory(self, wanted: InventoryFilter | None) -> list[InventoryHost]:
        """Devices by host: all belong to the one that is called like this machine."""
        own = self._site.agent.facts()["hostname"]
        found = []
        for host in self._site.desired.hosts():
            if wanted and wanted.hosts and host.name not in wanted.hosts:
                continue
            if wanted and wanted.labels and not set(wanted.labels) & set(host.labels):
                continue
            devices = self._osds.devices() if host.name == own else []
            found.append(InventoryHost(host.name, Devices(devices), list(host.labels), host.addr))
        return found

    def create(self, spec: DriveGroupSpec) -> str:
        """OSDs outside of any service, where the drive group says."""
        fresh = missing(self._osds.wanted(spec), self._site.daemons())
        if not fresh:
            raise OrchestratorValidationError(
                f"nothing to create on {spec.placement.pretty_str()}: no host or no device fits, "
                "or there are OSDs already"
            )
        for osd in fresh:
            more = as_more(spec, osd)
            self._site.desired.save_errand(
                Errand(f"osd@{osd.host}:{osd.path}", DEPLOY, time.time(), more=more)
            )
        self._site.wake()
        listed = ", ".join(f"{osd.host}:{osd.path}" for osd in fresh)
        return f"Scheduled to create {len(fresh)} OSD(s) on {listed}"

    def preview(self, name: str | None, specs: list[DriveGroupSpec] | None) -> list[dict[str, Any]]:
        """OSDs that these specs would add, or the stored one of that name ("osd": every one)."""
        if specs is None:
            stored = [service.spec for service in self._site.desired.services()]
            every = name in (None, "osd")
            specs = [
                s for s in stored if s.service_type == "osd" and (every or s.service_name() == name)
            ]
        return [
            {
                "service_name": spec.service_name(),
                "service_type": "osd",
                "data": self._osds.preview(spec),
            }
            for spec in specs
        ]

    def remove(self, ids: list[str], **wishes: bool) -> str:
        """Put OSDs on the list of those that go."""
        if self._site.cluster is None:
            raise OrchestratorValidationError("there is no cluster to remove OSDs from")
        queued = {removal.osd_id for removal in self._site.desired.removals()}
        fresh = retiring.enlist(self._site.daemons(), ids, **wishes)
        for removal in fresh:
            if removal.osd_id in queued:
                raise OrchestratorError(f"osd.{removal.osd_id} is already being removed")
        for removal in fresh:
            self._site.desired.save_removal(removal)
        self._site.wake()
        return "Scheduled OSD(s) for removal"

    def stop_removing(self, ids: list[str]) -> str:
        """Take them off the list again; they get their data back."""
        queued = {str(removal.osd_id): removal for removal in self._site.desired.removals()}
        names = [name.removeprefix("osd.") for name in ids]
        unknown = [name for name in names if name not in queued]
        if unknown:
            raise OrchestratorError(f"Unable to find OSD in the queue: {', '.join(unknown)}")
        for name in names:
            self._site.desired.save_removal(replace(queued[name], stopped=True))
        self._site.wake()
        return "Stopped OSD(s) removal"

    def removals(self) -> list[OSDRemoval]:
        return self._site.desired.removals()

    def zap(self, name: str, path: str) -> str:
        """Erase what is on a device, unless something uses it."""
        known(self._site.desired.hosts(), name)
        device = next((device for device in self._osds.devices() if device.path == path), None)
        if device is None:
            raise OrchestratorValidationError(f"{name} has no device {path}; see `orch device ls`")
        reasons = [reason for reason in device.rejected_reasons if reason in UNTOUCHABLE]
        if reasons:
            raise OrchestratorError(f"{path} is in use and is not erased: {', '.join(reasons)}")
        self._site.agent.must_run(["wipefs", "--all", path])
        return f"zapped {path} on {name}"

    def blink(self, light: str, on: bool, locations: list[DeviceLightLoc]) -> list[str]:
        """By libstoragemgmt's tool; raises OrchestratorValidationError where that is missing."""
        tool = find("lsmcli")
        if not tool:
            raise OrchestratorValidationError(
                "the lights of devices need the program lsmcli of libstoragemgmt, "
                "which is not installed"
            )
        done = []
        for location in locations:
            path = location.path or location.dev
            words = [f"local-disk-{light}-led-{'on' if on else 'off'}", "--path", path]
            self._site.agent.must_run([tool, *words])
            done.append(f"Set {light} light for {location.host}: {'on' if on else 'off'}")
        return done
