"""Services through which others reach the cluster's data: NFS, RGW, iSCSI, and their ingress."""

from copy import copy
from typing import cast

from ceph.deployment.custom_config import CustomConfig
from ceph.deployment.hostspec import SpecValidationError
from ceph.deployment.placement import PlacementSpec
from ceph.deployment.service import ServiceSpec


class NFSServiceSpec(ServiceSpec):
    """A cluster of NFS servers."""

    _types = ["nfs"]

    def __init__(
        self,
        service_type: str = "nfs",
        service_id: str | None = None,
        placement: PlacementSpec | None = None,
        unmanaged: bool = False,
        preview_only: bool = False,
        config: dict[str, str] | None = None,
        networks: list[str] | None = None,
        port: int | None = None,
        extra_container_args: list[str] | None = None,
        extra_entrypoint_args: list[str] | None = None,
        custom_configs: list[CustomConfig] | None = None,
    ) -> None:
        super().__init__(
            service_type,
            service_id,
            placement=placement,
            unmanaged=unmanaged,
            preview_only=preview_only,
            config=config,
            networks=networks,
            extra_container_args=extra_container_args,
            extra_entrypoint_args=extra_entrypoint_args,
            custom_configs=custom_configs,
        )
        self.port = port

    def get_port_start(self) -> list[int]:
        return [self.port] if self.port else []

    def rados_config_name(self) -> str:
        """The RADOS object that names the exports."""
        return f"conf-{self.service_name()}"


class RGWSpec(ServiceSpec):
    """Object gateways of one zone. Where no `service_id` is given, it is `<realm>.<zone>`.

    `subcluster` is read from old specs and not kept. `rgw_frontend_type` is beast or civetweb.
    """

    _types = ["rgw"]
    MANAGED_CONFIG_OPTIONS = [
        *ServiceSpec.MANAGED_CONFIG_OPTIONS,
        "rgw_zone",
        "rgw_realm",
        "rgw_frontends",
    ]

    def __init__(
        self,
        service_type: str = "rgw",
        service_id: str | None = None,
        placement: PlacementSpec | None = None,
        rgw_realm: str | None = None,
        rgw_zone: str | None = None,
        rgw_frontend_port: int | None = None,
        rgw_frontend_ssl_certificate: list[str] | None = None,
        rgw_frontend_type: str | None = None,
        unmanaged: bool = False,
        ssl: bool = False,
        preview_only: bool = False,
        config: dict[str, str] | None = None,
        networks: list[str] | None = None,
        subcluster: str | None = None,
        extra_container_args: list[str] | None = None,
        extra_entrypoint_args: list[str] | None = None,
        custom_configs: list[CustomConfig] | None = None,
    ) -> None:
        if not service_id and rgw_realm and rgw_zone:
            service_id = f"{rgw_realm}.{rgw_zone}"
        super().__init__(
            service_type,
            service_id,
            placement=placement,
            unmanaged=unmanaged,
            preview_only=preview_only,
            config=config,
            networks=networks,
            extra_container_args=extra_container_args,
            extra_entrypoint_args=extra_entrypoint_args,
            custom_configs=custom_configs,
        )
        self.rgw_realm = rgw_realm
        self.rgw_zone = rgw_zone
        self.rgw_frontend_port = rgw_frontend_port
        self.rgw_frontend_ssl_certificate = rgw_frontend_ssl_certificate
        self.rgw_frontend_type = rgw_frontend_type
        self.ssl = ssl

    def get_port(self) -> int:
        """The port that is set, or HTTP's or HTTPS' own."""
        return self.rgw_frontend_port or (443 if self.ssl else 80)

    def get_port_start(self) -> list[int]:
        return [self.get_port()]

    def validate(self) -> None:
        super().validate()
        if self.rgw_realm and not self.rgw_zone:
            raise SpecValidationError("Cannot add RGW: Realm specified but no zone specified")
        if self.rgw_zone and not self.rgw_realm:
            raise SpecValidationError("Cannot add RGW: Zone specified but no realm specified")


