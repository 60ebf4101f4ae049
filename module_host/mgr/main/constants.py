"""Names that modules of the newest interface import as values, where they differ from pacific's."""

from enum import Enum, IntEnum


class NotifyType(str, Enum):  # noqa: UP042  a StrEnum's str() differs from upstream's
    """What a module can be notified of. Members are text, as the types arrive in notify()."""

    mon_map = "mon_map"
    pg_summary = "pg_summary"
    health = "health"
    clog = "clog"
    osd_map = "osd_map"
    fs_map = "fs_map"
    command = "command"
    mgr_map = "mgr_map"
    audit = "audit"


class CephReleases(IntEnum):
    """Ceph's releases by major version; `maximum` is the one that has no name yet."""

    argonaut = 1
    bobtail = 2
    cuttlefish = 3
    dumpling = 4
    emperor = 5
    firefly = 6
    giant = 7
    hammer = 8
    infernalis = 9
    jewel = 10
    kraken = 11
    luminous = 12
    mimic = 13
    nautilus = 14
    octopus = 15
    pacific = 16
    quincy = 17
    reef = 18
    squid = 19
    maximum = 20
