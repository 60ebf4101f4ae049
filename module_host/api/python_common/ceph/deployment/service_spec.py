"""All descriptions of services but that of OSDs (`drive_group`), under one name for modules.

An instance crosses between processes as the name of its class and its attributes, and the other
side may have Ceph's own package, which defines all of these classes here: so they say the same.
"""

from ceph.deployment.container import CustomContainerSpec
from ceph.deployment.custom_config import CustomConfig
from ceph.deployment.gateways import IngressSpec, IscsiServiceSpec, NFSServiceSpec, RGWSpec
from ceph.deployment.hostspec import HostSpec, SpecValidationError, assert_valid_host
from ceph.deployment.mds import MDSSpec
from ceph.deployment.monitoring import AlertManagerSpec, GrafanaSpec, MonitoringSpec, PrometheusSpec
from ceph.deployment.placement import HostPlacementSpec, PlacementSpec
from ceph.deployment.refusal import FuncT, handle_type_error
from ceph.deployment.service import (
    ServiceSpec,
    ServiceSpecT,
    service_spec_allow_invalid_from_json,
)
from ceph.deployment.snmp_gateway import SNMPGatewaySpec
from ceph.deployment.utils import unwrap_ipv6, valid_addr
from ceph.utils import is_hex


__all__ = [
    "AlertManagerSpec",
    "CustomConfig",
    "CustomContainerSpec",
    "FuncT",
    "GrafanaSpec",
    "HostPlacementSpec",
    "HostSpec",
    "IngressSpec",
    "IscsiServiceSpec",
    "MDSSpec",
    "MonitoringSpec",
    "NFSServiceSpec",
    "PlacementSpec",
    "PrometheusSpec",
    "RGWSpec",
    "SNMPGatewaySpec",
    "ServiceSpec",
    "ServiceSpecT",
    "SpecValidationError",
    "assert_valid_host",
    "handle_type_error",
    "is_hex",
    "service_spec_allow_invalid_from_json",
    "unwrap_ipv6",
    "valid_addr",
]

for _class in (
    AlertManagerSpec, CustomConfig, CustomContainerSpec, GrafanaSpec, HostPlacementSpec,
    IngressSpec, IscsiServiceSpec, MDSSpec, MonitoringSpec, NFSServiceSpec, PlacementSpec,
    PrometheusSpec, RGWSpec, SNMPGatewaySpec, SNMPGatewaySpec.SNMPAuthType,
    SNMPGatewaySpec.SNMPPrivacyType, SNMPGatewaySpec.SNMPVersion, ServiceSpec,
):  # fmt: skip
    _class.__module__ = __name__
