"""What the framework's health checks say of one module."""

from __future__ import annotations

from supervisor.core.actions import Action, SetFault


class Fault:
    """Errors and dependencies as last stated; states them again only when they change."""

    def __init__(self) -> None:
        self.error: str | None = None
        self.dependency: str | None = None

    def failed(self, error: str | None) -> list[Action]:
        """State MGR_MODULE_ERROR, or withdraw it with None."""
        return self._state(error, self.dependency)

    def depends(self, dependency: str | None) -> list[Action]:
        """State MGR_MODULE_DEPENDENCY, or withdraw it with None."""
        return self._state(self.error, dependency)

    def clear(self) -> list[Action]:
        """Withdraw both."""
        return self._state(None, None)

    def _state(self, error: str | None, dependency: str | None) -> list[Action]:
        if (error, dependency) == (self.error, self.dependency):
            return []
        self.error, self.dependency = error, dependency
        return [SetFault(error=error, dependency=dependency)]
