"""Turns a host's Loaded message into what the core knows of a class."""

from proto.v1.module_pb2 import Loaded, ModuleOption
from supervisor.core.facts import CommandDeclaration, Facts, OptionDeclaration


def facts_from(loaded: Loaded) -> Facts:
    """The same, as the core's own types."""
    return Facts(
        can_run=loaded.can_run,
        error=loaded.error,
        options=tuple(_option(option) for option in loaded.options),
        commands=tuple(CommandDeclaration(c.cmd, c.desc, c.perm, c.poll) for c in loaded.commands),
        notify_types=frozenset(loaded.notify_types),
        has_active=loaded.has_active,
        has_standby=loaded.has_standby,
        origin=loaded.origin,
    )


def _option(option: ModuleOption) -> OptionDeclaration:
    return OptionDeclaration(
        name=option.name,
        type=option.type or "str",
        default=option.default if option.HasField("default") else None,
        desc=option.desc,
        long_desc=option.long_desc,
        min=option.min if option.HasField("min") else None,
        max=option.max if option.HasField("max") else None,
        enum_allowed=tuple(option.enum_allowed),
        tags=tuple(option.tags),
        see_also=tuple(option.see_also),
        runtime=option.runtime,
        level=option.level or "advanced",
    )
