"""The embedded cluster's JSON has the keys that a real Ceph's has."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.cluster.box import Box


ROOT = Path(__file__).resolve().parents[2]
COMMANDS = [
    "status",
    "health",
    "health detail",
    "df",
    "df detail",
    "fsid",
    "versions",
    "quorum_status",
    "mon stat",
    "mon dump",
    "mon metadata",
    "mon versions",
    "osd ls",
    "osd stat",
    "osd df",
    "osd dump",
    "osd tree",
    "osd metadata",
    "osd metadata 0",
    "osd find 0",
    "osd perf",
    "osd lspools",
    "osd info 0",
    "osd pool ls",
    "osd pool ls detail",
    "osd pool stats",
    "osd pool get-quota objects",
    "osd pool get objects size",
    "osd pool get objects all",
    "osd pool application get objects",
    "osd erasure-code-profile ls",
    "osd erasure-code-profile get default",
    "osd crush dump",
    "osd crush rule ls",
    "osd crush rule dump",
    "osd crush class ls",
    "osd versions",
    "pg stat",
    "pg ls",
    "pg dump",
    "pg dump pgs",
    "pg dump pools",
    "pg dump osds",
    "pg dump pgs_brief",
    "fs dump",
    "mgr stat",
    "mgr dump",
    "mgr metadata",
    "node ls",
    "service dump",
    "config dump",
    "config help osd_max_backfills",
    "config-key ls",
    "config-key dump",
    "log last 3",
    "device ls",
]
# What depends on what a cluster holds or is doing, not on how the command is answered.
VARYING = {
    "unknown_pgs_ratio",
    "device_class",
    "class",
    "new_purged_snaps",
    "checks", "config-key dump", "progress_events", "services", "by_rank", "id", "up", "in", "max", "standbys",
    "read_bytes_sec", "write_bytes_sec", "read_op_per_sec", "write_op_per_sec", "degraded_objects", "degraded_ratio",
    "degraded_total", "misplaced_objects", "misplaced_ratio", "misplaced_total", "inactive_pgs_ratio",
    "stats_by_class", "filesystems", "pool_weights", "options", "application_metadata", "client_io_rate", "recovery",
    "recovery_rate", "erasure_code_profiles", "blocklist", "module_options", "choose_args", "active_clients",
    "crush_location", "last_up_change", "last_in_change", "versions", "overall", "mon", "osd", "mds", "mgr", "container_name",
    "recovering_objects_per_sec", "recovering_bytes_per_sec", "recovering_keys_per_sec", "num_objects_recovered",
    "num_bytes_recovered", "num_keys_recovered", "network_ping_times", "up_since", "osd_up_since", "osd_in_since",
}  # fmt: skip
TAKEN_APART = {
    "osd metadata 0": ("osd metadata", {"id": "0"}),
    "osd find 0": ("osd find", {"id": "0"}),
    "osd info 0": ("osd info", {"id": "0"}),
    "df detail": ("df", {"detail": "detail"}),
    "health detail": ("health", {"detail": "detail"}),
    "osd pool ls detail": ("osd pool ls", {"detail": "detail"}),
    "osd pool get-quota objects": ("osd pool get-quota", {"pool": "objects"}),
    "osd pool get objects size": ("osd pool get", {"pool": "objects", "var": "size"}),
    "osd pool get objects all": ("osd pool get", {"pool": "objects", "var": "all"}),
    "osd pool application get objects": ("osd pool application get", {"pool": "objects"}),
    "osd erasure-code-profile get default": ("osd erasure-code-profile get", {"name": "default"}),
    "config help osd_max_backfills": ("config help", {"key": "osd_max_backfills"}),
    "log last 3": ("log last", {"num": 3}),
    **{f"pg dump {what}": ("pg dump", {"dumpcontents": [what]}) for what in ("pgs", "pools", "osds", "pgs_brief")},
}  # fmt: skip


@pytest.fixture(scope="module")
def conf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Configuration of a small real cluster."""
    folder = tmp_path_factory.mktemp("c")
    lab = folder / "l"
    up, down = (str(ROOT / "tools" / "cephlab" / name) for name in ("up", "down"))
    subprocess.run([up, str(lab)], check=True, capture_output=True, timeout=120)
    try:
        conf = lab / "ceph.conf"
        for line in (
            "osd pool create objects 8",
            "osd pool application enable objects lab",
            "config set osd osd_max_backfills 2",
            "config-key set a b",
        ):
            ceph(conf, *line.split())
        yield conf
    finally:
        subprocess.run([down, str(lab)], check=True, capture_output=True, timeout=60)


def ceph(conf: Path, *words: str) -> bytes:
    """Run the real client."""
    run = subprocess.run(
        ["ceph", *words], env={**os.environ, "CEPH_CONF": str(conf)}, capture_output=True, timeout=60,
        check=True,
    )  # fmt: skip
    return run.stdout


def keys(value: Any, path: str = "") -> set[str]:
    """Every path of keys in a document; elements of a list share theirs."""
    found: set[str] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in VARYING:
                found |= {f"{path}/{key}"} | keys(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for inner in value[:1]:
            found |= keys(inner, f"{path}[]")
    return found


@pytest.mark.ceph
@pytest.mark.parametrize("command", COMMANDS)
def test_keys_are_those_of_a_real_cluster(conf: Path, shared: Box, command: str) -> None:
    """The same command gives JSON with the same keys here and there."""
    real = orjson.loads(ceph(conf, *command.split(), "--format", "json"))
    prefix, arguments = TAKEN_APART.get(command, (command, {}))
    ours = shared.json(prefix, **arguments)
    if command == "config-key dump":
        assert set(map(type, real.values())) == set(map(type, ours.values()))
        return
    assert type(real) is type(ours)
    assert keys(ours) - keys(real) == set()
    assert keys(real) - keys(ours) == set()
