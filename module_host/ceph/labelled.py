"""Performance counters with labels, as newer releases give them.

A path is `name.counter`, with labels `name NUL label NUL value NUL ... .counter`, as Ceph's daemons
report it. Pacific's daemons report no labels.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from module_host.ceph import counters
from module_host.ceph.counters import Sample
from module_host.session import Session


NUL = "\0"
Labels = Iterable[tuple[str, str]]


def schema(session: Session, kind: str, name: str) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Give {daemon: {name: [{"labels": {...}, "counters": {counter: description}}]}}."""
    found = counters.schema(session, kind, name)
    return {daemon: _grouped(paths) for daemon, paths in found.items()}


def latest(
    session: Session, kind: str, name: str, counter: str, sub_counter: str, labels: Labels
) -> dict[str, Sample]:
    """Give {counter: [time, value]}; the list is empty where nothing was measured."""
    path = _path(counter, labels, sub_counter)
    return {counter: counters.latest(session, kind, name, path)[path]}


def everything(
    session: Session, least_priority: int, services: Sequence[str]
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Give what schema() gives, each counter with "value", and "count" of averages."""
    found = counters.everything(session, least_priority, services)
    return {daemon: _grouped(paths) for daemon, paths in found.items()}


def unlabelled_schema(session: Session, kind: str, name: str) -> dict[str, dict[str, Any]]:
    """Give {daemon: {path: description}} of the counters without labels."""
    return _without_labels(counters.schema(session, kind, name))


def unlabelled(
    session: Session, least_priority: int, services: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Give {daemon: {path: description with "value"}} of the counters without labels."""
    return _without_labels(counters.everything(session, least_priority, services))


def _without_labels(found: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        daemon: {path: entry for path, entry in paths.items() if NUL not in path}
        for daemon, paths in found.items()
    }


def _grouped(paths: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, dict[str, dict[str, Any]]] = {}
    for path, entry in paths.items():
        key, _, counter = path.rpartition(".")
        name, *flat = key.removesuffix(NUL).split(NUL)
        labels = dict(zip(flat[::2], flat[1::2], strict=False))
        one = groups.setdefault(name, {}).setdefault(key, {"labels": labels, "counters": {}})
        one["counters"][counter] = entry
    return {name: list(by_labels.values()) for name, by_labels in groups.items()}


def _path(name: str, labels: Labels, counter: str) -> str:
    words = [word for pair in labels for word in pair]
    key = NUL.join((name, *words)) + NUL if words else name
    return f"{key}.{counter}"
