"""Performance counters: their schema, their history, the newest sample of each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from module_host.ceph.copies import fresh
from module_host.session import Session


Sample = list[float]
LONGRUNAVG = 4  # bit of a counter's type: samples are [time, sum, count]


def schema(session: Session, kind: str, name: str) -> dict[str, dict[str, dict[str, Any]]]:
    """Give {daemon: {path: {description, nick, type, priority, units}}}.

    Empty `kind` and `name` mean all daemons, an empty `name` all of a kind; unknown: {}.
    """
    schemas = session.shared_state("_perf_schema") or {}
    if kind and name:
        daemon = f"{kind}.{name}"
        return {daemon: fresh(schemas[daemon])} if daemon in schemas else {}
    return {daemon: fresh(paths) for daemon, paths in schemas.items() if _is_kind(daemon, kind)}


def history(session: Session, kind: str, name: str, path: str) -> dict[str, list[Sample]]:
    """Give {path: [[time, value], ...]}, oldest first; averages are [time, sum, count]."""
    return {path: [list(sample) for sample in _samples(session, kind, name, path)]}


def latest(session: Session, kind: str, name: str, path: str) -> dict[str, Sample]:
    """Give {path: [time, value]}; the list is empty where nothing was measured."""
    samples = _samples(session, kind, name, path)
    return {path: list(samples[-1]) if samples else []}


def everything(
    session: Session, least_priority: int, services: Sequence[str]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Give {daemon: {path: schema with "value", and "count" of averages}} from two reads.

    Daemons without such a counter are left out.
    """
    schemas = session.shared_state("_perf_schema") or {}
    counters = session.shared_state("_perf_counters") or {}
    found = {
        daemon: dict(_valued(schemas[daemon], counters.get(daemon, {}), least_priority))
        for daemon in schemas
        if daemon.partition(".")[0] in services
    }
    return {daemon: valued for daemon, valued in found.items() if valued}


def _valued(
    schemas: Mapping[str, Any], counters: Mapping[str, Any], least_priority: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, described in schemas.items():
        if described["priority"] < least_priority:
            continue
        samples = counters.get(path)
        newest = samples[-1] if samples else (0, 0, 0)
        counter = dict(described) | {"value": newest[1]}
        if described["type"] & LONGRUNAVG:
            counter["count"] = newest[2]
        yield path, counter


def _samples(session: Session, kind: str, name: str, path: str) -> Sequence[Sample]:
    counters = session.shared_state("_perf_counters") or {}
    samples: Sequence[Sample] = counters.get(f"{kind}.{name}", {}).get(path, ())
    return samples


def _is_kind(daemon: str, kind: str) -> bool:
    return not kind or daemon.partition(".")[0] == kind
