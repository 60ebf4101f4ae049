"""What went wrong is said, and tried again later."""

from local_orchestrator.health import Troubles, checks

from tests.local_orchestrator.made import daemon


def test_each_kind_of_trouble_has_its_check():
    ill = daemon("mds.1", state="error", why="killed by SIGKILL")
    found = checks([ill, daemon("mds.2")], ["mds.fs: no"], absent="not there", paused=True)
    assert set(found) == {
        "ORCH_AGENT_ABSENT",
        "ORCH_FAILED_DAEMON",
        "ORCH_APPLY_FAIL",
        "ORCH_PAUSED",
    }
    failed = found["ORCH_FAILED_DAEMON"]
    assert (failed["summary"], failed["count"]) == ("1 failed daemon(s)", 1)
    assert failed["detail"] == ["daemon mds.1 on a is in error state: killed by SIGKILL"]
    assert checks([daemon("mds.2")], []) == {}


def test_what_failed_is_tried_less_and_less_often_until_it_works():
    troubles = Troubles()
    assert troubles.due("x", 0.0)
    troubles.failed("x", "no", 0.0)
    assert not troubles.due("x", 4.9)
    assert troubles.due("x", 5.0)
    troubles.failed("x", "still no", 5.0)
    assert not troubles.due("x", 14.9)
    for _ in range(20):
        troubles.failed("x", "never", 100.0)
    assert troubles.due("x", 400.0)
    assert troubles.lines == ["x: never"]
    troubles.well("x")
    assert troubles.due("x", 0.0)


def test_what_is_no_longer_wanted_is_no_trouble():
    troubles = Troubles()
    troubles.failed("x", "no", 0.0)
    troubles.failed("y", "no", 0.0)
    troubles.keep(["y"])
    assert troubles.lines == ["y: no"]
