"""Looks at what each module uses, twice a second, and has done what follows.

A process may pass a limit by what it gets in that time: for memory some hundred MiB, for a fork
bomb some thousand processes (see kernel_limits). The kernel's own limits have no such gap, nor have
cgroups, where there are any: of those it is told here what was refused.

DIAGNOSTICS
    "passed its limit memory: ...": in `module events`; the process is killed.
    "limit log_rate: ... cut": once a minute for each process, however long the flood lasts.
    "limit processes: it was refused ...": the same.
    "connections of no module ... closed": once a minute for each user.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog

from supervisor.config import Config
from supervisor.core.actions import Report
from supervisor.core.cgroup import Tally, refused
from supervisor.core.events import LimitPassed
from supervisor.core.health import HealthBook
from supervisor.core.limits import Limits, size
from supervisor.core.watch import Usage, Watch
from supervisor.edge.cgroup_leaf import Leaf
from supervisor.edge.connections import Connected, Connections
from supervisor.edge.folder_sizes import FolderSizes
from supervisor.edge.host import Host, Layer
from supervisor.edge.hosts import Hosts
from supervisor.edge.log_bound import LogBound
from supervisor.edge.sampler import Counted, Sampler
from supervisor.edge.worker import Worker


log = structlog.get_logger("limits")

INTERVAL = 0.5  # seconds
REPEAT = 60.0  # seconds between two sentences about one flood


@dataclass(frozen=True)
class Look:
    """One module at one moment. `cpu` is in percent of one CPU, `log_rate` in bytes a second;
    `calls` are messages to the supervisor a second, of `heard` ever.
    """

    at: float
    usage: Usage
    cpu: float = 0.0
    log_rate: float = 0.0
    heard: int = 0
    calls: float = 0.0


@dataclass(frozen=True)
class _Target:
    name: str
    nonce: bytes
    pid: int
    limits: Limits
    log: Path
    data: Path
    cgroup: Leaf | None
    layers: list[Layer]
    runs_programs: bool

    def still_true(self, host: Host) -> bool:
        """Whether all of it holds for `host`, of which a process is known."""
        same = self.nonce == host.nonce and self.limits == host.limits
        return same and self.layers is host.layers


@dataclass(frozen=True)
class _Found:
    """Of one target: what it uses, how much was cut from its log, what its cgroup counted."""

    used: Usage | None
    cut: int
    tally: Tally


@dataclass(frozen=True)
class _Seen:
    """One look: what was found of each target; by user how many connections were closed."""

    found: Sequence[_Found]
    closed: Mapping[int, int]


@dataclass
class _Refusals:
    """How many of one process there were at the last look, and when the last sentence was."""

    nonce: bytes
    seen: int = 0
    told: float = -REPEAT


@dataclass
class _Flood:
    """Bytes cut of one process' log since the last sentence, and when that was."""

    nonce: bytes
    cut: int = 0
    told: float = -REPEAT


