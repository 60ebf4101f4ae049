"""`ceph orch ... osd`: creating OSDs from disks, removing them."""

import errno
from typing import Any, Optional

from ceph.deployment.drive_group import DeviceSelection, DriveGroupSpec, OSDMethod
from ceph.deployment.hostspec import SpecValidationError
from ceph.deployment.service_spec import PlacementSpec
from mgr_module import HandleCommandResult

from orchestrator._interface import (
    OrchestratorClientMixin,
    _cli_write_command,
    raise_if_exception,
)
from orchestrator.cli.answers import Format, done, listed
from orchestrator.cli.applying import Applying
from orchestrator.cli.specs import documents, spec_from
from orchestrator.cli.tables import table


SELECTIONS = ("data_devices", "db_devices", "wal_devices", "journal_devices")
ALL_DEVICES = "--all-available-devices"
ADD = "  ceph orch daemon add osd host:"
USAGE = f"""
Usage:
{ADD}device1,device2,...
{ADD}data_devices=device1,device2,db_devices=device3,osds_per_device=2,...
"""


class OsdCommands(Applying, OrchestratorClientMixin):
    """OSDs."""

    @_cli_write_command("orch apply osd")
    def _apply_osd(
        self,
        all_available_devices: bool = False,
        format: Format = Format.plain,
        unmanaged: Optional[bool] = None,
        dry_run: bool = False,
        no_overwrite: bool = False,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult:
        """Turn every free disk into an OSD, now and when more are found"""
        if inbuf and all_available_devices:
            return _refused(f"-i infile and {ALL_DEVICES} are mutually exclusive")
        if not inbuf and not all_available_devices:
            return _refused(f"{ALL_DEVICES} is required")
        if inbuf:
            if unmanaged is not None:
                return _refused("-i infile and --unmanaged are mutually exclusive")
            specs = [spec_from(document, DriveGroupSpec) for document in documents(inbuf)]
            return self._applied(specs, dry_run, format, no_overwrite)
        spec = DriveGroupSpec(
            service_id="all-available-devices",
            placement=PlacementSpec(host_pattern="*"),
            data_devices=DeviceSelection(all=True),
            unmanaged=bool(unmanaged),
        )
        return self._applied([spec], dry_run, format, no_overwrite)

    @_cli_write_command("orch daemon add osd")
    def _osd_add(
        self, svc_arg: Optional[str] = None, method: Optional[OSDMethod] = None
    ) -> HandleCommandResult:
        """Create OSDs on named devices of a host, such as myhost:/dev/sdb"""
        if not svc_arg:
            return _refused(USAGE)
        try:
            drive_group = drive_group_from(svc_arg, method)
        except (TypeError, ValueError, SpecValidationError) as error:
            return _refused(f"Invalid host:device spec: '{svc_arg}': {error}{USAGE}")
        return done(self.create_osds(drive_group))

    @_cli_write_command("orch osd rm")
    def _osd_rm(
        self,
        osd_id: list[str],
        replace: bool = False,
        force: bool = False,
        zap: bool = False,
        no_destroy: bool = False,
    ) -> HandleCommandResult:
        """Empty OSDs of their data, then remove them; or keep their ids for new disks"""
        return done(
            self.remove_osds(osd_id, replace=replace, force=force, zap=zap, no_destroy=no_destroy)
        )

    @_cli_write_command("orch osd rm stop")
    def _osd_rm_stop(self, osd_id: list[str]) -> HandleCommandResult:
        """Call off the removal of OSDs that has not come to its end"""
        return done(self.stop_remove_osds(osd_id))

    @_cli_write_command("orch osd rm status")
    def _osd_rm_status(self, format: Format = Format.plain) -> HandleCommandResult:
        """Show how far the removal of OSDs has come"""
        report = raise_if_exception(self.remove_osds_status())
        if not report:
            return HandleCommandResult(stdout="No OSD remove/replace operations reported")
        if format is not Format.plain:
            return listed(report, format)
        return HandleCommandResult(stdout=_table(report))


def drive_group_from(text: str, method: Optional[OSDMethod]) -> DriveGroupSpec:
    """What `host:device,...` and `host:key=value,...` mean: words without a key go on with the last
    one, at first data_devices. Raises ValueError, TypeError for a key that is no field, and
    SpecValidationError.
    """
    host, colon, rest = text.partition(":")
    if not colon or not host or not rest:
        raise ValueError("it must be a host's name, a colon and devices")
    fields: dict[str, Any] = {}
    key = "data_devices"
    for word in rest.split(","):
        name, equals, value = word.partition("=")
        key, value = (name, value) if equals else (key, word)
        if key in SELECTIONS:
            fields.setdefault(key, []).append(value)
        elif equals:
            fields[key] = value
        else:
            raise ValueError(f"'{word}' follows {key}, which is no list")
    chosen = {key: DeviceSelection(paths=fields.pop(key)) for key in SELECTIONS if key in fields}
    placement = PlacementSpec(host_pattern=host)
    return DriveGroupSpec(placement=placement, method=method, **chosen, **fields)


def _refused(sentence: str) -> HandleCommandResult:
    return HandleCommandResult(-errno.EINVAL, stderr=sentence)


def _table(report: list[Any]) -> str:
    heads = ["OSD", "HOST", "STATE", "PGS", "REPLACE", "FORCE", "ZAP", "DRAIN STARTED AT"]
    drawn = table(heads, right=("PGS",))
    for osd in sorted(report, key=lambda each: each.osd_id):
        drawn.add_row(
            [
                osd.osd_id,
                osd.hostname,
                osd.drain_status_human(),
                osd.get_pg_count(),
                osd.replace,
                osd.force,
                osd.zap,
                osd.drain_started_at or "",
            ]
        )
    return drawn.get_string()
