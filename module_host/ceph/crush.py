"""The CRUSH map, as far as it follows from its dump: names, weights, roots, takes."""

import struct
from collections.abc import Iterator, Mapping
from typing import Any

from module_host.ceph.copies import fresh


FIXED_POINT = 0x10000  # CRUSH keeps weights in 16.16 fixed point
COMPAT_WEIGHT_SET = "-1"


class CrushData:
    """One version of the CRUSH map, over the document `osd_map_crush`, which it never changes."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._buckets = {bucket["id"]: bucket for bucket in document["buckets"]}
        self._devices = {device["id"]: device["name"] for device in document["devices"]}

    def dump(self) -> dict[str, Any]:
        """Copy the document."""
        copied: dict[str, Any] = fresh(self._document)
        return copied

    def name(self, item: int) -> str | None:
        """Name of a bucket or device, None where there is no such item."""
        bucket = self._buckets.get(item)
        return bucket["name"] if bucket else self._devices.get(item)

    def weight(self, item: int) -> float | None:
        """Weight of a bucket or device; None where no such item is in the tree."""
        if item in self._buckets:
            return float(self._buckets[item]["weight"] / FIXED_POINT)
        for entry in self._entries():
            if entry["id"] == item:
                return float(entry["weight"] / FIXED_POINT)
        return 0.0 if item in self._devices else None

    def takes(self) -> list[int]:
        """Where the rules start, each once, ascending."""
        return sorted({item for steps in self._take_steps().values() for item in steps})

    def roots(self) -> list[int]:
        """Buckets that are in no other one, shadow trees of device classes included, ascending."""
        return sorted(self._buckets.keys() - {entry["id"] for entry in self._entries()})

    def rules_taking(self, item: int) -> set[int]:
        """Ids of the rules that start at `item`."""
        return {rule for rule, items in self._take_steps().items() if item in items}

    def shares(self, root: int) -> dict[int, float]:
        """Share of each device under `root`, summing to 1; KeyError where there is no such item.

        Single precision, as ceph-mgr 16.2.15 computes them.
        """
        if root not in self._buckets:
            if root not in self._devices:
                raise KeyError(root)
            return {root: 1.0}
        weights: dict[int, int] = {}
        for device, weight in self._leaves(root):
            weights[device] = weights.get(device, 0) + weight
        total = sum(weights.values())
        return {device: _single(weight / total) for device, weight in weights.items() if total}

    def with_compat_weights(self, weights: Mapping[int, int]) -> "CrushData":
        """Give the map whose compat weight set has `weights` (device: fixed point).

        Devices not named keep what they had. A bucket counts as the sum of its items.
        """
        document = self.dump()
        known = self._compat_weights() | dict(weights)
        sets = []
        for bucket in sorted(self._buckets.values(), key=lambda bucket: -bucket["id"]):
            items = [self._sum(entry, known) / FIXED_POINT for entry in bucket["items"]]
            sets.append({"bucket_id": bucket["id"], "weight_set": [items]})
        document["choose_args"][COMPAT_WEIGHT_SET] = sets
        return CrushData(document)

    def _compat_weights(self) -> dict[int, int]:
        sets = self._document["choose_args"].get(COMPAT_WEIGHT_SET, [])
        return {
            entry["id"]: round(weight * FIXED_POINT)
            for chosen in sets
            if chosen["bucket_id"] in self._buckets and chosen.get("weight_set")
            for entry, weight in zip(
                self._buckets[chosen["bucket_id"]]["items"], chosen["weight_set"][0], strict=True
            )
            if entry["id"] >= 0
        }

    def _sum(self, entry: Mapping[str, Any], weights: Mapping[int, int]) -> int:
        if entry["id"] >= 0:
            return int(weights.get(entry["id"], entry["weight"]))
        return sum(self._sum(below, weights) for below in self._buckets[entry["id"]]["items"])

    def _leaves(self, bucket: int) -> Iterator[tuple[int, int]]:
        for entry in self._buckets[bucket]["items"]:
            if entry["id"] >= 0:
                yield entry["id"], entry["weight"]
            else:
                yield from self._leaves(entry["id"])

    def _entries(self) -> Iterator[Mapping[str, Any]]:
        for bucket in self._buckets.values():
            yield from bucket["items"]

    def _take_steps(self) -> dict[int, list[int]]:
        return {
            rule["rule_id"]: [step["item"] for step in rule["steps"] if step["op"] == "take"]
            for rule in self._document["rules"]
        }


def _single(value: float) -> float:
    (rounded,) = struct.unpack("f", struct.pack("f", value))
    return float(rounded)
