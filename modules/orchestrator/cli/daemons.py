"""`ceph orch ps` and `ceph orch daemon ...`: single daemons."""

import enum
from typing import Any, Optional

from ceph.deployment.service_spec import (
    IscsiServiceSpec,
    NFSServiceSpec,
    PlacementSpec,
    RGWSpec,
    ServiceSpec,
)
from ceph.utils import datetime_now
from mgr_module import HandleCommandResult
from mgr_util import to_pretty_timedelta

from orchestrator._interface import (
    DaemonDescription,
    DaemonDescriptionStatus,
    OrchestratorClientMixin,
    OrchestratorError,
    OrchestratorValidationError,
    _cli_read_command,
    _cli_write_command,
    raise_if_exception,
)
from orchestrator.cli.answers import Format, done, listed
from orchestrator.cli.applying import no_file
from orchestrator.cli.services import ServiceType
from orchestrator.cli.specs import documents, spec_from
from orchestrator.cli.tables import ago, amount, known, table


HEADS = [
    "NAME", "HOST", "PORTS", "STATUS", "REFRESHED", "AGE", "MEM USE", "MEM LIM", "VERSION",
    "IMAGE ID", "CONTAINER ID",
]  # fmt: skip
RIGHT = ("REFRESHED", "AGE", "MEM USE", "MEM LIM")
IMAGE_ID_SHOWN = 12
PRECIOUS = ("osd", "mon", "prometheus")


class DaemonAction(enum.Enum):
    """What can be done to one daemon; redeploy is a command of its own."""

    start = "start"
    stop = "stop"
    restart = "restart"
    reconfig = "reconfig"


