"""The module `orchestrator`: the commands, and the choice of the backend that serves them.

Clients of the interface in other modules ask this one for the backend's name and then call the
backend itself, so it is on no path but that of the commands.
"""

import errno
from typing import Any, Optional

from mgr_module import HandleCommandResult, MgrModule, Option

from orchestrator._interface import OrchestratorClientMixin, OrchestratorError, raise_if_exception
from orchestrator.cli.backend import OPTION, BackendCommands
from orchestrator.cli.daemons import DaemonCommands
from orchestrator.cli.devices import DeviceCommands
from orchestrator.cli.gateways import GatewayCommands
from orchestrator.cli.hosts import HostCommands
from orchestrator.cli.lights import LightCommands
from orchestrator.cli.osds import OsdCommands
from orchestrator.cli.services import ServiceCommands
from orchestrator.cli.upgrade import UpgradeCommands


FAMILIES = (
    LightCommands,
    HostCommands,
    DeviceCommands,
    ServiceCommands,
    DaemonCommands,
    OsdCommands,
    GatewayCommands,
    BackendCommands,
    UpgradeCommands,
)
# Not in the registry of mgr_module: whoever imports this package would have the commands as well.
HANDLERS = {
    handler._prefix: handler._cli_command  # noqa: SLF001  what the decorators leave
    for family in FAMILIES
    for handler in vars(family).values()
    if hasattr(handler, "_prefix")
}
# What became of a call of the backend that has no answer, by `kind` of the error of remote().
UNANSWERED = {"timed out": errno.ETIMEDOUT, "died": errno.EIO}


class OrchestratorCli(*FAMILIES, OrchestratorClientMixin, MgrModule):  # type: ignore[misc]
    """`ceph orch ...` and `ceph device ...`."""

    COMMANDS = [command.dump_cmd() for command in HANDLERS.values()]
    # Most commands wait for the backend, which may look at every host; nobody else waits with them.
    COMMANDS_SIDE_BY_SIDE = True
    MODULE_OPTIONS = [
        Option(OPTION, type="str", default=None, desc="module that manages hosts", runtime=True)
    ]
    NATIVE_OPTIONS: list[Any] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._load_lights()

    def handle_command(self, inbuf: Optional[str], cmd: dict[str, Any]) -> HandleCommandResult:
        """Serve a command; what nobody foresaw is an answer too, and its traceback in the log."""
        try:
            result: HandleCommandResult = HANDLERS[cmd["prefix"]].call(self, cmd, inbuf)
        except Exception as error:
            unanswered = UNANSWERED.get(getattr(error, "kind", ""))
            if unanswered is not None:
                return HandleCommandResult(-unanswered, stderr=str(error))
            self.log.exception("`%s` failed", cmd["prefix"])
            sentence = f"`{cmd['prefix']}` failed: {type(error).__name__}: {error}".rstrip(": ")
            where = "the tracebacks are in the logs of this module and of the backend"
            return HandleCommandResult(-errno.EINVAL, stderr=f"{sentence} ({where})")
        return result

    def self_test(self) -> None:
        """Raise where choosing a backend, or an error that crosses, does not do what it should."""
        chosen = self._select_orchestrator()
        self._set_backend("")
        if self._select_orchestrator() is not None:
            raise RuntimeError("the backend cannot be unset")
        refused = self._set_backend(chosen).stderr
        if refused:
            raise RuntimeError(f"the backend cannot be set again: {refused}")
        for kind in (ZeroDivisionError, OrchestratorError):
            made = self.remote("selftest", "remote_from_orchestrator_cli_self_test", kind.__name__)
            try:
                raise_if_exception(made)
            except kind as error:
                if error.args != ("hello, world",):
                    raise RuntimeError(f"{kind.__name__} arrived with {error.args}") from error
            else:
                raise RuntimeError(f"{kind.__name__} was not raised")
