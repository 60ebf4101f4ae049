"""Hosts and daemons: who runs where, and what each says about itself."""

from typing import Any

from module_host.ceph.copies import fresh
from module_host.session import Session


def servers(session: Session) -> list[dict[str, Any]]:
    """Every host: [{hostname, services: [{type, id, ceph_version}], ceph_version}]."""
    found: list[dict[str, Any]] = session.state("_servers") or []
    return found


def server(session: Session, hostname: str) -> dict[str, Any]:
    """One host; an unknown one has no services, as ceph-mgr 16.2.15 has it."""
    for known in session.shared_state("_servers") or []:
        if known["hostname"] == hostname:
            copied: dict[str, Any] = fresh(known)
            return copied
    return {"hostname": hostname, "services": [], "ceph_version": ""}


def metadata(session: Session, kind: str, name: str) -> dict[str, str] | None:
    """What a daemon reported about its host and build; None for an unknown daemon."""
    return _entry(session, "_metadata", kind, name)


def status(session: Session, kind: str, name: str) -> dict[str, str] | None:
    """What a daemon last reported about itself: {} if nothing, None for an unknown daemon."""
    reported = _entry(session, "_daemon_status", kind, name)
    if reported is None and _entry(session, "_metadata", kind, name) is not None:
        return {}
    return reported


def _entry(session: Session, document: str, kind: str, name: str) -> dict[str, str] | None:
    found = (session.shared_state(document) or {}).get(kind, {}).get(name)
    return None if found is None else dict(found)
