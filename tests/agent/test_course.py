"""The course of one process: policies, backoff, stops. No process, no clock."""

import signal

import pytest

from supervisor.agent.course import LONGEST_DELAY, STABLE, Course, Launch, Signal, State


TERM = [Signal(signal.SIGTERM), Signal(signal.SIGCONT)]


def _running(policy: str = "always", stop_seconds: float = 10, now: float = 0) -> Course:
    course = Course(policy, stop_seconds)
    assert course.want(now) == [Launch()]
    assert course.state is State.STARTING
    assert course.launched(now) == []
    assert course.state is State.RUNNING
    return course


def _die(course: Course, now: float, failed: bool = True) -> float | None:
    """The delay after which it is started again."""
    assert course.ended(now, failed, "died") == []
    return None if course.due is None else course.due - now


@pytest.mark.parametrize(
    ("policy", "failed", "again"),
    [
        ("always", True, True),
        ("always", False, True),
        ("on-failure", True, True),
        ("on-failure", False, False),
        ("no", True, False),
        ("no", False, False),
    ],
)
def test_the_policy_says_who_is_started_again(policy, failed, again):
    """Policies mean what systemd means by them."""
    course = _running(policy)
    assert (_die(course, 5, failed) == 1) is again
    assert course.why == "died"
    assert course.state is (State.ERROR if failed or again else State.STOPPED)


def test_delays_double_up_to_a_minute_and_begin_anew_after_a_stable_time():
    """1, 2, 4, ... 60 seconds; who ran for two minutes is started again after one second."""
    course, now, delays = _running(), 0.0, []
    for _ in range(8):
        delay = _die(course, now)
        delays.append(delay)
        now += delay
        assert course.tick(now - 0.001) == []
        assert course.tick(now) == [Launch()]
        course.launched(now)
    assert delays == [1, 2, 4, 8, 16, 32, LONGEST_DELAY, LONGEST_DELAY]
    assert course.restarts == 8
    assert _die(course, now + STABLE) == 1


def test_a_failed_launch_is_a_death():
    """It takes the same way, and a long wait before it does not make it stable."""
    course = _running()
    assert _die(course, 1) == 1
    assert course.tick(1000) == [Launch()]
    assert course.ended(1000, True, "could not be started") == []
    assert course.due == 1002


def test_a_stop_asks_then_kills():
    """SIGTERM, then SIGKILL after stop_seconds and again each second until it is gone."""
    course = _running(stop_seconds=3)
    assert course.unwant(10) == TERM
    assert course.unwant(11) == []
    assert course.due == 13
    assert course.tick(12.9) == []
    assert course.tick(13) == [Signal(signal.SIGKILL)]
    assert course.tick(13.5) == []
    assert course.tick(14) == [Signal(signal.SIGKILL)]
    assert course.ended(14, True, "killed by SIGKILL") == []
    assert course.due is None
    assert course.state is State.STOPPED
    assert course.why == "stopped as asked: killed by SIGKILL"


def test_a_stop_wins_over_a_restart():
    """One that waits to be started again is not, once it is not wanted."""
    course = _running()
    _die(course, 1)
    assert course.unwant(1.5) == []
    assert course.due is None
    assert course.tick(100) == []


def test_a_start_does_not_wait_for_the_backoff():
    """It is tried at once, with short delays again."""
    course = _running()
    for at in (0, 1, 3):
        _die(course, at)
        course.tick(course.due)
        course.launched(at)
    _die(course, 10)
    assert course.want(11) == [Launch()]
    course.launched(11)
    assert _die(course, 12) == 1


def test_what_is_wanted_again_while_it_is_being_stopped_follows_at_once():
    """The end that was asked for is no failure and costs no delay."""
    course = _running()
    assert course.unwant(1) == TERM
    assert course.want(2) == []
    assert course.ended(3, False, "exited with code 0") == [Launch()]
    assert course.restarts == 0


def test_what_is_stopped_while_it_is_launched_is_ended_when_it_is_there():
    """No process is left running because it came late."""
    course = Course("always", 5)
    course.want(0)
    assert course.unwant(1) == []
    assert course.launched(2) == TERM


@pytest.mark.parametrize("failed", [True, False])
def test_who_is_done_stays_so(failed):
    """What its policy does not start again is not started by a later life of ours either."""
    course = _running("no")
    assert not course.done
    _die(course, 5, failed)
    assert (course.done, course.failed) == (True, failed)
    later = Course("no", 10)
    later.rest(course.failed)
    assert later.state is course.state
    assert (later.done, later.due) == (True, None)
    assert later.want(6) == [Launch()]


def test_an_adopted_process_is_kept_or_ended():
    """As it is wanted or not."""
    assert Course("always", 5).adopted(0, wanted=True) == []
    assert Course("always", 5).adopted(0, wanted=False) == TERM
