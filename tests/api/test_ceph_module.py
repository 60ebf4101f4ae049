"""The primitives below mgr_module, on documents captured from a real cluster."""

from typing import ClassVar

import pytest

from module_host import session
from module_host.ceph import counters, options, releases
from module_host.ceph.primitives import BaseMgrModule, BaseMgrStandbyModule
from tests.api import house  # noqa: F401  puts api/ on sys.path
from tests.api.memory import MemorySession


class Bare(BaseMgrModule):
    MODULE_OPTIONS: ClassVar = [
        {"name": "count", "type": "int"},
        {"name": "flag", "type": "bool"},
        {"name": "untyped"},
        {"name": "limit", "type": "size"},
        {"name": "pause", "type": "secs"},
    ]


@pytest.fixture
def memory(tmp_path):
    made = MemorySession("bare", tmp_path)
    session.install(made)
    yield made
    made.close()
    session.install(None)


@pytest.fixture
def bare(memory):
    return Bare(object(), object())


def test_a_document_may_be_changed_by_whoever_got_it(bare, memory):
    first = bare._ceph_get("osd_map")
    first["osds"].clear()
    assert bare._ceph_get("osd_map", mutable=True)["osds"]
    assert memory.documents["osd_map"]["osds"]


@pytest.mark.parametrize("name", ["__OBJ_DNE__", "_servers", "osd_crush_map_text", "nothing"])
def test_an_unknown_document_is_none_and_leaves_a_line(bare, memory, name):
    """Names that begin with an underscore are published for the accessors alone."""
    assert bare._ceph_get(name) is None
    assert name in memory.daemon_lines[-1]


def test_the_crush_text_is_empty_as_on_16_2_15(bare):
    assert bare._ceph_get("osdmap_crush_map_text") == ""


def test_an_unknown_device_is_empty(bare):
    assert bare._ceph_get("device nothing") == {}


def test_a_known_device_is_its_entry(bare, memory):
    memory.documents["devices"] = {"devices": [{"devid": "disk_1", "daemons": ["osd.1"]}]}
    assert bare._ceph_get("device disk_1") == {"device": {"devid": "disk_1", "daemons": ["osd.1"]}}


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("count", "0x10", 16),
        ("flag", "yes", True),
        ("flag", "TRUE", False),
        ("untyped", "8080", "8080"),
        ("limit", "4096", 4096),
        ("pause", "5", 5.0),
    ],
)
def test_an_own_option_has_its_declared_type(bare, memory, key, text, value):
    memory.options[f"mgr/bare/{key}"] = text
    found = bare._ceph_get_module_option("bare", key)
    assert found == value
    assert type(found) is type(value)


def test_a_size_with_a_suffix_raises_as_in_ceph_mgr(bare, memory):
    memory.options["mgr/bare/limit"] = "4K"
    with pytest.raises(ValueError, match="invalid literal"):
        bare._ceph_get_module_option("bare", "limit")


def test_an_option_of_this_manager_wins_over_the_common_one(bare, memory):
    memory.options |= {"mgr/bare/count": "1", "mgr/bare/x/count": "2"}
    assert bare._ceph_get_module_option("bare", "count", "x") == 2
    assert bare._ceph_get_module_option("bare", "count", "y") == 1


def test_another_modules_option_has_the_published_type(bare, memory):
    memory.options |= {"mgr/telemetry/interval": "60", "mgr/telemetry/leaderboard": "True"}
    assert bare._ceph_get_module_option("telemetry", "interval") == 60
    assert bare._ceph_get_module_option("telemetry", "leaderboard") is True
    assert bare._ceph_get_module_option("nothing", "interval") is None


def test_log_to_file_is_on_unless_it_is_set(bare, memory):
    assert bare._ceph_get_module_option("bare", "log_to_file") is True
    memory.options["mgr/bare/log_to_file"] = "false"
    Bare.MODULE_OPTIONS.append({"name": "log_to_file", "type": "bool"})
    try:
        assert bare._ceph_get_module_option("bare", "log_to_file") is False
    finally:
        Bare.MODULE_OPTIONS.pop()


