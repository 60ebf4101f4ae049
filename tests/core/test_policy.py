"""Delays, and the numbers that make no sense."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.policy import Backoff, RestartPolicy, Timings


@given(seed=st.integers(), failures=st.integers(1, 40))
def test_delays_stay_within_the_jitter_of_the_doubling(seed, failures):
    backoff = Backoff(RestartPolicy(), Random(seed))
    delays = [backoff.failed(float(n)) for n in range(failures)]
    assert delays[0] == 0
    for n, delay in enumerate(delays[1:]):
        nominal = min(2.0**n, 60)
        assert nominal * 0.8 <= delay <= nominal * 1.2


def test_one_seed_replays_the_same_delays():
    one, other = (Backoff(RestartPolicy(), Random(7)) for _ in range(2))
    assert [one.failed(0) for _ in range(9)] == [other.failed(0) for _ in range(9)]


def test_months_of_failures_do_not_overflow():
    backoff = Backoff(RestartPolicy(), Random(1))
    assert max(backoff.failed(float(n)) for n in range(5000)) <= 72


def test_failures_spread_over_more_than_the_window_do_not_alarm():
    backoff = Backoff(RestartPolicy(), Random(1))
    for n in range(20):
        backoff.failed(n * 151.0)
        assert not backoff.alarming(n * 151.0)
    backoff.reset()
    for n in range(5):
        backoff.failed(n * 149.0)
    assert backoff.alarming(4 * 149.0)


@pytest.mark.parametrize(
    "bad",
    [{"first_delay": 0}, {"first_delay": 61}, {"jitter": 1}, {"failures": 0}, {"proven": 0}],
)
def test_a_policy_without_sense_is_refused(bad):
    with pytest.raises(ValueError, match="must"):
        RestartPolicy(**bad)


@pytest.mark.parametrize(
    "bad",
    [
        {"ping_interval": 0},
        {"pulses_missed": 0},
        {"stacks_after": 4},
        {"abort_after": 15},
        {"kill_grace": 0},
    ],
)
def test_timings_without_sense_are_refused(bad):
    with pytest.raises(ValueError, match="must"):
        Timings(**bad)
