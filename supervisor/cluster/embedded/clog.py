"""The cluster log."""

from collections import deque
from collections.abc import Iterable
from typing import Any

from supervisor.cluster.embedded.store import LOG_ENTRIES


Document = dict[str, Any]
LEVELS = ("[DBG]", "[INF]", "[SEC]", "[WRN]", "[ERR]")  # by ClusterLogPrio
DEBUG, INFO, SECURITY, WARN, ERROR = range(5)
NAMES = {"debug": DEBUG, "info": INFO, "sec": SECURITY, "warn": WARN, "error": ERROR}


class ClusterLog:
    """The newest entries, oldest first."""

    def __init__(self, entries: Iterable[Document]) -> None:
        self._entries: deque[Document] = deque(entries, LOG_ENTRIES)
        self._seq = max((entry["seq"] for entry in self._entries), default=0)

    def entry(
        self, who: tuple[str, str, Document], channel: str, priority: int, message: str, stamp: str
    ) -> Document:
        """A new entry, numbered; `who` is (name, rank, addrs). Not in the log before `add`."""
        self._seq += 1
        name, rank, addrs = who
        return {
            "name": name,
            "rank": rank,
            "addrs": addrs,
            "stamp": stamp,
            "seq": self._seq,
            "channel": channel,
            "priority": LEVELS[min(max(priority, DEBUG), ERROR)],
            "message": message,
        }

    def add(self, entry: Document) -> None:
        """Append."""
        self._entries.append(entry)

    def last(self, count: int, priority: int, channel: str) -> list[Document]:
        """The newest `count` entries of at least `priority`; channel "*" is any."""
        wanted = [
            entry
            for entry in self._entries
            if LEVELS.index(entry["priority"]) >= priority and channel in ("*", entry["channel"])
        ]
        return wanted[-count:] if count > 0 else []


def line(entry: Document) -> str:
    """One entry as `ceph log last` prints it."""
    return (
        f"{entry['stamp']} {entry['name']} ({entry['rank']}) {entry['seq']} :"
        f" {entry['channel']} {entry['priority']} {entry['message']}"
    )
