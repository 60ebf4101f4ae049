"""How much a command takes of whoever sends it: looking, changing, or a hold on what code runs.

One rule for operators and modules. A command is CONTROL where its permission has an `x` (ceph's
own mark for keys and capabilities), where it decides which modules run or who is active, where it
runs source text (its last word is `eval`), where it deploys (`orch` that writes), where it goes to
a daemon by `tell`, and where it writes the keys in which the supervisor keeps its own state.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


OWN_KEYS = "mgr-supervisor/"
EVAL = "eval"
_CONTROL = (
    "mgr module enable", "mgr module disable", "mgr fail", "module grants reload", "tell",
)  # fmt: skip
KEY_WRITES = ("config-key set", "config-key put", "config-key rm", "config-key del")
# What daemons answer without a change to anything, as far as modules of Ceph ask for it.
DAEMON_READS = frozenset(
    (
        "version", "status", "config get", "config show", "config diff", "perf dump",
        "perf schema", "mon_status", "smart", "client ls", "query", "heap", "dump_mempools",
        "perf histogram dump", "dump_osd_network", "list_unfound",
    )
)  # fmt: skip


class Demand(IntEnum):
    """In order: who may do more may do less."""

    READ = 0
    WRITE = 1
    CONTROL = 2


def demand(prefix: str, permission: str | None, arguments: Mapping[str, Any]) -> Demand:
    """What the command asks for. `permission` as declared, "r", "w", "rw", "rwx"; None: nobody
    declared it, which counts as writing.
    """
    writes = permission is None or not permission or not set(permission) <= set("rx")
    words = prefix.split()
    own = prefix in KEY_WRITES and str(arguments.get("key", "")).startswith(OWN_KEYS)
    deploys = writes and words[:1] == ["orch"]
    if own or deploys or prefix in _CONTROL or words[-1:] == [EVAL] or "x" in (permission or ""):
        return Demand.CONTROL
    return Demand.WRITE if writes else Demand.READ


def of_daemon(prefix: str) -> Demand:
    """What a command asks for that a module sends to one daemon: these declare no permissions."""
    return Demand.READ if prefix in DAEMON_READS else Demand.WRITE
