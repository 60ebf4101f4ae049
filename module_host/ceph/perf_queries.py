"""Queries for per-client statistics of OSDs and MDSs: accepted as ceph-mgr does, without results.

Results come with the reports of real daemons; where none report, a valid query has no samples.
"""

import re
import threading
from collections.abc import Mapping, Sequence
from typing import Any


OSD_SUBKEYS = (
    "client_id", "client_address", "pool_id", "namespace", "osd_id", "pg_id", "object_name",
    "snap_id",
)  # fmt: skip
OSD_COUNTERS = (
    "ops", "write_ops", "read_ops", "bytes", "write_bytes", "read_bytes",
    "latency", "write_latency", "read_latency",
)  # fmt: skip
MDS_SUBKEYS = ("mds_rank", "client_id")
MDS_COUNTERS = (
    "cap_hit", "read_latency", "write_latency", "metadata_latency", "dentry_lease", "opened_files",
    "pinned_icaps", "opened_inodes", "read_io_sizes", "write_io_sizes", "avg_read_latency",
    "stdev_read_latency", "avg_write_latency", "stdev_write_latency", "avg_metadata_latency",
    "stdev_metadata_latency",
)  # fmt: skip
_QUERY_KEYS = ("key_descriptor", "performance_counter_descriptors", "limit")


class PerfQueries:
    """The queries of one kind of daemon; ids count up from 0 and are never used again."""

    def __init__(
        self, subkeys: Sequence[str], counters: Sequence[str], *, may_be_empty: bool = False
    ) -> None:
        """`may_be_empty`: whether a query may name no counter, which for MDSs means all of them."""
        self._may_be_empty = may_be_empty
        self._subkeys = subkeys
        self._counters = counters
        self._active: dict[int, Mapping[str, Any]] = {}
        self._next = 0
        self._lock = threading.Lock()

    def add(self, query: Any) -> int:
        """Register a query; raises ValueError with what is wrong with it."""
        self._check(query)
        with self._lock:
            number, self._next = self._next, self._next + 1
            self._active[number] = dict(query)
        return number

    def remove(self, number: int) -> None:
        """Forget a query; an unknown one is no error."""
        with self._lock:
            self._active.pop(number, None)

    def known(self, number: int) -> bool:
        """Whether the query is registered."""
        with self._lock:
            return number in self._active

    def _check(self, query: Any) -> None:
        if not isinstance(query, Mapping):
            raise ValueError("a query is a dict")  # noqa: TRY004  the caller logs one kind
        if unexpected := [key for key in query if key not in _QUERY_KEYS]:
            raise ValueError(f"unknown key {unexpected[0]!r}")
        for key in query.get("key_descriptor") or _missing("key_descriptor"):
            if key.get("type") not in self._subkeys:
                raise ValueError(f"unknown subkey type {key.get('type')!r}")
            _check_regex(key.get("regex"))
        wanted = query.get("performance_counter_descriptors")
        if wanted is None or not (wanted or self._may_be_empty):
            wanted = _missing("performance_counter_descriptors")
        if unknown := [name for name in wanted if name not in self._counters]:
            raise ValueError(f"unknown performance counter {unknown[0]!r}")
        limit = query.get("limit")
        if limit is not None and limit.get("order_by") not in wanted:
            raise ValueError("'order_by' of 'limit' must be one of the query's counters")


def _missing(name: str) -> Sequence[Any]:
    raise ValueError(f"{name!r} is missing or empty")


def _check_regex(pattern: Any) -> None:
    if not isinstance(pattern, str):
        raise ValueError("a subkey needs a 'regex'")  # noqa: TRY004  the caller logs one kind
    try:
        groups = re.compile(pattern).groups
    except re.error as error:
        raise ValueError(f"regex {pattern!r}: {error}") from None
    if not groups:
        raise ValueError(f"regex {pattern!r} captures nothing: it needs a group")
