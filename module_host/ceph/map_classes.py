"""The primitives below mgr_module's OSDMap, OSDMapIncremental and CRUSHMap.

ceph-mgr hands each a capsule; here it is the data object itself. The classes above are those of
whichever `mgr_module` the process has imported.
"""

import importlib
from collections.abc import Mapping
from typing import Any

from module_host.ceph.arguments import checked
from module_host.ceph.crush import CrushData
from module_host.ceph.osdmap import IncrementData, OsdMapData


def dressed(name: str, data: object) -> Any:
    """Give `data` as mgr_module's class `name`."""
    return getattr(importlib.import_module("mgr_module"), name)(data)


class BasePyCRUSH:
    """Primitives of CRUSHMap."""

    def __init__(self, capsule: CrushData) -> None:
        self._data = capsule

    def _dump(self) -> dict[str, Any]:
        return self._data.dump()

    @checked()
    def _get_item_name(self, item: int) -> str | None:
        return self._data.name(item)

    @checked()
    def _get_item_weight(self, item: int) -> float | None:
        return self._data.weight(item)

    def _find_takes(self) -> dict[str, list[int]]:
        return {"takes": self._data.takes()}

    def _find_roots(self) -> dict[str, list[int]]:
        return {"roots": self._data.roots()}

    @checked()
    def _get_take_weight_osd_map(self, root: int) -> dict[str, dict[str, float]]:
        try:
            shares = self._data.shares(root)
        except KeyError:
            raise SystemError(f"no CRUSH item has the id {root}") from None
        # Keys are text because ceph-mgr's formatter writes them so.
        return {"weights": {str(osd): share for osd, share in sorted(shares.items())}}


class BasePyOSDMapIncremental:
    """Primitives of OSDMapIncremental."""

    def __init__(self, capsule: IncrementData) -> None:
        self._data = capsule

    def _get_epoch(self) -> int:
        return self._data.epoch

    def _dump(self) -> dict[str, Any]:
        return self._data.dump()

    def _set_osd_reweights(self, weights: Mapping[int, float]) -> None:
        self._data.reweight(weights)

    def _set_crush_compat_weight_set_weights(self, weights: Mapping[int, float]) -> None:
        self._data.weight_set(weights)


class BasePyOSDMap:
    """Primitives of OSDMap."""

    def __init__(self, capsule: OsdMapData) -> None:
        self._data = capsule

    def _get_epoch(self) -> int:
        return self._data.epoch

    def _get_crush_version(self) -> int:
        return self._data.crush_version

    def _dump(self) -> dict[str, Any]:
        return self._data.dump()

    def _new_incremental(self) -> Any:
        return dressed("OSDMapIncremental", self._data.increment())

    def _apply_incremental(self, inc: BasePyOSDMapIncremental) -> Any:
        return dressed("OSDMap", self._data.apply(inc._data))  # noqa: SLF001  its sibling

    def _get_crush(self) -> Any:
        return dressed("CRUSHMap", self._data.crush)

    @checked()
    def _get_pools_by_take(self, take: int) -> dict[str, list[int]]:
        return {"pools": self._data.pools_by_take(take)}

    @checked()
    def _pool_raw_used_rate(self, pool_id: int) -> float:
        return self._data.raw_used_rate(pool_id)

    def _calc_pg_upmaps(
        self,
        inc: BasePyOSDMapIncremental,
        max_deviation: int,
        max_iterations: int,
        pools: list[str],
    ) -> int:
        """Raises NotImplementedError: an answer of "no change" would say that all is balanced."""
        raise NotImplementedError(
            "upmaps cannot be computed: they need the CRUSH mapping function, which runs inside "
            "Ceph and is not available to a module in a process of its own"
        )

    @checked()
    def _map_pool_pgs_up(self, poolid: int) -> dict[str, list[int]]:
        return {pgid: place["up"] for pgid, place in self._data.places(poolid).items()}

    @checked()
    def _pg_to_up_acting_osds(self, pool_id: int, ps: int) -> dict[str, Any]:
        return self._data.places(pool_id)[f"{pool_id}.{self._data.folded(pool_id, ps):x}"]
