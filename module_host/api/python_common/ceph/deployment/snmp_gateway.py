"""Alerts as SNMP notifications."""

from copy import copy
from enum import Enum
from typing import Any

from ceph.deployment.custom_config import CustomConfig
from ceph.deployment.hostspec import SpecValidationError
from ceph.deployment.placement import PlacementSpec
from ceph.deployment.refusal import a_text, an_object
from ceph.deployment.service import ServiceSpec, merged
from ceph.deployment.utils import valid_addr
from ceph.utils import is_hex


class _Choice(str, Enum):
    def to_json(self) -> str:
        """As it is written in specs."""
        return str(self.value)


class SNMPGatewaySpec(ServiceSpec):
    """The gateway, and where and how it sends. `credentials` are `snmp_community` for V2c;
    `snmp_v3_auth_username`, `snmp_v3_auth_password` and, with a privacy protocol,
    `snmp_v3_priv_password` for V3.
    """

    class SNMPVersion(_Choice):
        """Versions of the protocol that can be sent."""

        V2c = "V2c"
        V3 = "V3"

    class SNMPAuthType(_Choice):
        """How the sender is known."""

        MD5 = "MD5"
        SHA = "SHA"

    class SNMPPrivacyType(_Choice):
        """How the message is enciphered."""

        DES = "DES"
        AES = "AES"

    _types = ["snmp-gateway"]
    valid_destination_types = ["Name:Port", "IPv4:Port"]

    def __init__(
        self,
        service_type: str = "snmp-gateway",
        snmp_version: SNMPVersion | None = None,
        snmp_destination: str = "",
        credentials: dict[str, str] = {},
        engine_id: str | None = None,
        auth_protocol: SNMPAuthType | None = None,
        privacy_protocol: SNMPPrivacyType | None = None,
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
            placement=placement,
            unmanaged=unmanaged,
            preview_only=preview_only,
            extra_container_args=extra_container_args,
            extra_entrypoint_args=extra_entrypoint_args,
            custom_configs=custom_configs,
        )
        self.snmp_version = snmp_version
        self.snmp_destination = snmp_destination
        self.port = port
        self.credentials = copy(credentials)
        self.engine_id = engine_id
        self.auth_protocol = auth_protocol
        self.privacy_protocol = privacy_protocol

    @classmethod
    def _from_json_impl(cls, json_spec: dict[str, Any]) -> ServiceSpec:
        fields = merged(json_spec)
        choices: dict[str, type[_Choice]] = {
            "snmp_version": cls.SNMPVersion,
            "auth_protocol": cls.SNMPAuthType,
            "privacy_protocol": cls.SNMPPrivacyType,
        }
        for field, choice in choices.items():
            if field in fields:
                try:
                    fields[field] = choice(fields[field])
                except ValueError:
                    allowed = ", ".join(one.value for one in choice)
                    raise SpecValidationError(
                        f"{field} unsupported. Must be one of {allowed}"
                    ) from None
        return super()._from_json_impl(fields)

    @property
    def ports(self) -> list[int]:
        """The one port at which it listens."""
        return [self.port or 9464]

    def get_port_start(self) -> list[int]:
        return self.ports

    def validate(self) -> None:
        super().validate()
        self._check_credentials()
        self._check_engine_id()
        self._check_destination()

    def _check_credentials(self) -> None:
        if not self.credentials:
            raise SpecValidationError(
                "Missing authentication information (credentials). "
                "SNMP V2c and V3 require credential information"
            )
        an_object("credentials", self.credentials)
        if not self.snmp_version:
            raise SpecValidationError("Missing SNMP version (snmp_version)")
        required = {
            "V2c": ["snmp_community"],
            "V3": ["snmp_v3_auth_username", "snmp_v3_auth_password"],
        }
        if self.privacy_protocol:
            required["V3"].append("snmp_v3_priv_password")
        version = getattr(self.snmp_version, "value", self.snmp_version)
        if version not in required:
            allowed = ", ".join(required)
            raise SpecValidationError(f"snmp_version unsupported. Must be one of {allowed}")
        missing = [name for name in required[version] if name not in self.credentials]
        if missing:
            raise SpecValidationError(
                f"SNMP {version} credentials are incomplete. Missing {', '.join(missing)}"
            )

    def _check_engine_id(self) -> None:
        if not self.engine_id:
            if self.snmp_version == "V3":
                raise SpecValidationError("Must provide an engine_id for SNMP V3 notifications")
            return
        length = len(self.engine_id) if isinstance(self.engine_id, str) else 0
        if not 10 <= length <= 64 or length % 2 or not is_hex(self.engine_id):
            raise SpecValidationError(
                "engine_id must be a string containing 10-64 hex characters. "
                "Its length must be divisible by 2"
            )

    def _check_destination(self) -> None:
        if not self.snmp_destination:
            raise SpecValidationError("SNMP destination (snmp_destination) must be provided")
        valid, kind = valid_addr(a_text("snmp_destination", self.snmp_destination))
        if not valid:
            raise SpecValidationError(f"SNMP destination (snmp_destination) is invalid: {kind}")
        if kind not in self.valid_destination_types:
            allowed = ", ".join(sorted(self.valid_destination_types))
            raise SpecValidationError(
                f"SNMP destination (snmp_destination) type ({kind}) is invalid. "
                f"Must be either: {allowed}"
            )
