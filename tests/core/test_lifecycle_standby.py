"""What a supervisor promises about a module of a manager that is not active."""

from supervisor.core import events as ev
from supervisor.core.actions import Message, Send
from supervisor.core.facts import Facts
from supervisor.core.state import State
from tests.core.life import GOOD, REFUSING, Life


BOTH = Facts(can_run=True, has_standby=True)


def test_a_module_of_a_standby_manager_runs_its_standby_class():
    m = Life()
    m.feed(ev.EnableAsked(standby=True))
    assert m.life.as_standby
    m.to_ready(BOTH)
    assert m.life.state is State.STANDBY


def test_without_a_standby_class_it_is_looked_at_and_waits():
    m = Life()
    m.feed(ev.EnableAsked(standby=True))
    m.spawned()
    assert m.feed(ev.Greeted(), ev.Loaded(GOOD)) == [Send(Message.SHUTDOWN, grace_ms=10_000)]
    m.die(0)
    assert (m.spawns, m.life.alive, m.life.state) == (0, False, State.WAITING)
    assert m.life.wakeup() is None
    assert m.feed(ev.EnableAsked(standby=True)) == []
    m.feed(ev.DisableAsked())
    m.feed(ev.EnableAsked())
    assert (m.spawns, m.life.state) == (1, State.STARTING)


def test_force_runs_nothing_on_a_standby():
    """As upstream: a standby class runs only where can_run agrees."""
    m = Life()
    m.feed(ev.EnableAsked(force=True, standby=True))
    m.spawned()
    m.feed(ev.Greeted(), ev.Loaded(REFUSING))
    m.die(0)
    assert m.life.state is State.CANNOT_RUN


def test_the_active_class_starts_only_when_the_standby_process_is_gone():
    m = Life()
    m.feed(ev.EnableAsked(standby=True))
    m.to_ready(BOTH)
    m.feed(ev.DisableAsked())
    assert m.sent == [Message.SHUTDOWN]
    assert m.feed(ev.EnableAsked()) == []
    m.die(0)
    assert m.spawns == 1
    assert not m.life.as_standby
    m.to_ready(BOTH)
    assert m.life.state is State.RUNNING


def test_a_standby_that_is_being_forked_at_the_takeover_is_ended_and_replaced():
    m = Life()
    m.feed(ev.EnableAsked(standby=True))
    m.feed(ev.DisableAsked(), ev.EnableAsked())
    assert m.spawned()
    assert m.feed(ev.Greeted(), ev.Loaded(BOTH)) == []
    m.die(-15)
    assert m.spawns == 1
    assert not m.life.as_standby
