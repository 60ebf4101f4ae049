"""The roles of one manager: what leads from each to which, and what no sequence of events breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.election import (
    FENCED,
    Activated,
    Deserted,
    Elected,
    Election,
    End,
    EndModules,
    FailAsked,
    NotActivated,
    Overtaken,
    Respawn,
    Role,
    Say,
    Serve,
    StandDown,
    StopAsked,
)


EVENTS = st.one_of(
    st.just(Elected()),
    st.builds(Activated, st.integers(1, 9)),
    st.just(NotActivated("why")),
    st.builds(Overtaken, st.integers(1, 9), st.sampled_from(["", "y"])),
    st.just(FailAsked()),
    st.just(StopAsked()),
    st.just(Deserted()),
)


def _active():
    election = Election("x")
    election.handle(Elected())
    election.handle(Activated(3))
    return election


def _deeds(actions):
    return [action for action in actions if not isinstance(action, Say)]


def test_a_standby_that_is_elected_stands_down_before_it_serves():
    election = Election("x")
    assert election.role is Role.STANDBY
    assert election.handle(Elected()) == [StandDown()]
    assert election.role is Role.TAKING_OVER
    assert election.handle(Activated(3)) == [Say("mgr.x is active, epoch 3"), Serve()]
    assert (election.role, election.epoch) == (Role.ACTIVE, 3)


def test_an_overtaken_manager_says_so_once_and_ends_with_the_documented_code():
    election = _active()
    (said, deed) = election.handle(Overtaken(5, "y"))
    assert said.level == "error"
    assert said.text.startswith("fenced: mgr.y became active with epoch 5, ours is 3:")
    assert f"exit code {FENCED}" in said.text
    assert deed == EndModules()
    assert election.handle(Overtaken(6, "z")) == []
    assert election.handle(StopAsked()) == []
    assert election.handle(Deserted()) == [End(FENCED)]


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_our_own_epoch_and_older_ones_fence_nobody(epoch):
    assert _active().handle(Overtaken(epoch)) == []


def test_one_that_is_asked_to_fail_starts_anew():
    election = _active()
    assert _deeds(election.handle(FailAsked())) == [EndModules()]
    assert election.handle(Deserted()) == [Respawn()]


def test_stop_wins_over_giving_up():
    election = _active()
    election.handle(FailAsked())
    assert _deeds(election.handle(StopAsked())) == [EndModules()]
    assert election.handle(Deserted()) == [End(0)]


def test_a_takeover_that_fails_ends_with_1():
    election = Election("x")
    election.handle(Elected())
    assert _deeds(election.handle(NotActivated("the database is damaged"))) == [EndModules()]
    assert election.handle(Deserted()) == [End(1)]


@given(st.lists(EVENTS, max_size=20))
def test_no_order_of_events_breaks_the_roles(events):
    """Modules are served only by whoever is active, and only after they stood down; one that leaves
    never comes back, and ends only once its modules have; every exit but an asked one is not 0.
    """
    election = Election("x")
    deeds: list[object] = []
    for event in events:
        before, leaving = election.role, election.leaving
        fresh = _deeds(election.handle(event))
        for deed in fresh:
            if isinstance(deed, StandDown):
                assert before is Role.STANDBY
            if isinstance(deed, Serve):
                assert deeds[-1:] == [StandDown()]
                assert election.role is Role.ACTIVE
            if isinstance(deed, End | Respawn):
                assert isinstance(event, Deserted)
                assert EndModules() in deeds
            if isinstance(deed, End):
                assert (deed.code == 0) == (election.role is Role.STOPPING)
        deeds += fresh
        assert not leaving or election.leaving
        assert deeds.count(StandDown()) <= 1
        assert deeds.count(Serve()) <= 1
        if election.role is Role.ACTIVE:
            assert Serve() in deeds
            assert election.epoch > 0
