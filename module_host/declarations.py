"""What a module class declares, checked and turned into messages.

Each function raises DeclarationError with one sentence that names the item and says what is wrong.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from proto.descriptor import Signature
from proto.v1.module_pb2 import CommandDescriptor, ModuleOption


log = logging.getLogger("loader")

OPTION_TYPES = (
    "str", "int", "uint", "float", "bool", "addr", "addrvec", "uuid", "size", "secs", "millisecs",
)  # fmt: skip
LEVELS = ("basic", "advanced", "dev", "unknown")
PERMISSIONS = ("r", "w", "rw")


class DeclarationError(ValueError):
    """A module class declares what nobody can use; the module's author has to correct it."""


def commands(declared: Any) -> list[CommandDescriptor]:
    """The descriptors in COMMANDS."""
    if not isinstance(declared, list | tuple):
        raise DeclarationError("Missing or invalid COMMANDS attribute")
    return [_command(_entry(item, "COMMANDS", n), n) for n, item in enumerate(declared)]


def options(declared: Any) -> list[ModuleOption]:
    """The options in MODULE_OPTIONS. A name declared twice counts as first declared."""
    if not isinstance(declared, list | tuple):
        raise DeclarationError("invalid MODULE_OPTIONS attribute: it must be a list of options")
    found: dict[str, ModuleOption] = {}
    for n, item in enumerate(declared):
        option = _option(_entry(item, "MODULE_OPTIONS", n), n)
        found.setdefault(option.name, option)
    return list(found.values())


def notify_types(declared: Any) -> list[str]:
    """The types in NOTIFY_TYPES, as plain text; unknown ones are kept and never occur."""
    if declared is None:
        return []
    if not isinstance(declared, Iterable) or isinstance(declared, str | bytes):
        raise DeclarationError("invalid NOTIFY_TYPES attribute: it must be a list of text")
    types = list(declared)
    for item in types:
        if not isinstance(item, str):
            raise DeclarationError(f"NOTIFY_TYPES: {item!r} is not a notification type (a str)")
    # str.__str__: an enum member's own str() is its name.
    return [str.__str__(item) for item in types]


def _entry(item: Any, where: str, number: int) -> Mapping[str, Any]:
    if not isinstance(item, Mapping):
        raise DeclarationError(f"{where}[{number}]: {type(item).__name__} instead of a dict")
    return item


def _command(item: Mapping[str, Any], number: int) -> CommandDescriptor:
    cmd = item.get("cmd")
    if not isinstance(cmd, str) or not cmd.strip():
        raise DeclarationError(f"COMMANDS[{number}]: 'cmd' must be text: words and arguments")
    try:
        Signature.parse(cmd)
    except ValueError as error:
        raise DeclarationError(f"COMMANDS[{number}]: {error}") from None
    perm = item.get("perm", "rw")
    if perm not in PERMISSIONS:
        raise DeclarationError(f"COMMANDS[{number}] ({cmd}): perm {perm!r} is none of r, w, rw")
    return CommandDescriptor(
        cmd=cmd,
        desc=str(item.get("desc") or ""),
        perm=perm,
        poll=bool(item.get("poll")),  # any text, too: "false" polls, as in ceph-mgr 16.2.15
    )


def _option(item: Mapping[str, Any], number: int) -> ModuleOption:
    name = item.get("name")
    if not isinstance(name, str) or not name:
        raise DeclarationError(f"MODULE_OPTIONS[{number}]: 'name' must be text")
    where = f"MODULE_OPTIONS[{number}] ({name})"
    kind = item.get("type", "str")
    if kind not in OPTION_TYPES:
        # As ceph-mgr 16.2.15 does, without a word there: its zabbix module has a type "count".
        log.warning("%s: type %r is none of %s: taken as str", where, kind, ", ".join(OPTION_TYPES))
        kind = "str"
    option = ModuleOption(
        name=name,
        type=kind,
        desc=str(item.get("desc") or ""),
        long_desc=str(item.get("long_desc") or ""),
        enum_allowed=_texts(item, "enum_allowed", where),
        tags=_texts(item, "tags", where),
        see_also=_texts(item, "see_also", where),
        runtime=bool(item.get("runtime", False)),
        level=_level(item.get("level", "advanced"), where),
    )
    if "default" in item:
        option.default = str(item["default"])  # None becomes "None", as in ceph-mgr 16.2.15
    for field in ("min", "max"):
        if item.get(field) is not None:
            setattr(option, field, str(item[field]))
    return option


def _texts(item: Mapping[str, Any], field: str, where: str) -> list[str]:
    values = item.get(field) or []
    if not isinstance(values, Iterable) or isinstance(values, str | bytes):
        raise DeclarationError(f"{where}: '{field}' must be a list")
    return sorted({str(value) for value in values})  # a sorted set in ceph-mgr, too


def _level(declared: Any, where: str) -> str:
    level = str(getattr(declared, "name", declared)).lower()
    if level not in LEVELS:
        raise DeclarationError(f"{where}: level {declared!r} is none of {', '.join(LEVELS)}")
    return level
