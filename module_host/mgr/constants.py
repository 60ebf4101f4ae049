"""Names that modules import as values."""

from enum import Enum


ERROR_MSG_EMPTY_INPUT_FILE = "Empty input file"
ERROR_MSG_NO_INPUT_FILE = "Input file not specified"

# Every word that a PG's state is made of.
PG_STATES = [
    "active", "clean", "down", "recovery_unfound", "backfill_unfound", "scrubbing", "degraded",
    "inconsistent", "peering", "repair", "recovering", "forced_recovery", "backfill_wait",
    "incomplete", "stale", "remapped", "deep", "backfilling", "forced_backfill",
    "backfill_toofull", "recovery_wait", "recovery_toofull", "undersized", "activating", "peered",
    "snaptrim", "snaptrim_wait", "snaptrim_error", "creating", "unknown", "premerge",
    "failed_repair", "laggy", "wait",
]  # fmt: skip

NFS_GANESHA_SUPPORTED_FSALS = ["CEPH", "RGW"]
NFS_POOL_NAME = ".nfs"


class NotifyType(str, Enum):  # noqa: UP042  a StrEnum's str() differs from upstream's
    """What a module can be notified of. Members are text, as the types arrive in notify()."""

    mon_map = "mon_map"
    pg_summary = "pg_summary"
    health = "health"
    clog = "clog"
    osd_map = "osd_map"
    fs_map = "fs_map"
    command = "command"
