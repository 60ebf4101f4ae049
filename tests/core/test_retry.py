"""How long a failed module waits, by how long it had lived."""

import random

from supervisor.core.policy import RestartPolicy
from supervisor.core.retry import Retry


def _delays(lives):
    """The delay after each failure of processes that were ready for `lives` seconds; None: never."""
    retry, now, delays = Retry(RestartPolicy(jitter=0.0), random.Random(1)), 1000.0, []
    for life in lives:
        ready_at = None if life is None else now
        now += life or 0.1
        delay = retry.failed(now, ready_at)
        delays.append(delay)
        now += delay
    return delays


def test_what_does_not_get_ready_waits_longer_each_time():
    """At once, then 1 s doubling."""
    assert _delays([None] * 4) == [0.0, 1.0, 2.0, 4.0]


def test_what_had_been_ready_is_restarted_at_once_each_time_until_the_alarm():
    """A module that is killed now and then is back at once; the sixth time within the window waits."""
    assert _delays([0.1] * 5) == [0.0] * 5
    assert _delays([2.0] * 8)[5:] == [1.0, 2.0, 4.0]


def test_ten_stable_minutes_make_everything_good():
    """After them the next failure is the first."""
    assert _delays([None, None, None, 601.0])[-1] == 0.0
