"""Pacific's `MgrModule`: what the newest one no longer has, or has otherwise."""

from typing import Any

from module_host.mgr.cli import CLICommand
from module_host.mgr.exposed import API
from module_host.mgr.module import ModuleBase
from module_host.mgr.pacific.counters import PathCounters


class MgrModule(PathCounters, ModuleBase):
    """The base class of a module that is written to pacific's interface."""

    # One registry for all that this process imports.
    CLICommand = CLICommand

    @classmethod
    def _register_commands(cls, module_name: str) -> None:
        """Add the decorated commands to COMMANDS; called once, before the class is used."""
        package = cls.__module__.partition(".")[0]
        cls.COMMANDS = [*cls.COMMANDS, *CLICommand.dump_cmd_list(package)]

    @API.expose
    def get(self, data_name: str) -> Any:
        """Give a named document of the cluster as an object of your own; None if there is none."""
        return self._ceph_get(data_name)

    def update_progress_event(
        self, evid: str, desc: str, progress: float, add_to_ceph_s: bool
    ) -> None:
        """Show or change a progress bar; `progress` is 0.0 to 1.0."""
        return self._ceph_update_progress_event(evid, desc, progress, add_to_ceph_s)
