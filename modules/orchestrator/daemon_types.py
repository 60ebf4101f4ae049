"""Which daemons a service consists of."""

from __future__ import annotations

from ceph.deployment.service_spec import ServiceSpec


# Every other service has daemons of one type, called like it.
_SEVERAL = {"ingress": ["haproxy", "keepalived"]}
_SINGLE = (
    "alertmanager", "cephadm-exporter", "cephfs-mirror", "container", "crash", "grafana", "iscsi",
    "mds", "mgr", "mon", "nfs", "node-exporter", "osd", "prometheus", "rbd-mirror", "rgw",
    "snmp-gateway",
)  # fmt: skip
_TYPES = {service: [service] for service in _SINGLE} | _SEVERAL
_SERVICES = {daemon: service for service, daemons in _TYPES.items() for daemon in daemons}
_SERVICES["crashcollector"] = "crash"  # Rook's name


def daemon_type_to_service(dtype: str) -> str:
    """The service type that daemons of a type belong to; raises KeyError."""
    return _SERVICES[dtype]


def service_to_daemon_types(stype: str) -> list[str]:
    """The types of a service's daemons; raises KeyError."""
    return list(_TYPES[stype])


# In the order of the service types, as command lines list them.
KNOWN_DAEMON_TYPES: list[str] = [
    daemon
    for service in ServiceSpec.KNOWN_SERVICE_TYPES
    if service in _TYPES
    for daemon in _TYPES[service]
]
