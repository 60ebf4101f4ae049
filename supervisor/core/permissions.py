"""What one module may do to others and to the cluster over the bus, decided from the grants.

A command that only reads is everybody's. All else takes a grant, and a wildcard grants everything
but a way to more than the module has: what guarded modules do is called only by those whose grants
name them, and a command that decides what code runs (supervisor.core.demand) is sent only by those
whose grants name it.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from supervisor.core.demand import KEY_WRITES, Demand, demand, of_daemon
from supervisor.core.grants import Grants


OPTIONS = "mgr/"
_WILD = frozenset("*?[")
# By these a caller has the callee act in its own name.
_LENT = frozenset(
    (
        "remote", "_oremote", "handle_command", "_handle_command", "mon_command",
        "check_mon_command", "send_command", "tell_command", "osd_command",
        "set_module_option_ex",
    )
)  # fmt: skip
_LENT_BEGIN = ("__", "_ceph_")
_CONFIG_WRITES = ("config set", "config rm")


@dataclass(frozen=True)
class Missing:
    """A refusal: what was tried, and the line of the configuration that would allow it."""

    module: str
    tried: str
    line: str

    def __str__(self) -> str:
        return (
            f"module '{self.module}' may not {self.tried}: the grant is missing; "
            f"[module.{self.module}] {self.line} gives it"
        )


class Permissions:
    """Answers None for what is allowed. Holds no state but the table."""

    def __init__(
        self, grants: Callable[[str], Grants], guarded: Mapping[str, Collection[str]]
    ) -> None:
        """`grants` of a module by its name; `guarded`: modules that can do more than any other,
        each with the methods that are open to all.
        """
        self._grants = grants
        self._guarded = guarded

    def call(self, caller: str, callee: str, method: str) -> Missing | None:
        """A remote() call."""
        if caller == callee:
            return None
        grants = self._grants(caller)
        if grants.may_call(callee, method) and (
            not self._closed(callee, method) or _named(callee, method, grants)
        ):
            return None
        line = f'calls = {{ {callee} = ["{method}"] }}'
        return Missing(caller, f"call {callee}.{method}()", line)

    def send(
        self, module: str, kind: str, command: Mapping[str, Any], permission: str | None
    ) -> Missing | None:
        """A command to a daemon of `kind` ("mon": to the monitors, or back to a module);
        `permission` as declared, None: nobody declared it, and so nobody answers it.
        """
        prefix = str(command.get("prefix", ""))
        grants = self._grants(module)
        key, writes = _touched(prefix, command) if kind == "mon" else ("", False)
        if key.startswith(own_keys(module)):
            return None
        if key and not grants.may_read_config(key):
            what = "change" if writes else "read"
            return Missing(module, f"{what} '{key}' by '{prefix}'", f'config = ["{key}"]')
        if kind != "mon":
            asked = of_daemon(prefix)
        elif permission is None:
            return None
        else:
            asked = demand(prefix, permission, command)
        if asked is Demand.READ:
            return None
        if grants.may_send(prefix) and (asked is not Demand.CONTROL or _spelled(prefix, grants)):
            return None
        return Missing(module, f"send '{prefix}'", f'commands = ["{prefix}"]')

    def write_option(self, module: str, of: str, key: str) -> Missing | None:
        """set_module_option_ex(): the same as `config set mgr mgr/...`, and the same grants."""
        command = {"prefix": "config set", "who": "mgr", "name": f"{OPTIONS}{of}/{key}"}
        return self.send(module, "mon", command, "rw")

    def reads_option(self, module: str, key: str) -> bool:
        """Whether option `key` ("mgr/<module>/...") is shown to `module`."""
        return key.startswith(own_keys(module)) or self._grants(module).may_read_config(key)

    def shown(self, module: str) -> tuple[str, ...]:
        """Patterns of the options and keys of others that `module` may read."""
        return self._grants(module).config

    def _closed(self, callee: str, method: str) -> bool:
        """Whether a wildcard is not enough: the callee is guarded, or could lend a way to one."""
        if callee in self._guarded:
            return method not in self._guarded[callee]
        lent = method in _LENT or method.startswith(_LENT_BEGIN)
        return lent and any(name in self._guarded for name in self._grants(callee).calls)


def own_keys(module: str) -> str:
    """Where a module's options and its keys are."""
    return f"{OPTIONS}{module}/"


def _named(callee: str, method: str, grants: Grants) -> bool:
    """Whether the grants name the callee itself and cover the method there."""
    return callee in grants.calls and Grants(calls={callee: grants.calls[callee]}).may_call(
        callee, method
    )


def _spelled(prefix: str, grants: Grants) -> bool:
    """Whether a pattern other than one that begins with a wildcard covers the command."""
    patterns = tuple(one for one in grants.commands if one[:1] not in _WILD)
    return Grants(commands=patterns).may_send(prefix)


def _touched(prefix: str, command: Mapping[str, Any]) -> tuple[str, bool]:
    """The option of a module or the key that a command reads or changes, and whether it changes
    it; "" for none. Where it is all of them, "*".
    """
    if prefix in _CONFIG_WRITES:
        name = str(command.get("name", ""))
        return (name, True) if name.startswith(OPTIONS) else ("", True)
    if prefix == "config get":
        name = str(command.get("key") or "*")
        shown = name == "*" and str(command.get("who", "")).partition(".")[0] == "mgr"
        return (name, False) if shown or name.startswith(OPTIONS) else ("", False)
    if prefix == "config dump":
        return "*", False
    if prefix in KEY_WRITES or prefix in ("config-key get", "config-key exists"):
        return str(command.get("key", "")), prefix in KEY_WRITES
    if prefix == "config-key dump":
        return f"{command.get('key') or ''}*", False
    return "", False
