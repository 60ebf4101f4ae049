"""The services that watch a cluster: Prometheus and what belongs to it."""

from typing import Any

from ceph.deployment.custom_config import CustomConfig
from ceph.deployment.hostspec import SpecValidationError
from ceph.deployment.placement import PlacementSpec
from ceph.deployment.refusal import a_text
from ceph.deployment.service import ServiceSpec


_PORTS = {"prometheus": 9095, "node-exporter": 9100, "alertmanager": 9093, "grafana": 3000}
_GOSSIP_PORT = 9094  # among alertmanagers


class MonitoringSpec(ServiceSpec):
    """One of them, at `port` or the one that it is usually at."""

    _types = list(_PORTS)

    def __init__(
        self,
        service_type: str,
        service_id: str | None = None,
        config: dict[str, str] | None = None,
        networks: list[str] | None = None,
        placement: PlacementSpec | None = None,
        unmanaged: bool = False,
        preview_only: bool = False,
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

    def get_port(self) -> int:
        """The port that is set, or the usual one."""
        return self.port or _PORTS[self.service_type]

    def get_port_start(self) -> list[int]:
        return [self.get_port()]


class AlertManagerSpec(MonitoringSpec):
    """`user_data` goes into its configuration: `default_webhook_urls` are further receivers."""

    _types = ["alertmanager"]

    def __init__(
        self,
        service_type: str = "alertmanager",
        service_id: str | None = None,
        placement: PlacementSpec | None = None,
        unmanaged: bool = False,
        preview_only: bool = False,
        user_data: dict[str, Any] | None = None,
        config: dict[str, str] | None = None,
        networks: list[str] | None = None,
        port: int | None = None,
        secure: bool = False,
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
            port=port,
            extra_container_args=extra_container_args,
            extra_entrypoint_args=extra_entrypoint_args,
            custom_configs=custom_configs,
        )
        self.user_data = user_data or {}
        self.secure = secure

    def get_port_start(self) -> list[int]:
        return [self.get_port(), _GOSSIP_PORT]

    def validate(self) -> None:
        super().validate()
        if self.port == _GOSSIP_PORT:
            raise SpecValidationError(
                f"Port {_GOSSIP_PORT} is reserved for AlertManager cluster listen address"
            )


class GrafanaSpec(MonitoringSpec):
    """Dashboards; the password is that of its user admin."""

    _types = ["grafana"]

    def __init__(
        self,
        service_type: str = "grafana",
        service_id: str | None = None,
        placement: PlacementSpec | None = None,
        unmanaged: bool = False,
        preview_only: bool = False,
        config: dict[str, str] | None = None,
        networks: list[str] | None = None,
        port: int | None = None,
        initial_admin_password: str | None = None,
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
            port=port,
            extra_container_args=extra_container_args,
            extra_entrypoint_args=extra_entrypoint_args,
            custom_configs=custom_configs,
        )
        self.initial_admin_password = initial_admin_password


class PrometheusSpec(MonitoringSpec):
    """What it keeps, and for how long, in Prometheus' own words: 15d, 10GB."""

    _types = ["prometheus"]

    def __init__(
        self,
        service_type: str = "prometheus",
        service_id: str | None = None,
        placement: PlacementSpec | None = None,
        unmanaged: bool = False,
        preview_only: bool = False,
        config: dict[str, str] | None = None,
        networks: list[str] | None = None,
        port: int | None = None,
        retention_time: str | None = None,
        retention_size: str | None = None,
        extra_container_args: list[str] | None = None,
        extra_entrypoint_args: list[str] | None = None,
    ) -> None:
        super().__init__(
            service_type,
            service_id,
            placement=placement,
            unmanaged=unmanaged,
            preview_only=preview_only,
            config=config,
            networks=networks,
            port=port,
            extra_container_args=extra_container_args,
            extra_entrypoint_args=extra_entrypoint_args,
        )
        self.retention_time = _stripped("retention_time", retention_time)
        self.retention_size = _stripped("retention_size", retention_size)


def _stripped(field: str, value: str | None) -> str | None:
    return a_text(field, value).strip() if value else None
