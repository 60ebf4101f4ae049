"""`ceph orch apply`: handing specs to the backend, and looking at what it would do with them."""

from collections.abc import Sequence
from typing import Any, Optional

from ceph.deployment.hostspec import HostSpec
from mgr_module import HandleCommandResult

from orchestrator._interface import (
    GenericSpec,
    OrchestratorClientMixin,
    OrchestratorValidationError,
    raise_if_exception,
)
from orchestrator.cli.answers import Format, done, listed
from orchestrator.cli.previews import preview


class Applying(OrchestratorClientMixin):
    """What the families that apply specs share."""

    def _applied(
        self, specs: Sequence[GenericSpec], dry_run: bool, format: Format, no_overwrite: bool
    ) -> HandleCommandResult:
        """Apply, or show the plan. A backend is given what is only looked at as well: with
        `preview_only` set, as cephadm wants it.
        """
        if not dry_run:
            return done(self.apply(specs, no_overwrite))
        services = [spec for spec in specs if not isinstance(spec, HostSpec)]
        for spec in services:
            spec.preview_only = True
        raise_if_exception(self.apply(services, no_overwrite))
        plan: list[Any] = raise_if_exception(self.plan(services))
        # A host has no preview_only: the backend would add it.
        hosts = [spec.hostname for spec in specs if isinstance(spec, HostSpec)]
        if hosts:
            said = f"Hosts are not looked at in a dry run: {', '.join(hosts)}"
            plan = [{"warning": said}, *plan]
        if format is not Format.plain:
            return listed(plan, format)
        return HandleCommandResult(stdout=preview(plan))


def no_file(inbuf: Optional[str]) -> None:
    """Raise OrchestratorValidationError where a command that reads nothing was given `-i`."""
    if inbuf:
        raise OrchestratorValidationError("unrecognized command -i; -h or --help for usage")
