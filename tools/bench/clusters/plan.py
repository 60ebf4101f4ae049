"""What a synthetic cluster consists of: how many of each, and which group is on which OSDs."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


Document = dict[str, Any]
CLASSES = ("hdd", "ssd")
OSDS_PER_HOST = 20
LEAST_HOSTS = 3  # as many as a group of the captured pools has positions
GIB = 1024**3


@dataclass(frozen=True)
class Size:
    """What is asked for. `samples`: of each counter's history; a manager keeps 20."""

    osds: int
    pgs: int
    samples: int = 20
    seed: int = 1

    def __post_init__(self) -> None:
        """Raise ValueError for what no cluster of this shape has."""
        if self.osds < LEAST_HOSTS * len(CLASSES):
            raise ValueError(f"osds: {self.osds}: at least {LEAST_HOSTS * len(CLASSES)}")
        if self.pgs < 10:
            raise ValueError(f"pgs: {self.pgs}: at least 10, so that each pool has one")
        if not 1 <= self.samples <= 20:
            raise ValueError(f"samples: {self.samples}: 1 to 20")


@dataclass(frozen=True)
class Osd:
    """One OSD: OSDs with one number after the other are on one host after the other."""

    number: int
    host: int
    kind: str  # device class

    @property
    def name(self) -> str:
        """As daemons are named: osd.7."""
        return f"osd.{self.number}"


@dataclass(frozen=True)
class Group:
    """One placement group: its id, its pool, and its OSDs, the primary first."""

    pgid: str
    pool: int
    osds: list[int]


class Plan:
    """The same for the same size: nothing here is random but by its seed."""

    def __init__(self, size: Size, pools: Sequence[Document], classes: Mapping[int, str]) -> None:
        """`pools` as captured; `classes`: device class that a CRUSH rule is bound to, if any."""
        self.size = size
        self.hosts = max(LEAST_HOSTS, -(-size.osds // OSDS_PER_HOST))
        self.osds = [
            Osd(number, number % self.hosts, CLASSES[number // self.hosts % len(CLASSES)])
            for number in range(size.osds)
        ]
        self._pools = pools
        self._classes = classes
        self.pg_nums = _shares(size.pgs, [pool["pg_num"] for pool in pools])

    def host_name(self, number: int) -> str:
        """Name of a host."""
        return f"host-{number:04}"

    def on(self, host: int, kind: str | None = None) -> list[Osd]:
        """The OSDs of a host, of one device class or of all."""
        found = self.osds[host :: self.hosts]
        return [osd for osd in found if kind in (None, osd.kind)]

    def groups(self) -> Iterator[Group]:
        """Every group, pool after pool; each is on hosts of its own."""
        choose = random.Random(self.size.seed)  # noqa: S311  # reproducible, no secret
        places: dict[str | None, list[list[int]]] = {
            kind: [[osd.number for osd in self.on(host, kind)] for host in range(self.hosts)]
            for kind in (None, *CLASSES)
        }
        for pool, count in zip(self._pools, self.pg_nums, strict=True):
            hosts = [osds for osds in places[self._classes.get(pool["crush_rule"])] if osds]
            for number in range(count):
                chosen = [choose.choice(osds) for osds in choose.sample(hosts, pool["size"])]
                yield Group(f"{pool['pool']}.{number:x}", pool["pool"], chosen)


def _shares(whole: int, weights: Sequence[int]) -> list[int]:
    """`whole` split in proportion to `weights`, at least 1 each, exactly in sum."""
    shares = [max(1, whole * weight // sum(weights)) for weight in weights]
    shares[-1] += whole - sum(shares)
    return shares