def test_a_refused_option_is_only_logged(bare, memory):
    memory.refused_options.add("mgr/bare/count")
    bare._ceph_set_module_option("bare", "count", "many")
    assert "many" in memory.daemon_lines[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("debug_mgr", "2/5"),
        ("osd_max_backfills", 1),
        ("mon_osd_full_ratio", 0.95),
        ("mgr_tick_period", 2.0),
        ("osd_memory_target", 4294967296),
        ("mon_allow_pool_delete", False),
        ("host", ""),
    ],
)
def test_ceph_options_are_typed_as_16_2_15_types_them(bare, name, value):
    found = bare._ceph_get_option(name)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("name", ["name", "cluster", "nothing"])
def test_an_unknown_ceph_option_raises(bare, name):
    with pytest.raises(KeyError, match=f"option not found: {name}"):
        bare._ceph_get_option(name)


def test_the_log_file_is_this_daemons(bare, memory):
    assert bare._ceph_get_option("log_file") == memory.identity.log_file


@pytest.mark.parametrize(
    ("entity", "value"), [("osd.0", 4), ("osd.1", 3), ("osd", 3), ("mds.a", 2), ("client.rgw.a", 2)]
)
def test_the_most_specific_section_wins(bare, entity, value):
    assert bare._ceph_get_foreign_option(entity, "osd_max_backfills") == value


def test_a_foreign_option_that_nobody_set_is_its_default(bare, memory):
    memory.documents["_config_map"] = {}
    assert bare._ceph_get_foreign_option("osd.0", "osd_max_backfills") == 1


def test_a_malformed_entity_raises(bare):
    with pytest.raises(KeyError, match="invalid entity: global"):
        bare._ceph_get_foreign_option("global", "debug_mgr")


def test_numbers_written_as_nothing_are_zero():
    assert options._as_declared({"type": "uint"}, "") == 0


def test_servers_metadata_and_status(bare):
    everywhere = bare._ceph_get_server(None)
    host = everywhere[0]["hostname"]
    assert bare._ceph_get_server(host) == everywhere[0]
    unknown = {"hostname": "nohost", "services": [], "ceph_version": ""}
    assert bare._ceph_get_server("nohost") == unknown
    assert bare._ceph_get_metadata("osd", "0")["hostname"] == host
    assert bare._ceph_get_metadata("osd", "9") is None
    assert bare._ceph_get_daemon_status("osd", "0") == {}
    assert bare._ceph_get_daemon_status("osd", "9") is None
    with pytest.raises(TypeError, match="argument 2 must be str, not int"):
        bare._ceph_get_metadata("osd", 9)


def test_stored_values_are_text_without_nul(bare, memory):
    bare._ceph_set_store("key", "value")
    assert bare._ceph_get_store_prefix("k") == {"key": "value"}
    bare._ceph_set_store("key", None)
    assert memory.keys == {}
    with pytest.raises(TypeError, match="must be str or None, not int"):
        bare._ceph_set_store("key", 3)
    with pytest.raises(ValueError, match="embedded null character"):
        bare._ceph_set_store("key", "a\0b")


def test_a_bad_piece_of_a_health_check_drops_only_that_piece(bare, memory):
    bare._ceph_set_health_checks(
        {
            "GOOD": {"severity": "error", "summary": "s", "count": 2, "detail": ["a", 1, "b"]},
            "ODD": {"severity": "warning", "summary": 5, "colour": "red"},
            "NONE": "text",
        }
    )
    good, odd = memory.health[-1]
    assert (good.severity, good.count, list(good.detail)) == ("error", 2, ["a", "b"])
    assert (odd.severity, odd.summary, odd.count) == ("warning", "", 0)
    assert len(memory.daemon_lines) == 4


def test_health_checks_that_are_no_dict_change_nothing(bare, memory):
    bare._ceph_set_health_checks(["A"])
    assert memory.health == []
    with pytest.raises(SystemError):
        bare._ceph_set_health_checks({1: {}})


def test_counters_are_copies_and_unknown_ones_are_empty(bare):
    schema = bare._ceph_get_perf_schema("osd", "0")
    path, described = next(iter(schema["osd.0"].items()))
    assert set(described) == {"description", "nick", "type", "priority", "units"}
    bare._ceph_get_counter("osd", "0", path)[path].clear()
    assert bare._ceph_get_counter("osd", "0", path)[path]
    assert len(bare._ceph_get_latest_counter("osd", "0", path)[path]) in (2, 3)
    assert bare._ceph_get_counter("osd", "99", "nope") == {"nope": []}
    assert bare._ceph_get_latest_counter("osd", "0", "nope") == {"nope": []}
    assert bare._ceph_get_perf_schema("osd", "99") == {}
    assert set(bare._ceph_get_perf_schema("osd", "")) == {"osd.0", "osd.1", "osd.2"}
    assert set(bare._ceph_get_perf_schema("", "")) > {"osd.0", "mon.a"}


