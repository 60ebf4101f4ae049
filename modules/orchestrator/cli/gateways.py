"""`ceph orch apply mds|rgw|nfs|iscsi|snmp-gateway`: services with settings of their own."""

from typing import Optional

import yaml
from ceph.deployment.service_spec import (
    IscsiServiceSpec,
    MDSSpec,
    NFSServiceSpec,
    PlacementSpec,
    RGWSpec,
    SNMPGatewaySpec,
)
from mgr_module import HandleCommandResult

from orchestrator._interface import (
    OrchestratorClientMixin,
    OrchestratorValidationError,
    _cli_write_command,
)
from orchestrator.cli.answers import Format
from orchestrator.cli.applying import Applying, no_file


class GatewayCommands(Applying, OrchestratorClientMixin):
    """What clients outside of the cluster talk to."""

    @_cli_write_command("orch apply mds")
    def _apply_mds(
        self,
        fs_name: str,
        placement: Optional[str] = None,
        dry_run: bool = False,
        unmanaged: bool = False,
        format: Format = Format.plain,
        no_overwrite: bool = False,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult:
        """Say how many metadata servers a file system has, and where"""
        no_file(inbuf)
        spec = MDSSpec(
            service_type="mds",
            service_id=fs_name,
            placement=PlacementSpec.from_string(placement),
            unmanaged=unmanaged,
        )
        spec.validate()
        return self._applied([spec], dry_run, format, no_overwrite)

    @_cli_write_command("orch apply rgw")
    def _apply_rgw(
        self,
        svc_id: str,
        placement: Optional[str] = None,
        realm: Optional[str] = None,
        zone: Optional[str] = None,
        networks: Optional[list[str]] = None,
        port: Optional[int] = None,
        ssl: bool = False,
        dry_run: bool = False,
        format: Format = Format.plain,
        unmanaged: bool = False,
        no_overwrite: bool = False,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult:
        """Say how many object gateways serve a zone, and where"""
        no_file(inbuf)
        if bool(realm) != bool(zone):
            given, lacking = ("Realm", "zone") if realm else ("Zone", "realm")
            raise OrchestratorValidationError(
                f"Cannot add RGW: {given} specified but no {lacking} specified"
            )
        spec = RGWSpec(
            service_id=svc_id,
            rgw_realm=realm,
            rgw_zone=zone,
            networks=networks,
            rgw_frontend_port=port,
            ssl=ssl,
            placement=PlacementSpec.from_string(placement),
            unmanaged=unmanaged,
        )
        spec.validate()
        return self._applied([spec], dry_run, format, no_overwrite)

    @_cli_write_command("orch apply nfs")
    def _apply_nfs(
        self,
        svc_id: str,
        placement: Optional[str] = None,
        format: Format = Format.plain,
        port: Optional[int] = None,
        dry_run: bool = False,
        unmanaged: bool = False,
        no_overwrite: bool = False,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult:
        """Say how many servers an NFS cluster has, and where"""
        no_file(inbuf)
        spec = NFSServiceSpec(
            service_id=svc_id,
            port=port,
            placement=PlacementSpec.from_string(placement),
            unmanaged=unmanaged,
        )
        spec.validate()
        return self._applied([spec], dry_run, format, no_overwrite)

    @_cli_write_command("orch apply iscsi")
    def _apply_iscsi(
        self,
        pool: str,
        api_user: str,
        api_password: str,
        trusted_ip_list: Optional[str] = None,
        placement: Optional[str] = None,
        unmanaged: bool = False,
        dry_run: bool = False,
        format: Format = Format.plain,
        no_overwrite: bool = False,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult:
        """Say how many iSCSI gateways export a pool's images, and where"""
        no_file(inbuf)
        spec = IscsiServiceSpec(
            service_id=pool,
            pool=pool,
            api_user=api_user,
            api_password=api_password,
            trusted_ip_list=trusted_ip_list,
            placement=PlacementSpec.from_string(placement),
            unmanaged=unmanaged,
        )
        spec.validate()
        return self._applied([spec], dry_run, format, no_overwrite)

    @_cli_write_command("orch apply snmp-gateway")
    def _apply_snmp_gateway(
        self,
        snmp_version: SNMPGatewaySpec.SNMPVersion,
        destination: str,
        port: Optional[int] = None,
        engine_id: Optional[str] = None,
        auth_protocol: Optional[SNMPGatewaySpec.SNMPAuthType] = None,
        privacy_protocol: Optional[SNMPGatewaySpec.SNMPPrivacyType] = None,
        placement: Optional[str] = None,
        unmanaged: bool = False,
        dry_run: bool = False,
        format: Format = Format.plain,
        no_overwrite: bool = False,
        inbuf: Optional[str] = None,
    ) -> HandleCommandResult:
        """Send Prometheus' alerts on as SNMP notifications; the file (-i) has the credentials"""
        if not inbuf:
            raise OrchestratorValidationError(
                "missing credential configuration file. Retry with -i <filename>"
            )
        try:
            credentials = yaml.safe_load(inbuf)
        except yaml.YAMLError:
            raise OrchestratorValidationError("credentials file must be valid YAML") from None
        if not isinstance(credentials, dict):
            raise OrchestratorValidationError("credentials file must hold keys and values")
        spec = SNMPGatewaySpec(
            snmp_version=snmp_version,
            port=port,
            credentials=credentials,
            snmp_destination=destination,
            engine_id=engine_id,
            auth_protocol=auth_protocol,
            privacy_protocol=privacy_protocol,
            placement=PlacementSpec.from_string(placement),
            unmanaged=unmanaged,
        )
        spec.validate()
        return self._applied([spec], dry_run, format, no_overwrite)
