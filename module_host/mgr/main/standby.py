"""The newest `MgrStandbyModule`."""

import socket

from module_host.mgr import standby
from module_host.mgr.main import option
from module_host.mgr.main.logs import NamedLoggers


class MgrStandbyModule(NamedLoggers, standby.MgrStandbyModule):
    """Reads options and keys, serves something; no commands, no notifications, no writes."""

    @classmethod
    def _register_options(cls, module_name: str) -> None:
        """Add the options that every module has; called once, before the class is used."""
        cls.MODULE_OPTIONS = option.with_every_modules_options(cls.MODULE_OPTIONS)

    def get_hostname(self) -> str:
        """Name of this host."""
        return socket.gethostname()
