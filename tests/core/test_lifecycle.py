"""What a supervisor promises about one module, from what is asked and what happens to what it does."""

import signal

import pytest

from supervisor.core import events as ev
from supervisor.core.actions import DumpStacks, FailCalls, Message, Report, Send, SetFault, Spawn
from supervisor.core.facts import Facts
from supervisor.core.state import Goal, State
from tests.core.life import GOOD, REFUSING, UNLOADABLE, Life


TERM, CONT, KILL, ABRT = signal.SIGTERM, signal.SIGCONT, signal.SIGKILL, signal.SIGABRT


def test_an_enabled_module_is_spawned_looked_at_started_and_serves():
    m = Life()
    assert m.feed(ev.EnableAsked()) == [Spawn()]
    assert m.life.state is State.STARTING
    assert m.spawned() == []
    assert m.feed(ev.Greeted(), ev.Loaded(GOOD)) == [Send(Message.START)]
    assert not m.life.reachable
    m.feed(ev.Ready())
    assert m.life.state is State.RUNNING
    assert m.life.serving
    assert m.life.reachable
    assert m.life.pid == m.pid
    assert m.life.started_at == m.now == m.life.since
    assert m.life.restarts == 0


def test_a_disabled_module_is_looked_at_once_and_let_go_without_leaving_its_state():
    m = Life()
    assert m.feed(ev.InspectAsked()) == [Spawn()]
    m.spawned()
    assert m.feed(ev.Greeted(), ev.Loaded(GOOD)) == [Send(Message.SHUTDOWN, grace_ms=10_000)]
    assert m.life.state is State.DISABLED
    m.die(0)
    assert m.life.facts == GOOD
    assert (m.spawns, m.life.alive, m.life.state) == (0, False, State.DISABLED)
    assert m.feed(ev.InspectAsked()) == []


@pytest.mark.parametrize("status", [-11, 65, 0])
def test_a_look_that_dies_is_an_answer_too(status):
    m = Life()
    m.feed(ev.InspectAsked())
    m.spawned()
    m.die(status)
    assert m.life.facts is not None
    assert not m.life.facts.can_run
    assert m.life.facts.error == m.life.reason != ""
    assert (m.spawns, m.life.wakeup()) == (0, None)


def test_a_look_that_hangs_is_killed_and_says_where():
    m = Life()
    m.feed(ev.InspectAsked())
    m.spawned()
    m.feed(ev.Greeted())
    m.after(21)
    assert m.signals == [ABRT]
    m.die(-6)
    assert "hung in import or can_run" in m.life.facts.error
    assert (m.spawns, m.life.state) == (0, State.DISABLED)


def test_a_look_that_cannot_be_launched_is_an_answer():
    m = Life()
    m.feed(ev.InspectAsked(), ev.SpawnFailed("out of processes"))
    assert m.life.facts.error == "could not be launched: out of processes"
    assert not m.life.alive


def test_enabling_during_a_look_uses_the_process_that_is_there():
    m = Life()
    m.feed(ev.InspectAsked())
    m.spawned()
    m.feed(ev.Greeted(), ev.EnableAsked())
    assert m.life.state is State.STARTING
    assert m.feed(ev.Loaded(GOOD)) == [Send(Message.START)]


def test_enabling_at_the_end_of_a_look_starts_another_process():
    m = Life()
    m.feed(ev.InspectAsked())
    m.spawned()
    m.feed(ev.Greeted(), ev.Loaded(GOOD), ev.EnableAsked())
    assert m.life.state is State.STOPPING
    m.die(0)
    assert (m.spawns, m.life.restarts) == (1, 0)


def test_a_module_that_cannot_run_is_let_go_and_not_tried_again_by_itself():
    m = Life()
    m.feed(ev.EnableAsked())
    m.to_ready(REFUSING)
    assert m.faults == [SetFault(dependency="no such library")]
    assert m.sent == [Message.SHUTDOWN]
    assert m.life.state is State.CANNOT_RUN
    m.die(65)
    assert (m.spawns, m.life.state, m.life.wakeup()) == (0, State.CANNOT_RUN, None)
    assert m.life.error == "no such library"


