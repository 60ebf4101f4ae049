"""The life of one module: events in, actions out. No clock, no process, no socket.

What is wanted (`desired`) changes only when somebody asks; what is (`_host`, one process) only when
something happens. `state` is computed from both, so the two can never disagree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from supervisor.core import deaths, events
from supervisor.core.actions import Action, FailCalls, RecordCrash, Report, Spawn
from supervisor.core.facts import Facts
from supervisor.core.host import Host
from supervisor.core.judgement import judge
from supervisor.core.state import FAILURES, Desired, Ending, Goal, Stage
from supervisor.core.status import Status


if TYPE_CHECKING:
    from random import Random

    from supervisor.core.policy import RestartPolicy, Timings


class Lifecycle(Status):
    """Decides for one module. Any event may come in any state: late and doubled ones are ignored.

    The edge must answer each Spawn by Spawned or SpawnFailed, each Spawned by Exited, and send a
    Tick when `wakeup()` is due.
    """

    def __init__(
        self,
        name: str,
        policy: RestartPolicy,
        timings: Timings,
        rng: Random,
        mgr_id: str = "x",
    ) -> None:
        super().__init__(name, policy, rng)
        self._timings = timings
        self._mgr_id = mgr_id
        self._look_asked = False

    def handle(self, event: events.Event, now: float) -> list[Action]:
        """Take note of `event` at `now` (monotonic seconds); return what to do, in order."""
        actions = self._dispatch(event, now)
        waits = self._retry.at is not None
        state = judge(self.desired, self._host, waits=waits, idle=self.idle)
        if state is not self.state:
            self.state, self.since = state, now
        return actions

    def wakeup(self) -> float | None:
        """When to send the next Tick; None: time alone changes nothing."""
        process = self._host.wakeup() if self._host else None
        dues = [process, self._retry.at, self._retry.proven_at]
        return min((due for due in dues if due is not None), default=None)

    def _dispatch(self, event: events.Event, now: float) -> list[Action]:
        match event:
            case events.EnableAsked(force, standby):
                return self._enable(now, force=force, standby=standby)
            case events.DisableAsked():
                return self._disable(now)
            case events.RestartAsked():
                return self._restart(now)
            case events.StopAsked():
                return self._stop(now)
            case events.InspectAsked():
                return self._inspect(now)
            case events.Tick():
                return self._tick(now)
            case _:
                return self._observe(self._host, event, now) if self._host else []

    def _observe(self, host: Host, event: events.Event, now: float) -> list[Action]:
        """What a process did; each is taken only from the stage that it can follow."""
        match event, host.stage:
            case events.Spawned(pid), Stage.LAUNCHING:
                return host.spawned(pid, now)
            case events.SpawnFailed(reason), Stage.LAUNCHING:
                return self._gone(host, f"could not be launched: {reason}", "", now)
            case events.Greeted(), Stage.SPAWNED:
                host.stage = Stage.GREETED
                return []
            case events.Loaded(facts), Stage.GREETED:
                return self._loaded(host, facts, now)
            case events.Ready(), Stage.CONSTRUCTING:
                return self._ready(host, now)
            case events.Failed(events.Phase.INIT) as failed, Stage.CONSTRUCTING:
                return self._init_failed(host, failed)
            case events.Failed(events.Phase.SERVE) as failed, Stage.SERVING:
                return self._serve_failed(host, failed)
            case events.Pulse(seq, ages), _:
                return host.pulse(seq, ages, now)
            case events.LimitPassed(limit), _:
                return host.over_limit(limit, now)
            case events.Exited() as exited, stage if stage is not Stage.LAUNCHING:
                return self._gone(host, deaths.describe(exited), deaths.kind(exited), now)
            case _:
                return []

    # What was asked for.

    def _enable(self, now: float, *, force: bool, standby: bool) -> list[Action]:
        before, host = self.desired.goal, self._host
        if before is Goal.STOPPED:
            return []
        force = force or self.desired.force
        self.desired = Desired(Goal.ENABLED, force=force, standby=standby)
        if before is Goal.DISABLED:
            self._look_asked = False
            self._retry.begin()
        if host is None:
            return [] if self._retry.at is not None or self.idle else self._spawn(now)
        if host.standby is not standby:
            return host.end(Ending.ANEW, now)  # a process plays one role all its life
        host.wanted = True
        host.keep()
        return []

    def _disable(self, now: float) -> list[Action]:
        if self.desired.goal is not Goal.ENABLED:
            return []
        self.desired = Desired(Goal.DISABLED)
        self._retry.cancel()
        return self._fault.clear() + (self._host.end(Ending.REST, now) if self._host else [])

    def _restart(self, now: float) -> list[Action]:
        if self.desired.goal is not Goal.ENABLED:
            return []
        self._retry.forget()
        actions = self._fault.clear()
        if self._host is None:
            return actions + self._spawn(now)
        if self._host.stage is Stage.LAUNCHING:
            return actions  # as fresh as a process can be
        return actions + self._host.end(Ending.RESTART, now)

    def _stop(self, now: float) -> list[Action]:
        self.desired = Desired(Goal.STOPPED)
        self._retry.cancel()
        return self._host.end(Ending.REST, now) if self._host else []

    def _inspect(self, now: float) -> list[Action]:
        if self.desired.goal is not Goal.DISABLED or self.facts is not None:
            return []
        self._look_asked = True
        return [] if self._host else self._spawn(now)

    # What happened.

    def _tick(self, now: float) -> list[Action]:
        actions = self._host.tick(now) if self._host else []
        if self._retry.at is not None and self._retry.at <= now:
            actions += self._spawn(now)
        if self._retry.proven_at is not None and self._retry.proven_at <= now:
            self._retry.proven_at = None
            actions += self._fault.failed(None)
        return actions

    def _loaded(self, host: Host, facts: Facts, now: float) -> list[Action]:
        host.stage = Stage.LOADED
        self.facts = facts
        if host.ending is not None:
            return []
        if self.desired.goal is not Goal.ENABLED:
            return host.end(Ending.REST, now)
        actions = self._fault.depends(facts.refusal)
        if self.idle:
            return [*actions, *host.end(Ending.REST, now)]
        forced = self.desired.force and facts.has_active and not self.desired.standby
        if facts.refusal is None or forced:
            return actions + host.construct()
        self.reason = f"cannot run: {facts.refusal}"
        return [*actions, Report(self.reason, "warning"), *host.end(Ending.REST, now)]

    def _ready(self, host: Host, now: float) -> list[Action]:
        if host.ending is not None:
            return []
        host.ready(now)
        well = self._fault.failed(None) if self._retry.ready(now) else []
        return [Report("ready"), *well]

    def _init_failed(self, host: Host, failed: events.Failed) -> list[Action]:
        if host.ending is not None:
            return []
        error = failed.error
        host.blame = self.reason = f"__init__ raised: {error}"
        host.init_failed = True
        text = f"Module '{self.name}' failed to start on mgr.{self._mgr_id}: {error}"
        # Tried again every minute, it would fill the cluster log with one sentence.
        news = self._fault.failed(error)
        crash = RecordCrash(self.reason, "", host.caller, failed.traceback)
        return [*news, Report(text, "error", clog=bool(news)), crash]

    def _serve_failed(self, host: Host, failed: events.Failed) -> list[Action]:
        error = failed.error
        if host.ending is not None:
            return [Report(f"serve() raised while it was being ended: {error}", "warning")]
        host.stage = Stage.SERVE_FAILED
        self.reason = f"serve() raised: {error}"
        self._retry.proven_at = None
        text = (
            f"Unhandled exception from module '{self.name}' "
            f"while running on mgr.{self._mgr_id}: {error}"
        )
        crash = RecordCrash(self.reason, "", host.caller, failed.traceback)
        return [*self._fault.failed(error), Report(text, "error", clog=True), crash]

    def _gone(self, host: Host, how: str, kind: str, now: float) -> list[Action]:
        """`kind`: as deaths.kind() says; "": there was no process."""
        self._host = None
        self._retry.proven_at = None
        asked = host.ending is not None and host.ending not in FAILURES
        reason = host.blame or (f"was stopped: {how}" if asked else how)
        if host.blame or not asked:
            self.reason = reason
        actions: list[Action] = [FailCalls(reason), *host.stall.gone()]
        if kind and not asked and not host.init_failed:
            actions.append(RecordCrash(reason, host.limit or kind, host.caller))
        if self.desired.goal is Goal.ENABLED and not asked:
            return actions + self._failed(host, reason, now)
        actions.append(Report(f"ended: {reason}", "info" if asked else "warning"))
        if self.desired.goal is Goal.ENABLED:
            return actions + self._succeed(host, now)
        if self.desired.goal is Goal.DISABLED:
            return actions + self._rest(host, reason, now)
        return actions

    def _failed(self, host: Host, reason: str, now: float) -> list[Action]:
        """A death that nobody asked for."""
        delay = self._retry.failed(now, host.ready_at)
        if host.pid is not None:
            self._retry.died()
        then = f"tried again in {delay:.1f} s" if delay else "tried again at once"
        actions: list[Action] = [Report(f"died: {reason}; {then}", "error")]
        alarm = self._retry.alarm(now)
        # What __init__ raised is stated already, and says more.
        if alarm is not None and not host.init_failed:
            actions += self._fault.failed(f"{alarm}; last: {reason}")
        return actions if delay else actions + self._spawn(now)

    def _succeed(self, host: Host, now: float) -> list[Action]:
        """An enabled module's process ended as asked: it cannot run, or another follows."""
        if host.ending is Ending.REST:
            return []
        if host.ending is Ending.RESTART:
            self._retry.died()
        return self._spawn(now)

    def _rest(self, host: Host, reason: str, now: float) -> list[Action]:
        """A disabled module's process ended: its facts are known, or now as good as known."""
        if self.facts is not None:
            return []
        if host.wanted:
            return self._spawn(now) if self._look_asked else []
        self.facts = Facts(can_run=False, error=reason, has_active=False)
        return []

    def _spawn(self, now: float) -> list[Action]:
        self._retry.launched()
        wanted = self.desired.goal is Goal.ENABLED
        self._host = Host(self._timings, now, wanted=wanted, standby=self.desired.standby)
        return [Spawn()]
