"""OSDs: making and removing them."""

from __future__ import annotations

from typing import Any

from ceph.deployment.drive_group import DriveGroupSpec
from mgr_module import HandleCommandResult

from orchestrator.result import OrchResult


class OsdMethods:
    def create_osds(self, drive_group: DriveGroupSpec) -> OrchResult[str]:
        """Make OSDs now, on devices that the spec selects; no service remains."""
        raise NotImplementedError

    def apply_drivegroups(self, specs: list[DriveGroupSpec]) -> OrchResult[list[str]]:
        """Keep OSDs on all devices that each spec selects; one sentence for each spec."""
        raise NotImplementedError

    def set_unmanaged_flag(
        self,
        unmanaged_flag: bool,
        service_type: str = "osd",
        service_name: str | None = None,
    ) -> HandleCommandResult:
        """Let services of a type, or one of them, be (True) or look after them again."""
        raise NotImplementedError

    def preview_osdspecs(
        self, osdspec_name: str | None = "osd", osdspecs: list[DriveGroupSpec] | None = None
    ) -> OrchResult[str]:
        """What would be made of specs."""
        raise NotImplementedError

    def remove_osds(
        self,
        osd_ids: list[str],
        replace: bool = False,
        force: bool = False,
        zap: bool = False,
        no_destroy: bool = False,
    ) -> OrchResult[str]:
        """Move the data of OSDs away, then remove them.

        `replace`: keep the ids for their successors; `force`: do not wait for the data; `zap`:
        erase the devices; `no_destroy`: leave the logical volumes.
        """
        raise NotImplementedError

    def stop_remove_osds(self, osd_ids: list[str]) -> OrchResult[Any]:
        """Give up removals that `remove_osds` began."""
        raise NotImplementedError

    def remove_osds_status(self) -> OrchResult[Any]:
        """The removals that are under way."""
        raise NotImplementedError
