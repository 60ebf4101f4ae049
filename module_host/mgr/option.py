"""Declarations: `Option` for MODULE_OPTIONS, `Command` for handlers registered at run time."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from module_host.mgr.cli import CLICommand, HandlerFuncType
from module_host.mgr.results import HandleCommandResult


OptionValue = bool | int | float | str | None
LEVELS = ["info", "debug", "critical", "error", "warning", ""]


class Option(dict[str, Any]):
    """One entry of MODULE_OPTIONS: a dict of what was given."""

    def __init__(
        self,
        name: str,
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
        fields = {
            "name": name,
            "default": default,
            "type": type,
            "desc": desc,
            "long_desc": long_desc,
            "min": min,
            "max": max,
            "enum_allowed": enum_allowed,
            "tags": tags,
            "see_also": see_also,
            "runtime": runtime,
        }
        super().__init__((name, value) for name, value in fields.items() if value is not None)


def logging_options() -> list[Option]:
    """Options that every module has. `log_to_file` differs from upstream, where it is off."""
    return [
        Option("log_level", default="", enum_allowed=LEVELS, runtime=True),
        Option("log_to_file", default=True, type="bool", runtime=True),
        Option("log_to_cluster", default=False, type="bool", runtime=True),
        Option("log_to_cluster_level", default="info", enum_allowed=LEVELS, runtime=True),
    ]


def with_logging_options(declared: list[Any]) -> list[Any]:
    """Give `declared` with the options that every module has; a module's own one wins."""
    names = {option["name"] for option in declared}
    return [*declared, *(option for option in logging_options() if option["name"] not in names)]


def defaults(declared: list[Any]) -> dict[str, Any]:
    """Default of each option that has one. Where no type is declared, values are text."""
    return {
        option["name"]: option["default"] if "type" in option else str(option["default"])
        for option in declared
        if "default" in option
    }


class Command(dict[str, Any]):
    """A command whose handler is registered by a call, perhaps one bound to another object."""

    def __init__(
        self, prefix: str, handler: HandlerFuncType, perm: str = "rw", poll: bool = False
    ) -> None:
        super().__init__(perm=perm, poll=poll)
        self.prefix = prefix
        self.handler = handler

    @staticmethod
    def returns_command_result(
        instance: Any, f: HandlerFuncType
    ) -> Callable[..., HandleCommandResult]:
        """Wrap `f`: called on `instance` if there is one, its tuple made a HandleCommandResult."""

        @functools.wraps(f)
        def wrapper(mgr: Any, *args: Any, **kwargs: Any) -> HandleCommandResult:
            return HandleCommandResult(*f(instance or mgr, *args, **kwargs))

        wrapper.__signature__ = inspect.signature(f)  # type: ignore[attr-defined]
        return wrapper

    def register(self, instance: Any = False) -> HandlerFuncType:
        """Register the handler as a CLICommand; on `instance` instead of the module if given."""
        command = CLICommand(prefix=self.prefix, perm=self["perm"])
        return command(self.returns_command_result(instance, self.handler))
