"""The embedded cluster lives: it degrades, heals, counts, and says how it is."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from supervisor.cluster.interface import ModuleReport, Notified, Report
from tests.cluster.box import Box


OPTION = {
    "name": "limit", "type": "int", "level": "advanced", "flags": 1, "default_value": "5",
    "min": "1", "max": "10", "enum_allowed": [], "desc": "", "long_desc": "", "tags": [],
    "see_also": [],
}  # fmt: skip


def report(**parts: Any) -> Report:
    """A report with one module, and what the test wants besides."""
    modules = (ModuleReport("mine", True, "", {"limit": OPTION}),)
    return Report(**{"available": True, "modules": modules, "always_on": ["mine"], **parts})


def states(box: Box) -> set[str]:
    """Words of all groups' states."""
    return {word for state in box.document("pg_summary")["all"] for word in state.split("+")}


def test_a_daemon_that_goes_down_is_missed_and_comes_back(box: Box) -> None:
    """OSD_DOWN and PG_DEGRADED rise, the OSD reports in by itself, groups recover to clean."""
    box.ok("osd down", ids=["1"])
    assert {"OSD_DOWN", "PG_DEGRADED"} <= set(box.health()["checks"])
    assert "undersized" in states(box)
    box.tick(4)
    assert "OSD_DOWN" not in box.health()["checks"]
    assert {"recovering", "recovery_wait"} <= states(box)
    box.tick(20)
    assert states(box) == {"active", "clean"}
    assert box.health()["status"] == "HEALTH_OK"
    log = box.ok("log last", num=100)
    assert "Health check failed: 1 osds down (OSD_DOWN)" in log
    assert "Cluster is now healthy" in log


def test_noup_keeps_it_down(box: Box) -> None:
    """With noup set nobody comes back until it is unset."""
    box.ok("osd set", key="noup")
    box.ok("osd down", ids=["1"])
    box.tick(8)
    assert "OSD_DOWN" in box.health()["checks"]
    box.ok("osd unset", key="noup")
    box.tick(1)
    assert "OSD_DOWN" not in box.health()["checks"]


def test_what_is_out_is_moved_away_and_back(box: Box) -> None:
    """Groups backfill away from an OSD that is out; it holds none of those that can move."""
    home = {row["pgid"]: row["up"] for row in box.document("pg_dump")["pg_stats"]}
    box.ok("osd out", ids=["3"])
    assert "remapped" in states(box)
    assert box.json("status")["osdmap"]["num_remapped_pgs"] > 0
    box.tick(30)
    rows = [row for row in box.document("pg_dump")["pg_stats"] if row["pgid"].startswith("2.")]
    assert all(3 not in row["up"] and row["state"] == "active+clean" for row in rows)
    box.ok("osd in", ids=["3"])
    box.tick(30)
    assert {row["pgid"]: row["up"] for row in box.document("pg_dump")["pg_stats"]} == home


def test_a_newcomer_with_little_to_catch_up_serves_at_once(box: Box) -> None:
    """Where the log is short the acting set moves with the map, so that whoever compares two maps
    (as progress does) sees what is affected; where it is long the old set serves until the end.
    """
    before = {row["pgid"]: row for row in box.document("pg_dump")["pg_stats"]}
    box.ok("osd out", ids=["3"])
    moved = [
        row
        for row in box.document("pg_dump")["pg_stats"]
        if 3 in before[row["pgid"]]["acting"] and 3 not in row["up"] and len(row["up"]) == 3
    ]
    short = [row for row in moved if row["log_size"] <= 100]
    long = [row for row in moved if row["log_size"] > 100]
    assert short
    assert long
    assert all(row["acting"] == row["up"] for row in short)
    assert all(row["acting"] == before[row["pgid"]]["acting"] for row in long)
    degraded = [row for row in short if row["stat_sum"]["num_objects"]]
    assert all(row["stat_sum"]["num_objects_degraded"] for row in degraded)
    box.tick(30)
    assert "PG_DEGRADED" not in box.health()["checks"]


