"""Commands of a module in a registry of its own, whose errors become answers.

`mgr_module.CLICommand` keeps one registry for all that is imported into a process, and a module
that imports another one's package would declare that one's commands, too.
"""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from ceph.deployment.hostspec import SpecValidationError
from mgr_module import CLICommand, HandleCommandResult

from orchestrator.errors import OrchestratorError


Handler = TypeVar("Handler", bound=Callable[..., Any])


def handle_exception(prefix: str, perm: str, func: Handler) -> Handler:
    """Make `func` the handler of `prefix`; what an orchestrator raises becomes its answer.

    Called directly, it answers in the same way. Any other exception is a bug and passes.
    """

    @wraps(func)
    def handler(*args: Any, **kwargs: Any) -> Any:
        try:
            return func(*args, **kwargs)
        except (OrchestratorError, SpecValidationError) as error:
            return HandleCommandResult(error.errno, stderr=str(error))
        except ImportError as error:
            return HandleCommandResult(-errno.ENOENT, stderr=str(error))
        except NotImplementedError:
            text = f"This Orchestrator does not support `{prefix}`"
            return HandleCommandResult(-errno.ENOENT, stderr=text)

    command = CLICommand(prefix, perm)
    command.store_func_metadata(func)
    command.func = handler
    vars(handler).update(_prefix=prefix, _cli_command=command)
    return handler  # type: ignore[return-value]


def _cli_read_command(prefix: str) -> Callable[[Handler], Handler]:
    """Declare a command that changes nothing."""
    return lambda func: handle_exception(prefix, "r", func)


def _cli_write_command(prefix: str) -> Callable[[Handler], Handler]:
    """Declare a command that changes something."""
    return lambda func: handle_exception(prefix, "rw", func)


class CLICommandMeta(type):
    """The class of a module class whose commands are the ones declared in its own body."""

    def __init__(cls, name: str, bases: tuple[type, ...], dct: dict[str, Any]) -> None:
        super().__init__(name, bases, dct)
        declared = [vars(member) for member in dct.values() if hasattr(member, "__dict__")]
        dispatch: dict[str, CLICommand] = {
            said["_prefix"]: said["_cli_command"] for said in declared if "_cli_command" in said
        }

        def handle_command(self: Any, inbuf: str | None, cmd: dict[str, Any]) -> Any:
            command = dispatch.get(cmd["prefix"])
            if command is None:
                return super(cls, self).handle_command(inbuf, cmd)
            return command.call(self, cmd, inbuf)

        cls.COMMANDS = [command.dump_cmd() for command in dispatch.values()]
        cls.handle_command = handle_command