@pytest.mark.parametrize("again", [ev.EnableAsked(), ev.RestartAsked()])
@pytest.mark.parametrize("gone", [True, False])
def test_asking_again_retries_a_module_that_cannot_run(again, gone):
    m = Life()
    m.feed(ev.EnableAsked())
    m.to_ready(REFUSING)
    if gone:
        m.die(0)
        m.feed(again)
    else:
        m.feed(again)
        m.die(0)
    assert m.spawns == 1
    m.to_ready(GOOD)
    assert m.life.state is State.RUNNING
    assert m.life.error == ""


def test_force_runs_a_module_that_refuses_and_says_so():
    m = Life()
    m.feed(ev.EnableAsked(force=True))
    m.to_ready(REFUSING)
    assert m.life.state is State.RUNNING
    assert m.faults == [SetFault(dependency="no such library")]


def test_force_cannot_run_what_could_not_be_imported():
    m = Life()
    m.feed(ev.EnableAsked(force=True))
    m.to_ready(UNLOADABLE)
    assert m.life.state is State.CANNOT_RUN


def test_a_module_without_a_class_is_told_so():
    m = Life()
    m.feed(ev.EnableAsked())
    m.to_ready(Facts(can_run=True, has_active=False))
    assert m.faults == [SetFault(dependency="it has no class derived from MgrModule")]


def test_a_raising_init_is_stated_at_once_and_tried_again():
    m = Life()
    m.feed(ev.EnableAsked())
    m.spawned()
    m.feed(ev.Greeted(), ev.Loaded(GOOD), ev.Failed(ev.Phase.INIT, "boom"))
    assert m.faults == [SetFault(error="boom")]
    assert m.clogs == ["Module 'm' failed to start on mgr.x: boom"]
    m.die(70)
    assert m.spawns == 1
    assert m.life.reason == "__init__ raised: boom"
    m.to_ready()
    assert m.faults == [SetFault()]


def test_the_same_raising_init_is_told_to_the_cluster_log_once():
    m = Life()
    m.feed(ev.EnableAsked())
    clogs = []
    for _ in range(3):
        m.spawned()
        m.feed(ev.Greeted(), ev.Loaded(GOOD), ev.Failed(ev.Phase.INIT, "boom"))
        clogs += m.clogs
        m.die(70)
        m.after(5)
    assert len(clogs) == 1


def test_a_raising_serve_leaves_the_process_and_remote_alone():
    m = Life().running()
    m.feed(ev.Failed(ev.Phase.SERVE, "boom"))
    assert m.life.state is State.FAILED
    assert (m.life.serving, m.life.reachable) == (False, True)
    assert m.faults == [SetFault(error="boom")]
    assert m.clogs == ["Unhandled exception from module 'm' while running on mgr.x: boom"]
    m.healthy(700)
    assert m.life.state is State.FAILED
    assert m.life.error == "boom"


@pytest.mark.parametrize("asked", [ev.DisableAsked(), ev.RestartAsked()])
def test_disable_and_restart_withdraw_the_fault_of_serve(asked):
    m = Life().running()
    m.feed(ev.Failed(ev.Phase.SERVE, "boom"))
    m.feed(asked)
    assert m.faults == [SetFault()]


def test_a_death_fails_its_calls_and_is_repaired_at_once():
    m = Life().running()
    done = m.die(-9)
    assert isinstance(done[0], FailCalls)
    assert "SIGKILL" in done[0].reason
    assert m.spawns == 1
    assert "SIGKILL" in m.life.reason
    assert m.life.state is State.STARTING
    m.to_ready()
    assert m.life.restarts == 1


def test_further_deaths_wait_longer_and_longer():
    m = Life().running()
    m.die()
    delays = []
    for _ in range(8):
        m.spawned()
        m.die()
        assert m.life.state is State.BACKOFF
        delays.append(m.life.wakeup() - m.now)
        m.after(delays[-1])
        assert m.spawns == 1
    for delay, nominal in zip(delays, [1, 2, 4, 8, 16, 32, 60, 60], strict=True):
        assert nominal * 0.8 <= delay <= nominal * 1.2


def test_five_failures_in_ten_minutes_raise_the_alarm_and_trying_goes_on():
    m = Life().running()
    for failures in range(1, 6):
        m.die()
        assert bool(m.faults) == (failures == 5)
        if m.life.state is State.BACKOFF:
            m.after(m.life.wakeup() - m.now)
        m.to_ready()
        assert m.faults == []
    assert "failed 5 times within 600 s" in m.life.error
    m.healthy(59)
    assert m.life.error
    m.healthy(2)
    assert m.life.error == ""


