"""The interface that every backend implements and every client calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orchestrator.features import hide_in_features, is_hidden
from orchestrator.methods.daemons import DaemonMethods
from orchestrator.methods.devices import DeviceMethods
from orchestrator.methods.hardware import HardwareMethods
from orchestrator.methods.hosts import HostMethods
from orchestrator.methods.osds import OsdMethods
from orchestrator.methods.services import ServiceMethods
from orchestrator.methods.settings import SettingMethods
from orchestrator.methods.specs import SpecMethods
from orchestrator.methods.upgrades import UpgradeMethods


class Orchestrator(
    HostMethods,
    HardwareMethods,
    DeviceMethods,
    OsdMethods,
    DaemonMethods,
    ServiceMethods,
    SpecMethods,
    SettingMethods,
    UpgradeMethods,
):
    """What an orchestrator can be asked; each backend overrides what it can do.

    Unless said otherwise a method answers OrchResult, also for an error (`handle_orch_error`), and
    returns soon: what takes long goes on after the answer, shown as progress. What a backend does
    not override raises NotImplementedError.
    """

    @hide_in_features
    def is_orchestrator_module(self) -> bool:
        """Whether a module can be chosen as backend: True here, no such attribute elsewhere."""
        return True

    @hide_in_features
    def available(self) -> tuple[bool, str, dict[str, Any]]:
        """Whether the backend works at all, why it does not, and whatever it tells of itself.

        It is called often, and must not take long.
        """
        raise NotImplementedError

    @hide_in_features
    def get_feature_set(self) -> dict[str, dict[str, Any]]:
        """{method: {"available": ...}}: whether the backend has it, not that it would succeed."""
        cls = type(self)
        return {
            name: {"available": getattr(cls, name) != method}
            for name, method in interface_methods().items()
            if not is_hidden(method)
        }

    def cancel_completions(self) -> None:
        """Give up what is under way."""
        raise NotImplementedError

    def pause(self) -> None:
        """Do nothing on one's own until `resume`."""
        raise NotImplementedError

    def resume(self) -> None:
        """Go on after `pause`."""
        raise NotImplementedError


def interface_methods() -> dict[str, Callable[..., Any]]:
    """Every method that belongs to the interface, by name."""
    parts = [*reversed(Orchestrator.__mro__[1:-1]), Orchestrator]
    return {
        name: method
        for part in parts
        for name, method in vars(part).items()
        if callable(method) and not name.startswith("_")
    }
