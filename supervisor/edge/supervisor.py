"""The supervisor: brings the rooms together, follows what happens in the cluster.

Everything here runs on the loop's thread. The order of a turn: sockets, then what other threads
posted, then deadlines, then one report to the cluster if anything changed.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

import structlog
import zmq

from proto.v1.envelope_pb2 import Envelope
from supervisor.cluster.interface import (
    Cluster,
    Done,
    Event,
    Notified,
    Opened,
    OptionsChanged,
    Promoted,
    StoreChanged,
)
from supervisor.config import LIVE, Config
from supervisor.core import actions, election, events
from supervisor.core.health import HealthBook
from supervisor.core.state import Goal, State
from supervisor.edge.announcer import Announcer
from supervisor.edge.beacon import Beacon
from supervisor.edge.broker import Broker
from supervisor.edge.commands import BuiltIn, Commands
from supervisor.edge.crash_keeper import CrashKeeper
from supervisor.edge.desired import KEY, Desired
from supervisor.edge.discovery import Found
from supervisor.edge.gate import Gate, permissions_of
from supervisor.edge.host import Host, Surroundings
from supervisor.edge.hosts import Hosts
from supervisor.edge.inspection import Inspection
from supervisor.edge.lanes import Lanes
from supervisor.edge.limits_watch import LimitsWatch
from supervisor.edge.log_keeper import LogKeeper
from supervisor.edge.loop import Loop
from supervisor.edge.outcome import Answer
from supervisor.edge.reception import Reception
from supervisor.edge.requests import Requests
from supervisor.edge.router import Router
from supervisor.edge.settings import Settings
from supervisor.edge.shared_logs import SharedLogs
from supervisor.edge.tokens import Tokens
from supervisor.edge.worker import Worker


log = structlog.get_logger("supervisor")

BACKLOG_FLUSH = 0.2  # seconds
STOP_MARGIN = 15.0  # seconds after the grace: SIGTERM's, SIGKILL's, and some to report it


class Supervisor(Surroundings):
    """Owns the modules and speaks for them to the cluster."""

    def __init__(
        self,
        config: Config,
        found: dict[str, Found],
        loop: Loop,
        context: "zmq.Context[zmq.Socket[bytes]]",
        cluster: Cluster,
    ) -> None:
        self.config = config
        self.loop = loop
        self.cluster = cluster
        self.tokens = Tokens()
        self.health = HealthBook()
        self.entity = f"mgr.{config.mgr_id}"
        self.beacon = Beacon(self.entity, cluster, self.health)
        self.shared_logs = SharedLogs(cluster, self.entity)
        self.bus = Router(context, config.run_dir / "bus.sock", 0o600)
        self.lanes = Lanes(loop, config.run_dir / "lanes.sock", 0o600) if config.lanes else None
        self.hosts = Hosts(config, found, loop, self.bus, self.lanes)
        self.logs = LogKeeper(config, self.hosts, Worker(loop, "logs"))
        self.gate = Gate(permissions_of(config, found), config.bus)
        self.broker = Broker(self.hosts, self.gate, config.call_timeout)
        self.commands = Commands(
            self.hosts, self.broker, cluster, self.tokens, self.gate, self.entity,
            config.command_timeout,
        )  # fmt: skip
        self.hosts.create(self)
        self.crashes = CrashKeeper(
            config.data_dir / "crash", self.entity, Worker(loop, "crashes"),
            self._crash_module_serves, self._post_crash,
        )  # fmt: skip
        self.reception = Reception(
            config, self.bus, self.hosts, self.gate, self.broker, self.commands
        )
        self.throttle = self.reception.throttle
        self.announcer = Announcer(self.hosts, self.gate)
        self.limits = LimitsWatch(
            config, self.hosts, self.health, self.beacon.touch, self.throttle.heard,
            Worker(loop, "limits"),
        )  # fmt: skip
        self.election = election.Election(config.mgr_id)
        self.ended: election.End | election.Respawn = election.End(0)  # what follows the loop
        self._opened: Opened | None = None
        self.inspection = Inspection(self.hosts, self._wanted, self._complain)
        self._clocks: list[Callable[[float], float | None]] = [
            part.clock
            for part in (
                self.throttle, self.broker, self.hosts, self.logs, self.limits, self.crashes,
                self.gate.log, self.shared_logs,
            )
        ]  # fmt: skip
        self._patience: float | None = None  # once the modules are ended for good
        self.on_change: Callable[[], None] = lambda: None  # of our role, of a module's state

    def start(self, builtins: Sequence[BuiltIn], first_enabled: Iterable[str]) -> None:
        """Open the cluster, declare commands, start what is enabled: as the active manager, or as
        a standby. Raises ClusterError.
        """
        self.hosts.launcher.warm()  # it imports beside us while the cluster is opened
        state_dir = self.config.run_dir / "state"
        state_dir.mkdir(parents=True, exist_ok=True)
        opened = self.cluster.open(
            lambda event: self.loop.post(partial(self._happened, event)), state_dir
        )
        self._adopt(opened)
        self.desired = Desired(
            self.cluster, self.tokens, self.settings, self.config.always_on, first_enabled
        )
        self.commands.declare_builtins(list(builtins))
        self.loop.read(self.bus.socket, self.reception.receive)
        if self.lanes is not None:
            self.lanes.start(self.reception.heard, self.reception.spoilt)
        self.loop.on_time(self._clock)
        if opened.active:
            self.elect(election.Elected())
            self.elect(election.Activated(opened.epoch))
        else:
            active = self.cluster.active
            log.info("standby", active=active.name if active else None)
            self._start_modules()

    def stop(self) -> None:
        """End every module in order; the loop ends when the last process is gone."""
        self.elect(election.StopAsked())

    def reconfigure(self, config: Config) -> list[str]:
        """Let the grants of `config` count, and what else of it needs no restart of ours. Modules
        that run by other ones get a fresh process; answers their names.
        """
        self.config = replace(self.config, **{key: getattr(config, key) for key in LIVE})
        self.gate.adopt(permissions_of(self.config, self.hosts.found), self.config.bus)
        changed = [h for h in self.hosts.reconfigure(self.config) if self.desired.wants(h.name)]
        for host in changed:
            host.tell(events.RestartAsked())
        return [host.name for host in changed]

    def elect(self, event: election.Event) -> None:
        """Let the election decide about `event` and do what it says."""
        for action in self.election.handle(event):
            match action:
                case election.Say(text, level):
                    log.log(_LEVELS[level], text)
                case election.StandDown():
                    self._stand_down()
                case election.Serve():
                    self._serve()
                case election.EndModules():
                    self._end_modules()
                case election.End() | election.Respawn():
                    self.ended = action
                    self.loop.stop()
        self.on_change()

    def close(self) -> None:
        """End what is left, and release everything."""
        self.logs.close()
        self.limits.close()
        self.crashes.close()
        self.hosts.users.close()
        self.hosts.agent.close()
        self.hosts.launcher.close()
        self.hosts.cgroups.close()
        self.bus.close()
        if self.lanes is not None:
            self.lanes.close()
        if self._opened is not None:
            self.cluster.close()

    def missing(self, name: str) -> None:
        """Module `name` is enabled and no tree has it."""
        self.health.set_fault(name, error="Not found or unloadable")
        self.beacon.touch()

    # What a host needs (Surroundings).

    def spawn(self, host: Host) -> None:
        self.hosts.spawn(host)

    def send(self, host: Host, envelope: Envelope) -> None:
        self.hosts.send(host, envelope)

    def fail_calls(self, host: Host, reason: str) -> None:
        self.broker.died(host, reason)

    def set_fault(self, host: Host, error: str | None, dependency: str | None) -> None:
        self.health.set_fault(host.name, error=error, dependency=dependency)
        self.beacon.touch()

    def set_stall(self, host: Host, text: str) -> None:
        self.health.set_stall(host.name, text)
        self.beacon.touch()

    def report(self, host: Host, report: actions.Report) -> None:
        structlog.get_logger(host.name).log(_LEVELS[report.level], report.text)
        if report.clog:
            self.cluster.log(self.entity, "cluster", 4, report.text)

    def crashed(self, host: Host, crash: actions.RecordCrash) -> None:
        self.crashes.record(host.name, self.config.module_log(host.name), crash)

    def changed(self, host: Host) -> None:
        if host.lifecycle.state is State.DISABLED:
            # Its process may have set checks while it was being ended.
            self.health.forget(host.name)
        self.hosts.let_in(host)
        self.inspection.changed(host)
        self.beacon.touch()
        self.on_change()

    def rescheduled(self, host: Host) -> None:
        self.hosts.reconsider(host)

    # What follows from our role.

    @property
    def standby(self) -> bool:
        """Whether another manager is active, or may be."""
        return self.election.role in (election.Role.STANDBY, election.Role.TAKING_OVER)

    def _crash_module_serves(self) -> bool:
        host = self.hosts.get("crash")
        return not self.standby and host is not None and host.lifecycle.serving

    def _post_crash(self, meta: bytes, answer: Answer) -> None:
        host = self.hosts.get("crash")
        assert host is not None, "asked for only while it serves"
        self.commands.to_module(host, "crash post", meta, answer)

    def _adopt(self, opened: Opened) -> None:
        self._opened = opened
        self.crashes.version = opened.version
        self.commands.standby = not opened.active
        self.hosts.state_dir = opened.state_dir
        self.settings = Settings(opened)
        requests = Requests(
            self.cluster, self.tokens, self.settings, self.health, self.beacon, self.commands,
            self.gate, self.shared_logs, self.announcer.notify,
        )  # fmt: skip
        self.reception.adopt(opened, self.settings, requests)

    def _stand_down(self) -> None:
        """End standby modules: each is gone before the active module of its name starts."""
        self.inspection.stop()
        for host in self.hosts:
            host.tell(events.DisableAsked())

    def _serve(self) -> None:
        self.desired.settle(self.settings)
        self.hosts.agent.revoke_all()
        self.beacon.begin()
        self._start_modules()

    def _start_modules(self) -> None:
        for name in self.desired.missing(host.name for host in self.hosts):
            log.error("a module is enabled but not in any module tree", module=name)
            if not self.standby:
                self.missing(name)
        for host in self.hosts:
            if self.desired.wants(host.name):
                self._enable(host)
        self.inspection.begin(tell=not self.standby)

    def _enable(self, host: Host) -> None:
        host.tell(events.EnableAsked(self.desired.forced(host.name), standby=self.standby))

    def _end_modules(self) -> None:
        """For good; the loop also ends when some are not reported gone in time, as a zygote that is
        stopped or stuck reports nothing: close() kills them then.
        """
        self.inspection.stop()
        if self._patience is None:
            self._patience = time.monotonic() + self.config.shutdown_grace + STOP_MARGIN
        for host in self.hosts:
            host.tell(events.StopAsked())

    def _follow_desired(self) -> None:
        """On a standby: the active manager enabled or disabled a module."""
        self.desired.follow(self.settings)
        for host in self.hosts:
            wanted = host.lifecycle.desired.goal is Goal.ENABLED
            if self.desired.wants(host.name) and not wanted:
                self._enable(host)
            elif wanted and not self.desired.wants(host.name):
                host.tell(events.DisableAsked())

    def _wanted(self, name: str) -> bool:
        return self.desired.wants(name)

    def _complain(self, text: str) -> None:
        log.error(text)
        self.cluster.log(self.entity, "cluster", 4, text)

    # What happens in the cluster.

    def _happened(self, event: Event) -> None:
        match event:
            case Done():
                self.tokens.settle(event)
            case Notified(type=kind, id=text):
                self.announcer.notify(kind, text)
            case Promoted(opened=opened):
                self._adopt(opened)
                self.elect(election.Activated(opened.epoch))
            case election.Elected() | election.NotActivated() | election.Overtaken():
                self.elect(event)
            case OptionsChanged(changes=changes):
                self.settings.options_changed(changes)
                self.announcer.options_changed(changes, standby=self.standby)
            case StoreChanged(changes=stored):
                self.settings.store_changed(stored)
                self.announcer.store_changed(stored)
                of_modules = any(change.key == KEY for change in stored)
                if of_modules and self.election.role is election.Role.STANDBY:
                    self._follow_desired()

    # Time.

    def _clock(self, now: float) -> float | None:
        due = [clock(now) for clock in self._clocks]
        if self.hosts.backlog.waiting:
            self.hosts.backlog.flush()
            due.append(now + BACKLOG_FLUSH)
        if self._patience is not None:
            left = [host.name for host in self.hosts if host.nonce]
            if left and now >= self._patience:
                log.error("modules are still not reported as ended: killed", modules=left)
            if not left or now >= self._patience:
                self.elect(election.Deserted())
            due.append(self._patience)
        else:
            self.inspection.go_on()
            if self.beacon.due:
                enabled, always_on = self.desired.enabled(), self.desired.always_on
                due.append(self.beacon.send(self.hosts, enabled, always_on))
        return min([at for at in due if at is not None], default=None)


_LEVELS = {"info": 20, "warning": 30, "error": 40}
