"""Part of the newest MgrModule: pools."""

from typing import Any

from module_host.mgr.exposed import API
from module_host.mgr.outside import Outside


class Pools(Outside):
    """Part of the newest MgrModule. What changes a pool raises MonCommandFailed."""

    MGR_POOL_NAME = ".mgr"

    @API.expose
    def pool_exists(self, name: str) -> bool:
        """Whether there is a pool called `name`."""
        return any(pool["pool_name"] == name for pool in self.__osd_map()["pools"])

    @API.expose
    def have_enough_osds(self) -> bool:
        """Whether as many OSDs are up and in as a new pool keeps copies."""
        ready = sum(1 for osd in self.__osd_map()["osds"] if osd["up"] and osd["in"])
        return ready >= int(self.get_ceph_option("osd_pool_default_size") or 0)

    @API.perm("w")
    @API.expose
    def create_pool(self, pool: str) -> None:
        """Create a small pool that grows with its data."""
        self.__mon("osd pool create", pool=pool, pg_num=1, pg_num_min=1, pg_num_max=32)

    @API.perm("w")
    @API.expose
    def rename_pool(self, srcpool: str, destpool: str) -> None:
        """Give a pool another name."""
        self.__mon("osd pool rename", srcpool=srcpool, destpool=destpool)

    @API.perm("w")
    @API.expose
    def appify_pool(self, pool: str, app: str) -> None:
        """Say what a pool is for."""
        self.__mon("osd pool application enable", pool=pool, app=app)

    @API.perm("w")
    @API.expose
    def create_mgr_pool(self) -> None:
        """Create the managers' pool, or rename the one that pacific's devicehealth made."""
        before = self.get_module_option_ex("devicehealth", "pool_name", "device_health_metrics")
        if isinstance(before, str) and self.pool_exists(before):
            self.rename_pool(before, self.MGR_POOL_NAME)
        else:
            self.create_pool(self.MGR_POOL_NAME)
        self.appify_pool(self.MGR_POOL_NAME, "mgr")

    def __osd_map(self) -> Any:
        return self._supervisor_session.shared_state("osd_map")

    def __mon(self, prefix: str, **arguments: Any) -> None:
        confirmed = {"format": "json", "yes_i_really_mean_it": True}
        self.check_mon_command({"prefix": prefix, **arguments, **confirmed})
