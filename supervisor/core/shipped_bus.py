"""What the modules of Ceph and ours call, send and read of others: their rows of the grants.

Read from the syntax trees of Debian's 16.2.15: each `remote()`, each command's prefix, each option
of another module; what newer releases of the same modules were known to add is in the rows as well.
A module without a row here is as free on the bus as supervisor.core.grants.LEAST says.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from supervisor.core.grants import LEAST, Calls, Grants
from supervisor.core.shipped_grants import SHIPPED as SHIPPED_WALLS


# What a backend tells of itself and its daemons.
_TELLS = (
    "available", "can_run", "describe_service", "get_facts", "get_feature_set", "get_hosts",
    "get_inventory", "is_orchestrator_module", "list_daemons", "remove_osds_status", "self_test",
    "upgrade_status",
)  # fmt: skip
# Modules that can do more than any other, with what all may call of them. Besides them, whoever has
# the grant `deploy`.
GUARDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "cephadm": _TELLS,
        "local_orchestrator": _TELLS,
        "orchestrator": (*_TELLS, "_select_orchestrator"),
        "rook": _TELLS,
        "selftest": ("remote_from_orchestrator_cli_self_test", "self_test"),
    }
)
OPEN_OF_DEPLOYERS = _TELLS

_ALL = ("*",)
_ORCHESTRATORS: Calls = {
    "*": _ALL, "cephadm": _ALL, "local_orchestrator": _ALL, "orchestrator": _ALL, "rook": _ALL,
}  # fmt: skip
_ANYBODY: Calls = {**_ORCHESTRATORS, "selftest": _ALL}
_PROGRESS: Calls = {"progress": ("update", "complete", "fail")}
_ADMINISTERS: dict[str, Any] = {
    "calls": _ORCHESTRATORS,
    "commands": (*_ALL, "auth *", "config-key *", "mgr *", "orch *"),
    "config": _ALL,
}
_POOL = ("osd pool create", "osd pool application enable")
_FREE: dict[str, Any] = {
    "calls": LEAST.calls,
    "commands": LEAST.commands,
    "config": LEAST.config,
}
# They ask nothing of others but what all may.
_QUIET = (
    "alerts", "crash", "influx", "osd_perf_query", "osd_support", "progress",
    "snap_schedule", "status", "telegraf", "zabbix",
)  # fmt: skip

ROWS: Mapping[str, Mapping[str, Any]] = {
    "balancer": {
        "commands": (
            "osd crush weight-set *", "osd reweightn", "osd *pg-upmap*",
        ),
    },
    "cephadm": _ADMINISTERS,
    "dashboard": _ADMINISTERS,
    "devicehealth": {
        "calls": {"diskprediction_*": ("can_run", "predict_*")},
        "commands": (*_POOL, "osd pool rename", "osd out", "osd primary-affinity"),
    },
    "insights": {"calls": {"crash": ("handle_command",)}, "config": _ALL},
    "local_orchestrator": {**_FREE, "calls": _ORCHESTRATORS},
    "localpool": {
        "commands": ("osd crush rule create-replicated", "osd pool create", "osd pool set"),
    },
    "mirroring": {
        "commands": (
            "auth get", "config-key set", "config-key rm", "fs authorize", "fs mirror *",
            "osd blocklist",
        ),
        "config": ("cephfs/mirror/*",),
    },
    "nfs": {"calls": _ORCHESTRATORS, "commands": (*_POOL, "auth *")},
    "orchestrator": {**_FREE, "calls": _ANYBODY},
    "pg_autoscaler": {
        "calls": _PROGRESS,
        "commands": ("osd pool set", "config set", "config rm"),
    },
    "prometheus": {**_FREE, "calls": _ORCHESTRATORS},
    "rbd_support": {"calls": _PROGRESS},
    "rook": _ADMINISTERS,
    "selftest": {**_ADMINISTERS, "calls": _ANYBODY},
    "stats": {"commands": ("client ls",)},
    "telemetry": {
        "calls": {
            "balancer": ("gather_telemetry",),
            "crash": ("ls", "do_info"),
            "devicehealth": ("get_time_format", "get_recent_device_metrics"),
        },
        "config": _ALL,
    },
    "volumes": {
        "calls": _ORCHESTRATORS,
        "commands": ("auth *", "fs *", "osd pool *", "osd blocklist", "session evict"),
    },
    **{name: {} for name in _QUIET},
}  # fmt: skip

_NOTHING: dict[str, Any] = {"calls": {}, "commands": (), "config": ()}
SHIPPED: Mapping[str, Grants] = {
    name: replace(grants, **{**_NOTHING, **ROWS[name]}) if name in ROWS else grants
    for name, grants in SHIPPED_WALLS.items()
}
