"""Which OSDs a placement group belongs on.

The rule's root, device class and failure domain are those of the CRUSH map, and so are the weights;
the draw is a weighted rendezvous hash, not CRUSH's straw2: groups spread as evenly and move as
little, but not to the same OSDs as a real cluster would choose.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


NONE = 2147483647  # CRUSH's mark for a position that nobody holds


@dataclass
class _Domain:
    """A failure domain: its weight, and those of its OSDs."""

    weight: float = 0.0
    osds: dict[int, float] = field(default_factory=dict)


class Placement:
    """One CRUSH map, with the weights (0 out, 1 in) and states of its devices."""

    def __init__(self, crush: Mapping[str, Any], osd_map: Mapping[str, Any]) -> None:
        self.weights = {osd["osd"]: float(osd["weight"]) for osd in osd_map["osds"]}
        self.alive = {osd["osd"] for osd in osd_map["osds"] if osd["up"]}
        self._buckets = {bucket["id"]: bucket for bucket in crush["buckets"]}
        self._types = {kind["name"]: kind["type_id"] for kind in crush["types"]}
        self._rules = {rule["rule_id"]: self._candidates(rule) for rule in crush["rules"]}
        self._domains = {rule: _by_domain(found) for rule, found in self._rules.items()}
        self._upmaps = {
            entry["pgid"]: {pair["from"]: pair["to"] for pair in entry["mappings"]}
            for entry in osd_map["pg_upmap_items"]
        }

    def candidates(self, rule: int) -> Mapping[int, tuple[int, float]]:
        """{osd: (failure domain, CRUSH weight)} that the rule may choose from."""
        return self._rules.get(rule, {})

    def target(self, pgid: str, rule: int, home: Sequence[int]) -> list[int]:
        """Where each position should be: at home if that OSD takes data, else elsewhere or NONE."""
        wanted = [osd if self._takes(pgid, osd) else NONE for osd in home]
        return self._moved(pgid, self.fill(pgid, rule, wanted))

    def _moved(self, pgid: str, choice: list[int]) -> list[int]:
        """Apply the upmap of the group. As in Ceph, an item whose target holds the group already,
        or takes no data, is passed over.
        """
        for source, goal in self._upmaps.get(pgid, {}).items():
            if source in choice and goal not in choice and self._takes(pgid, goal):
                choice[choice.index(source)] = goal
        return choice

    def fill(self, pgid: str, rule: int, wanted: Sequence[int]) -> list[int]:
        """Choose an OSD for every NONE in `wanted`, each in a failure domain of its own."""
        found = list(wanted)
        candidates = self.candidates(rule)
        for position, osd in enumerate(found):
            if osd != NONE:
                continue
            used = {candidates[o][0] for o in found if o in candidates}
            found[position] = self._draw(pgid, self._domains.get(rule, {}), used)
        return found

    def _draw(self, pgid: str, domains: Mapping[int, _Domain], used: set[int]) -> int:
        """First a failure domain, then an OSD in it: what is drawn among is not every OSD."""
        scores = {
            number: _score(pgid, number, domain.weight)
            for number, domain in domains.items()
            if number not in used
        }
        for number in sorted(scores, key=lambda n: -scores[n]):
            taking = {o: w for o, w in domains[number].osds.items() if self._takes(pgid, o)}
            if taking:
                return max(taking, key=lambda o: _score(pgid, o, taking[o]))
        return NONE

    def _takes(self, pgid: str, osd: int) -> bool:
        weight = self.weights.get(osd, 0.0)
        return weight > 0 and (weight >= 1 or _unit(pgid, osd) < weight)

    def _candidates(self, rule: Mapping[str, Any]) -> dict[int, tuple[int, float]]:
        root, kind = None, 0
        for step in rule["steps"]:
            if step["op"] == "take":
                root = step["item"]
            elif step["op"].startswith("choose"):
                kind = self._types.get(step["type"], 0)
        found: dict[int, tuple[int, float]] = {}
        if root is not None:
            self._walk(root, kind, None, 1.0, found)
        return found

    def _walk(
        self,
        item: int,
        kind: int,
        domain: int | None,
        weight: float,
        found: dict[int, tuple[int, float]],
    ) -> None:
        if item >= 0:
            found[item] = (item if domain is None else domain, weight)
            return
        bucket = self._buckets[item]
        if kind and bucket["type_id"] == kind:
            domain = item
        for child in bucket["items"]:
            self._walk(child["id"], kind, domain, child["weight"] / 0x10000, found)


def _by_domain(candidates: Mapping[int, tuple[int, float]]) -> dict[int, _Domain]:
    found: dict[int, _Domain] = {}
    for osd, (number, weight) in candidates.items():
        domain = found.setdefault(number, _Domain())
        domain.weight += weight
        domain.osds[osd] = weight
    return found


def _unit(pgid: str, osd: int) -> float:
    digest = hashlib.blake2b(f"{pgid}/{osd}".encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") + 1) / (2**64 + 1)


def _score(pgid: str, osd: int, weight: float) -> float:
    return weight / -math.log(_unit(pgid, osd))
