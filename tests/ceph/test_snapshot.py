"""What the embedded cluster is loaded from is a whole, real cluster, and the tool that captured it still works."""

import json
import lzma
import shutil
import tempfile
from pathlib import Path

import pytest
from cephlab.capture_snapshot import (
    MODULE,
    SNAPSHOT,
    capture,
    config_map,
    module_tree,
    without_tool,
    write,
)
from cephlab.lab import MODULES, Lab, LabError, Plan


GET_NAMES = {
    "active_clean_pgs", "config", "config_options", "devices", "df", "fs_map", "have_local_config_map", "health",
    "io_rate", "mds_metadata", "mgr_ips", "mgr_map", "modified_config_options", "mon_map", "mon_status", "osd_map",
    "osd_map_crush", "osd_map_tree", "osd_metadata", "osd_ping_times", "osd_pool_stats", "osd_stats",
    "osdmap_crush_map_text", "pg_dump", "pg_progress", "pg_ready", "pg_stats", "pg_status", "pg_summary", "pool_stats",
    "service_map",
}  # fmt: skip
OTHER_NAMES = {
    "_servers", "_metadata", "_daemon_status", "_perf_schema", "_perf_counters", "_daemon_health_metrics",
    "_config_map", "_config_key", "_crush_text", "_log_last", "_mon_commands", "_versions",
}  # fmt: skip
KEYED_BY_CLUSTER = {
    "mds_metadata",
    "osd_metadata",
    *OTHER_NAMES,
}  # keys are daemons, options, hosts
# pg_status names these only while they are not zero
RATES = {"read_bytes_sec", "write_bytes_sec", "read_op_per_sec", "write_op_per_sec"}
NOT_ALWAYS = RATES | {"unknown_pgs_ratio", "inactive_pgs_ratio"}


@pytest.fixture(scope="module")
def committed():
    return json.loads(lzma.decompress((SNAPSHOT / "cluster.json.xz").read_bytes()))


@pytest.fixture
def short_folder():
    """A folder whose path leaves room for the names of unix sockets."""
    folder = Path(tempfile.mkdtemp(prefix="lab-", dir="/tmp"))
    yield folder
    shutil.rmtree(folder)


def counters(documents, path):
    return [paths[path] for paths in documents["_perf_counters"].values() if path in paths]


def test_every_document_is_there(committed):
    """A module finds each name that get() serves, and each accessor its source."""
    assert set(committed) == GET_NAMES | OTHER_NAMES


def test_origin_says_where_it_comes_from(committed):
    """A reader learns from the file beside it what was captured, when, and with what."""
    origin = json.loads((SNAPSHOT / "origin.json").read_text())
    assert origin["ceph_version"] in committed["_versions"]["mon"]
    assert origin["osds"] == len(committed["osd_map"]["osds"])
    assert origin["pools"] == len(committed["osd_map"]["pools"])
    assert origin["tool"]
    assert origin["captured_at"]


def test_osds_are_spread_over_hosts(committed):
    """Modules that reason about failure domains and device classes have something to reason about."""
    nodes = committed["osd_map_tree"]["nodes"]
    osds = [node for node in nodes if node["type"] == "osd"]
    assert len(osds) >= 6
    assert len([node for node in nodes if node["type"] == "host"]) >= 3
    assert len(committed["_servers"]) >= 3
    assert {node["device_class"] for node in osds} == {"hdd", "ssd"}


def test_pools_of_both_kinds(committed):
    """There are replicated (1) and erasure-coded (3) pools, each with a rule and statistics, and few groups."""
    pools = committed["osd_map"]["pools"]
    rules = {rule["rule_id"] for rule in committed["osd_map_crush"]["rules"]}
    assert {pool["type"] for pool in pools} == {1, 3}
    assert {pool["crush_rule"] for pool in pools} <= rules
    assert {pool["pool"] for pool in pools} == {
        p["poolid"] for p in committed["pool_stats"]["pool_stats"]
    }
    assert committed["pg_status"]["num_pgs"] == len(committed["pg_stats"]["pg_stats"]) <= 120