def test_copies_that_have_no_other_place_count_as_misplaced(box: Box) -> None:
    """Groups that no OSD can take over stay on one that is out, and are misplaced for good."""
    box.ok("osd out", ids=["3"])
    box.tick(30)
    stuck = [
        row for row in box.document("pg_dump")["pg_stats"] if row["state"].endswith("remapped")
    ]
    assert stuck
    for row in stuck:
        assert row["stat_sum"]["num_objects_misplaced"] == row["stat_sum"]["num_objects"]


def test_an_osd_that_is_out_offers_no_room(box: Box) -> None:
    """Its statistics are zero and every total falls; one that is only down keeps its last word."""
    total = box.document("df")["stats"]["total_bytes"]
    own = {osd["osd"]: osd for osd in box.document("osd_stats")["osd_stats"]}
    box.ok("osd set", key="noup")
    box.ok("osd out", ids=["3"])
    box.ok("osd down", ids=["1"])
    rows = {osd["osd"]: osd for osd in box.document("osd_stats")["osd_stats"]}
    assert (rows[3]["kb"], rows[3]["statfs"]["total"], rows[3]["num_osds"]) == (0, 0, 0)
    stats = box.document("df")["stats"]
    assert (stats["total_bytes"], stats["num_osds"]) == (total * 5 // 6, 5)
    box.tick(2)
    later = {osd["osd"]: osd for osd in box.document("osd_stats")["osd_stats"]}
    assert later[1] == rows[1]
    assert later[1]["kb_used"] > 0
    assert later[3]["seq"] > rows[3]["seq"]
    box.ok("osd unset", key="noup")
    box.ok("osd in", ids=["3"])
    box.tick(4)
    back = {osd["osd"]: osd for osd in box.document("osd_stats")["osd_stats"]}
    assert back[3]["kb"] == own[3]["kb"]
    assert back[1]["seq"] > rows[1]["seq"]


def test_a_bucket_without_a_living_osd_is_named(box: Box) -> None:
    """OSD_HOST_DOWN stands beside OSD_DOWN; with every host down so does OSD_ROOT_DOWN."""
    box.ok("osd set", key="noup")
    box.ok("osd down", ids=["0"])
    assert "OSD_HOST_DOWN" not in box.health()["checks"]
    box.ok("osd down", ids=["3"])
    check = box.health()["checks"]["OSD_HOST_DOWN"]
    assert check["summary"] == {"message": "1 host (2 osds) down", "count": 1}
    assert check["detail"] == [{"message": "host lab-a (root=default) (2 osds) is down"}]
    box.ok("osd down", ids=["1", "2", "4", "5"])
    checks = box.health()["checks"]
    assert checks["OSD_HOST_DOWN"]["summary"]["message"] == "3 hosts (6 osds) down"
    assert checks["OSD_ROOT_DOWN"]["detail"] == [{"message": "root default (6 osds) is down"}]


def test_nothing_moves_while_it_is_told_not_to(box: Box) -> None:
    """nobackfill and norecover hold back what would move."""
    box.ok("osd set", key="nobackfill")
    box.ok("osd set", key="norecover")
    box.ok("osd out", ids=["3"])
    before = states(box)
    box.tick(10)
    assert states(box) == before
    assert "backfilling" not in before


def test_a_new_pool_is_created_within_a_tick(box: Box) -> None:
    """Its groups peer first and are clean after the next tick; without application nobody minds
    until it holds data.
    """
    box.ok("osd pool create", pool="new", pg_num=8)
    assert "creating" in states(box)
    box.tick()
    assert states(box) == {"active", "clean"}


def test_counters_and_statistics_move(box: Box) -> None:
    """A tick adds a sample to each counter, at most 20 are kept, and none that counts goes back."""
    schema, first = box.document("_perf_schema"), box.document("_perf_counters")
    reads = box.document("pg_dump")["pg_stats_sum"]["stat_sum"]["num_read"]
    box.events.clear()
    box.tick(25)
    later = box.document("_perf_counters")
    for daemon, paths in later.items():
        for path, samples in paths.items():
            if not samples:
                continue
            assert len(samples) <= 20
            assert samples[-1][0] > first[daemon][path][-1][0]
            if schema[daemon][path]["type"] & 8:
                assert [s[1] for s in samples] == sorted(s[1] for s in samples)
    assert box.document("pg_dump")["pg_stats_sum"]["stat_sum"]["num_read"] > reads
    assert box.document("io_rate")["pg_stats_delta"]["stat_sum"]["num_read"] > 0
    kinds = [event.type for event in box.events if isinstance(event, Notified)]
    assert kinds.count("pg_summary") == 25
    assert kinds.count("health") == 25


def test_health_of_modules_is_merged(box: Box) -> None:
    """Checks that modules state stand beside the cluster's own and go with the next report."""
    check = {
        "severity": "HEALTH_ERR",
        "summary": {"message": "m", "count": 1},
        "detail": [{"message": "d"}],
    }
    box.cluster.report(report(health={"MINE": check}))
    box.ok("osd set", key="noout")
    health = box.health()
    assert health["status"] == "HEALTH_ERR"
    assert list(health["checks"]) == ["MINE", "OSDMAP_FLAGS"]
    assert health["checks"]["MINE"] == {**check, "muted": False}
    assert "[ERR] MINE: m\n    d" in box.ok("health", detail="detail")
    box.cluster.report(report())
    box.settle()
    assert box.health()["status"] == "HEALTH_WARN"


def test_mutes_end_as_a_monitor_ends_them(box: Box) -> None:
    """A mute goes with its alert, unless it is sticky; more of the same is heard again."""
    box.ok("osd set", key="noout")
    box.ok("health mute", code="OSDMAP_FLAGS")
    assert box.health()["status"] == "HEALTH_OK"
    assert box.ok("health") == "HEALTH_OK (muted: OSDMAP_FLAGS)\n"
    box.ok("osd set", key="noscrub")
    assert box.health()["status"] == "HEALTH_WARN"
    box.ok("health mute", code="OSDMAP_FLAGS", ttl="1h", sticky=True)
    box.ok("osd unset", key="noout")
    box.ok("osd unset", key="noscrub")
    assert [mute["code"] for mute in box.health()["mutes"]] == ["OSDMAP_FLAGS"]
    box.ok("health unmute", code="OSDMAP_FLAGS")
    assert box.health()["mutes"] == []


def test_the_manager_map_follows_the_report(box: Box) -> None:
    """Modules, services and clients are as reported; the epoch rises with each change only."""
    before = box.document("mgr_map")["epoch"]
    parts = {
        "enabled": ["mine", "extra"],
        "services": {"mine": "http://x/"},
        "clients": [("mine", "v2:10.0.0.1:0/7")],
    }
    box.cluster.report(report(**parts))
    box.cluster.report(report(**parts))
    box.settle()
    map_ = box.document("mgr_map")
    assert map_["epoch"] == before + 1
    assert (map_["available"], map_["modules"]) == (True, ["extra"])
    assert map_["available_modules"] == [
        {"name": "mine", "can_run": True, "error_string": "", "module_options": {"limit": OPTION}}
    ]
    assert map_["services"] == {"mine": "http://x/"}
    assert map_["always_on_modules"]["pacific"] == ["mine"]
    assert map_["active_clients"] == [
        {"name": "mine", "addrvec": [{"type": "v2", "addr": "10.0.0.1:0", "nonce": 7}]}
    ]


@pytest.mark.parametrize(
    ("addrs", "shown"),
    [
        ("v1:10.0.0.1:0/7", [{"type": "v1", "addr": "10.0.0.1:0", "nonce": 7}]),
        ("10.0.0.1:0/7", [{"type": "v2", "addr": "10.0.0.1:0", "nonce": 7}]),
        ("[::1]:0/7", [{"type": "v2", "addr": "[::1]:0", "nonce": 7}]),
        (
            "[v2:10.0.0.1:0/7,v1:10.0.0.1:0/7]",
            [{"type": "v2", "addr": "10.0.0.1:0", "nonce": 7}],
        ),
        ("somewhere", []),
    ],
)
def test_a_clients_address_is_read_as_ceph_mgr_reads_it(
    box: Box, addrs: str, shown: list[dict[str, object]]
) -> None:
    """librados gives it without a protocol; what is no address is none."""
    box.cluster.report(report(clients=[("mine", addrs)]))
    box.settle()
    assert box.document("mgr_map")["active_clients"] == [{"name": "mine", "addrvec": shown}]


def test_options_are_checked_against_the_last_report(box: Box) -> None:
    """A module's declaration rules as soon as it is reported."""
    assert "unrecognized" in box.set_option("mgr/mine/limit", "3").stderr
    box.cluster.report(report())
    assert box.set_option("mgr/mine/limit", "3").retval == 0
    assert box.set_option("mgr/mine/limit", "11").stderr == (
        "error parsing value: Value '11' exceeds maximum 10"
    )


def test_what_is_known_of_a_module_stands_until_it_is_looked_at(tmp_path: Path) -> None:
    """After a start modules set each other's options before ours have all been looked at."""
    unseen = [ModuleReport(name, True, "", None) for name in ("mine", "new")]
    box = Box(tmp_path)
    box.cluster.report(report())
    box.cluster.report(report(modules=unseen))
    assert box.set_option("mgr/mine/limit", "3").retval == 0
    box.close()

    box = Box(tmp_path)
    box.cluster.report(report(modules=unseen))
    assert box.set_option("mgr/mine/limit", "4").retval == 0
    entries = {entry["name"]: entry for entry in box.document("mgr_map")["available_modules"]}
    assert entries["mine"]["module_options"] == {"limit": OPTION}
    assert entries["new"]["module_options"] == {}
    box.cluster.report(report(modules=[ModuleReport("mine", True, "", {})]))
    assert "unrecognized" in box.set_option("mgr/mine/limit", "5").stderr
    box.close()


def test_progress_is_part_of_the_status(box: Box) -> None:
    """Events that modules report are in the JSON, and those for `ceph -s` in its text."""
    events = {
        "1": {"message": "shown event\n      [====]", "progress": 0.5, "add_to_ceph_s": True},
        "2": {"message": "hidden event", "progress": 0.5, "add_to_ceph_s": False},
    }
    box.cluster.report(report(progress=events))
    assert box.json("status")["progress_events"] == events
    text = box.ok("status")
    assert "    shown event\n      [====]\n" in text
    assert "hidden event" not in text


def test_a_notification_comes_after_its_document(box: Box) -> None:
    """Whoever hears osd_map finds the new epoch published."""
    seen: list[int] = []
    sink = box.cluster._sink

    def watching(event: Any) -> None:
        if event == Notified("osd_map"):
            seen.append(box.document("osd_map")["epoch"])
        sink(event)

    box.cluster._sink = watching
    before = box.document("osd_map")["epoch"]
    box.ok("osd out", ids=["0"])
    box.settle()
    assert seen == [before + 1]


def test_closing_answers_what_was_accepted(box: Box) -> None:
    """Requests made before close are answered, also those whose commit was on its way."""
    for token in range(1000, 1050):
        box.cluster.set_store(token, f"mgr/test/{token}", "x")
    box.cluster._jobs.put(lambda: None)
    for token in range(1000, 1050):
        assert box.answer(token).retval == 0


def test_health_text_is_json_in_a_document(box: Box) -> None:
    """`health` and `mon_status` are JSON text inside JSON, as a manager's get() gives them."""
    for name in ("health", "mon_status"):
        assert isinstance(orjson.loads(box.document(name)["json"]), dict)
