"""Whatever happens, in whatever order: the promises that no sequence of events may break.

A simulated world launches, loads, answers, hangs and dies as Hypothesis likes; noise (late, doubled,
senseless events) is mixed in. Hypothesis replays a failure by its seed.
"""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from supervisor.core import events as ev
from supervisor.core.actions import FailCalls, Message, Send, SetFault, Signal, Spawn
from supervisor.core.lifecycle import Lifecycle
from supervisor.core.policy import RestartPolicy, Timings
from supervisor.core.state import Goal, State
from tests.core.life import GOOD, REFUSING, UNLOADABLE


FACTS = st.sampled_from([GOOD, REFUSING, UNLOADABLE, replace(GOOD, has_standby=True)])
NOISE = st.one_of(
    st.sampled_from(
        [
            ev.Greeted(),
            ev.Loaded(GOOD),
            ev.Ready(),
            ev.Stopped(),
            ev.Tick(),
            ev.Failed(ev.Phase.SERVE, "late"),
        ]
    ),
    st.builds(ev.Pulse, st.integers(-1, 50)),
)


class World(RuleBasedStateMachine):
    """One module, and a zygote that does as it is told; `process` is launching, alive or none."""

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.life = Lifecycle("m", RestartPolicy(), Timings(), Random(seed), "x")
        self.now = 10.0
        self.process = "none"
        self.dying = self.started = False
        self.goal = Goal.DISABLED
        self.fault = SetFault()
        self.pids = 0
        self.asked_back = False
        self.standby = False

    def feed(self, event: ev.Event) -> None:
        observed = not isinstance(event, ev.EnableAsked | ev.DisableAsked | ev.StopAsked)
        before = self.life.desired
        for action in self.life.handle(event, self.now):
            self.obey(action)
        if observed:
            assert self.life.desired == before, "what is wanted changed though nobody asked"

    def obey(self, action: object) -> None:
        match action:
            case Spawn():
                assert self.process == "none", "a second process, or a Spawn before an answer"
                assert self.goal is not Goal.STOPPED, "a Spawn after StopAsked"
                assert self.goal is Goal.ENABLED or self.look_due, "a Spawn of what is disabled"
                self.process = "launching"
                self.dying = self.started = False
                wanted = self.goal is Goal.ENABLED
                assert self.life.as_standby == (wanted and self.standby), "in the wrong role"
            case Send() | Signal():
                assert self.process == "alive", "nobody is there to be told"
                if isinstance(action, Signal) and action.signum == 9:
                    self.dying = True
                if isinstance(action, Send) and action.message is Message.START:
                    assert self.goal is Goal.ENABLED, "a disabled module was started"
                    assert not self.started, "one process was told to start twice"
                    assert self.life.as_standby == self.standby, "a role that is over"
                    assert not self.life.idle, "it has no standby class"
                    self.started = True
            case SetFault():
                assert action != self.fault, "the same fault stated twice"
                self.fault = action

    @property
    def look_due(self) -> bool:
        return self.life.facts is None and self.asked_back

    # Somebody asks.

    @rule(force=st.booleans(), standby=st.booleans())
    def enable(self, force: bool, standby: bool) -> None:
        if self.goal is not Goal.STOPPED:
            self.goal = Goal.ENABLED
            self.asked_back = False
            self.standby = standby
        self.feed(ev.EnableAsked(force, standby))

    @rule()
    def disable(self) -> None:
        if self.goal is not Goal.STOPPED:
            self.goal = Goal.DISABLED
        self.feed(ev.DisableAsked())
        if self.goal is Goal.DISABLED:
            assert self.fault == SetFault()

    @rule()
    def restart(self) -> None:
        self.feed(ev.RestartAsked())

    @rule()
    def inspect(self) -> None:
        self.asked_back = self.asked_back or self.goal is Goal.DISABLED
        self.feed(ev.InspectAsked())

    @precondition(lambda self: self.pids > 3)
    @rule()
    def stop(self) -> None:
        self.goal = Goal.STOPPED
        self.feed(ev.StopAsked())

    # The world.

    @precondition(lambda self: self.process == "launching")
    @rule(well=st.booleans())
    def launch(self, well: bool) -> None:
        self.process = "alive" if well else "none"
        self.pids += 1
        self.feed(ev.Spawned(self.pids) if well else ev.SpawnFailed("no"))
        if well:
            assert self.life.pid == self.pids

    @precondition(lambda self: self.process == "alive" and not self.dying)
    @rule(facts=FACTS)
    def load(self, facts: object) -> None:
        self.feed(ev.Greeted())
        self.feed(ev.Loaded(facts))

    @precondition(lambda self: self.process == "alive" and not self.dying)
    @rule()
    def serve(self) -> None:
        self.feed(ev.Greeted())
        self.feed(ev.Loaded(GOOD))
        self.feed(ev.Ready())

    @precondition(lambda self: self.process == "alive")
    @rule(phase=st.sampled_from(ev.Phase))
    def fail(self, phase: ev.Phase) -> None:
        self.feed(ev.Failed(phase, "boom"))

    @precondition(lambda self: self.process == "alive")
    @rule(status=st.sampled_from([0, 65, 70, -6, -9, -11, -15]))
    def die(self, status: int) -> None:
        self.process = "none"
        actions = self.life.handle(ev.Exited(status), self.now)
        assert isinstance(actions[0], FailCalls)
        for action in actions:
            self.obey(action)

    @rule(event=NOISE)
    def noise(self, event: ev.Event) -> None:
        self.feed(event)

    @precondition(lambda self: self.process != "alive")
    @rule()
    def doubled_death(self) -> None:
        self.feed(ev.Exited(-9))

    @rule(seconds=st.floats(0, 900))
    def late(self, seconds: float) -> None:
        """The supervisor was busy, or stopped: one Tick for all that time."""
        self.now += seconds
        self.feed(ev.Tick())

    @rule(count=st.integers(1, 5))
    def punctual(self, count: int) -> None:
        for _ in range(count):
            due = self.life.wakeup()
            if due is None:
                return
            self.now = max(self.now, due)
            self.feed(ev.Tick())
            following = self.life.wakeup()
            assert following is None or following > self.now, "the loop would spin"

    # What holds always.

    @invariant()
    def the_two_vocabularies_agree(self) -> None:
        assert self.life.desired.goal is self.goal
        assert self.life.alive == (self.process != "none")
        if not self.life.alive:
            assert self.life.pid is None
            at_rest = {State.DISABLED, State.CANNOT_RUN, State.BACKOFF, State.WAITING}
            assert self.life.state in at_rest
        if self.goal is not Goal.ENABLED:
            assert self.life.state in {State.DISABLED, State.STOPPING}
        if self.life.serving:
            assert self.life.reachable
        assert self.life.since <= self.now

    @invariant()
    def nothing_waits_forever(self) -> None:
        """An enabled module has a process, a time to try again, or a reason why it cannot run."""
        if self.life.state is State.BACKOFF:
            assert self.life.wakeup() is not None
        if self.life.state is State.CANNOT_RUN:
            assert self.life.facts is not None
            assert self.life.facts.refusal

    def teardown(self) -> None:
        """Left alone, whatever is not wanted ends: a host that obeys nothing but SIGKILL is killed."""
        if not hasattr(self, "life") or self.goal is Goal.ENABLED:
            return
        if self.process == "launching":
            self.launch(well=True)
        for _ in range(12):
            if self.process != "alive":
                break
            if self.dying:
                self.die(-9)
            else:
                self.punctual(1)
        if self.process == "launching":  # the look that was asked for meanwhile
            self.launch(well=False)
        assert self.process == "none"
        assert self.life.wakeup() is None


TestLifecycle = World.TestCase
TestLifecycle.settings = settings(
    max_examples=120,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.mark.parametrize("seed", range(3))
def test_one_seed_replays_one_life(seed):
    def live() -> list[object]:
        life = Lifecycle("m", RestartPolicy(), Timings(), Random(seed), "x")
        done: list[object] = [*life.handle(ev.EnableAsked(), 0.0)]
        now = 0.0
        for pid in range(1, 9):
            done += life.handle(ev.Spawned(pid), now) + life.handle(ev.Exited(-9), now)
            now = life.wakeup() or now
            done += life.handle(ev.Tick(), now)
        return done

    assert live() == live()
