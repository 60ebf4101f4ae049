"""A file of the operator's that a daemon is to find."""

from typing import Any

from ceph.deployment.hostspec import SpecValidationError


class CustomConfig:
    """The text of the file, and where in the daemon's container it is."""

    _fields = ["content", "mount_path"]

    def __init__(self, content: str, mount_path: str) -> None:
        self.content = content
        self.mount_path = mount_path
        self.validate()

    @property
    def filename(self) -> str:
        """The last part of its path."""
        return self.mount_path.rpartition("/")[2]

    def to_json(self) -> dict[str, Any]:
        """What from_json() reads."""
        return {"content": self.content, "mount_path": self.mount_path}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "CustomConfig":
        """The file that is described; raises SpecValidationError, which names the field."""
        if not isinstance(data, dict):
            raise SpecValidationError(f"CustomConfig must be an object, not {data!r}")
        for field in cls._fields:
            if field not in data:
                raise SpecValidationError(f'CustomConfig must have "{field}" field')
        for field in data:
            if field not in cls._fields:
                raise SpecValidationError(f'CustomConfig got unknown field "{field}"')
        return cls(**data)

    def validate(self) -> None:
        """Raise SpecValidationError unless both are texts."""
        for value in (self.content, self.mount_path):
            if not isinstance(value, str):
                # The same words for both fields, as users match on them.
                raise SpecValidationError(
                    f"CustomConfig content must be a string. Got {type(value)}"
                )

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if isinstance(other, CustomConfig) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # two equal ones may come to differ

    def __repr__(self) -> str:
        return f"CustomConfig({self.mount_path})"
