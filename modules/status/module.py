"""`ceph osd status` and `ceph fs status`: what an operator looks at first."""

import errno
import json
from typing import Optional

from mgr_module import CLIReadCommand, HandleCommandResult, MgrModule

from status import drawing, filesystems, osds


class Module(MgrModule):
    """Keeps nothing: each command shows the state of that moment."""

    @CLIReadCommand("osd status")
    def osd_status(self, bucket: Optional[str] = None) -> HandleCommandResult:
        """Show the status of OSDs within a bucket, or all"""
        shown = self.get("osd_map")["osds"]
        if bucket:
            chosen = osds.below(self.get("osd_map_crush"), bucket)
            if chosen is None:
                return HandleCommandResult(-errno.ENOENT, "", f"Bucket '{bucket}' not found")
            shown = [osd for osd in shown if osd["osd"] in chosen]
        return HandleCommandResult(stdout=osds.table(self, shown))

    @CLIReadCommand("fs status")
    def fs_status(self, fs: Optional[str] = None, format: str = "plain") -> HandleCommandResult:
        """Show the status of a CephFS filesystem"""
        shown = filesystems.overview(self, fs)
        if fs and not shown.filesystems:
            return HandleCommandResult(-errno.EINVAL, "", f"Invalid filesystem: {fs}")
        if format in ("json", "json-pretty"):
            indent = 4 if format == "json-pretty" else None
            text = json.dumps(drawing.as_json(shown), sort_keys=True, indent=indent)
            return HandleCommandResult(stdout=text)
        return HandleCommandResult(stdout=drawing.as_text(shown))

    def self_test(self) -> None:
        """Raise where one of the commands fails."""
        for result in (self.osd_status(), self.fs_status()):
            if result.retval:
                raise RuntimeError(result.stderr)
