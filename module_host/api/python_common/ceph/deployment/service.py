"""A service: daemons of one kind, and what an orchestrator needs to know to run them."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from ipaddress import ip_network
from typing import Any, TypeVar

import yaml

from ceph.deployment.custom_config import CustomConfig
from ceph.deployment.hostspec import SpecValidationError
from ceph.deployment.placement import PlacementSpec
from ceph.deployment.refusal import a_list, a_text, an_object, handle_type_error


ServiceSpecT = TypeVar("ServiceSpecT", bound="ServiceSpec")

# The classes of those types that have one of their own, and where they are defined.
_CLASSES = {
    "alertmanager": "service_spec.AlertManagerSpec",
    "container": "service_spec.CustomContainerSpec",
    "grafana": "service_spec.GrafanaSpec",
    "ingress": "service_spec.IngressSpec",
    "iscsi": "service_spec.IscsiServiceSpec",
    "mds": "service_spec.MDSSpec",
    "nfs": "service_spec.NFSServiceSpec",
    "node-exporter": "service_spec.MonitoringSpec",
    "osd": "drive_group.DriveGroupSpec",
    "prometheus": "service_spec.PrometheusSpec",
    "rgw": "service_spec.RGWSpec",
    "snmp-gateway": "service_spec.SNMPGatewaySpec",
}
_validating = ContextVar("validating", default=True)


@contextmanager
def service_spec_allow_invalid_from_json() -> Iterator[None]:
    """Within it, from_json() also makes specs that are not valid, such as those that orchestrators
    report of OSDs that belong to no spec.
    """
    before = _validating.set(False)
    try:
        yield
    finally:
        _validating.reset(before)


class ServiceSpec:
    """What an operator wants of a service. `ServiceSpec(service_type, ...)` makes an instance of
    the class for that type.

    `service_id` tells services of the types in REQUIRES_SERVICE_ID apart; others have none.
    `networks` are those that daemons may bind to, as CIDR; `config` are options of Ceph's, by name.
    `unmanaged`: daemons are left as they are. `preview_only`: nothing is done, only foretold.
    """

    KNOWN_SERVICE_TYPES = [
        "alertmanager", "crash", "grafana", "iscsi", "mds", "mgr", "mon", "nfs", "node-exporter",
        "osd", "prometheus", "rbd-mirror", "rgw", "container", "cephadm-exporter", "ingress",
        "cephfs-mirror", "snmp-gateway",
    ]  # fmt: skip
    REQUIRES_SERVICE_ID = ["iscsi", "mds", "nfs", "rgw", "container", "ingress"]
    MANAGED_CONFIG_OPTIONS = ["mds_join_fs"]
    _types = KNOWN_SERVICE_TYPES  # those that this class describes

    @classmethod
    def _cls(cls, service_type: Any) -> "type[ServiceSpec]":
        """The class of specs of that type; this one where there is none."""
        known = _CLASSES.get(a_text("service_type", service_type), "") if service_type else ""
        home, _, name = known.partition(".")
        if name:
            found: type[ServiceSpec] = getattr(import_module(f"ceph.deployment.{home}"), name)
            return found
        if cls is ServiceSpec and not service_type:
            raise SpecValidationError('Spec needs a "service_type" key.')
        return cls

    def __new__(cls, *args: Any, **kwargs: Any) -> "ServiceSpec":  # noqa: PYI034  # a subclass
        if cls is not ServiceSpec:
            return object.__new__(cls)
        return object.__new__(cls._cls(kwargs.get("service_type", args[0] if args else None)))

    def __getnewargs__(self) -> tuple[str]:
        return (self.service_type,)  # for copies and pickles: __new__ wants one

    def __init__(
        self,
        service_type: str,
        service_id: str | None = None,
        placement: PlacementSpec | None = None,
        count: int | None = None,
        config: dict[str, str] | None = None,
        unmanaged: bool = False,
        preview_only: bool = False,
        networks: list[str] | None = None,
        extra_container_args: list[str] | None = None,
        extra_entrypoint_args: list[str] | None = None,
        custom_configs: list[CustomConfig] | None = None,
    ) -> None:
        if service_type not in self._types:
            raise SpecValidationError(
                f"{type(self).__name__}: service_type cannot be {service_type!r}"
            )
        if config is not None and not all(
            isinstance(name, str) for name in an_object("config", config)
        ):
            raise SpecValidationError(f"config must hold options by their names, not {config!r}")
        self.placement = PlacementSpec() if placement is None else placement
        self.service_type = service_type
        self.service_id = service_id if self._takes_id() else None
        self.unmanaged = unmanaged
        self.preview_only = preview_only
        self.networks = networks or []
        self.config = {k.replace(" ", "_"): v for k, v in config.items()} if config else None
        self.extra_container_args = extra_container_args
        self.extra_entrypoint_args = extra_entrypoint_args
        self.custom_configs = custom_configs

    def _takes_id(self) -> bool:
        return self.service_type in (*self.REQUIRES_SERVICE_ID, "osd")

    def service_name(self) -> str:
        """Its type, and its id where it has one: rgw.shop."""
        return f"{self.service_type}.{self.service_id}" if self.service_id else self.service_type

    def get_port_start(self) -> list[int]:
        """The ports of its first daemon on a host; further ones take those that follow."""
        return []

    def get_virtual_ip(self) -> str | None:
        """The address at which it is reached wherever its daemons run, if it has one."""
        return None

    @classmethod
    @handle_type_error
    def from_json(cls, json_spec: dict[str, Any]) -> "ServiceSpec":
        """The service that is described, an instance of the class for its type; raises
        SpecValidationError, which names the field.

        Fields that only this type has stand beside the others or below `spec`. The type and id may
        come as `service_name`. `status` is what services are reported with, and not read.
        """
        if not isinstance(json_spec, dict):
            raise SpecValidationError(
                f'Service Spec is not an (JSON or YAML) object. got "{json_spec}"'
            )
        fields = dict(cls.normalize_json(json_spec))
        fields.pop("status", None)
        if fields.get("service_name"):
            _fill_in(fields, fields.pop("service_name"))
        named = cls._cls(fields.get("service_type", ""))
        return named._from_json_impl(fields)  # noqa: SLF001  # this class or one below it

    @staticmethod
    def normalize_json(json_spec: dict[str, Any]) -> dict[str, Any]:
        """`json_spec` with `networks` as a list; raises SpecValidationError where it is none."""
        networks = json_spec.get("networks")
        if networks is None or isinstance(networks, list):
            return json_spec
        if not isinstance(networks, str):
            raise SpecValidationError(f"Networks ({networks}) must be a string or list of strings")
        return json_spec | {"networks": [networks]}

    @classmethod
    def _from_json_impl(cls, json_spec: dict[str, Any]) -> "ServiceSpec":
        fields = merged(json_spec)
        if "placement" in fields:
            fields["placement"] = PlacementSpec.from_json(fields["placement"])
        if "custom_configs" in fields:
            configs = a_list("custom_configs", fields["custom_configs"])
            fields["custom_configs"] = [CustomConfig.from_json(config) for config in configs]
        spec = cls(**fields)
        if _validating.get():
            spec.validate()
        return spec

    def to_json(self) -> "OrderedDict[str, Any]":
        """What from_json() reads, with the fields that only this type has below `spec`; only what
        is said.
        """
        written: OrderedDict[str, Any] = OrderedDict(service_type=self.service_type)
        if self.service_id:
            written["service_id"] = self.service_id
        written["service_name"] = self.service_name()
        for name in _COMMON:
            if value := as_json(getattr(self, name)):
                written[name] = value
        own = sorted(name for name in vars(self) if name not in (*_COMMON, *written))
        spec = {name: value for name in own if (value := as_json(getattr(self, name)))}
        if spec:
            written["spec"] = spec
        return written

    def validate(self) -> None:
        """Raise SpecValidationError for what is missing, and for what cannot be."""
        if not self.service_type:
            raise SpecValidationError("Cannot add Service: type required")
        self._check_id()
        if not isinstance(self.placement, PlacementSpec):
            raise SpecValidationError(f"placement must be a placement, not {self.placement!r}")
        self.placement.validate()
        for field in ("networks", "extra_container_args", "extra_entrypoint_args"):
            a_list(field, getattr(self, field) or [])
        for option in self.config or {}:
            if option in self.MANAGED_CONFIG_OPTIONS:
                raise SpecValidationError(
                    f"Cannot set config option {option} in spec: it is managed by cephadm"
                )
        for network in self.networks:
            try:
                ip_network(network)
            except ValueError as error:
                raise SpecValidationError(f"Cannot parse network {network}: {error}") from None

    def _check_id(self) -> None:
        if self.service_type in self.REQUIRES_SERVICE_ID and not self.service_id:
            raise SpecValidationError("Cannot add Service: id required")
        if self.service_id and not self._takes_id():
            raise SpecValidationError(
                f"Service of type '{self.service_type}' should not contain a service id"
            )
        if self.service_id and not re.fullmatch("[a-zA-Z0-9_.-]+", str(self.service_id)):
            raise SpecValidationError(
                "Service id contains invalid characters, only [a-zA-Z0-9_.-] allowed"
            )
        if self.service_id is not None:
            a_text("service_id", self.service_id)

    def one_line_str(self) -> str:
        """Its class and its name."""
        return f"<{type(self).__name__} for service_name={self.service_name()}>"

    def __repr__(self) -> str:
        text = yaml.dump(self, default_flow_style=False)
        return f"{type(self).__name__}.from_json(yaml.safe_load('''{text}'''))"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]  # two equal ones may come to differ

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        yaml.add_representer(cls, ServiceSpec.yaml_representer)

    @staticmethod
    def yaml_representer(dumper: yaml.Dumper, data: "ServiceSpec") -> yaml.MappingNode:
        """For PyYAML: as the object that to_json() makes."""
        return dumper.represent_dict(data.to_json().items())


yaml.add_representer(ServiceSpec, ServiceSpec.yaml_representer)

# Fields of every service, in the order in which they are written.
_COMMON = (
    "placement", "unmanaged", "networks", "extra_container_args", "extra_entrypoint_args",
    "custom_configs",
)  # fmt: skip


def _fill_in(fields: dict[str, Any], service_name: Any) -> None:
    """Put the type and the id that a name consists of where they are missing."""
    service_type, _, service_id = a_text("service_name", service_name).partition(".")
    for name, value in (("service_type", service_type), ("service_id", service_id)):
        if value and not fields.get(name):
            fields[name] = value


def merged(json_spec: dict[str, Any]) -> dict[str, Any]:
    """The fields of both styles in one: those below `spec` and those beside it. Raises
    SpecValidationError for one that is given both ways and differs, and for one of every service
    that cannot stand below `spec`.
    """
    fields = {name: value for name, value in json_spec.items() if name != "spec"}
    for name, value in an_object("spec", json_spec.get("spec", {})).items():
        if name in ("placement", "custom_configs"):
            raise SpecValidationError(f"{name} must stand beside spec, not below it")
        if name in fields and fields[name] != value:
            raise SpecValidationError(
                f"{name} is given twice: {fields[name]!r}, and {value!r} below spec"
            )
        fields[name] = value
    return fields


def as_json(value: Any) -> Any:
    """`value` for JSON, where it or the members of a list know how to be written."""
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.to_json() if hasattr(value, "to_json") else value