class LimitsWatch:
    """Watches every module that has a process. Loop thread only; `worker` reads the files."""

    def __init__(
        self,
        config: Config,
        hosts: Hosts,
        health: HealthBook,
        touched: Callable[[], None],
        heard: Callable[[str], int],
        worker: Worker,
    ) -> None:
        self.looks: dict[str, Look] = {}
        self._config = config
        self._hosts = hosts
        self._health = health
        self._touched = touched
        self._heard = heard
        self._worker = worker
        self._watches: dict[str, Watch] = {}
        self._targeted: dict[str, _Target] = {}
        self._nonces: dict[str, bytes] = {}
        self._floods: dict[str, _Flood] = {}
        self._refusals: dict[str, _Refusals] = {}
        self._bound = LogBound()
        sockets = ("bus.sock", "lanes.sock", "control.sock")
        self._connections = Connections(config.run_dir / name for name in sockets)
        self._folders = FolderSizes()
        self._sampler = Sampler()
        self._closings: dict[int, float] = {}  # by user: when that was told last
        self._looking = False
        self._due = 0.0

    def clock(self, now: float) -> float | None:
        """Look when it is time to; says when that is next."""
        if now >= self._due:
            self._due = now + INTERVAL
            if not self._looking:
                self._looking = True
                targets = self._targets()
                self._worker.submit(
                    lambda: self._look(targets),
                    lambda seen: self._done(targets, seen, now),
                    self._failed,
                )
        return self._due

    def close(self) -> None:
        """End the worker."""
        self._worker.close()
        self._connections.close()

    def _targets(self) -> list[_Target]:
        before = self._targeted
        self._targeted = {}
        for host in self._hosts:
            if host.child is None:
                continue
            known = before.get(host.name)
            if known is None or not known.still_true(host):
                known = _Target(
                    host.name, host.nonce, host.child.pid, host.limits,
                    self._config.module_log(host.name), self._config.module_data(host.name),
                    self._hosts.cgroups.leaf(host.nonce), host.layers,
                    self._hosts.runs_programs(host),
                )  # fmt: skip
            self._targeted[host.name] = known
        return list(self._targeted.values())

    def _look(self, targets: Sequence[_Target]) -> _Seen:
        """On the worker's thread."""
        found = []
        pids = [target.pid for target in targets]
        connected = self._connected(pids)
        self._sampler.retain(pids)
        sizes = self._folders.look({t.name: t.data for t in targets if t.limits.data_size})
        for target in targets:
            try:
                grown, cut = self._bound.look(target.log, target.limits.log_rate)
            except OSError as error:
                log.debug("a log could not be looked at", file=str(target.log), why=str(error))
                grown = cut = 0
            tally = target.cgroup.tally() if target.cgroup else Tally()
            counted = Counted(grown, connected.by_pid.get(target.pid, 0), sizes.get(target.name, 0))
            used = self._sampler.usage(
                target.pid, target.limits, counted, runs_programs=target.runs_programs
            )
            found.append(_Found(used, cut, tally))
        return _Seen(found, connected.closed)

    def _connected(self, pids: Sequence[int]) -> Connected:
        try:
            return self._connections.look(pids)
        except OSError as error:
            log.debug("connections could not be looked at", why=str(error))
            return Connected()

    def _done(self, targets: Sequence[_Target], looked: _Seen, now: float) -> None:
        self._looking = False
        for uid, count in looked.closed.items():
            self._closed(uid, count, now)
        before, self.looks = self.looks, {}
        for target, seen in zip(targets, looked.found, strict=True):
            used = seen.used
            host = self._hosts.get(target.name)
            if host is None or host.nonce != target.nonce:
                continue
            if seen.cut:
                self._flooded(host, seen.cut, now)
            self._refused(host, seen.tally, now)
            if used is None:
                continue
            last = before.get(host.name)
            same = self._nonces.get(host.name) == host.nonce
            heard = self._heard(host.name)
            self.looks[host.name] = _rates(last if same else None, used, heard, now)
            self._nonces[host.name] = host.nonce
            self._judge(host, used, now)

    def _judge(self, host: Host, used: Usage, now: float) -> None:
        watch = self._watches.setdefault(host.name, Watch(host.limits))
        watch.limits = host.limits  # perhaps read again since
        before = watch.warning
        if host.killed_for:
            watch.killed(host.killed_for, now)
            host.killed_for = ""
        over = watch.look(used, now)
        if watch.warning != before:
            self._health.set_limit(host.name, watch.warning)
            self._touched()
        if watch.warning.startswith("is near") and not before.startswith("is near"):
            host.note(Report(watch.warning, "warning"))
        if over:
            host.tell(LimitPassed(over))

    def _flooded(self, host: Host, cut: int, now: float) -> None:
        flood = self._floods.get(host.name)
        if flood is None or flood.nonce != host.nonce:
            flood = self._floods[host.name] = _Flood(host.nonce)
        flood.cut += cut
        if now - flood.told >= REPEAT:
            rate = size(host.limits.log_rate)
            text = f"limit log_rate: {size(flood.cut)} above {rate} a second were cut from its log"
            host.note(Report(text, "warning"))
            self._floods[host.name] = _Flood(host.nonce, 0, now)

    def _refused(self, host: Host, tally: Tally, now: float) -> None:
        known = self._refusals.get(host.name)
        if known is None or known.nonce != host.nonce:
            known = self._refusals[host.name] = _Refusals(host.nonce)
        if tally.refused > known.seen and now - known.told >= REPEAT:
            host.note(Report(refused(tally, host.limits), "warning"))
            known.told = now
        known.seen = tally.refused

    def _closed(self, uid: int, count: int, now: float) -> None:
        if now - self._closings.get(uid, -REPEAT) >= REPEAT:
            self._closings[uid] = now
            log.warning("connections of no module were too many: closed", uid=uid, count=count)

    def _failed(self, error: Exception) -> None:
        self._looking = False
        log.error("modules could not be looked at", why=repr(error))


def _rates(last: Look | None, used: Usage, heard: int, now: float) -> Look:
    passed = now - last.at if last is not None else 0.0
    if last is None or passed <= 0:
        return Look(now, used, heard=heard)
    spent = max(0.0, used.cpu_seconds - last.usage.cpu_seconds)
    return Look(
        now,
        used,
        cpu=100 * spent / passed,
        log_rate=used.log_bytes / passed,
        heard=heard,
        calls=(heard - last.heard) / passed,
    )
