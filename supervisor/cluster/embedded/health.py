"""All health checks together, and the ones that an operator asked not to hear of."""

import datetime as dt
import errno
import re
from collections.abc import Iterable, Mapping
from typing import Any

from supervisor.cluster.embedded import clog
from supervisor.cluster.embedded.answers import Refusal
from supervisor.cluster.embedded.snapshot import stamp
from supervisor.cluster.embedded.texttable import span


Document = dict[str, Any]
_ORDER = ("HEALTH_OK", "HEALTH_WARN", "HEALTH_ERR")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
LONGEST = 10**9  # seconds that a mute may last
_DURATION = re.compile(r"(\d+)\s*([a-z]?)[a-z]*")


def merge(own: Mapping[str, Any], reported: Mapping[str, Any], mutes: list[Document]) -> Document:
    """The health document: status, checks (each with `muted`), mutes."""
    muted = {mute["code"] for mute in mutes}
    checks = {
        code: {"detail": [], **entry, "muted": code in muted}
        for code, entry in sorted({**own, **reported}.items())
    }
    heard = (entry["severity"] for entry in checks.values() if not entry["muted"])
    status = max(heard, key=_ORDER.index, default="HEALTH_OK")
    return {"status": status, "checks": checks, "mutes": mutes}


def silenced(
    health: Mapping[str, Any], code: str, ttl: str, sticky: bool, now: dt.datetime
) -> Document:
    """The mute for `code`; ENOENT where nothing of that name is raised and it is not sticky."""
    entry = health["checks"].get(code)
    if entry is None and not sticky:
        raise Refusal(errno.ENOENT, f"health alert {code} is not currently raised")
    mute: Document = {"code": code}
    if ttl:
        mute["ttl"] = stamp(now + _duration(ttl))
    summary = entry["summary"] if entry else {"message": "", "count": 0}
    return {**mute, "sticky": sticky, "summary": summary["message"], "count": summary["count"]}


def _duration(text: str) -> dt.timedelta:
    found = _DURATION.fullmatch(text.strip().lower())
    if not found:
        raise Refusal(errno.EINVAL, f"invalid duration: {text} (expected digit)")
    if found[2] not in _SECONDS:
        raise Refusal(errno.EINVAL, f"invalid duration: {text} (unknown unit; use s, m, h, d or w)")
    seconds = int(found[1]) * _SECONDS[found[2]]
    if seconds > LONGEST:
        raise Refusal(errno.EINVAL, f"invalid duration: {text} (too long)")
    return dt.timedelta(seconds=seconds)


def still_muted(
    mutes: Iterable[Document], checks: Mapping[str, Any], now: dt.datetime
) -> list[Document]:
    """The mutes that hold on: not expired, and unless sticky still raised and not grown."""
    return [
        mute
        for mute in mutes
        if mute.get("ttl", "9") > stamp(now)
        and (
            mute["sticky"]
            or (
                mute["code"] in checks and checks[mute["code"]]["summary"]["count"] <= mute["count"]
            )
        )
    ]


def news(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[int, str]]:
    """What the cluster log is told of a change: (priority, text)."""
    old, new = before["checks"], after["checks"]
    found: list[tuple[int, str]] = []
    for code, entry in new.items():
        message = entry["summary"]["message"]
        level = clog.ERROR if entry["severity"] == "HEALTH_ERR" else clog.WARN
        if code not in old:
            found.append((level, f"Health check failed: {message} ({code})"))
        elif old[code]["summary"]["message"] != message:
            found.append((level, f"Health check update: {message} ({code})"))
    for code, entry in old.items():
        if code not in new:
            message = entry["summary"]["message"]
            found.append((clog.INFO, f"Health check cleared: {code} (was: {message})"))
    if old and not new:
        found.append((clog.INFO, "Cluster is now healthy"))
    return found


def left(mute: Mapping[str, Any], now: dt.datetime) -> str:
    """How long the mute still lasts, `59m`; empty where it has no end."""
    if "ttl" not in mute:
        return ""
    return span(max(0, int((dt.datetime.fromisoformat(mute["ttl"]) - now).total_seconds())))


def muted(health: Mapping[str, Any], now: dt.datetime) -> str:
    """`(muted: OSDMAP_FLAGS(59m) OSD_DOWN)`, empty where nothing is."""
    times = [(mute["code"], left(mute, now)) for mute in health["mutes"]]
    codes = [f"{code}({time})" if time else code for code, time in times]
    return f"(muted: {' '.join(codes)})" if codes else ""


def one_line(health: Mapping[str, Any], now: dt.datetime) -> str:
    """`HEALTH_WARN 1 osds down; (muted: ...)`."""
    parts = [e["summary"]["message"] for e in health["checks"].values() if not e["muted"]]
    parts += filter(None, [muted(health, now)])
    return " ".join([health["status"], "; ".join(parts)]).rstrip()
