"""Upstream's procedure for the insights module: its report, its memory of health, its crashes."""

import datetime as dt
import json

import pytest

from tests.conditions import poll_for


pytestmark = [pytest.mark.ceph, pytest.mark.slow]
KEYS = {
    "config", "crashes", "crush_map", "df", "errors", "fs_map", "health",
    "manager_map", "mon_map", "mon_status", "osd_dump", "osd_metadata", "osd_tree", "pg_summary",
    "service_map", "version",
}  # fmt: skip
SEEN = 15  # seconds within which a change of health must show
HOURS = (-18, -11, -5, -1, 0)  # at which checks appear: within the day that a report covers


@pytest.fixture(autouse=True)
def _modules(rig):
    rig.load("insights")
    rig.load("selftest")


def insights(rig):
    """The report. It is JSON in whatever format it is asked for."""
    return json.loads(rig.ok("insights"))


def raise_check(rig, name):
    """Through selftest, so that a third module is where health comes from."""
    check = {"severity": "warning", "summary": f"summary of {name}", "detail": ["one", "two"]}
    rig.ok("mgr self-test health set", json.dumps({name: check}))


def history(rig):
    """Checks of the last day by their code."""
    return insights(rig)["health"]["history"]["checks"]


def test_the_report_has_its_sixteen_parts(rig):
    """Whatever they hold."""
    report = insights(rig)
    assert set(report) == KEYS
    assert len(KEYS) == 16
    assert report["version"]["full"].startswith("ceph version 16.2.15")
    assert report["version"]["release"] == 16
    assert {osd["osd"] for osd in report["osd_dump"]["osds"]} == {
        int(number) for number in report["osd_metadata"]
    }


def test_health_is_remembered_for_a_day_once_each_until_pruned(rig):
    """Checks that came at five hours of the day are all in the report; the one that came each time
    is there once; a new process has none of them, nor has one whose history was pruned.
    """
    rig.ok("insights prune-health 0")
    assert not history(rig)
    names = {"INSIGHTS_AGAIN"}
    for hours in HOURS:
        rig.ok("mgr self-test insights_set_now_offset", str(hours))
        name = f"INSIGHTS_AT_{-hours}"
        names.add(name)
        raise_check(rig, name)
        raise_check(rig, "INSIGHTS_AGAIN")
        poll_for(
            lambda n=name: {n, "INSIGHTS_AGAIN"} <= set(history(rig)), SEEN, f"{name} in history"
        )
        rig.ok("mgr self-test health clear")
        poll_for(
            lambda n=name: n not in insights(rig)["health"]["current"]["checks"], SEEN, "clearing"
        )
    seen = history(rig)
    assert names <= set(seen)
    again = seen["INSIGHTS_AGAIN"]["HEALTH_WARN"]
    assert again["summary"] == ["summary of INSIGHTS_AGAIN"]
    assert sorted(again["detail"]) == ["one", "two"]
    with rig.manager_away():
        pass
    assert not names & set(history(rig))
    raise_check(rig, "INSIGHTS_LAST")
    poll_for(lambda: "INSIGHTS_LAST" in history(rig), SEEN, "a check to be remembered")
    rig.ok("mgr self-test health clear")
    poll_for(lambda: "INSIGHTS_LAST" not in rig.health(), SEEN, "clearing")
    poll_for(
        lambda: "INSIGHTS_LAST" not in insights(rig)["health"]["current"]["checks"],
        SEEN,
        "clearing",
    )
    rig.ok("insights prune-health 0")
    assert "INSIGHTS_LAST" not in history(rig)


def test_a_posted_crash_is_in_the_report(rig):
    """insights asks the crash module by remote(); nothing went wrong on the way."""
    before = insights(rig)
    assert not before["crashes"]["summary"]
    assert not before["errors"]
    stamp = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    text = stamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    crash = {"crash_id": f"{text}_insights", "timestamp": text, "process_name": "ceph-lab"}
    rig.ok("crash post -i -", stdin=json.dumps(crash).encode())
    try:
        after = insights(rig)
    finally:
        rig.ok("crash rm", crash["crash_id"])
    assert after["crashes"]["summary"] == {"ceph-lab": 1}
    assert not after["errors"]
