"""A host, as an operator describes it."""

import re
from errno import EINVAL
from typing import Any


class SpecValidationError(Exception):
    """A description that cannot be followed; the text says which part of it, and why.

    `errno` is negative, as commands return it.
    """

    def __init__(self, msg: str, errno: int = -EINVAL) -> None:
        super().__init__(msg)
        self.errno = errno


def assert_valid_host(name: str) -> None:
    """Raise SpecValidationError unless `name` can be a host's name, or its full domain name."""
    if not isinstance(name, str):
        raise SpecValidationError(f"hostname must be a string, not {name!r}")
    if len(name) > 250:
        raise SpecValidationError("name is too long (max 250 chars)")
    for part in name.split("."):
        if not part:
            raise SpecValidationError(".-delimited name component must not be empty")
        if len(part) > 63:
            raise SpecValidationError(".-delimited name component must not be more than 63 chars")
        if not re.fullmatch("[a-zA-Z0-9-]+", part):
            raise SpecValidationError("name component must include only a-z, 0-9, and -")


class HostSpec:
    """A host: its bare name, the address it is reached at (its name where none is given), labels,
    a status in words, and its place in the CRUSH map: {type of bucket: name}.
    """

    def __init__(
        self,
        hostname: str,
        addr: str | None = None,
        labels: list[str] | None = None,
        status: str | None = None,
        location: dict[str, str] | None = None,
    ) -> None:
        self.service_type = "host"
        self.hostname = hostname
        self.addr = addr or hostname
        self.labels = labels or []
        self.status = status or ""
        self.location = location

    def validate(self) -> None:
        """Raise SpecValidationError for a name that no host can have."""
        assert_valid_host(self.hostname)

    def to_json(self) -> dict[str, Any]:
        """What from_json() reads; a label that is given twice is in it once."""
        written = {
            "hostname": self.hostname,
            "addr": self.addr,
            "labels": list(dict.fromkeys(self.labels)),
            "status": self.status,
        }
        return written | ({"location": self.location} if self.location else {})

    @classmethod
    def from_json(cls, host_spec: dict[str, Any]) -> "HostSpec":
        """The host that is described; raises SpecValidationError, which names the field."""
        fields = dict(cls.normalize_json(host_spec))
        if fields.pop("service_type", "host") != "host":
            raise SpecValidationError("service_type of a host must be host")
        unknown = [str(name) for name in fields if name not in _FIELDS]
        if unknown:
            raise SpecValidationError(f"Host got unknown field {', '.join(unknown)}")
        if "hostname" not in fields:
            raise SpecValidationError('Host must have "hostname" field')
        if fields.get("labels") is not None:
            fields["labels"] = list(dict.fromkeys(fields["labels"]))
        return cls(**fields)

    @staticmethod
    def normalize_json(host_spec: dict[str, Any]) -> dict[str, Any]:
        """`host_spec` with `labels` as a list; raises SpecValidationError for fields that hold
        something else than they should.
        """
        if not isinstance(host_spec, dict):
            raise SpecValidationError(f"Host ({host_spec}) must be an object")
        labels, location = host_spec.get("labels"), host_spec.get("location")
        if isinstance(labels, str):
            host_spec = host_spec | {"labels": [labels]}
        elif labels is not None and not (isinstance(labels, list) and _strings(labels)):
            raise SpecValidationError(f"Labels ({labels}) must be a string or list of strings")
        if location is not None and not (
            isinstance(location, dict) and _strings(location) and _strings(location.values())
        ):
            raise SpecValidationError(
                f"Location ({location}) must be a dictionary of strings to strings"
            )
        return host_spec

    def __repr__(self) -> str:
        optional = [self.labels, self.status, self.location]
        given = [self.hostname, self.addr, *(value for value in optional if value)]
        return f"HostSpec({', '.join(map(repr, given))})"

    def __str__(self) -> str:
        return self.hostname if self.hostname == self.addr else f"{self.hostname} ({self.addr})"

    def __eq__(self, other: object) -> bool:
        """The same host, in whatever status."""
        if not isinstance(other, HostSpec):
            return NotImplemented
        return self._identity() == other._identity()

    def _identity(self) -> tuple[object, ...]:
        return self.hostname, self.addr, sorted(self.labels), self.location

    __hash__ = None  # type: ignore[assignment]  # two equal ones may come to differ


_FIELDS = ("hostname", "addr", "labels", "status", "location")


def _strings(values: Any) -> bool:
    return all(isinstance(value, str) for value in values)
