"""The newest OSD map as modules see it."""

from typing import Any

from module_host.ceph import newest
from module_host.mgr import maps


class OSDMap(newest.BasePyOSDMap, maps.OSDMap):
    """One version of the OSD map."""

    def balance_primaries(self, pool_id: int, inc: maps.OSDMapIncremental) -> int:
        """Raises NotImplementedError; see the primitive."""
        return self._balance_primaries(pool_id, inc)

    @classmethod
    def build_simple(cls, epoch: int = 1, uuid: str | None = None, num_osd: int = -1) -> Any:
        """Raises NotImplementedError; see the primitive."""
        return cls._build_simple(epoch, uuid, num_osd)
