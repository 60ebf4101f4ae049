"""How an OSD goes."""

import pytest
from local_orchestrator.removal import OSDRemoval, steps
from local_orchestrator.retiring import enlist
from orchestrator import OrchestratorError

from tests.local_orchestrator.made import daemon


ONE = OSDRemoval(3, "a")


def step(removal, pgs=5, safe=()):
    return steps([removal], {removal.osd_id: pgs}, safe)[0].what


def test_an_osd_is_emptied_and_ends_only_once_nothing_depends_on_it():
    assert step(ONE) == "drain"
    emptying = ONE.draining(100.0, 1.5)
    assert step(emptying) == "wait"
    assert step(emptying, pgs=0) == "wait"
    assert step(emptying, pgs=-1, safe=[3]) == "wait"
    assert step(emptying, pgs=0, safe=[3]) == "finish"


def test_force_waits_for_nothing_and_stopping_wins_over_all():
    assert step(OSDRemoval(3, "a", force=True)) == "finish"
    assert step(OSDRemoval(3, "a", force=True, stopped=True)) == "refill"


def test_it_says_how_far_it_is_in_upstreams_words():
    emptying = steps([ONE.draining(100.0, 1.5)], {3: 7}, [])[0].removal
    assert (ONE.drain_status_human(), emptying.drain_status_human()) == ("not started", "draining")
    assert emptying.get_pg_count() == 7
    assert emptying.to_json()["drain_started_at"] == "1970-01-01T00:01:40+00:00"


def test_only_osds_that_are_there_are_taken():
    there = [daemon("osd.3", "b", "osd"), daemon("mds.4")]
    assert enlist(there, ["osd.3"], replace=True) == [OSDRemoval(3, "b", replace=True)]
    with pytest.raises(OrchestratorError, match=r"Unable to find OSDs: \['4'\]"):
        enlist(there, ["3", "4"])
