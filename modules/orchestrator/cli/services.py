"""`ceph orch ls|apply|rm` and actions on whole services."""

import enum
from typing import Optional

from ceph.deployment.service_spec import PlacementSpec, ServiceSpec
from ceph.utils import datetime_now
from mgr_module import HandleCommandResult

from orchestrator._interface import (
    OrchestratorClientMixin,
    OrchestratorError,
    OrchestratorValidationError,
    ServiceDescription,
    _cli_read_command,
    _cli_write_command,
    raise_if_exception,
)
from orchestrator.cli.answers import Format, done, listed
from orchestrator.cli.applying import Applying
from orchestrator.cli.specs import documents, generic_spec
from orchestrator.cli.tables import ago, table


USAGE = """Usage:
  ceph orch apply -i <yaml spec> [--dry-run]
  ceph orch apply <service_type> [--placement=<placement_string>] [--unmanaged]
        """
NEEDED = ("mon", "mgr")


class ServiceType(enum.Enum):
    """Services that need no more than a placement, as choices of a command."""

    mon = "mon"
    mgr = "mgr"
    rbd_mirror = "rbd-mirror"
    cephfs_mirror = "cephfs-mirror"
    crash = "crash"
    alertmanager = "alertmanager"
    grafana = "grafana"
    node_exporter = "node-exporter"
    prometheus = "prometheus"
    mds = "mds"
    rgw = "rgw"
    nfs = "nfs"
    iscsi = "iscsi"
    cephadm_exporter = "cephadm-exporter"
    snmp_gateway = "snmp-gateway"


class ServiceAction(enum.Enum):
    """What can be done to all daemons of a service."""

    start = "start"
    stop = "stop"
    restart = "restart"
    redeploy = "redeploy"
    reconfig = "reconfig"


class ServiceCommands(Applying, OrchestratorClientMixin):
    """Services as wholes; those that need more than a placement are in gateways.py and osds.py."""

    @_cli_read_command("orch ls")
    def _service_ls(
        self,
        service_type: Optional[str] = None,
        service_name: Optional[str] = None,
        export: bool = False,
        format: Format = Format.plain,
        refresh: bool = False,
    ) -> HandleCommandResult:
        """Show services and how many of their daemons run; or export their specs, to be applied"""
        services = raise_if_exception(
            self.describe_service(service_type, service_name, refresh=refresh)
        )
        services = sorted(services, key=lambda each: each.spec.service_name())
        if not services:
            return HandleCommandResult(stdout="No services reported")
        if export:
            specs = [each.spec for each in services if each.deleted is None]
            return listed(specs, Format.yaml if format is Format.plain else format)
        if format is not Format.plain:
            return listed(services, format)
        return HandleCommandResult(stdout=_table(services))

    @_cli_write_command("orch")
    def _service_action(self, action: ServiceAction, service_name: str) -> HandleCommandResult:
        """Do something to every daemon of a service"""
        return done(self.service_action(action.value, service_name))

    @_cli_write_command("orch rm")
    def _service_rm(self, service_name: str, force: bool = False) -> HandleCommandResult:
        """Remove a service with its daemons"""
        if service_name in NEEDED and not force:
            raise OrchestratorError("The mon and mgr services cannot be removed")
        return done(self.remove_service(service_name, force=force))

    @_cli_write_command("orch apply")
    def _apply(
        self,
        service_type: Optional[ServiceType] = None,
        placement: Optional[str] = None,
        dry_run: bool = False,
        format: Format = Format.plain,
        unmanaged: bool = False,
        no_overwrite: bool = False,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult:
        """Say where a service is to run, or apply the specs in a file"""
        if inbuf:
            if service_type or placement or unmanaged:
                raise OrchestratorValidationError(USAGE)
            specs = [generic_spec(each, self._is_option) for each in documents(inbuf)]
        elif service_type:
            where = PlacementSpec.from_string(placement)
            specs = [ServiceSpec(service_type.value, placement=where, unmanaged=unmanaged)]
        else:
            raise OrchestratorValidationError(USAGE)
        return self._applied(specs, dry_run, format, no_overwrite)

    def _is_option(self, name: str) -> bool:
        try:
            self.get_foreign_ceph_option("mon", name)
        except KeyError:
            return False
        return True


def _table(services: list[ServiceDescription]) -> str:
    now = datetime_now()
    drawn = table(["NAME", "PORTS", "RUNNING", "REFRESHED", "AGE", "PLACEMENT"], right=("RUNNING",))
    for service in services:
        spec = service.spec
        counted = str(service.running)
        if spec.service_type != "osd":
            counted += f"/{service.size}"
        drawn.add_row(
            [
                spec.service_name(),
                service.get_port_summary(),
                counted,
                "<deleting>" if service.deleted else ago(now, service.last_refresh, " ago"),
                ago(now, service.created),
                "<unmanaged>" if spec.unmanaged else spec.placement.pretty_str(),
            ]
        )
    return drawn.get_string()