def test_a_death_during_the_proof_keeps_the_alarm():
    m = Life().running()
    for _ in range(5):
        m.die()
        m.after(70)
        m.to_ready()
    m.healthy(30)
    m.die()
    assert m.life.error
    assert m.after(45).count(SetFault()) == 0


def test_ten_stable_minutes_forget_earlier_failures():
    m = Life().running()
    for _ in range(3):
        m.die()
        m.after(70)
        m.to_ready()
    m.healthy(600)
    m.die()
    assert m.spawns == 1


def test_a_failed_launch_is_a_failure():
    m = Life()
    m.feed(ev.EnableAsked(), ev.SpawnFailed("no pid left"))
    assert m.spawns == 2
    m.feed(ev.SpawnFailed("no pid left"))
    assert m.life.state is State.BACKOFF
    assert m.life.reason == "could not be launched: no pid left"
    assert m.life.restarts == 0


@pytest.mark.parametrize(
    ("events", "where"),
    [
        ([], "before it said Hello"),
        ([ev.Greeted()], "in import or can_run"),
        ([ev.Greeted(), ev.Loaded(GOOD)], "in __init__"),
    ],
)
def test_a_start_that_hangs_leaves_its_stacks_is_killed_and_tried_again(events, where):
    m = Life()
    m.feed(ev.EnableAsked())
    m.spawned()
    m.feed(*events)
    m.after(19.9)
    assert m.done == []
    m.after(0.2)
    assert DumpStacks() in m.done
    m.after(1)
    assert m.signals == [ABRT]
    m.after(5)
    assert m.signals == [KILL]
    m.die(-9)
    assert m.spawns == 1
    assert "within 20 s" in m.life.reason
    assert where in m.life.reason


def test_a_silent_module_is_warned_of_then_dumped_then_killed_then_replaced():
    m = Life().running()
    m.healthy(10)
    m.after(4)
    assert m.life.state is State.UNRESPONSIVE
    assert [a.level for a in m.done if isinstance(a, Report)] == ["warning"]
    m.after(11)
    assert DumpStacks() in m.done
    m.after(15)
    assert m.signals == [ABRT]
    assert any(isinstance(a, FailCalls) for a in m.done)
    assert not m.life.reachable
    m.after(5)
    assert m.signals == [KILL]
    m.die(-9)
    assert m.spawns == 1
    assert "30 s" in m.life.reason


def test_a_pulse_brings_a_silent_module_back():
    m = Life().running()
    m.after(8)
    assert m.life.state is State.UNRESPONSIVE
    m.feed(ev.Pulse(4))
    assert m.life.state is State.RUNNING
    m.healthy(60)
    assert m.life.state is State.RUNNING


@pytest.mark.parametrize("seq", [0, 99, -1])
def test_an_answer_to_no_ping_is_no_sign_of_life(seq):
    m = Life().running()
    m.after(8)
    m.feed(ev.Pulse(seq))
    assert m.life.state is State.UNRESPONSIVE


def test_a_supervisor_that_was_stopped_kills_nobody():
    """One Tick a minute late warns at most: the answers are still waiting to be read."""
    m = Life().running()
    m.now += 60
    m.feed(ev.Tick())
    assert m.signals == []
    m.feed(ev.Pulse(1))
    assert m.life.state is State.RUNNING


def test_a_stop_escalates_from_message_to_sigterm_to_sigkill():
    m = Life().running()
    m.feed(ev.DisableAsked())
    assert m.sent == [Message.SHUTDOWN]
    assert m.life.state is State.STOPPING
    m.after(10)
    assert m.signals == [TERM, CONT]
    m.after(5)
    assert m.signals == [KILL]
    m.after(60)
    assert "still there" in m.done[0].text
    m.die(-9)
    assert (m.spawns, m.life.state) == (0, State.DISABLED)
    assert "did not end within 10 s" in m.life.reason


def test_a_host_that_has_not_greeted_is_signalled_at_once():
    m = Life()
    m.feed(ev.EnableAsked())
    m.spawned()
    m.feed(ev.DisableAsked())
    assert m.signals == [TERM, CONT]
    assert m.sent == []


