"""A captured cluster made ours: read, its clock moved to now, its manager given our name."""

import datetime as dt
import lzma
import re
from pathlib import Path
from typing import Any

import orjson

from supervisor.cluster.embedded.store import Write
from supervisor.cluster.interface import ClusterError


Document = dict[str, Any]
SHIPPED = Path(__file__).parent / "snapshot" / "cluster.json.xz"
_STAMP = re.compile(rb'(?<=["\x00])(20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})(?=(?:\+0000|Z)["\x00])')
# What is always on and needs what only a real Ceph has: the balancer plans by the CRUSH mapping
# function, devicehealth writes to a pool once a day, and its serve() ends where that fails.
_SETTINGS = {
    ("mgr", "mgr/balancer/active"): "false",
    ("mgr", "mgr/devicehealth/enable_monitoring"): "false",
}
NEEDED = frozenset(
    (
        "config", "config_options", "devices", "fs_map", "mgr_ips", "mgr_map", "mon_map",
        "modified_config_options", "mon_status", "osd_map", "osd_map_crush", "osd_map_tree",
        "osd_metadata", "osd_ping_times", "osd_stats", "pg_dump", "service_map", "_config_key",
        "_config_map", "_daemon_health_metrics", "_daemon_status", "_log_last", "_metadata",
        "_mon_commands", "_perf_counters", "_perf_schema", "_servers",
    )
)  # fmt: skip
_KEYED_BY_DAEMON = ("_perf_schema", "_perf_counters", "_daemon_health_metrics")
_KEYED_BY_TYPE = ("_metadata", "_daemon_status")


def stamp(moment: dt.datetime) -> str:
    """A time as Ceph's JSON gives it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f+0000")


def read(path: Path) -> bytes:
    """The documents as JSON text. Raises ClusterError for a file that is no snapshot."""
    try:
        with lzma.open(path) as file:
            text = file.read()
        documents = orjson.loads(text)
    except (OSError, EOFError, lzma.LZMAError, orjson.JSONDecodeError) as error:
        raise ClusterError(f"cannot read the snapshot {path}: {error}; give another one") from error
    missing = NEEDED - set(documents)
    if missing:
        raise ClusterError(
            f"{path} is not a snapshot of a cluster: it lacks {', '.join(sorted(missing))};"
            " capture one with tools/cephlab/capture_snapshot"
        )
    return text


def moved_to(text: bytes, now: dt.datetime) -> bytes:
    """The same text with every time stamp moved so that the newest report is from `now`."""
    captured = dt.datetime.fromisoformat(orjson.loads(text)["pg_dump"]["stamp"])
    shift = now - captured

    def moved(found: re.Match[bytes]) -> bytes:
        moment = dt.datetime.fromisoformat(found[1].decode()) + shift
        return f"{moment:%Y-%m-%dT%H:%M:%S.%f}".encode()

    # Documents that hold JSON as text (health, mon_status) have their quotes escaped.
    return _STAMP.sub(moved, text.replace(rb"\"", b"\x00")).replace(b"\x00", rb"\"")


def seed(text: bytes) -> Write:
    """What the store holds after the first start."""
    documents = orjson.loads(text)
    return Write(
        config={
            (section, name): value
            for section, values in documents["_config_map"].items()
            for name, value in values.items()
        }
        | _SETTINGS,
        # A monitor keeps options among the keys as well; here they have a table of their own.
        keys={
            key: value
            for key, value in documents["_config_key"].items()
            if not key.startswith(("config/", "config-history/"))
        },
        documents={"snapshot": text},
        log=tuple(orjson.dumps(entry) for entry in documents["_log_last"]),
    )


def adopt(documents: dict[str, Any], mgr_id: str) -> None:
    """Rename the captured manager to `mgr_id` wherever documents name it, in place."""
    old = documents["mgr_map"]["active_name"]
    documents["mgr_map"]["active_name"] = mgr_id
    before, after = f"mgr.{old}", f"mgr.{mgr_id}"
    for name in _KEYED_BY_DAEMON:
        documents[name] = {
            after if daemon == before else daemon: value
            for daemon, value in documents[name].items()
        }
    for name in _KEYED_BY_TYPE:
        managers = documents[name].get("mgr", {})
        documents[name]["mgr"] = {
            mgr_id if key == old else key: value for key, value in managers.items()
        }
    for server in documents["_servers"]:
        for service in server["services"]:
            if (service["type"], service["id"]) == ("mgr", old):
                service["id"] = mgr_id
    documents["config"] = {
        option: value.replace(before, after) for option, value in documents["config"].items()
    }
