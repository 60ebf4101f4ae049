"""Services: what is asked of all of them, and applying specs whatever their type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from orchestrator.errors import OrchestratorValidationError
from orchestrator.result import OrchResult, handle_orch_error, raise_if_exception
from orchestrator.service import ServiceDescription
from orchestrator.specs import GenericSpec


class ServiceMethods:
    def describe_service(
        self,
        service_type: str | None = None,
        service_name: str | None = None,
        refresh: bool = False,
    ) -> OrchResult[list[ServiceDescription]]:
        """The services of a type, or the one of a name, or all. `refresh`: look again."""
        raise NotImplementedError

    @handle_orch_error
    def apply(self, specs: Sequence[GenericSpec], no_overwrite: bool = False) -> list[Any]:
        """Apply each spec by the method for its type, and answer what each of them did.

        All are tried; then the first error is raised. Where a type has no method at all nothing is
        tried. `no_overwrite`, leave what exists alone, is for backends that override this.
        """
        appliers = [self._applier(spec.service_type) for spec in specs]
        answers = [apply(spec) for apply, spec in zip(appliers, specs, strict=True)]
        return [raise_if_exception(answer) for answer in answers]

    def _applier(self, service_type: str) -> Callable[[Any], OrchResult[Any]]:
        if service_type == "host":
            return self.add_host
        if service_type == "osd":
            return lambda spec: self.apply_drivegroups([spec])
        found = getattr(self, f"apply_{service_type.replace('-', '_')}", None)
        if found is None:
            raise OrchestratorValidationError(f"no spec of type '{service_type}' can be applied")
        return found

    def plan(self, spec: Sequence[GenericSpec]) -> OrchResult[list[Any]]:
        """What applying the specs would do."""
        raise NotImplementedError

    def remove_service(self, service_name: str, force: bool = False) -> OrchResult[str]:
        """Remove a service and its daemons. `force`: although data or clients depend on it."""
        raise NotImplementedError

    def service_action(self, action: str, service_name: str) -> OrchResult[list[str]]:
        """As `daemon_action`, for each daemon of a service; one sentence for each."""
        raise NotImplementedError

    def set_unmanaged(self, service_name: str, value: bool) -> OrchResult[str]:
        """Let a service be (True) or look after it again; newer backends."""
        raise NotImplementedError

    def service_discovery_dump_cert(self) -> OrchResult[str]:
        """The root certificate of service discovery; newer backends."""
        raise NotImplementedError
