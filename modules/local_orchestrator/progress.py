"""Progress bars of what takes long, through the module `progress` where there is one."""

from typing import Any


class Progress:
    """Tolerates that the module is off, absent or broken: a bar is a courtesy."""

    def __init__(self, module: Any) -> None:
        self._module = module
        self._shown: dict[str, float] = {}
        self._most: dict[str, int] = {}

    def show(self, key: str, message: str, fraction: float) -> None:
        """Show or move the bar `key`; only what changed is sent."""
        if self._shown.get(key) != fraction:
            self._shown[key] = fraction
            self._tell("update", f"local_orchestrator/{key}", message, fraction, ["orchestrator"])

    def left(self, key: str, message: str, left: int) -> None:
        """Show by how much of something is left, of the most that was; ends the bar at 0."""
        if left <= 0:
            self.end(key)
            return
        most = self._most[key] = max(self._most.get(key, 0), left)
        self.show(key, message, round(1 - left / most, 2))

    def end(self, key: str, failure: str = "") -> None:
        """Take it away, as done or as failed."""
        self._most.pop(key, None)
        if self._shown.pop(key, None) is not None:
            name = f"local_orchestrator/{key}"
            self._tell("fail", name, failure) if failure else self._tell("complete", name)

    def _tell(self, method: str, *arguments: Any) -> None:
        try:
            self._module.remote("progress", method, *arguments)
        except Exception as error:
            self._module.log.debug("no progress shown: %s", error)
