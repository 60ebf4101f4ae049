"""The newest interface's options: they have a level, and modules have one option more."""

from enum import IntEnum
from typing import Any

from module_host.mgr import option
from module_host.mgr.option import OptionValue


class OptionLevel(IntEnum):
    """For whom an option is."""

    BASIC = 0
    ADVANCED = 1
    DEV = 2
    UNKNOWN = 3


class Option(option.Option):
    """One entry of MODULE_OPTIONS: a dict of what was given."""

    def __init__(
        self,
        name: str,
        level: OptionLevel = OptionLevel.ADVANCED,
        default: OptionValue = None,
        type: str = "str",
        desc: str | None = None,
        long_desc: str | None = None,
        min: OptionValue = None,
        max: OptionValue = None,
        enum_allowed: list[str] | None = None,
        tags: list[str] | None = None,
        see_also: list[str] | None = None,
        runtime: bool = False,
    ) -> None:
        super().__init__(
            name, default, type, desc, long_desc, min, max, enum_allowed, tags, see_also, runtime
        )
        self["level"] = level


def with_every_modules_options(declared: list[Any]) -> list[Any]:
    """Give `declared` with the options that every module has; a module's own one wins."""
    options = option.with_logging_options(declared)
    if all(entry["name"] != "sqlite3_killpoint" for entry in options):
        options.append(Option("sqlite3_killpoint", OptionLevel.DEV, 0, "int", runtime=True))
    return options
