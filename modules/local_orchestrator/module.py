"""An orchestrator for this machine: services are processes that the host agent supervises."""

import json
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from ceph.deployment.drive_group import DriveGroupSpec
from ceph.deployment.hostspec import HostSpec
from ceph.deployment.service_spec import ServiceSpec
from mgr_module import HandleCommandResult, MgrModule, Option
from orchestrator import (
    DaemonDescription,
    DeviceLightLoc,
    InventoryFilter,
    InventoryHost,
    Orchestrator,
    OrchestratorError,
    OrchResult,
    ServiceDescription,
    UpgradeStatusSpec,
    handle_orch_error,
)

from local_orchestrator.agent import Agent, AgentError
from local_orchestrator.host_requests import HostRequests
from local_orchestrator.loop import Loop
from local_orchestrator.osd_requests import OsdRequests
from local_orchestrator.removal import OSDRemoval
from local_orchestrator.service_requests import ServiceRequests
from local_orchestrator.site import Site
from local_orchestrator.upgrade_requests import UpgradeRequests


def _answered(method: Callable[..., Any]) -> Callable[..., OrchResult[Any]]:
    """Have a method answer an OrchResult. What the agent says crosses as upstream's own error, for
    clients need not know ours.
    """

    @handle_orch_error
    @wraps(method)
    def asked(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except AgentError as error:
            raise OrchestratorError(str(error), error.errno) from None

    return asked


class Module(Orchestrator, MgrModule):
    """What clients ask for is kept and answered at once; serve() does it."""

    NOTIFY_TYPES: list[Any] = []
    MODULE_OPTIONS = [
        Option(
            "refresh_seconds",
            type="float",
            default=10.0,
            min=0.1,
            max=3600.0,
            desc="how often it is looked whether what runs is what is wanted",
            runtime=True,
        ),
        Option(
            "max_count_per_host",
            type="int",
            default=10,
            min=1,
            desc="how many daemons of a service one host may have",
            runtime=True,
        ),
        Option(
            "osd_objectstore",
            type="str",
            default="bluestore",
            enum_allowed=["bluestore", "memstore"],
            desc="memstore: the data of every new OSD are in memory, and its path is only a name",
            runtime=True,
        ),
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = Site(self, Agent())
        self._site = site
        self._loop = Loop(site)
        self._hosts = HostRequests(site)
        self._services = ServiceRequests(site, self._hosts.add)
        self._osds = OsdRequests(site)
        self._upgrades = UpgradeRequests(site, self._loop.progress)

    def serve(self) -> None:
        self._loop.run()

    def shutdown(self) -> None:
        self._loop.end()

    def config_notify(self) -> None:
        self._site.wake()

    # The backend itself

    def available(self) -> tuple[bool, str, dict[str, Any]]:
        try:
            facts = self._site.agent.facts()
        except AgentError as error:
            return False, str(error), {}
        return True, "", {"engine": facts["engine"], "paused": self._site.desired.paused}

    def cancel_completions(self) -> None:
        for errand in self._site.desired.errands():
            self._site.desired.drop_errand(errand)
        self._site.wake()

    def pause(self) -> None:
        self._pause(True)

    def resume(self) -> None:
        self._pause(False)

    def _pause(self, paused: bool) -> None:
        self._site.desired.pause(paused)
        self._site.wake()

    # Hosts

    @_answered
    def add_host(self, host_spec: HostSpec) -> str:
        return self._hosts.add(host_spec)

    @_answered
    def remove_host(
        self, host: str, force: bool = False, offline: bool = False, rm_crush_entry: bool = False
    ) -> str:
        return self._hosts.remove(host, force, offline, rm_crush_entry)

    @_answered
    def drain_host(
        self,
        hostname: str,
        force: bool = False,
        keep_conf_keyring: bool = False,
        zap_osd_devices: bool = False,
    ) -> str:
        return self._hosts.drain(hostname, zap_osd_devices)

    @_answered
    def update_host_addr(self, host: str, addr: str) -> str:
        return self._hosts.set_addr(host, addr)

    @_answered
    def get_hosts(self) -> list[HostSpec]:
        return self._hosts.all()

    @_answered
    def get_facts(self, hostname: str | None = None) -> list[dict[str, Any]]:
        return self._hosts.facts(hostname)

    @_answered
    def add_host_label(self, host: str, label: str) -> str:
        return self._hosts.add_label(host, label)

    @_answered
    def remove_host_label(self, host: str, label: str, force: bool = False) -> str:
        return self._hosts.remove_label(host, label)

    @_answered
    def host_ok_to_stop(self, hostname: str) -> str:
        return self._hosts.ok_to_stop(hostname)

    @_answered
    def enter_host_maintenance(self, hostname: str, force: bool = False) -> str:
        return self._hosts.enter_maintenance(hostname, force)

    @_answered
    def exit_host_maintenance(self, hostname: str) -> str:
        return self._hosts.exit_maintenance(hostname)

    @_answered
    def rescan_host(self, hostname: str) -> str:
        return self._hosts.rescan(hostname)

    # Services and daemons

    @_answered
    def describe_service(
        self,
        service_type: str | None = None,
        service_name: str | None = None,
        refresh: bool = False,
    ) -> list[ServiceDescription]:
        return self._services.describe(service_type, service_name)

    @_answered
    def list_daemons(
        self,
        service_name: str | None = None,
        daemon_type: str | None = None,
        daemon_id: str | None = None,
        host: str | None = None,
        refresh: bool = False,
    ) -> list[DaemonDescription]:
        return self._services.daemons(service_name, daemon_type, daemon_id, host)

    @_answered
    def apply(self, specs: Sequence[Any], no_overwrite: bool = False) -> list[str]:
        return self._services.apply(specs, no_overwrite)

    @_answered
    def plan(self, spec: Sequence[Any]) -> list[dict[str, Any]]:
        return self._services.plan(spec)

    @_answered
    def add_daemon(self, spec: ServiceSpec) -> list[str]:
        return self._services.add_daemon(spec)

    @_answered
    def remove_daemons(self, names: list[str]) -> list[str]:
        return self._services.remove_daemons(names)

    @_answered
    def remove_service(self, service_name: str, force: bool = False) -> str:
        return self._services.remove_service(service_name, force)

    @_answered
    def service_action(self, action: str, service_name: str) -> list[str]:
        return self._services.service_action(action, service_name)

    @_answered
    def daemon_action(
        self, action: str, daemon_name: str, image: str | None = None, force: bool = False
    ) -> str:
        return self._services.daemon_action(action, daemon_name, image)

    def set_unmanaged_flag(
        self, unmanaged_flag: bool, service_type: str = "osd", service_name: str | None = None
    ) -> HandleCommandResult:
        try:
            said = self._services.set_unmanaged(unmanaged_flag, service_type, service_name)
        except OrchestratorError as error:
            return HandleCommandResult(error.errno, stderr=str(error))
        return HandleCommandResult(stdout=said)

    @_answered
    def set_unmanaged(self, service_name: str, value: bool) -> str:
        return self._services.set_unmanaged(value, "", service_name)

    @_answered
    def apply_mon(self, spec: ServiceSpec) -> str:
        return self._services.apply([spec])[0]

    apply_mgr = apply_mds = apply_rgw = apply_rbd_mirror = apply_crash = apply_mon
    apply_prometheus = apply_node_exporter = apply_alertmanager = apply_mon

    # OSDs and devices

    @_answered
    def get_inventory(
        self, host_filter: InventoryFilter | None = None, refresh: bool = False
    ) -> list[InventoryHost]:
        return self._osds.inventory(host_filter)

    @_answered
    def create_osds(self, drive_group: DriveGroupSpec) -> str:
        return self._osds.create(drive_group)

    @_answered
    def apply_drivegroups(self, specs: list[DriveGroupSpec]) -> list[str]:
        return self._services.apply(specs)

    @_answered
    def preview_osdspecs(
        self,
        osdspec_name: str | None = "osd",
        osdspecs: list[DriveGroupSpec] | None = None,
    ) -> str:
        return json.dumps(self._osds.preview(osdspec_name, osdspecs))

    @_answered
    def remove_osds(
        self,
        osd_ids: list[str],
        replace: bool = False,
        force: bool = False,
        zap: bool = False,
        no_destroy: bool = False,
    ) -> str:
        return self._osds.remove(
            osd_ids, replace=replace, force=force, zap=zap, no_destroy=no_destroy
        )

    @_answered
    def stop_remove_osds(self, osd_ids: list[str]) -> str:
        return self._osds.stop_removing(osd_ids)

    @_answered
    def remove_osds_status(self) -> list[OSDRemoval]:
        return self._osds.removals()

    @_answered
    def blink_device_light(
        self, ident_fault: str, on: bool, locations: list[DeviceLightLoc]
    ) -> list[str]:
        return self._osds.blink(ident_fault, on, locations)

    @_answered
    def zap_device(self, host: str, path: str) -> str:
        return self._osds.zap(host, path)

    # Upgrades

    @_answered
    def upgrade_check(self, image: str | None, version: str | None) -> str:
        return self._upgrades.check(image, version)

    @_answered
    def upgrade_ls(
        self, image: str | None, tags: bool, show_all_versions: bool = False
    ) -> dict[str, Any]:
        return self._upgrades.available(image, tags)

    @_answered
    def upgrade_start(
        self,
        image: str | None,
        version: str | None,
        daemon_types: list[str] | None = None,
        hosts: str | None = None,
        services: list[str] | None = None,
        limit: int | None = None,
    ) -> str:
        return self._upgrades.start(image, version, daemon_types, hosts, services, limit)

    @_answered
    def upgrade_pause(self) -> str:
        return self._upgrades.pause()

    @_answered
    def upgrade_resume(self) -> str:
        return self._upgrades.resume()

    @_answered
    def upgrade_stop(self) -> str:
        return self._upgrades.stop()

    @_answered
    def upgrade_status(self) -> UpgradeStatusSpec:
        return self._upgrades.status()
