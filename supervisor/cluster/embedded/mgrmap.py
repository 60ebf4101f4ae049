"""The manager map: what the monitors would know of us, from the supervisor's report."""

from collections.abc import Iterable, Mapping
from typing import Any

from supervisor.cluster.interface import ModuleReport, Report


Document = dict[str, Any]


def taken_over(map_: Document, name: str, gid: int, now: str) -> Document:
    """The map once process `gid` is active: what the former one had published is withdrawn."""
    return {
        **map_,
        "epoch": map_["epoch"] + 1,
        "active_gid": gid,
        "active_name": name,
        "active_change": now,
        "available": False,
        "services": {},
        "active_clients": [],
        "standbys": [standby for standby in map_["standbys"] if standby["name"] != name],
    }


def with_standbys(map_: Document, entries: Iterable[Mapping[str, Any]]) -> Document:
    """The map with these managers waiting; the same one where it says so already."""
    standbys = [
        {
            "gid": entry["gid"],
            "name": entry["name"],
            "mgr_features": map_["active_mgr_features"],
            "available_modules": entry.get("available_modules", []),
        }
        for entry in sorted(entries, key=lambda entry: int(entry["gid"]))
    ]
    if standbys == map_["standbys"]:
        return map_
    return {**map_, "standbys": standbys, "epoch": map_["epoch"] + 1}


def available_modules(
    reports: Iterable[ModuleReport], known: Iterable[Document] = ()
) -> list[Document]:
    """The entries of a manager's modules, active or standby; `known`: those that it had before."""
    entries = {entry["name"]: entry for entry in known}
    return [
        _module(report, entries.get(report.name))
        for report in sorted(reports, key=lambda report: report.name)
    ]


def follow(map_: Document, report: Report, release: str) -> Document:
    """The map after `report`; the same epoch where nothing in it changed."""
    always_on = {**map_["always_on_modules"], release: sorted(report.always_on)}
    changed = {
        **map_,
        "available": report.available,
        "modules": sorted(set(report.enabled) - set(report.always_on)),
        "available_modules": available_modules(report.modules, map_["available_modules"]),
        "services": dict(sorted(report.services.items())),
        "always_on_modules": always_on,
        "active_clients": [
            {"name": name, "addrvec": _addresses(addrs)} for name, addrs in report.clients
        ],
    }
    if changed == map_:
        return map_
    return {**changed, "epoch": map_["epoch"] + 1}


def declarations(map_: Document) -> dict[str, Document]:
    """{module: {option: declaration}}."""
    return {entry["name"]: entry["module_options"] for entry in map_["available_modules"]}


def _module(report: ModuleReport, known: Document | None) -> Document:
    if report.options is None and known is not None:
        # A manager's modules may set each other's options as soon as they run, while ours are
        # still being looked at: ceph-mgr has loaded all before it runs any.
        return known
    return {
        "name": report.name,
        "can_run": report.can_run,
        "error_string": report.error_string,
        "module_options": {name: _option(entry) for name, entry in (report.options or {}).items()},
    }


def _option(entry: Mapping[str, Any]) -> Document:
    return {**entry, "enum_allowed": sorted(entry.get("enum_allowed", ()))}


def _addresses(text: str) -> list[Document]:
    """`v2:10.0.0.1:0/123` as JSON, of a list the first; librados' own `10.0.0.1:0/123` counts as
    v2, as in ceph-mgr; empty for what is no address.
    """
    first = text.strip("[]") if text.startswith("[v") else text
    first = first.partition(",")[0]
    kind, _, rest = first.partition(":")
    if kind not in ("v1", "v2", "any"):
        kind, rest = "v2", first
    addr, _, nonce = rest.partition("/")
    return [{"type": kind, "addr": addr, "nonce": int(nonce)}] if nonce.isdigit() else []
