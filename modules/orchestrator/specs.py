"""What can be applied: services and hosts."""

from __future__ import annotations

from typing import Any, Union

from ceph.deployment.hostspec import HostSpec
from ceph.deployment.service_spec import ServiceSpec


GenericSpec = Union[ServiceSpec, HostSpec]


def json_to_generic_spec(spec: dict[str, Any]) -> GenericSpec:
    """Read a document of `orch apply -i`; raises SpecValidationError."""
    kind = HostSpec if spec.get("service_type") == "host" else ServiceSpec
    return kind.from_json(spec)
