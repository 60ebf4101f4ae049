"""`ceph orch set backend|status|pause|resume|cancel`: the module that does the work."""

import errno
from typing import Any, Optional

from mgr_module import HandleCommandResult

from orchestrator._interface import (
    NoOrchestrator,
    OrchestratorClientMixin,
    _cli_read_command,
    _cli_write_command,
)
from orchestrator.cli.answers import Format, shown


OPTION = "orchestrator"


class BackendCommands(OrchestratorClientMixin):
    """Choosing the backend, and what it does in the background."""

    def _select_orchestrator(self) -> Optional[str]:
        """The chosen backend's name; every client of the interface asks for it."""
        chosen: Optional[str] = self.get_module_option(OPTION)
        return chosen

    def _oremote(self, meth: str, args: Any, kwargs: Any) -> Any:
        # What a backend fails to import is in its answer: this is about the backend itself.
        try:
            return super()._oremote(meth, args, kwargs)
        except ImportError:
            backend = self._select_orchestrator()
            raise ImportError(
                f"Module '{backend}', the backend, does not run; "
                "enable it, or try `ceph orch set backend`"
            ) from None

    @_cli_write_command("orch set backend")
    def _set_backend(self, module_name: Optional[str] = None) -> HandleCommandResult:
        """Choose the module that manages hosts and daemons; no name: none"""
        if module_name:
            objection = self._objection(module_name)
            if objection:
                return HandleCommandResult(-errno.EINVAL, stderr=objection)
        self.set_module_option(OPTION, module_name or None)
        return HandleCommandResult()

    def _objection(self, name: str) -> str:
        """Why module `name` cannot be the backend; empty: it can."""
        map_ = self.get("mgr_map")
        found = next((each for each in map_["available_modules"] if each["name"] == name), None)
        if found is None:
            return f"Module '{name}' not found"
        if not found["can_run"]:
            return f"Module '{name}' cannot run: {found['error_string']}"
        always_on = map_.get("always_on_modules", {}).get(self.release_name, [])
        if name not in (*map_["modules"], *always_on):
            enable = f"`ceph mgr module enable {name}`"
            return f"Module '{name}' is not enabled. \n Run {enable} to enable."
        try:
            fit = self.remote(name, "is_orchestrator_module")
        except NameError:
            fit = False
        return "" if fit else f"'{name}' is not an orchestrator module"

    @_cli_read_command("orch status")
    def _status(self, detail: bool = False, format: Format = Format.plain) -> HandleCommandResult:
        """Show which backend is chosen and whether it can work"""
        backend = self._select_orchestrator()
        if backend is None:
            raise NoOrchestrator
        available, reason, details = self.available()
        status: dict[str, Any] = {"available": available, "backend": backend}
        status |= details if available else {"reason": reason}
        if format is not Format.plain:
            return shown(status, format)
        return HandleCommandResult(stdout=_text(status, detail))

    @_cli_write_command("orch pause")
    def _pause(self) -> HandleCommandResult:
        """Have the backend change nothing by itself until it is resumed"""
        self.pause()
        return HandleCommandResult()

    @_cli_write_command("orch resume")
    def _resume(self) -> HandleCommandResult:
        """Let the backend work again"""
        self.resume()
        return HandleCommandResult()

    @_cli_write_command("orch cancel")
    def _cancel(self) -> HandleCommandResult:
        """Call off what the backend is doing"""
        self.cancel_completions()
        return HandleCommandResult()


def _text(status: dict[str, Any], detail: bool) -> str:
    lines = [f"Backend: {status['backend']}", f"Available: {_answer(status['available'])}"]
    if "reason" in status:
        lines[-1] += f" ({status['reason']})"
    if "paused" in status:
        lines.append(f"Paused: {_answer(status['paused'])}")
    if "workers" in status and detail:
        lines.append(f"Host Parallelism: {status['workers']}")
    return "\n".join(lines)


def _answer(value: Any) -> str:
    return "Yes" if value else "No"
