"""Whatever is done to it, the documents of the embedded cluster agree with one another."""

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.cluster.box import Box


OSDS = st.integers(0, 5).map(str)
POOLS = st.sampled_from(["a", "b", "objects", "archive"])
STEPS = st.one_of(
    st.tuples(st.sampled_from(["osd out", "osd in", "osd down"]), st.fixed_dictionaries({"ids": st.lists(OSDS, min_size=1, max_size=2)})),
    st.tuples(st.just("osd reweight"), st.fixed_dictionaries({"id": OSDS, "weight": st.sampled_from(["0", "0.3", "1"])})),
    st.tuples(st.just("osd pool create"), st.fixed_dictionaries({"pool": POOLS, "pg_num": st.integers(1, 32)})),
    st.tuples(st.just("osd pool rm"), POOLS.map(lambda name: {"pool": name, "pool2": name, "yes_i_really_really_mean_it": True})),
    st.tuples(st.just("osd pool set"), st.fixed_dictionaries({"pool": POOLS, "var": st.sampled_from(["pg_num", "size"]), "val": st.sampled_from(["1", "2", "5", "16"])})),
    st.tuples(st.sampled_from(["osd set", "osd unset"]), st.fixed_dictionaries({"key": st.sampled_from(["noup", "norecover", "pause"])})),
    st.tuples(st.just("osd pg-upmap-items"), st.fixed_dictionaries({"pgid": st.just("2.1"), "id": st.lists(OSDS, min_size=2, max_size=2)})),
    st.tuples(st.just("tick"), st.just({})),
)  # fmt: skip


@example(
    # An upmap to an OSD that comes to hold the group already.
    steps=[
        ("osd reweight", {"id": "3", "weight": "0"}),
        ("osd pg-upmap-items", {"pgid": "2.1", "id": ["0", "4"]}),
        ("tick", {}),
        ("tick", {}),
    ]
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEPS, max_size=12))
def test_documents_agree_after_every_step(steps: list[tuple[str, dict[str, Any]]]) -> None:
    """OSDs, pools, groups, objects and epochs match over all documents that show them."""
    with tempfile.TemporaryDirectory() as folder:
        box = Box(Path(folder))
        try:
            box.ok("config set", who="mon", name="mon_allow_pool_delete", value="true")
            epoch = _agree(box)
            for prefix, arguments in steps:
                if prefix == "tick":
                    box.tick()
                else:
                    box.ask(prefix, **arguments)
                later = _agree(box)
                assert later >= epoch
                epoch = later
        finally:
            box.close()


def _agree(box: Box) -> int:
    map_, dump = box.document("osd_map"), box.document("pg_dump")
    osds = sorted(osd["osd"] for osd in map_["osds"])
    tree = {node["id"]: node for node in box.document("osd_map_tree")["nodes"] if node["id"] >= 0}
    assert sorted(tree) == osds
    assert sorted(osd["osd"] for osd in box.document("osd_stats")["osd_stats"]) == osds
    for osd in map_["osds"]:
        assert (tree[osd["osd"]]["status"] == "up") == bool(osd["up"])
        assert tree[osd["osd"]]["reweight"] == osd["weight"]
    pools = {pool["pool"]: pool for pool in map_["pools"]}
    assert {pool["id"] for pool in box.document("df")["pools"]} == set(pools)
    assert {pool["poolid"] for pool in dump["pool_stats"]} == set(pools)
    assert {pool["pool_id"] for pool in box.document("osd_pool_stats")["pool_stats"]} == set(pools)
    for stats in dump["pool_stats"]:
        assert stats["num_pg"] == pools[stats["poolid"]]["pg_num"]
    rows = dump["pg_stats"]
    assert len({row["pgid"] for row in rows}) == len(rows) == box.document("pg_status")["num_pgs"]
    assert sum(box.document("pg_summary")["all"].values()) == len(rows)
    total = sum(row["stat_sum"]["num_objects"] for row in rows)
    assert total == dump["pg_stats_sum"]["stat_sum"]["num_objects"]
    up = {osd["osd"] for osd in map_["osds"] if osd["up"]}
    for row in rows:
        acting = [osd for osd in row["acting"] if osd != 2147483647]
        assert set(acting) <= up
        assert len(set(acting)) == len(acting) <= pools[int(row["pgid"].split(".")[0])]["size"]
        assert ("clean" in row["state"]) <= (row["stat_sum"]["num_objects_degraded"] == 0)
    epoch: int = map_["epoch"]
    return epoch


def test_a_change_raises_the_epoch_and_a_refusal_does_not(box: Box) -> None:
    """One change, one epoch; what is refused or changes nothing leaves the map alone."""
    before = box.document("osd_map")["epoch"]
    box.ok("osd out", ids=["0"])
    box.ok("osd out", ids=["0"])
    assert box.ask("osd pool set", pool="none", var="size", val="2").retval < 0
    assert box.document("osd_map")["epoch"] == before + 1
