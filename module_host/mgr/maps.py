"""OSD map and CRUSH map as modules see them."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from module_host.ceph.map_classes import BasePyCRUSH, BasePyOSDMap, BasePyOSDMapIncremental


class OSDMap(BasePyOSDMap):
    """One version of the OSD map."""

    def get_epoch(self) -> int:
        return self._get_epoch()

    def get_crush_version(self) -> int:
        return self._get_crush_version()

    def dump(self) -> dict[str, Any]:
        return self._dump()

    def get_pools(self) -> dict[int, dict[str, Any]]:
        """Pools by id."""
        return {pool["pool"]: pool for pool in self._dump()["pools"]}

    def get_pools_by_name(self) -> dict[str, dict[str, Any]]:
        return {pool["pool_name"]: pool for pool in self._dump()["pools"]}

    def new_incremental(self) -> "OSDMapIncremental":
        """Begin a change that leads to the next epoch."""
        made: OSDMapIncremental = self._new_incremental()
        return made

    def apply_incremental(self, inc: "OSDMapIncremental") -> "OSDMap":
        """Give the map after `inc`; raises ValueError where that belongs to another epoch."""
        made: OSDMap = self._apply_incremental(inc)
        return made

    def get_crush(self) -> "CRUSHMap":
        made: CRUSHMap = self._get_crush()
        return made

    def get_pools_by_take(self, take: int) -> list[int]:
        """Ids of the pools whose CRUSH rule starts at `take`."""
        return self._get_pools_by_take(take).get("pools", [])

    def calc_pg_upmaps(
        self,
        inc: "OSDMapIncremental",
        max_deviation: int,
        max_iterations: int = 10,
        pools: list[str] | None = None,
    ) -> int:
        """How many changes were put into `inc`: always 0, said in the log; see the primitive."""
        return self._calc_pg_upmaps(inc, max_deviation, max_iterations, pools or [])

    def map_pool_pgs_up(self, poolid: int) -> dict[str, list[int]]:
        """{pgid: OSDs}; raises NotImplementedError for a map that an increment has changed."""
        return self._map_pool_pgs_up(poolid)

    def pg_to_up_acting_osds(self, pool_id: int, ps: int) -> dict[str, Any]:
        """{up_primary, acting_primary, up, acting} of a PG; raises as map_pool_pgs_up()."""
        return self._pg_to_up_acting_osds(pool_id, ps)

    def pool_raw_used_rate(self, pool_id: int) -> float:
        """Bytes on disks for each byte stored."""
        return self._pool_raw_used_rate(pool_id)

    def get_ec_profile(self, name: str) -> dict[str, str] | None:
        profile: dict[str, str] | None = self._dump()["erasure_code_profiles"].get(name)
        return profile

    def get_require_osd_release(self) -> str:
        return str(self._dump()["require_osd_release"])


class OSDMapIncremental(BasePyOSDMapIncremental):
    """A change of an OSD map that nobody has seen yet."""

    def get_epoch(self) -> int:
        return self._get_epoch()

    def dump(self) -> dict[str, Any]:
        return self._dump()

    def set_osd_reweights(self, weightmap: dict[int, float]) -> None:
        """Set OSD reweights, {osd: 0.0 to 1.0}."""
        return self._set_osd_reweights(weightmap)

    def set_crush_compat_weight_set_weights(self, weightmap: dict[int, float]) -> None:
        """Set CRUSH weights of devices, {osd: weight}, in the compat weight set."""
        return self._set_crush_compat_weight_set_weights(weightmap)


class CRUSHMap(BasePyCRUSH):
    """One version of the CRUSH map."""

    ITEM_NONE = 0x7FFFFFFF
    DEFAULT_CHOOSE_ARGS = "-1"

    def dump(self) -> dict[str, Any]:
        return self._dump()

    def get_item_weight(self, item: int) -> float | None:
        return self._get_item_weight(item)

    def get_item_name(self, item: int) -> str | None:
        return self._get_item_name(item)

    def find_takes(self) -> list[int]:
        """Buckets at which the rules start."""
        return self._find_takes().get("takes", [])

    def find_roots(self) -> list[int]:
        """Buckets that are in no other one."""
        return self._find_roots().get("roots", [])

    def get_take_weight_osd_map(self, root: int) -> dict[int, float]:
        """Share of each OSD under `root`; the shares sum to 1."""
        weights = self._get_take_weight_osd_map(root).get("weights", {})
        return {int(osd): weight for osd, weight in weights.items()}

    @staticmethod
    def have_default_choose_args(dump: dict[str, Any]) -> bool:
        return CRUSHMap.DEFAULT_CHOOSE_ARGS in dump.get("choose_args", {})

    @staticmethod
    def get_default_choose_args(dump: dict[str, Any]) -> list[dict[str, Any]]:
        choose_args: dict[str, list[dict[str, Any]]] = dump["choose_args"]
        return choose_args.get(CRUSHMap.DEFAULT_CHOOSE_ARGS, [])

    def get_rule(self, rule_name: str) -> dict[str, Any] | None:
        return self._rule("rule_name", rule_name)

    def get_rule_by_id(self, rule_id: int) -> dict[str, Any] | None:
        return self._rule("rule_id", rule_id)

    def _rule(self, field: str, value: object) -> dict[str, Any] | None:
        for rule in self.dump()["rules"]:
            if rule[field] == value:
                found: dict[str, Any] = rule
                return found
        return None

    def get_rule_root(self, rule_name: str) -> int | None:
        """Where the rule starts; None where there is no such rule or it starts nowhere."""
        rule = self.get_rule(rule_name)
        if rule is None:
            return None
        for step in rule["steps"]:
            if step.get("op") == "take":
                return int(step["item"])
        logging.getLogger().warning("CRUSH rule '%s' takes no bucket", rule_name)
        return None

    def get_osds_under(self, root_id: int) -> list[int]:
        """OSDs below a bucket, depth first; raises KeyError for an unknown bucket."""
        buckets = {bucket["id"]: bucket for bucket in self.dump()["buckets"]}
        return list(_osds(buckets[root_id], buckets))

    def device_class_counts(self) -> dict[str | None, int]:
        """How many devices each class has."""
        return dict(Counter(device.get("class") for device in self.dump()["devices"]))


def _osds(bucket: Mapping[str, Any], buckets: Mapping[int, Any]) -> Iterator[int]:
    for item in bucket["items"]:
        if item["id"] >= 0:
            yield item["id"]
        elif item["id"] in buckets:
            yield from _osds(buckets[item["id"]], buckets)