def test_a_stop_during_a_launch_is_remembered():
    m = Life()
    m.feed(ev.EnableAsked(), ev.StopAsked())
    assert m.signals == []
    m.spawned()
    assert m.signals == [TERM, CONT]
    m.die(-15)
    assert (m.spawns, m.life.alive) == (0, False)


def test_enabling_during_a_launch_takes_the_stop_back():
    m = Life()
    m.feed(ev.EnableAsked(), ev.DisableAsked(), ev.EnableAsked())
    assert m.life.state is State.STARTING
    assert m.to_ready()
    assert m.life.state is State.RUNNING


def test_restart_replaces_the_process_and_is_no_failure():
    m = Life().running()
    m.feed(ev.RestartAsked())
    assert m.life.state is State.STOPPING
    m.die(0)
    assert m.spawns == 1
    m.to_ready()
    assert (m.life.restarts, m.life.reason) == (1, "")
    m.die()
    assert m.spawns == 1  # still the first failure: at once


def test_restart_cuts_the_backoff_short():
    m = Life().running()
    m.die()
    m.spawned()
    m.die()
    assert m.feed(ev.RestartAsked()) == [Spawn()]
    m.after(10)
    assert m.spawns == 0


def test_disable_wins_over_a_restart_that_is_under_way():
    m = Life().running()
    m.feed(ev.RestartAsked(), ev.DisableAsked())
    m.die(0)
    assert (m.spawns, m.life.state) == (0, State.DISABLED)


def test_disable_during_backoff_needs_no_process():
    m = Life().running()
    m.die()
    m.spawned()
    m.die()
    m.feed(ev.DisableAsked())
    assert (m.life.state, m.life.wakeup()) == (State.DISABLED, None)
    assert m.after(100) == []


def test_enable_during_stopping_starts_again_when_the_old_process_is_gone():
    m = Life().running()
    m.feed(ev.DisableAsked(), ev.EnableAsked())
    assert m.spawns == 0
    m.die(0)
    assert (m.spawns, m.life.restarts) == (1, 0)


def test_nothing_is_spawned_once_the_daemon_stops():
    m = Life().running()
    m.feed(ev.StopAsked())
    assert m.life.state is State.STOPPING
    m.feed(ev.EnableAsked(), ev.RestartAsked(), ev.InspectAsked())
    m.die(-9)
    assert m.spawns == 0
    assert m.feed(ev.EnableAsked(), ev.InspectAsked(), ev.RestartAsked(), ev.Tick()) == []
    assert m.life.desired.goal is Goal.STOPPED
    assert not m.life.alive


def test_asking_for_a_look_while_the_facts_less_process_stops_is_remembered():
    m = Life()
    m.feed(ev.EnableAsked())
    m.spawned()
    m.feed(ev.DisableAsked(), ev.InspectAsked())
    m.die(-15)
    assert m.spawns == 1
    assert m.life.state is State.DISABLED


@pytest.mark.parametrize(
    "event", [ev.Spawned(7), ev.Exited(0), ev.Ready(), ev.Loaded(GOOD), ev.Pulse(1), ev.Stopped()]
)
def test_late_events_of_a_process_that_is_gone_are_ignored(event):
    m = Life()
    assert m.feed(event) == []
    assert m.life.state is State.DISABLED
    m.feed(ev.EnableAsked())
    if not isinstance(event, ev.Spawned):
        assert m.feed(event) == []


def test_a_launcher_that_does_not_answer_is_reported_once():
    m = Life()
    m.feed(ev.EnableAsked())
    m.after(100)
    assert [a.level for a in m.done] == ["error"]


@pytest.mark.parametrize("event", [ev.Ready(), ev.Failed(ev.Phase.INIT, "late"), ev.Pulse(1)])
def test_what_crosses_a_stop_on_its_way_does_not_disarm_it(event):
    m = Life()
    m.feed(ev.EnableAsked())
    m.spawned()
    m.feed(ev.Greeted(), ev.Loaded(GOOD), ev.DisableAsked())
    assert m.feed(event) == []
    m.after(10)
    assert m.signals == [TERM, CONT]


def test_serve_raising_during_a_stop_is_no_failure():
    m = Life().running()
    m.feed(ev.DisableAsked(), ev.Failed(ev.Phase.SERVE, "interrupted"))
    assert (m.faults, m.clogs) == ([], [])
    m.die(0)
    assert m.life.state is State.DISABLED
    assert m.life.error == ""