def test_all_counters_come_with_their_values(memory):
    found = counters.everything(memory, 5, ("osd",))
    assert set(found) == {"osd.0", "osd.1", "osd.2"}
    for counter in found["osd.0"].values():
        assert counter["priority"] >= 5
        assert ("count" in counter) == bool(counter["type"] & counters.LONGRUNAVG)


GOOD_QUERY = {
    "key_descriptor": [{"type": "osd_id", "regex": "^(.*)$"}],
    "performance_counter_descriptors": ["ops", "latency"],
    "limit": {"order_by": "ops", "max_count": 5},
}


def test_query_ids_count_up_and_results_are_empty(bare):
    assert [bare._ceph_add_osd_perf_query(GOOD_QUERY) for _ in range(2)] == [0, 1]
    assert bare._ceph_get_osd_perf_counters(1) == {"counters": []}
    bare._ceph_remove_osd_perf_query(1)
    assert bare._ceph_get_osd_perf_counters(1) is None
    assert bare._ceph_add_osd_perf_query(GOOD_QUERY) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"key_descriptor": []},
        {"key_descriptor": [{"type": "bad", "regex": "^(.*)$"}]},
        {"key_descriptor": [{"type": "osd_id", "regex": ".*"}]},
        {"key_descriptor": [{"type": "osd_id", "regex": "(["}]},
        {"key_descriptor": [{"type": "osd_id"}]},
        {"key_descriptor": ["osd_id"]},
        {"performance_counter_descriptors": []},
        {"performance_counter_descriptors": ["xx"]},
        {"limit": {"order_by": "bytes", "max_count": 5}},
    ],
)
def test_a_malformed_query_is_none_and_leaves_a_line(bare, memory, change):
    assert bare._ceph_add_osd_perf_query(GOOD_QUERY | change) is None
    assert "perf query refused" in memory.daemon_lines[-1]


def test_mds_queries_look_as_before_any_mds_reported(bare):
    query = {
        "key_descriptor": [{"type": "mds_rank", "regex": "^(.*)$"}],
        "performance_counter_descriptors": ["cap_hit"],
    }
    number = bare._ceph_add_mds_perf_query(query)
    assert bare._ceph_get_mds_perf_counters(number) == {"metrics": [[""], [], [0.0]]}
    assert bare._ceph_get_mds_perf_counters(77) is None


def test_clients_register_in_the_old_form_and_the_new(bare, memory):
    bare._ceph_register_client("addr")
    bare._ceph_register_client("name", "addr", True)
    bare._ceph_unregister_client("addr")
    bare._ceph_unregister_client(None, "addr")
    assert memory.clients == [
        ("bare", "addr", False, False),
        ("name", "addr", False, True),
        ("bare", "addr", True, False),
        ("bare", "addr", True, False),
    ]


def test_authorization_needs_a_dict(bare, memory):
    memory.command_active = True
    assert bare._ceph_is_authorized({"pool": "a"}) is True
    assert bare._ceph_is_authorized(["pool"]) is False


def test_release_names():
    assert [releases.name(n) for n in (0, 1, 16, 99)] == [
        "unknown",
        "argonaut",
        "pacific",
        "unknown",
    ]


def test_a_standby_reads_little(memory):
    memory.documents["mgr_map"]["services"] = {"bare": "http://active:1/"}
    standby = BaseMgrStandbyModule(object())
    assert standby._ceph_get("osd_map") is None
    assert standby._ceph_get("mgr_ips")["ips"]
    assert standby._ceph_get_option("nothing") is None
    assert standby._ceph_get_option("osd_pool_default_size") == "2"  # text, whatever its type
    assert standby._ceph_get_active_uri() == "http://active:1/"
    memory.options["mgr/bare/key"] = "value"
    assert standby._ceph_get_module_option("key") == "value"
