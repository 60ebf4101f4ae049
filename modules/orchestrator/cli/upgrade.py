"""`ceph orch upgrade ...`."""

import json
import re
from typing import Optional

from mgr_module import HandleCommandResult

from orchestrator._interface import (
    OrchestratorClientMixin,
    OrchestratorValidationError,
    _cli_read_command,
    _cli_write_command,
    raise_if_exception,
)
from orchestrator.cli.answers import done


SHOWN = (
    "target_image",
    "in_progress",
    "which",
    "services_complete",
    "progress",
    "message",
    "is_paused",
)
_VERSION = re.compile(r"v?(?P<number>\d+\.\d+\.\d+)")


class UpgradeCommands(OrchestratorClientMixin):
    """Moving all daemons to another release."""

    @_cli_write_command("orch upgrade check")
    def _upgrade_check(
        self, image: Optional[str] = None, ceph_version: Optional[str] = None
    ) -> HandleCommandResult:
        """Show which daemons an image or a version would change"""
        refuse_version_as_image(image, ceph_version)
        return done(self.upgrade_check(image=image, version=ceph_version))

    @_cli_read_command("orch upgrade ls")
    def _upgrade_ls(self, image: Optional[str] = None, tags: bool = False) -> HandleCommandResult:
        """Show versions, or tags of the image, to which an upgrade is possible"""
        found = raise_if_exception(self.upgrade_ls(image, tags))
        return HandleCommandResult(stdout=json.dumps(found, indent=4))

    @_cli_write_command("orch upgrade status")
    def _upgrade_status(self) -> HandleCommandResult:
        """Show whether an upgrade is under way and how far it is"""
        status = raise_if_exception(self.upgrade_status())
        shown = {name: getattr(status, name) for name in SHOWN}
        return HandleCommandResult(stdout=json.dumps(shown, indent=4))

    @_cli_write_command("orch upgrade start")
    def _upgrade_start(
        self,
        image: Optional[str] = None,
        ceph_version: Optional[str] = None,
        daemon_types: Optional[str] = None,
        hosts: Optional[str] = None,
        services: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> HandleCommandResult:
        """Begin an upgrade of all daemons, or of some"""
        refuse_version_as_image(image, ceph_version)
        kinds, names = _words(daemon_types), _words(services)
        return done(self.upgrade_start(image, ceph_version, kinds, hosts, names, limit))

    @_cli_write_command("orch upgrade pause")
    def _upgrade_pause(self) -> HandleCommandResult:
        """Hold an upgrade after the daemon that is being upgraded"""
        return done(self.upgrade_pause())

    @_cli_write_command("orch upgrade resume")
    def _upgrade_resume(self) -> HandleCommandResult:
        """Go on with an upgrade that was paused"""
        return done(self.upgrade_resume())

    @_cli_write_command("orch upgrade stop")
    def _upgrade_stop(self) -> HandleCommandResult:
        """End an upgrade; what is upgraded stays so"""
        return done(self.upgrade_stop())


def refuse_version_as_image(image: Optional[str], version: Optional[str]) -> None:
    """Raise OrchestratorValidationError for an image that is called like a version."""
    matched = _VERSION.fullmatch(image or "")
    if matched and version is None:
        raise OrchestratorValidationError(
            f"Error: unable to pull image name `{image}`.\n"
            f"  Maybe you meant `--ceph-version {matched['number']}`?"
        )


def _words(text: Optional[str]) -> Optional[list[str]]:
    return None if text is None else text.split(",")
