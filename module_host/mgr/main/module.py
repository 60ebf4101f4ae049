"""The newest `MgrModule`: what pacific's has not, or has otherwise."""

from typing import Any

from module_host.mgr.exposed import API
from module_host.mgr.main import option
from module_host.mgr.main.cli import CLICommandBase
from module_host.mgr.main.counters import LabelledCounters
from module_host.mgr.main.daemons import Daemons
from module_host.mgr.main.database import Database
from module_host.mgr.main.logs import NamedLoggers
from module_host.mgr.main.pools import Pools
from module_host.mgr.module import ModuleBase


class MgrModule(Database, LabelledCounters, Daemons, Pools, NamedLoggers, ModuleBase):
    """The base class of a module that is written to the newest interface."""

    # A module makes a registry of its own: CLICommandBase.make_registry_subtype().
    CLICommand = CLICommandBase

    @classmethod
    def _register_options(cls, module_name: str) -> None:
        """Add the options that every module has; called once, before the class is used."""
        cls.MODULE_OPTIONS = option.with_every_modules_options(cls.MODULE_OPTIONS)

    @classmethod
    def _register_commands(cls, module_name: str) -> None:
        """Add the decorated commands to COMMANDS; called once, before the class is used."""
        registry = cls.CLICommand
        shared = registry.COMMANDS is CLICommandBase.COMMANDS
        package = cls.__module__.partition(".")[0] if shared else ""
        cls.COMMANDS = [*cls.COMMANDS, *registry.dump_cmd_list(package)]

    @API.expose
    def get(self, data_name: str, mutable: bool = False) -> Any:
        """Give a named document of the cluster, None if there is none: one object for all who ask,
        which refuses to be changed; with `mutable` an object of your own.
        """
        return self._ceph_get(data_name, mutable)

    @API.expose
    def erase(self, data_name: str) -> bool:
        """Let go of the shared object of a document; answers whether there was one."""
        return self._ceph_erase(data_name)

    def set_module_option(self, key: str, val: Any) -> None:
        """Set an option of this module, None removes it. Raises ValueError for a refused value."""
        return super().set_module_option(key, val)

    @API.perm("w")
    @API.expose
    def update_progress_event(
        self, evid: str, desc: str, progress: float, add_to_ceph_s: bool = False
    ) -> None:
        """Show or change a progress bar; `progress` is 0.0 to 1.0."""
        return self._ceph_update_progress_event(evid, desc, progress, add_to_ceph_s)