def test_file_system_is_served(committed):
    """One MDS is active, another stands by."""
    (filesystem,) = committed["fs_map"]["filesystems"]
    assert [info["state"] for info in filesystem["mdsmap"]["info"].values()] == ["up:active"]
    assert committed["fs_map"]["standbys"]


def test_cluster_is_at_work(committed):
    """Rates and counters move: a dashboard on the embedded cluster shows more than zeros."""
    assert all(committed["pg_status"][rate] > 0 for rate in RATES)
    assert committed["io_rate"]["pg_stats_delta"]["stat_sum"]["num_write"] > 0
    writes = counters(committed, "osd.op_w")
    assert len(writes) >= 6
    assert all(len(samples) == 20 for samples in writes)
    assert any(samples[-1][1] > samples[0][1] for samples in writes)


def test_counters_are_described(committed):
    """No counter lacks its schema; averages have a sum and a count."""
    for daemon, paths in committed["_perf_counters"].items():
        schema = committed["_perf_schema"][daemon]
        assert set(paths) == set(schema)
        for path, samples in paths.items():
            averaged = bool(schema[path]["type"] & 4)  # PERFCOUNTER_LONGRUNAVG
            assert {len(sample) for sample in samples} <= {3 if averaged else 2}, path


def test_monitor_describes_its_commands(committed):
    """The embedded cluster can take the grammar of what it answers from the real thing."""
    prefixes = {
        " ".join(word for word in e["sig"] if isinstance(word, str))
        for e in committed["_mon_commands"]
    }
    assert {"osd dump", "config set", "config-key get", "osd pool create", "status"} <= prefixes


def test_nothing_of_the_tool_is_left(committed):
    """The capture's own module, commands and folders are not part of the cluster."""
    assert MODULE not in {module["name"] for module in committed["mgr_map"]["available_modules"]}
    assert "capture save" not in json.dumps(committed["_mon_commands"])
    assert "/cephlab-" not in json.dumps(committed)
    assert committed["config"]["mgr_module_path"] == str(MODULES)


def test_config_map_leaves_module_options_out():
    """Module options have a home of their own; a mask is part of its section."""
    entries = [
        {"section": "mgr", "mask": "", "name": "mgr/balancer/mode", "value": "upmap"},
        {"section": "osd", "mask": "class:ssd", "name": "osd_max_backfills", "value": "3"},
    ]
    assert config_map(entries) == {"osd/class:ssd": {"osd_max_backfills": "3"}}


def test_down_refuses_a_folder_without_a_cluster(tmp_path):
    """A mistyped folder is named, and left alone."""
    (tmp_path / "letter").write_text("dear")
    with pytest.raises(LabError, match="no cluster in"):
        Lab(tmp_path).end()
    assert (tmp_path / "letter").exists()


@pytest.mark.ceph
def test_capture_of_a_live_cluster_has_the_committed_shapes(committed, short_folder):
    """What a manager says today has the keys that the snapshot has: the snapshot is not a relic."""
    lab = Lab(short_folder / "c")
    tree = module_tree(short_folder / "modules", MODULES)
    lab.start(Plan(lab.folder, osds=1, modules=tree, settings=(f"mgr initial modules = {MODULE}",)))
    try:
        live = without_tool(capture(lab, short_folder / "documents.json"))
    finally:
        lab.end()
    assert not lab.folder.exists()
    for name in GET_NAMES:
        assert type(live[name]) is type(committed[name]), name
        if isinstance(live[name], dict) and name not in KEYED_BY_CLUSTER:
            assert set(live[name]) - NOT_ALWAYS == set(committed[name]) - NOT_ALWAYS, name
    write(live, short_folder / "out")
    again = json.loads(lzma.decompress((short_folder / "out" / "cluster.json.xz").read_bytes()))
    assert set(again) == set(committed)
