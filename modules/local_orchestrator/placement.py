"""Where the daemons of a service belong: a pure decision.

The rules are cephadm's: an explicit list, a label or a pattern chooses hosts; `count` limits how
many daemons there are, `count_per_host` says how many each host gets; without either each chosen
host gets one. What runs already is kept wherever it fits.
"""

import fnmatch
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from local_orchestrator.daemons import Daemon
from local_orchestrator.hosts import Host


@dataclass(frozen=True)
class Slot:
    """A place for one daemon; `name`, where the placement gives one, becomes its id."""

    host: str
    name: str = ""
    network: str = ""


@dataclass(frozen=True)
class Assignment:
    """What to keep, where to add, what to remove."""

    keep: tuple[Daemon, ...]
    add: tuple[Slot, ...]
    remove: tuple[Daemon, ...]


def slots(placement: Any, hosts: Iterable[Host]) -> list[Slot]:
    """The hosts that `placement` (a PlacementSpec) chooses among `hosts`, each once a name."""
    names = {host.name: host for host in hosts}
    if placement.hosts:
        given = (Slot(h.hostname, h.name, h.network) for h in placement.hosts)
        return list(dict.fromkeys(slot for slot in given if slot.host in names))
    if placement.label:
        return [Slot(host.name) for host in names.values() if placement.label in host.labels]
    return [Slot(name) for name in fnmatch.filter(names, placement.host_pattern or "*")]


def assign(
    service: str, placement: Any, hosts: Sequence[Host], daemons: Sequence[Daemon], several: bool
) -> Assignment:
    """Match the daemons of `service` with the places of its placement.

    `several`: whether one host may have more than one of them. Daemons of hosts in maintenance are
    neither kept, removed nor counted: they wait.
    """
    waiting = {host.name for host in hosts if host.maintenance}
    places = slots(placement, [host for host in hosts if host.schedulable])
    capacity = _capacity(placement, places, several)
    total = min(sum(capacity.values()), placement.count or sum(capacity.values()))
    keep: list[Daemon] = []
    remove: list[Daemon] = []
    for daemon in sorted(daemons, key=_worth):
        if daemon.host in waiting:
            continue
        place = _place_of(daemon, capacity)
        if place is None or len(keep) == total:
            remove.append(daemon)
        else:
            capacity[place] -= 1
            keep.append(daemon)
    add = _fill(service, capacity, Counter(daemon.host for daemon in keep), total - len(keep))
    return Assignment(tuple(keep), tuple(add), tuple(remove))


def _capacity(placement: Any, places: Sequence[Slot], several: bool) -> dict[Slot, int]:
    """How many daemons each place may have."""
    each = 1
    if several and places:
        each = placement.count_per_host or -(-(placement.count or 1) // len(places))
    return {place: 1 if place.name else each for place in places}


def _worth(daemon: Daemon) -> tuple[bool, float, str]:
    """What is kept first: what runs, then what is there longest."""
    return not daemon.running, daemon.created, daemon.name


def _place_of(daemon: Daemon, capacity: dict[Slot, int]) -> Slot | None:
    """The place that `daemon` fills: the one of its name, else one without name on its host."""
    free = [place for place, left in capacity.items() if left and place.host == daemon.host]
    named = [place for place in free if place.name == daemon.id]
    return next(iter(named or [place for place in free if not place.name]), None)


def _fill(service: str, capacity: dict[Slot, int], load: Counter[str], missing: int) -> list[Slot]:
    """Choose `missing` places: the emptiest hosts first, then in a fixed order of the service."""
    chosen: list[Slot] = []
    for _ in range(missing):
        place = min(
            (place for place, left in capacity.items() if left),
            key=lambda place: (load[place.host], zlib.crc32(f"{service} {place}".encode())),
        )
        capacity[place] -= 1
        load[place.host] += 1
        chosen.append(place)
    return chosen
