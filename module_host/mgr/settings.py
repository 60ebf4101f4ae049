"""Part of MgrModule: options, the module's own keys, and options of other daemons."""

from collections.abc import Callable
from typing import Any

from module_host.ceph.primitives import BaseMgrModule
from module_host.mgr.exposed import API
from module_host.mgr.option import OptionValue


def localized_key(prefix: str, key: str) -> str:
    """Name of `key` as it is for one manager only."""
    return f"{prefix}/{key}"


class Settings(BaseMgrModule):
    """Part of MgrModule."""

    MODULE_OPTIONS: list[Any] = []
    MODULE_OPTION_DEFAULTS: dict[str, Any] = {}
    module_name: str

    def get_mgr_id(self) -> str:
        """Name of the manager daemon that this module belongs to."""
        return self._ceph_get_mgr_id()

    @API.expose
    def get_ceph_option(self, key: str) -> OptionValue:
        """An option of Ceph as in force here; raises KeyError."""
        return self._ceph_get_option(key)

    @API.expose
    def get_foreign_ceph_option(self, entity: str, key: str) -> OptionValue:
        """An option of Ceph as `entity` ("osd.3") gets it; raises KeyError."""
        return self._ceph_get_foreign_option(entity, key)

    def _validate_module_option(self, key: str) -> None:
        for option in self.MODULE_OPTIONS:
            if option["name"] == key:
                return
        owner = type(self).__name__
        raise RuntimeError(f"Config option '{key}' is not in {owner}.MODULE_OPTIONS")

    def _get_module_option(
        self, key: str, default: OptionValue, localized_prefix: str = ""
    ) -> OptionValue:
        value = self._ceph_get_module_option(self.module_name, key, localized_prefix)
        return self.MODULE_OPTION_DEFAULTS.get(key, default) if value is None else value

    def get_module_option(self, key: str, default: OptionValue = None) -> OptionValue:
        """An option of this module: its value, else the declared default, else `default`.

        Raises RuntimeError for one that is not declared in MODULE_OPTIONS.
        """
        self._validate_module_option(key)
        return self._get_module_option(key, default)

    def get_localized_module_option(self, key: str, default: OptionValue = None) -> OptionValue:
        """As get_module_option(), the value for this manager alone first."""
        self._validate_module_option(key)
        return self._get_module_option(key, default, self.get_mgr_id())

    def get_module_option_ex(
        self, module: str, key: str, default: OptionValue = None
    ) -> OptionValue:
        """An option of any module; only a set value or `default`."""
        if module == self.module_name:
            self._validate_module_option(key)
        value = self._ceph_get_module_option(module, key)
        return default if value is None else value

    def _set_module_option(self, key: str, val: Any) -> None:
        text = None if val is None else str(val)
        return self._ceph_set_module_option(self.module_name, key, text)

    def set_module_option(self, key: str, val: Any) -> None:
        """Set an option of this module, None removes it. A refused value is only logged."""
        self._validate_module_option(key)
        return self._set_module_option(key, val)

    def set_module_option_ex(self, module: str, key: str, val: OptionValue) -> None:
        """Set an option of any module. As upstream, None becomes the text 'None'."""
        if module == self.module_name:
            self._validate_module_option(key)
        return self._ceph_set_module_option(module, key, str(val))

    @API.perm("w")
    @API.expose
    def set_localized_module_option(self, key: str, val: str | None) -> None:
        """Set an option of this module for this manager alone."""
        self._validate_module_option(key)
        return self._set_localized(key, val, self._set_module_option)

    def _set_localized(
        self, key: str, val: str | None, setter: Callable[[str, str | None], None]
    ) -> None:
        return setter(localized_key(self.get_mgr_id(), key), val)

    @API.expose
    def get_store(self, key: str, default: str | None = None) -> str | None:
        """A key of this module's own store."""
        value = self._ceph_get_store(key)
        return default if value is None else value

    @API.expose
    def get_store_prefix(self, key_prefix: str) -> dict[str, str]:
        """Keys of this module's own store that begin with `key_prefix`."""
        return self._ceph_get_store_prefix(key_prefix)

    @API.perm("w")
    @API.expose
    def set_store(self, key: str, val: str | None) -> None:
        """Set a key of this module's own store, None removes it. Returns once it is on disk."""
        self._ceph_set_store(key, val)

    @API.expose
    def get_localized_store(self, key: str, default: str | None = None) -> str | None:
        """As get_store(), the key for this manager alone first."""
        value = self._ceph_get_store(localized_key(self.get_mgr_id(), key))
        return self.get_store(key, default) if value is None else value

    @API.perm("w")
    @API.expose
    def set_localized_store(self, key: str, val: str | None) -> None:
        """Set a key for this manager alone."""
        return self._set_localized(key, val, self.set_store)
