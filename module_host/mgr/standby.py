"""`MgrStandbyModule`, what a module runs on a manager that is not the active one."""

import logging
import socket
from typing import Any

from module_host.ceph.primitives import BaseMgrStandbyModule
from module_host.mgr import option
from module_host.mgr.logs import MgrModuleLoggingMixin
from module_host.mgr.option import OptionValue
from module_host.mgr.settings import localized_key


class MgrStandbyModule(BaseMgrStandbyModule, MgrModuleLoggingMixin):
    """Reads options and keys, serves something; no commands, no notifications, no writes."""

    MODULE_OPTIONS: list[Any] = []
    MODULE_OPTION_DEFAULTS: dict[str, Any] = {}

    def __init__(self, module_name: str, capsule: Any) -> None:
        self.module_name = module_name
        BaseMgrStandbyModule.__init__(self, capsule)
        self.MODULE_OPTION_DEFAULTS = option.defaults(self.MODULE_OPTIONS)
        self._configure_logging(
            str(self.get_ceph_option("debug_mgr")),
            str(self.get_module_option("log_level", "")),
            str(self.get_module_option("log_to_cluster_level", "info")),
            bool(self.get_module_option("log_to_file", True)),
            False,  # a standby must not write to the cluster log
        )
        self._logger = self.getLogger()

    @classmethod
    def _register_options(cls, module_name: str) -> None:
        """Add the options that every module has; called once, before the class is used."""
        cls.MODULE_OPTIONS = option.with_logging_options(cls.MODULE_OPTIONS)

    @property
    def log(self) -> logging.Logger:
        """The root logger: one process holds one module."""
        return self._logger

    def serve(self) -> None:
        """Work until shutdown(); a standby module must have this."""
        raise NotImplementedError(f"{type(self).__name__} does not define serve()")

    def shutdown(self) -> None:
        """Make serve() return."""

    def get_mgr_id(self) -> str:
        """Name of the manager daemon that this module belongs to."""
        return self._ceph_get_mgr_id()

    def get_module_option(self, key: str, default: OptionValue = None) -> OptionValue:
        """An option of this module: its value, else the declared default, else `default`."""
        value = self._ceph_get_module_option(key)
        return self.MODULE_OPTION_DEFAULTS.get(key, default) if value is None else value

    def get_localized_module_option(self, key: str, default: OptionValue = None) -> OptionValue:
        """As get_module_option(), the value for this manager alone first."""
        value = self._ceph_get_module_option(key, self.get_mgr_id())
        return self.MODULE_OPTION_DEFAULTS.get(key, default) if value is None else value

    def get_ceph_option(self, key: str) -> OptionValue:
        """An option of Ceph as in force here, None for an unknown one."""
        return self._ceph_get_option(key)

    def get_store(self, key: str) -> str | None:
        """A key of this module's own store."""
        return self._ceph_get_store(key)

    def get_localized_store(self, key: str, default: str | None = None) -> str | None:
        """As get_store(), the key for this manager alone first."""
        for name in (localized_key(self.get_mgr_id(), key), key):
            value = self._ceph_get_store(name)
            if value is not None:
                return value
        return default

    def get_active_uri(self) -> str:
        """Where the active manager's module of this name serves, "" if nowhere."""
        return self._ceph_get_active_uri()

    def get(self, data_name: str) -> Any:
        """`mgr_ips` is what a standby may read; anything else is None."""
        return self._ceph_get(data_name)

    def get_mgr_ip(self) -> str:
        """Address of this manager; its host's name where it has none."""
        addresses = self.get("mgr_ips").get("ips", [])
        return str(addresses[0]) if addresses else socket.gethostname()
