"""Performance counters: their schema, their history, the newest sample of each."""

from collections.abc import Mapping, Sequence
from typing import Any

from module_host import collector
from module_host.ceph.copies import fresh
from module_host.session import Session


Sample = list[float]
_NEVER: Sample = [0, 0, 0]
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
    newest = session.shared_state("_perf_latest")
    if newest is not None:
        return {path: list(newest.get(f"{kind}.{name}", {}).get(path, ()))}
    samples = _samples(session, kind, name, path)
    return {path: list(samples[-1]) if samples else []}


def everything(
    session: Session, least_priority: int, services: Sequence[str]
) -> dict[str, dict[str, dict[str, Any]]]:
    """Give {daemon: {path: schema with "value", and "count" of averages}} from two reads.

    Daemons without such a counter are left out.
    """
    schemas = session.shared_state("_perf_schema") or {}
    newest = _newest(session)
    with collector.paused():
        found = {
            daemon: _valued(described, newest.get(daemon, {}), least_priority)
            for daemon, described in schemas.items()
            if daemon.partition(".")[0] in services
        }
    return {daemon: valued for daemon, valued in found.items() if valued}


def _valued(
    schemas: Mapping[str, Any], samples: Mapping[str, Sample], least_priority: int
) -> dict[str, dict[str, Any]]:
    valued = {}
    for path, described in schemas.items():
        if described["priority"] < least_priority:
            continue
        sample = samples.get(path, _NEVER)
        if described["type"] & LONGRUNAVG:
            valued[path] = {**described, "value": sample[1], "count": sample[2]}
        else:
            valued[path] = {**described, "value": sample[1]}
    return valued


def _newest(session: Session) -> Mapping[str, Mapping[str, Sample]]:
    """The last sample of each counter, by daemon and path; none of those that have no sample."""
    newest = session.shared_state("_perf_latest")
    if newest is not None:
        return newest  # type: ignore[no-any-return]
    # Whoever publishes histories alone: a test, a captured folder.
    histories = session.shared_state("_perf_counters") or {}
    return {
        daemon: {path: samples[-1] for path, samples in paths.items() if samples}
        for daemon, paths in histories.items()
    }


def _samples(session: Session, kind: str, name: str, path: str) -> Sequence[Sample]:
    counters = session.shared_state("_perf_counters") or {}
    samples: Sequence[Sample] = counters.get(f"{kind}.{name}", {}).get(path, ())
    return samples


def _is_kind(daemon: str, kind: str) -> bool:
    return not kind or daemon.partition(".")[0] == kind
