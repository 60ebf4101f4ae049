"""Typed option values: of modules, of this daemon, of other daemons."""

import fnmatch
import logging
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from module_host.session import Session


OptionValue = bool | int | float | str

_TRUE = frozenset({"1", "true", "True", "on", "yes"})
_DAEMON_TYPES = frozenset({"auth", "mon", "osd", "mds", "mgr", "client"})
_CONVERT: dict[str, Callable[[str], OptionValue]] = {
    "bool": lambda text: text in _TRUE,
    "int": lambda text: int(text, 0),
    "uint": lambda text: int(text, 0),
    "size": lambda text: int(text, 0),
    "float": float,
    "secs": float,
    "millisecs": float,
}
# ceph-mgr's own default is False; here each module's log is its own file unless it says otherwise.
LOG_TO_FILE = "log_to_file"


def typed(text: str, kind: str) -> OptionValue:
    """Give the value of an option of type `kind`; raises ValueError, as ceph-mgr does on "4K"."""
    return _CONVERT.get(kind, str)(text)


class ModuleOptions:
    """Options of modules, typed as they are declared."""

    def __init__(self, session: Session, declared: Sequence[Mapping[str, Any]]) -> None:
        """Take MODULE_OPTIONS of this process' module: a published manager map may lag."""
        self._session = session
        self._declared = declared
        self._emptied: set[str] = set()
        self._hidden: set[str] = set()

    def wrote(self, module: str, key: str, value: str | None) -> None:
        """Note what this process has set: only its own empty value counts as one, observed on
        16.2.15. Anybody else's, and its own after a restart, counts as unset.
        """
        name = f"mgr/{module}/{key}"
        if value == "":
            self._emptied.add(name)
        else:
            self._emptied.discard(name)

    def get(self, module: str, key: str, prefix: str = "") -> OptionValue | None:
        """Value of `key`, the one for `prefix` (a manager's id) first; None where unset."""
        # Modules ask this in loops: nothing is made here that is not needed.
        for name in (f"{prefix}/{key}", key) if prefix else (key,):
            full = f"mgr/{module}/{name}"
            text = self._session.option(full)
            if text or full in self._emptied:
                return typed(text or "", self._type(module, key))
        if module != self._session.identity.module:
            self._explain(module, f"mgr/{module}/{key}")
        return True if key == LOG_TO_FILE else None

    def _explain(self, module: str, full: str) -> None:
        """Say once that an option of another module looks unset for want of a grant."""
        identity = self._session.identity
        if full in self._hidden:
            return
        if not any(fnmatch.fnmatchcase(full, pattern) for pattern in identity.foreign):
            self._hidden.add(full)
            logging.getLogger(identity.module).warning(
                "option %s is not shown to module '%s' and looks unset: the grant is missing; "
                '[module.%s] config = ["%s"] gives it',
                full, identity.module, identity.module, full,
            )  # fmt: skip

    def _type(self, module: str, key: str) -> str:
        if module == self._session.identity.module:
            for option in self._declared:
                if option["name"] == key:
                    return str(option.get("type", "str"))
        return self._published_type(module, key.rpartition("/")[2])

    def _published_type(self, module: str, key: str) -> str:
        manager_map = self._session.shared_state("mgr_map") or {}
        for entry in manager_map.get("available_modules", ()):
            if entry["name"] == module:
                option = entry["module_options"].get(key)
                return str(option["type"]) if option else "str"
        return "str"


class CephOptions:
    """Ceph's own options, as this daemon or another one sees them."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._schema_source: Any = None
        self._schema_index: dict[str, Mapping[str, Any]] = {}

    def get(self, name: str) -> OptionValue:
        """Value in force in this daemon; raises KeyError, also for `name` and `cluster`."""
        option = self._option(name)
        text = self._in_force(name)
        return _as_declared(option, option["default"] if text is None else text)

    def text(self, name: str) -> str | None:
        """The same as it is written; None for an unknown option."""
        text = self._in_force(name)
        if text is not None:
            return str(text)
        try:
            return str(self._option(name)["default"])
        except KeyError:
            return None

    def _in_force(self, name: str) -> Any:
        """The value that is set, None for none; ours where the captured manager's is of no use."""
        identity = self._session.identity
        own = {"log_file": identity.log_file, "keyring": identity.keyring}.get(name)
        return own or self._session.state_entry("config", name)

    def foreign(self, entity: str, name: str) -> OptionValue:
        """Value that `entity` ("osd", "osd.3", "client.rgw.a") gets from the config database.

        The most specific section wins; raises KeyError for a malformed entity or unknown option.
        """
        kind, _, ident = entity.partition(".")
        if kind not in _DAEMON_TYPES:
            raise KeyError(f"invalid entity: {entity}")
        option = self._option(name)
        sections = self._session.shared_state("_config_map") or {}
        for section in (entity if ident else "", kind, "global"):
            if name in sections.get(section, {}):
                return _as_declared(option, sections[section][name])
        return _as_declared(option, option["default"])

    def _option(self, name: str) -> Mapping[str, Any]:
        """What is declared of an option: at least its type and default; raises KeyError."""
        brief = self._session.state_entry("_config_defaults", name)
        if brief is not None:
            return dict(zip(("type", "default"), brief, strict=True))
        # Whoever publishes whole descriptions alone: a test, a captured folder.
        document = self._session.shared_state("config_options") or {"options": []}
        if document is not self._schema_source:
            self._schema_index = {option["name"]: option for option in document["options"]}
            self._schema_source = document
        try:
            return self._schema_index[name]
        except KeyError:
            raise KeyError(f"option not found: {name}") from None


def _as_declared(option: Mapping[str, Any], value: Any) -> OptionValue:
    """Defaults come typed or as text, depending on the type; values in force come as text."""
    kind = str(option["type"])
    if isinstance(value, bool) or kind not in _CONVERT:
        return value if isinstance(value, bool) else str(value)
    text = str(value)
    if kind in ("int", "uint", "size") and re.fullmatch(r"-?\d+\.0*", text):
        text = text.partition(".")[0]
    # An unset number is written as the empty text.
    return typed(text, kind) if text else typed("0", kind)
