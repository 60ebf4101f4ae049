"""OSD map, increments and CRUSH map answer what ceph-mgr 16.2.15 answers on the same cluster."""

import importlib

import pytest

from module_host import session
from module_host.ceph.osdmap import current
from tests.api import house  # noqa: F401  puts api/ on sys.path
from tests.api.memory import MemorySession


@pytest.fixture
def osdmap(tmp_path):
    memory = MemorySession("maps", tmp_path)
    session.install(memory)
    yield importlib.import_module("mgr_module").OSDMap(current(memory))
    session.install(None)


def test_the_crush_tree(osdmap):
    """Values observed on 16.2.15: osd.0 1.5 and osd.1 0.75 in h1, osd.2 2.0 in h2."""
    crush = osdmap.get_crush()
    assert crush.find_takes() == [-5, -1]
    assert crush.find_roots() == [-2, -1]
    assert crush.get_item_name(-5) == "h1"
    assert crush.get_item_name(0) == "osd.0"
    assert crush.get_item_name(99) is None
    assert [crush.get_item_weight(item) for item in (-1, -5, 1, 99)] == [4.25, 2.25, 0.75, None]
    assert crush.get_take_weight_osd_map(-1) == {
        0: 0.3529411852359772,
        1: 0.1764705926179886,
        2: 0.47058823704719543,
    }
    assert crush.get_take_weight_osd_map(-3) == {}
    with pytest.raises(SystemError):
        crush.get_take_weight_osd_map(-99)
    assert crush.get_osds_under(-5) == [0, 1]
    assert crush.device_class_counts() == {"hdd": 3}
    assert crush.get_rule_root("h1rule") == -5
    assert crush.get_rule_root("nothing") is None
    assert crush.get_rule_by_id(0)["rule_name"] == "replicated_rule"


def test_pools(osdmap):
    pools = osdmap.get_pools_by_name()
    assert osdmap.get_pools_by_take(-1) == [1, 3]
    assert osdmap.get_pools_by_take(-5) == [pools["rep"]["pool"]]
    assert osdmap.get_pools_by_take(-99) == []
    assert osdmap.pool_raw_used_rate(pools["rep"]["pool"]) == 2.0
    assert osdmap.pool_raw_used_rate(pools["ecp"]["pool"]) == 1.5
    assert osdmap.get_ec_profile("ec21")["k"] == "2"
    assert osdmap.get_require_osd_release() == "pacific"
    with pytest.raises(ValueError, match="no pool has the id 99"):
        osdmap.pool_raw_used_rate(99)


def test_a_reweight_shows_in_the_next_map_only(osdmap):
    increment = osdmap.new_incremental()
    increment.set_osd_reweights({0: 0.5, 1: 1.7, 2: -1})
    assert increment.dump()["new_weight"] == [
        {"osd": 0, "weight": 32768},
        {"osd": 1, "weight": 65536},
        {"osd": 2, "weight": 0},
    ]
    after = osdmap.apply_incremental(increment)
    assert after.get_epoch() == osdmap.get_epoch() + 1 == increment.get_epoch()
    assert after.get_crush_version() == osdmap.get_crush_version() + 1
    seen = [(osd["weight"], osd["in"]) for osd in after.dump()["osds"]]
    assert seen == [(0.5, 1), (1.0, 1), (0.0, 0)]
    assert all(osd["weight"] == 1.0 for osd in osdmap.dump()["osds"])
    with pytest.raises(ValueError, match="the increment leads to epoch"):
        after.apply_incremental(increment)


def test_the_compat_weight_set(osdmap):
    """Fixed-point values and sums as observed on 16.2.15."""
    increment = osdmap.new_incremental()
    increment.set_crush_compat_weight_set_weights({0: 1.2, 1: 2.0, 2: 0.5})
    dump = osdmap.apply_incremental(increment).get_crush().dump()
    crush = osdmap.get_crush()
    assert crush.have_default_choose_args(dump)
    sets = {s["bucket_id"]: s["weight_set"] for s in crush.get_default_choose_args(dump)}
    assert sets[-1] == [[0.0, 3.1999969482421875, 0.5]]
    assert sets[-5] == [[1.1999969482421875, 2.0]]
    assert sets[-3] == [[]]
    assert not crush.have_default_choose_args(crush.dump())


@pytest.mark.parametrize(
    "set_weights", ["set_osd_reweights", "set_crush_compat_weight_set_weights"]
)
def test_weights_need_numbers_of_osds(osdmap, set_weights):
    with pytest.raises(TypeError, match="'str' object cannot be interpreted as an integer"):
        getattr(osdmap.new_incremental(), set_weights)({"osd.0": 1.0})


def test_a_dump_is_a_copy(osdmap):
    osdmap.dump()["osds"].clear()
    assert osdmap.dump()["osds"]
    assert osdmap.dump()["epoch"] == osdmap.get_epoch()


def test_pgs_are_where_the_cluster_last_said(osdmap):
    """As 16.2.15 answered for the same PG of the same cluster."""
    place = {"up_primary": 1, "acting_primary": 1, "up": [1, 0], "acting": [1, 0]}
    assert osdmap.pg_to_up_acting_osds(1, 0) == place
    assert osdmap.map_pool_pgs_up(1) == {"1.0": [1, 0]}
    with pytest.raises(ValueError, match="no pool has the id 99"):
        osdmap.map_pool_pgs_up(99)


def test_an_empty_increment_moves_no_pg(osdmap):
    after = osdmap.apply_incremental(osdmap.new_incremental())
    assert after.map_pool_pgs_up(1) == osdmap.map_pool_pgs_up(1)


def test_where_pgs_would_be_needs_the_crush_function_and_says_so(osdmap):
    increment = osdmap.new_incremental()
    increment.set_osd_reweights({0: 0.5})
    with pytest.raises(NotImplementedError, match="needs the CRUSH mapping function"):
        osdmap.apply_incremental(increment).map_pool_pgs_up(1)


def test_upmaps_are_refused_rather_than_said_to_be_none(osdmap):
    """An answer of "no change" would tell the operator that all is balanced."""
    with pytest.raises(NotImplementedError, match="need the CRUSH mapping function"):
        osdmap.calc_pg_upmaps(osdmap.new_incremental(), 5)