class IscsiServiceSpec(ServiceSpec):
    """iSCSI gateways, whose configuration lies in `pool`. The fields are those of
    iscsi-gateway.cfg; `api_secure` is set where there are a certificate and a key.
    """

    _types = ["iscsi"]

    def __init__(
        self,
        service_type: str = "iscsi",
        service_id: str | None = None,
        pool: str | None = None,
        trusted_ip_list: str | None = None,
        api_port: int | None = 5000,
        api_user: str | None = "admin",
        api_password: str | None = "admin",  # noqa: S107  # upstream's, to be changed
        api_secure: bool | None = None,
        ssl_cert: str | None = None,
        ssl_key: str | None = None,
        placement: PlacementSpec | None = None,
        unmanaged: bool = False,
        preview_only: bool = False,
        config: dict[str, str] | None = None,
        networks: list[str] | None = None,
        extra_container_args: list[str] | None = None,
        extra_entrypoint_args: list[str] | None = None,
        custom_configs: list[CustomConfig] | None = None,
    ) -> None:
        super().__init__(
            service_type,
            service_id,
            placement=placement,
            unmanaged=unmanaged,
            preview_only=preview_only,
            config=config,
            networks=networks,
            extra_container_args=extra_container_args,
            extra_entrypoint_args=extra_entrypoint_args,
            custom_configs=custom_configs,
        )
        self.pool = pool
        self.trusted_ip_list = trusted_ip_list
        self.api_port = api_port
        self.api_user = api_user
        self.api_password = api_password
        self.api_secure = api_secure or (True if ssl_cert and ssl_key else api_secure)
        self.ssl_cert = ssl_cert
        self.ssl_key = ssl_key

    def get_port_start(self) -> list[int]:
        return [self.api_port or 5000]

    def validate(self) -> None:
        super().validate()
        if not self.pool:
            raise SpecValidationError("Cannot add ISCSI: No Pool specified")


class IngressSpec(ServiceSpec):
    """A virtual address, and haproxy behind it, for the service called `backend_service`.

    `enable_stats` is read and not kept.
    """

    _types = ["ingress"]

    def __init__(
        self,
        service_type: str = "ingress",
        service_id: str | None = None,
        config: dict[str, str] | None = None,
        networks: list[str] | None = None,
        placement: PlacementSpec | None = None,
        backend_service: str | None = None,
        frontend_port: int | None = None,
        ssl_cert: str | None = None,
        ssl_key: str | None = None,
        ssl_dh_param: str | None = None,
        ssl_ciphers: list[str] | None = None,
        ssl_options: list[str] | None = None,
        monitor_port: int | None = None,
        monitor_user: str | None = None,
        monitor_password: str | None = None,
        enable_stats: bool | None = None,
        keepalived_password: str | None = None,
        virtual_ip: str | None = None,
        virtual_ips_list: list[str] | None = None,
        virtual_interface_networks: list[str] | None = [],
        unmanaged: bool = False,
        ssl: bool = False,
        extra_container_args: list[str] | None = None,
        extra_entrypoint_args: list[str] | None = None,
        custom_configs: list[CustomConfig] | None = None,
    ) -> None:
        super().__init__(
            service_type,
            service_id,
            placement=placement,
            unmanaged=unmanaged,
            config=config,
            networks=networks,
            extra_container_args=extra_container_args,
            extra_entrypoint_args=extra_entrypoint_args,
            custom_configs=custom_configs,
        )
        self.backend_service = backend_service
        self.frontend_port = frontend_port
        self.ssl_cert = ssl_cert
        self.ssl_key = ssl_key
        self.ssl_dh_param = ssl_dh_param
        self.ssl_ciphers = ssl_ciphers
        self.ssl_options = ssl_options
        self.monitor_port = monitor_port
        self.monitor_user = monitor_user
        self.monitor_password = monitor_password
        self.keepalived_password = keepalived_password
        self.virtual_ip = virtual_ip
        self.virtual_ips_list = virtual_ips_list
        self.virtual_interface_networks = copy(virtual_interface_networks or [])
        self.ssl = ssl

    def get_port_start(self) -> list[int]:
        # validate() has seen to it that both are there
        return [cast("int", self.frontend_port), cast("int", self.monitor_port)]

    def get_virtual_ip(self) -> str | None:
        return self.virtual_ip

    def validate(self) -> None:
        super().validate()
        for field in ("backend_service", "frontend_port", "monitor_port"):
            if not getattr(self, field):
                raise SpecValidationError(f"Cannot add ingress: No {field} specified")
        if not self.virtual_ip and not self.virtual_ips_list:
            raise SpecValidationError("Cannot add ingress: No virtual_ip provided")
        if self.virtual_ip is not None and self.virtual_ips_list is not None:
            raise SpecValidationError(
                "Cannot add ingress: Single and multiple virtual IPs specified"
            )