class DaemonCommands(OrchestratorClientMixin):
    """Single daemons: what runs, doing something to one, more of them, fewer."""

    @_cli_read_command("orch ps")
    def _daemon_ls(
        self,
        hostname: Optional[str] = None,
        service_name: Optional[str] = None,
        daemon_type: Optional[str] = None,
        daemon_id: Optional[str] = None,
        format: Format = Format.plain,
        refresh: bool = False,
    ) -> HandleCommandResult:
        """Show daemons and whether they run"""
        completion = self.list_daemons(
            service_name, daemon_type, daemon_id=daemon_id, host=hostname, refresh=refresh
        )
        daemons = sorted(raise_if_exception(completion), key=_by_host)
        if format is not Format.plain:
            return listed(daemons, format)
        if not daemons:
            return HandleCommandResult(stdout="No daemons reported")
        return HandleCommandResult(stdout=_table(daemons))

    @_cli_write_command("orch daemon")
    def _daemon_action(self, action: DaemonAction, name: str) -> HandleCommandResult:
        """Do something to one daemon"""
        return done(self.daemon_action(action.value, _checked(name)))

    @_cli_write_command("orch daemon redeploy")
    def _daemon_redeploy(self, name: str, image: Optional[str] = None) -> HandleCommandResult:
        """Deploy a daemon anew, perhaps from another image"""
        return done(self.daemon_action("redeploy", _checked(name), image=image))

    @_cli_write_command("orch daemon rm")
    def _daemon_rm(self, names: list[str], force: Optional[bool] = False) -> HandleCommandResult:
        """Remove daemons"""
        for name in names:
            if _checked(name).partition(".")[0] in PRECIOUS and not force:
                raise OrchestratorError(
                    "must pass --force to REMOVE daemon with potentially PRECIOUS DATA for " + name
                )
        return done(self.remove_daemons(names))

    @_cli_write_command("orch daemon add")
    def _daemon_add(
        self,
        daemon_type: Optional[ServiceType] = None,
        placement: Optional[str] = None,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult:
        """Add daemons of a service that is not managed"""
        usage = f"""Usage:
    ceph orch daemon add -i <json_file>
    ceph orch daemon add {daemon_type or "<daemon_type>"} <placement>"""
        if bool(inbuf) == bool(daemon_type or placement):
            raise OrchestratorValidationError(usage)
        if inbuf:
            found = documents(inbuf)
            if len(found) != 1:
                raise OrchestratorValidationError(f"one spec was expected, not {len(found)}")
            return done(self.add_daemon(spec_from(found[0], ServiceSpec)))
        if not (daemon_type and placement):
            raise OrchestratorValidationError(usage)
        where = PlacementSpec.from_string(placement)
        return done(self.add_daemon(ServiceSpec(daemon_type.value, placement=where)))

    @_cli_write_command("orch daemon add mds")
    def _daemon_add_mds(
        self, fs_name: str, placement: Optional[str] = None, inbuf: Optional[str] = None
    ) -> HandleCommandResult:
        """Add metadata servers"""
        no_file(inbuf)
        where = PlacementSpec.from_string(placement)
        return done(self.add_daemon(ServiceSpec("mds", service_id=fs_name, placement=where)))

    @_cli_write_command("orch daemon add rgw")
    def _daemon_add_rgw(
        self,
        svc_id: str,
        placement: Optional[str] = None,
        port: Optional[int] = None,
        ssl: bool = False,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult:
        """Add object gateways"""
        no_file(inbuf)
        where = PlacementSpec.from_string(placement)
        spec = RGWSpec(service_id=svc_id, rgw_frontend_port=port, ssl=ssl, placement=where)
        return done(self.add_daemon(spec))

    @_cli_write_command("orch daemon add nfs")
    def _daemon_add_nfs(
        self, svc_id: str, placement: Optional[str] = None, inbuf: Optional[str] = None
    ) -> HandleCommandResult:
        """Add NFS servers"""
        no_file(inbuf)
        where = PlacementSpec.from_string(placement)
        return done(self.add_daemon(NFSServiceSpec(service_id=svc_id, placement=where)))

    @_cli_write_command("orch daemon add iscsi")
    def _daemon_add_iscsi(
        self,
        pool: str,
        api_user: str,
        api_password: str,
        trusted_ip_list: Optional[str] = None,
        placement: Optional[str] = None,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult:
        """Add iSCSI gateways"""
        no_file(inbuf)
        spec = IscsiServiceSpec(
            service_id="iscsi",
            pool=pool,
            api_user=api_user,
            api_password=api_password,
            trusted_ip_list=trusted_ip_list,
            placement=PlacementSpec.from_string(placement),
        )
        return done(self.add_daemon(spec))


def _checked(name: str) -> str:
    if "." not in name:
        raise OrchestratorError(f"{name} is not a valid daemon name")
    return name


def _by_host(daemon: DaemonDescription) -> tuple[str, ...]:
    return tuple(map(known, (daemon.daemon_type, daemon.hostname, daemon.daemon_id)))


def _table(daemons: list[DaemonDescription]) -> str:
    now = datetime_now()
    drawn = table(HEADS, right=RIGHT)
    for daemon in sorted(daemons, key=DaemonDescription.name):
        drawn.add_row(_row(daemon, now))
    if all(daemon.container_id is None for daemon in daemons):
        drawn.del_column("CONTAINER ID")
    return drawn.get_string()


def _row(daemon: DaemonDescription, now: Any) -> list[str]:
    status = daemon.status_desc or DaemonDescriptionStatus.to_str(daemon.status)
    if daemon.status == DaemonDescriptionStatus.running and daemon.started:
        status += f" ({to_pretty_timedelta(now - daemon.started)})"
    return [
        daemon.name(),
        known(daemon.hostname),
        daemon.get_port_summary(),
        status,
        ago(now, daemon.last_refresh, " ago"),
        ago(now, daemon.created),
        amount(daemon.memory_usage),
        amount(daemon.memory_request),
        known(daemon.version),
        known(daemon.container_image_id)[:IMAGE_ID_SHOWN],
        known(daemon.container_id),
    ]
