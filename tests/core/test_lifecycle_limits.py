"""A module that passes a limit is killed and counted as failed; who stops it still has the last word."""

import signal

import pytest

from supervisor.core import events as ev
from supervisor.core.actions import FailCalls, RecordCrash, SetFault
from supervisor.core.state import State
from tests.core.life import GOOD, Life


LIMIT = "limit memory: it used 3.0 GiB of 2.0 GiB"


def _crashes(done):
    return [action for action in done if isinstance(action, RecordCrash)]


def test_it_is_killed_at_once_and_replaced_and_the_reason_has_the_figure():
    m = Life().running()
    m.feed(ev.LimitPassed(LIMIT))
    assert m.signals == [signal.SIGKILL]
    assert FailCalls(f"{LIMIT}: SIGKILL") in m.done
    m.die()
    assert m.spawns == 1
    assert m.life.reason == f"{LIMIT}: SIGKILL"
    (crash,) = _crashes(m.done)
    assert (crash.kind, crash.reason) == ("limit memory", f"{LIMIT}: SIGKILL")
    assert crash.caller == "PyModuleRunner::serve"


def test_a_second_look_before_the_kernel_reports_changes_nothing():
    m = Life().running()
    m.feed(ev.LimitPassed(LIMIT))
    assert m.feed(ev.LimitPassed(LIMIT)) == []


def test_five_of_them_in_ten_minutes_raise_the_alarm_with_the_figure():
    m = Life().running()
    for _ in range(5):
        m.feed(ev.LimitPassed(LIMIT))
        faults = (m.die(), m.faults)[1]
        m.to_ready()
    assert faults == [
        SetFault(
            error=f"failed 5 times within 600 s, tried again every 60 s; last: {LIMIT}: SIGKILL"
        )
    ]


@pytest.mark.parametrize("asked", [ev.StopAsked(), ev.DisableAsked()])
@pytest.mark.parametrize("first", ["limit", "stop"])
def test_stop_wins_whatever_comes_first(asked, first):
    """Nothing is started again, and nothing that was asked to end counts as a crash."""
    m = Life().running()
    both = [ev.LimitPassed(LIMIT), asked]
    m.feed(*(both if first == "limit" else both[::-1]))
    assert signal.SIGKILL in m.signals
    m.die()
    assert (m.spawns, m.life.wakeup(), m.life.state) == (0, None, State.DISABLED)
    if first == "stop":
        assert not _crashes(m.done)


def test_a_death_that_somebody_asked_for_is_no_crash():
    m = Life().running()
    m.feed(ev.RestartAsked())
    m.die(0)
    assert not _crashes(m.done)


def test_what_init_raised_is_recorded_once():
    """The exit that follows it is no second crash."""
    m = Life()
    m.feed(ev.EnableAsked())
    m.spawned()
    m.feed(ev.Greeted(), ev.Loaded(GOOD))
    m.feed(ev.Failed(ev.Phase.INIT, "no luck", "Traceback ..."))
    (crash,) = _crashes(m.done)
    assert (crash.caller, crash.traceback) == ("ActivePyModule::load", "Traceback ...")
    m.die(70)
    assert not _crashes(m.done)
