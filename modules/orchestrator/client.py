"""The orchestrator as other modules call it: each method goes to the backend that was chosen."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from orchestrator.errors import NoOrchestrator
from orchestrator.interface import Orchestrator, interface_methods


class OrchestratorClientMixin(Orchestrator):
    """Every method of Orchestrator, sent to the backend by remote(); not for backends themselves.

    For a class that derives from MgrModule as well, or with `set_mgr` for any other. Answers are
    the backend's OrchResult; `raise_if_exception` gives its result.
    """

    def set_mgr(self, mgr: Any) -> None:
        """Send calls through module `mgr`, where this object is no module itself."""
        self.__mgr = mgr

    def _oremote(self, meth: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method of the backend.

        Raises NoOrchestrator; NotImplementedError for a method that the backend lacks; ImportError
        where the backend is not running; else what remote() raises.
        """
        mgr = getattr(self, "_OrchestratorClientMixin__mgr", self)
        backend = _backend(mgr)
        mgr.log.debug("%s.%s(*%s, **%s)", backend, meth, args, kwargs)
        try:
            return mgr.remote(backend, meth, *args, **kwargs)
        except Exception as error:
            if meth == "get_feature_set" or not _concerns_the_method(error):
                raise
            feature = self.get_feature_set().get(meth)
            if feature is None or not feature["available"]:
                raise NotImplementedError(f"{backend} does not implement {meth}") from error
            raise


def _backend(mgr: Any) -> Any:
    """Name of the chosen backend; the orchestrator module knows it without a call."""
    select = getattr(mgr, "_select_orchestrator", None)
    chosen = mgr.remote("orchestrator", "_select_orchestrator") if select is None else select()
    if chosen is None:
        raise NoOrchestrator
    return chosen


def _concerns_the_method(error: Exception) -> bool:
    """Whether a call may have failed for want of the method: not where its process died, its
    deadline passed or a value could not cross.
    """
    return getattr(error, "kind", "raised") == "raised"


def _shim(name: str) -> Callable[..., Any]:
    def call(self: OrchestratorClientMixin, *args: Any, **kwargs: Any) -> Any:
        return self._oremote(name, args, kwargs)

    return call


for _name, _method in interface_methods().items():
    if _name != "is_orchestrator_module":
        setattr(OrchestratorClientMixin, _name, update_wrapper(_shim(_name), _method))
