"""Upstream's procedure for the crash module: five reports, and every command about them."""

import datetime as dt
import json

import pytest

from tests.conditions import poll_for


pytestmark = [pytest.mark.ceph, pytest.mark.slow]
UUID = "6d0e4b62-7f0c-4a9a-8a55-0c3b7a8f1d11"
AGES = (0, 1, 3, 4, 8)  # days


def aged(age):
    """A crash report of `age`; its id is its time and a UUID, as ceph-crash names them."""
    stamp = dt.datetime.now(dt.UTC) - age
    text = stamp.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"crash_id": f"{text}_{UUID}", "timestamp": text}


@pytest.fixture(scope="module")
def reports(rig):
    """What is posted; removed after all."""
    rig.load("crash")
    made = {crash["crash_id"]: crash for crash in (aged(dt.timedelta(days=age)) for age in AGES)}
    yield made
    for name in made:
        rig.ok("crash rm", name)
    assert rig.ok("crash stat").splitlines()[0] == "0 crashes recorded"


@pytest.fixture
def crashes(rig, reports):
    """The ids of five posted reports, the newest first; those that a test removed are back."""
    there = {crash["crash_id"] for crash in rig.json("crash ls")}
    for name in set(reports) - there:
        rig.ok("crash post -i -", stdin=json.dumps(reports[name]).encode())
    return list(reports)


def test_info_shows_each_report(rig, crashes):
    """By its id, with what was posted."""
    for name in crashes:
        shown = json.loads(rig.ok("crash info", name))
        assert shown["crash_id"] == name
        assert name.startswith(shown["timestamp"])


def test_ls_lists_every_report(rig, crashes):
    """In the table and in JSON."""
    table = rig.ok("crash ls")
    assert all(name in table for name in crashes)
    assert {crash["crash_id"] for crash in rig.json("crash ls")} == set(crashes)


def test_a_removed_report_is_gone(rig, crashes):
    """And only that one."""
    rig.ok("crash rm", crashes[0])
    table = rig.ok("crash ls")
    assert crashes[0] not in table
    assert all(name in table for name in crashes[1:])


def test_stat_counts_by_age(rig, crashes):
    """A report counts in each of the spans that it is older than."""
    counts = [line for line in rig.ok("crash stat").splitlines() if " " in line]
    assert counts == [
        "5 crashes recorded",
        "4 older than 1 days old:",
        "3 older than 3 days old:",
        "1 older than 7 days old:",
    ]


def test_prune_removes_what_is_older(rig, crashes):
    """Than the given number of days."""
    rig.ok("crash prune 5")
    table = rig.ok("crash ls")
    assert [name for name in crashes if name not in table] == crashes[-1:]


def test_a_recent_crash_is_a_warning_until_it_is_archived(rig, crashes):
    """RECENT_CRASH counts what nobody has acknowledged."""
    poll_for(lambda: "[WRN] RECENT_CRASH: 5 daemons" in rig.health(), 15, "the warning")
    rig.ok("crash archive-all")
    poll_for(lambda: "RECENT_CRASH" not in rig.health(), 15, "the warning to be gone")
    assert rig.json("crash ls-new") == []
