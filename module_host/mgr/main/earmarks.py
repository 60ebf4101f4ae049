"""`CephFSEarmarkResolver`: which service a CephFS subvolume is set aside for.

The marks themselves are read and written by `ceph.fs.earmarking`, a package of newer releases.
"""

from pathlib import PurePosixPath
from typing import Any

from module_host.mgr.cephfs_pool import CephfsClient, open_filesystem


class CephFSEarmarkResolver:
    """Raises ImportError where `ceph.fs.earmarking` is not installed."""

    def __init__(self, mgr: Any, *, client: CephfsClient[Any] | None = None) -> None:
        self._mgr = mgr
        self._client = client or CephfsClient(mgr)

    def get_earmark(self, path: str, volume: str) -> str | None:
        """The earmark of the subvolume at `path`; None where it has none."""
        from ceph.fs.earmarking import CephFSVolumeEarmarking

        with open_filesystem(self._client, volume) as fs:
            mark: str | None = CephFSVolumeEarmarking(fs, _subvolume(path)).get_earmark()
        return mark

    def set_earmark(self, path: str, volume: str, earmark: str) -> None:
        """Mark the subvolume at `path`."""
        from ceph.fs.earmarking import CephFSVolumeEarmarking

        with open_filesystem(self._client, volume) as fs:
            CephFSVolumeEarmarking(fs, _subvolume(path)).set_earmark(earmark)

    @staticmethod
    def check_earmark(earmark: str, top_level_scope: Any) -> bool:
        """Whether `earmark` is well formed and of that scope (an `EarmarkTopScope`)."""
        from ceph.fs.earmarking import CephFSVolumeEarmarking, EarmarkParseError

        try:
            parsed = CephFSVolumeEarmarking.parse_earmark(earmark)
        except EarmarkParseError:
            return False
        return parsed is not None and parsed.top == top_level_scope


def _subvolume(path: str) -> str:
    """`/volumes/<group>/<subvolume>` of any path inside a subvolume; other paths as they are."""
    parts = PurePosixPath(path).parts
    return str(PurePosixPath(*parts[:4])) if parts[:2] == ("/", "volumes") else path
