"""What a command returns, written in the format that was asked for.

An object says itself what it looks like, by one of the methods of these protocols; a value made of
dicts, lists, strings, numbers and booleans needs none.
"""

import enum
import json
from collections.abc import Iterable
from typing import Any, Protocol

import yaml


DEFAULT_JSON_INDENT = 2
SimpleData = Any  # what json.dumps() takes


class Format(str, enum.Enum):  # noqa: UP042  upstream's str() of a member is its qualified name
    """The values of `--format`."""

    plain = "plain"
    json = "json"
    json_pretty = "json-pretty"
    yaml = "yaml"
    xml_pretty = "xml-pretty"
    xml = "xml"


class SimpleDataProvider(Protocol):
    """Knows a form of itself that is made of simple data."""

    def to_simplified(self) -> SimpleData:
        """Give simple data."""


class JSONDataProvider(Protocol):
    """Knows what of it belongs into JSON; asked where `compatible` is set."""

    def to_json(self) -> Any:
        """Give simple data, not JSON text."""


class YAMLDataProvider(Protocol):
    """Knows what of it belongs into YAML; asked where `compatible` is set."""

    def to_yaml(self) -> Any:
        """Give simple data, not YAML text."""


class JSONFormatter(Protocol):
    """Writes JSON."""

    def format_json(self) -> str:
        """Give JSON text."""


class YAMLFormatter(Protocol):
    """Writes YAML."""

    def format_yaml(self) -> str:
        """Give YAML text."""


class ReturnValueProvider(Protocol):
    """Decides the command's return value."""

    def mgr_return_value(self) -> int:
        """Give 0 or a negative errno."""


class StatusValueProvider(Protocol):
    """Decides what the command says on stderr."""

    def mgr_status_value(self) -> str:
        """Give the text, empty for none."""


class CommonFormatter(Protocol):
    """Writes one object in several formats: a method format_FORMAT for each, `-` being `_`."""

    def valid_formats(self) -> Iterable[str]:
        """Give the names that are formats; one without a method is known and not supported."""


class ObjectFormatAdapter:
    """Writes any object as JSON or YAML; a subclass may add format_plain, format_xml and others.

    `compatible` says that the object's to_json() and to_yaml() give data and not text. Indentation
    is in columns, None: all on one line.
    """

    def __init__(
        self,
        obj: Any,
        json_indent: int | None = DEFAULT_JSON_INDENT,
        compatible: bool = False,
        sort_json: bool = True,
        sort_yaml: bool = True,
    ) -> None:
        self.obj = obj
        self.json_indent = json_indent
        self.sort_json = sort_json
        self.sort_yaml = sort_yaml
        self._compatible = compatible

    def valid_formats(self) -> Iterable[str]:
        """Give all names of Format; json_pretty is as good as json-pretty."""
        return {*Format.__members__, *(member.value for member in Format)}

    def format_json(self) -> str:
        """Give JSON text."""
        return json.dumps(self._json_data(), indent=self.json_indent, sort_keys=self.sort_json)

    format_json_pretty = format_json

    def format_yaml(self) -> str:
        """Give YAML text."""
        return str(yaml.safe_dump(self._yaml_data(), sort_keys=self.sort_yaml))

    def _json_data(self) -> Any:
        if self._compatible and provides(self.obj, "to_json"):
            return self.obj.to_json()
        return self.obj.to_simplified() if provides(self.obj, "to_simplified") else self.obj

    def _yaml_data(self) -> Any:
        if self._compatible and provides(self.obj, "to_yaml"):
            return self.obj.to_yaml()
        return self._json_data()


class ReturnValueAdapter:
    """The return value of any object: its own, or `default`."""

    def __init__(self, obj: Any, default: int = 0) -> None:
        self.obj = obj
        self.default_return_value = default

    def mgr_return_value(self) -> int:
        """Give 0 or a negative errno."""
        if provides(self.obj, "mgr_return_value"):
            return int(self.obj.mgr_return_value())
        return self.default_return_value


class StatusValueAdapter:
    """The text for stderr of any object: its own, or `default`."""

    def __init__(self, obj: Any, default: str = "") -> None:
        self.obj = obj
        self.default_status = default

    def mgr_status_value(self) -> str:
        """Give the text."""
        if provides(self.obj, "mgr_status_value"):
            return str(self.obj.mgr_status_value())
        return self.default_status


def provides(obj: Any, method: str) -> bool:
    """Say whether `obj` has such a method."""
    return callable(getattr(obj, method, None))
