"""A backend that changes nothing: for tests of the interface, of the commands and of the dashboard.

It shows what it was loaded with (`ceph test_orchestrator load_data -i FILE`, dummy_data.json is an
example), and without data what there is on this machine. Host names that begin with `raise_` raise.
"""

import errno
import threading
from collections.abc import Sequence
from typing import Any, Optional

from ceph.deployment.drive_group import DriveGroupSpec
from ceph.deployment.service_spec import IscsiServiceSpec, NFSServiceSpec, ServiceSpec
from mgr_module import CLICommand, HandleCommandResult, MgrModule
from orchestrator import (
    DaemonDescription,
    DeviceLightLoc,
    HostSpec,
    InventoryFilter,
    InventoryHost,
    NoOrchestrator,
    Orchestrator,
    OrchestratorError,
    OrchestratorValidationError,
    ServiceDescription,
    handle_orch_error,
)

from test_orchestrator import machine
from test_orchestrator.data import Data


DONE = "done"
# One host name for each way in which a call can fail.
FAILURES: dict[str, Exception] = {
    "raise_validation_error": OrchestratorValidationError("MON count must be either 1, 3 or 5"),
    "raise_error": OrchestratorError("host address is empty"),
    "raise_bug": ZeroDivisionError(),
    "raise_not_implemented": NotImplementedError(),
    "raise_no_orchestrator": NoOrchestrator(),
    "raise_import_error": ImportError("test_orchestrator not enabled"),
}


class TestOrchestrator(MgrModule, Orchestrator):
    """Methods that are not here are not available: NotImplementedError, as for any backend."""

    __test__ = False  # pytest takes every class of this name for tests

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._stopped = threading.Event()
        self._data = Data()

    @CLICommand("test_orchestrator load_data", perm="w")
    def load_data(self, inbuf: str = "") -> HandleCommandResult:
        """Show hosts, services and daemons from a file (-i) instead of what is on this machine"""
        try:
            self._data = Data.from_text(inbuf)
        except OrchestratorError as error:
            return HandleCommandResult(-errno.EINVAL, stderr=str(error))
        return HandleCommandResult()

    def serve(self) -> None:
        self._stopped.wait()

    def shutdown(self) -> None:
        self._stopped.set()
        super().shutdown()

    def available(self) -> tuple[bool, str, dict[str, Any]]:
        return True, "", {}

    # Hosts

    @handle_orch_error
    def get_hosts(self) -> list[HostSpec]:
        return self._hosts()

    @handle_orch_error
    def add_host(self, spec: HostSpec) -> str:
        if spec.hostname in FAILURES:
            raise FAILURES[spec.hostname]
        return ""

    @handle_orch_error
    def remove_host(self, host: str, force: bool, offline: bool) -> str:
        return DONE

    @handle_orch_error
    def get_inventory(
        self, host_filter: Optional[InventoryFilter] = None, refresh: bool = False
    ) -> list[InventoryHost]:
        hosts = self._data.inventory or [machine.inventory()]
        if host_filter is None or host_filter.hosts is None:
            return hosts
        return [host for host in hosts if host.name in host_filter.hosts]

    @handle_orch_error
    def blink_device_light(
        self, ident_fault: str, on: bool, locations: list[DeviceLightLoc]
    ) -> str:
        if ident_fault not in ("ident", "fault"):
            raise OrchestratorValidationError(f"a device has no light '{ident_fault}'")
        if not locations:
            raise OrchestratorValidationError("a light needs the place of its device")
        return ""

    # Services and daemons

    @handle_orch_error
    def describe_service(
        self,
        service_type: Optional[str] = None,
        service_name: Optional[str] = None,
        refresh: bool = False,
    ) -> list[ServiceDescription]:
        services = self._data.services or machine.services(self._daemons())
        return [
            service
            for service in services
            if service_type in (None, service.spec.service_type)
            and service_name in (None, service.spec.service_name())
        ]

    @handle_orch_error
    def list_daemons(
        self,
        service_name: Optional[str] = None,
        daemon_type: Optional[str] = None,
        daemon_id: Optional[str] = None,
        host: Optional[str] = None,
        refresh: bool = False,
    ) -> list[DaemonDescription]:
        if daemon_type is not None and daemon_type not in machine.DAEMON_TYPES:
            raise OrchestratorValidationError(f"{daemon_type} unsupported")
        return [
            daemon
            for daemon in self._daemons()
            if daemon_type in (None, daemon.daemon_type)
            and daemon_id in (None, daemon.daemon_id)
            and host in (None, daemon.hostname)
            and (service_name is None or service_name == daemon.service_name())
        ]

    @handle_orch_error
    def service_action(self, action: str, service_name: str) -> str:
        return DONE

    @handle_orch_error
    def daemon_action(self, action: str, daemon_name: str, image: Optional[str] = None) -> str:
        return DONE

    @handle_orch_error
    def add_daemon(self, spec: ServiceSpec) -> list[str]:
        return [spec.one_line_str()]

    @handle_orch_error
    def remove_daemons(self, names: list[str]) -> str:
        return DONE

    @handle_orch_error
    def remove_service(self, service_name: str, force: bool = False) -> str:
        return DONE

    @handle_orch_error
    def apply_mon(self, spec: ServiceSpec) -> str:
        return _placed(spec)

    @handle_orch_error
    def apply_mgr(self, spec: ServiceSpec) -> str:
        return _placed(spec)

    @handle_orch_error
    def apply_nfs(self, spec: NFSServiceSpec) -> str:
        return spec.one_line_str()

    @handle_orch_error
    def apply_iscsi(self, spec: IscsiServiceSpec) -> str:
        return spec.one_line_str()

    @handle_orch_error
    def create_osds(self, drive_group: DriveGroupSpec) -> str:
        return self._create_osds(drive_group)

    @handle_orch_error
    def apply_drivegroups(self, specs: Sequence[DriveGroupSpec]) -> list[str]:
        return [self._create_osds(spec) for spec in specs]

    def _hosts(self) -> list[HostSpec]:
        loaded = [HostSpec(each.name, each.addr, each.labels) for each in self._data.inventory]
        return loaded or [HostSpec(machine.NAME)]

    def _daemons(self) -> list[DaemonDescription]:
        return self._data.daemons or machine.daemons(self.get_mgr_id())

    def _create_osds(self, drive_group: DriveGroupSpec) -> str:
        drive_group.validate()
        if not drive_group.placement.filter_matching_hostspecs(self._hosts()):
            raise OrchestratorValidationError("failed to match")
        return ""


def _placed(spec: ServiceSpec) -> str:
    hosts, count = len(spec.placement.hosts), spec.placement.count
    if hosts not in (0, count):
        raise OrchestratorValidationError(
            f"{spec.service_name()}: {hosts} hosts are named for a count of {count}"
        )
    return spec.one_line_str()
