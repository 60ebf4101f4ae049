"""Every module there is, and who of them speaks: binds launches to processes and connections.

A message on the bus counts as module X's only if the kernel says that it came from the process
which the zygote started for X. The inbox is bound by the first Hello with that launch's nonce.
"""

import os
import random
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import structlog

from proto.framing import Payload
from proto.sealed import Sealed
from proto.v1.envelope_pb2 import Envelope
from proto.v1.module_pb2 import Hello
from proto.v1.zygote_pb2 import Launch
from proto.version import mismatch, ours
from supervisor.config import Config
from supervisor.core.events import Exited, Greeted, LimitPassed, Spawned, SpawnFailed
from supervisor.core.grants import Additions
from supervisor.core.lifecycle import Lifecycle
from supervisor.core.policy import RestartPolicy, Timings
from supervisor.core.state import Goal
from supervisor.edge import kernel_limits
from supervisor.edge.backlog import UNLIMITED, Backlog
from supervisor.edge.cgroups import Cgroups
from supervisor.edge.discovery import Found, library_path, search_path
from supervisor.edge.host import Host, Layer, Surroundings
from supervisor.edge.host_agent import HostAgent
from supervisor.edge.lanes import Lanes
from supervisor.edge.launcher import KILLED, Child, Outcomes, ZygoteLauncher
from supervisor.edge.loop import Loop
from supervisor.edge.peer import Peer
from supervisor.edge.router import Router
from supervisor.edge.users import Users


log = structlog.get_logger("hosts")

API = Path(__file__).resolve().parent.parent.parent / "module_host" / "api"
REMEMBERED_DEAD = 256


class Hosts(Outcomes):
    """The modules by name, and the processes that live them by nonce and pid."""

    def __init__(
        self,
        config: Config,
        found: dict[str, Found],
        loop: Loop,
        bus: Router,
        lanes: Lanes | None,
    ) -> None:
        """`lanes`: None where everything crosses the bus."""
        self._config = config
        self._loop = loop
        self._bus = bus
        self._lanes = lanes
        self._by_name: dict[str, Host] = {}
        self._by_nonce: dict[bytes, Host] = {}
        self._by_pid: dict[int, Host] = {}
        self._gone: deque[int] = deque(maxlen=REMEMBERED_DEAD)
        self.found = found
        self.launcher = ZygoteLauncher(loop, self, config.log_file)
        self.launcher.without_pids = _without_pids(config)
        self.agent = HostAgent(config, loop)
        sockets = [socket.path for socket in (bus, lanes) if socket is not None]
        self.users = Users(config, loop, sockets)
        self.cgroups = Cgroups()
        self._granted: set[bytes] = set()  # nonces of launches that the agent was told of
        self.backlog = Backlog(bus)
        self.state_dir = config.run_dir / "state"  # where the documents of our role are
        self._due: float | None = None
        self._dues: dict[str, float] = {}  # of the modules that have a deadline
        self._stale: set[str] = set()  # modules whose deadline may be another by now
        self._rescheduled = True

    def create(self, surroundings: Surroundings) -> None:
        """Make the life cycle of every module that was found."""
        for name, found in self.found.items():
            own = self._config.module(name).start_timeout
            timings = Timings(
                start_timeout=own or self._config.start_timeout,
                shutdown_grace=self._config.shutdown_grace,
                stall_warning=self._config.stall_warning,
            )
            cycle = Lifecycle(
                name,
                RestartPolicy(),
                timings,
                random.Random(),  # noqa: S311  # jitter of restarts, no secret
                mgr_id=self._config.mgr_id,
            )
            limits = self._config.limits_of(name)
            self._by_name[name] = Host(found, cycle, surroundings, limits)

    def __iter__(self) -> Iterator[Host]:
        return iter(self._by_name.values())

    def get(self, name: str) -> Host | None:
        """The module called `name`."""
        return self._by_name.get(name)

    def of(self, peer: Peer) -> Host | None:
        """The module whose process `peer` is; None: a stranger."""
        host = self._by_pid.get(peer.pid)
        if host is None:
            # The report of its launch may still wait in the zygote's socket.
            self.launcher.drain()
            host = self._by_pid.get(peer.pid)
        return host

    def was_ours(self, peer: Peer) -> bool:
        """Whether `peer` is a host that ended lately: its last words may come after its end."""
        return peer.pid in self._gone

    def spawn(self, host: Host) -> None:
        """Ask the zygote for a process of this module, once its files belong to its user."""
        host.nonce = nonce = secrets.token_bytes(16)
        self._by_nonce[nonce] = host

        def failed(error: Exception) -> None:
            where = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else error
            self.launch_failed(nonce, str(where))

        self.users.settle(host.name, self.state_dir, lambda: self._prepared(host), failed)

    def _prepared(self, host: Host) -> None:
        if self._may_deploy(host) and _is_to_run(host):
            self._granted.add(host.nonce)
            uid = self.users.of(host.name).uid
            self.agent.grant(host.name, uid, lambda: self._ask_for(host))
        else:
            self._ask_for(host)

    def runs_programs(self, host: Host) -> bool:
        """Whether its processes may: they were granted it, or no layer keeps them from it."""
        granted = self._config.grants(host.name, host.found.tree).subprocess
        return granted or not host.enforces("programs")

    def let_in(self, host: Host) -> None:
        """Give the grant to a process that was to be looked at only, and is to run now."""
        new = host.nonce and host.nonce not in self._granted
        if new and self._may_deploy(host) and _is_to_run(host):
            self._granted.add(host.nonce)
            self.agent.grant(host.name, self.users.of(host.name).uid, lambda: None)

    def reconfigure(self, config: Config) -> list[Host]:
        """Let `config` count from the next launches on; answers whose process is none of it."""
        before, self._config = self._config, config
        self.launcher.without_pids = _without_pids(config)
        self.users.reconfigure(config)
        changed = [host for host in self if _terms(host, before) != _terms(host, config)]
        for host in changed:
            host.limits = config.limits_of(host.name)
            if not self._may_deploy(host):
                self.agent.revoke(host.name)
        return changed

    def send(self, host: Host, envelope: Envelope, payload: Payload = b"") -> bool:
        """To the host's inbox; what does not fit now is kept in order. False: it is lost."""
        if host.inbox is None:
            return False
        depth = host.limits.queue_depth or UNLIMITED
        return self.backlog.send(host.inbox, envelope, payload, depth)

    def call(self, host: Host, envelope: Envelope, payload: Payload) -> bool:
        """Hand a call to the host: over its lane while there is room, else over the bus."""
        envelope.after = host.told_of
        if host.lane is not None:
            if host.lane.send(envelope, payload):
                return True
            if isinstance(payload, Sealed):
                return False
        return self.send(host, envelope, payload)

    def serve_calls(self, host: Host, peer: Peer) -> bool:
        """Call the host over this connection from now on; False: that is settled already."""
        if host.lane is not None or self._lanes is None or peer.line is not self._lanes:
            return False
        host.lane = peer
        self._lanes.serving(peer)
        return True

    def rescheduled(self) -> None:
        """The launcher's deadline may be another than before."""
        self._rescheduled = True

    def reconsider(self, host: Host) -> None:
        """The module's deadline may be another than before."""
        self._stale.add(host.name)
        self._rescheduled = True

    def clock(self, now: float) -> float | None:
        """Let deadlines pass; answers the next one. Costs nothing while none is due, and asks only
        the modules that it concerns: the loop asks at each of its turns, and there are many.
        """
        if self._rescheduled or (self._due is not None and self._due <= now):
            self._rescheduled = False
            self._let_pass(now)
            dues = [
                self.launcher.clock(now),
                self.agent.clock(now),
                self.cgroups.clock(now),
                *self._dues.values(),
            ]
            self._due = min((due for due in dues if due is not None), default=None)
        # What one module's deadline led to may have given another one a new deadline.
        return now if self._rescheduled else self._due

    def _let_pass(self, now: float) -> None:
        stale, self._stale = self._stale, set()
        stale.update(name for name, due in self._dues.items() if due <= now)
        for name in stale:
            due = self._by_name[name].clock(now)
            if due is None:
                self._dues.pop(name, None)
            else:
                self._dues[name] = due

    def greet(self, host: Host, peer: Peer, hello: Hello, fill: Callable[[Envelope], None]) -> str:
        """Believe a Hello, or answer in one sentence why not, to the peer and the caller."""
        problem = mismatch("the supervisor", "the module host", hello.versions)
        if not problem and peer.line is not self._bus:
            problem = "a hello belongs on the bus"
        if not problem and (host.inbox is not None or hello.nonce != host.nonce):
            problem = "this launch has said hello already, or the nonce is not its own"
        if problem:
            answer = Envelope()
            answer.error.kind = answer.error.PROTOCOL
            answer.error.message = problem
            peer.send(answer)
            return problem
        host.inbox = peer.route
        host.layers = [Layer(layer.name, layer.status, layer.why) for layer in hello.layers]
        host.layers.append(host.cgroup)
        answer = Envelope()
        answer.welcome.versions.CopyFrom(ours())
        fill(answer)
        peer.send(answer)
        host.tell(Greeted())
        return ""

    def launched(self, child: Child) -> None:
        host = self._by_nonce.get(child.nonce)
        assert host is not None, "the launcher reports only what it was asked for"
        host.child = child
        self._by_pid[child.pid] = host
        kernel_limits.favour_others(child.pid, host.limits.cpu_share)
        bounded = self.cgroups.bounded(child.nonce, child.pid)
        host.cgroup = Layer("cgroup", "enforced" if bounded.enforced else "absent", bounded.why)
        host.tell(Spawned(child.pid))

    def launch_failed(self, nonce: bytes, reason: str) -> None:
        host = self._by_nonce.pop(nonce)
        self._granted.discard(nonce)
        self.cgroups.retire(nonce)
        host.process_gone()
        host.tell(SpawnFailed(reason))

    def exited(self, nonce: bytes, status: int, core_dumped: bool, max_rss_kib: int) -> None:
        host = self._by_nonce.pop(nonce)
        self._granted.discard(nonce)
        if host.child is not None:
            self._by_pid.pop(host.child.pid, None)
            self._gone.append(host.child.pid)
            self._bus.forget(host.child.pid)
            if self._lanes is not None:
                self._lanes.forget(host.child.pid)
        if host.inbox is not None:
            self.backlog.forget(host.inbox)
        host.process_gone()
        verdict = self.cgroups.verdict(nonce)
        self.cgroups.retire(nonce)
        if verdict.limit and status == KILLED:
            host.killed_for = verdict.limit
            host.tell(LimitPassed(verdict.limit))
        host.tell(Exited(status, core_dumped, max_rss_kib, verdict.cause))

    def _may_deploy(self, host: Host) -> bool:
        return self._config.may_deploy(host.name, host.found.tree)

    def _ask_for(self, host: Host) -> None:
        """Ask the zygote for the process of `host`."""
        try:
            launch = self._launch(host)
            if self._may_deploy(host):
                # A module that is merely looked at now may get its grant later.
                launch.environment["MGR_AGENT"] = str(self.agent.file(host.name))
                launch.shown_paths.append(str(self.agent.place(launch.modules_gid)))
            door = self.cgroups.prepare(host.nonce, host.name, host.limits)
            try:
                self.launcher.launch(launch, door)
            finally:
                if door is not None:
                    os.close(door)
        except OSError as error:
            nonce, reason = host.nonce, f"{error.filename}: {error.strerror}"
            self._loop.post(lambda: self.launch_failed(nonce, reason))

    def _launch(self, host: Host) -> Launch:
        config = self._config
        own, grants = config.module(host.name), config.grants(host.name, host.found.tree)
        librados = _librados(config) if grants.librados else {}
        data_dir = config.module_data(host.name)
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        launch = Launch(
            module=host.name,
            nonce=host.nonce,
            bus=f"ipc://{self._bus.path}",
            lanes=str(self._lanes.path) if self._lanes is not None else "",
            sys_path=search_path(host.found, config.trees, API),
            extra_path=library_path(host.found, config.python_path, API),
            state_dir=str(self.state_dir),
            data_dir=str(data_dir),
            log_file=str(config.module_log(host.name)),
            interpreter=own.interpreter,
            environment={
                "PATH": os.defpath,
                "LANG": "C.UTF-8",
                **librados,
                **own.environment,
            },
            sandbox=config.sandbox,
            read_paths=[
                *librados.values(),
                *grants.read,
            ],
            write_paths=grants.write,
            standby=host.lifecycle.as_standby,
            listen_ports=grants.listen,
            connect_ports=grants.connect_ports,
            subprocess=grants.subprocess,
            without=config.without,
        )
        user = self.users.of(host.name)
        launch.uid, launch.modules_gid = user.uid, user.group
        if not user.uid:
            launch.no_uid.name, launch.no_uid.status, launch.no_uid.why = (
                "uid", user.status, user.why,
            )  # fmt: skip
        for name, value in kernel_limits.of(host.limits, own_user=user.uid > 0).items():
            launch.limits.add(name=name, soft=value, hard=value)
        return launch


def _without_pids(config: Config) -> str:
    """Why a zygote is to make no pid namespace; "" where it is to."""
    if config.sandbox == "off":
        return "sandbox mode is off"
    return "switched off by [sandbox] without" if "processes" in config.without else ""


def _is_to_run(host: Host) -> bool:
    """As the active manager's module; any other process is only looked at, or reads."""
    cycle = host.lifecycle
    return cycle.desired.goal is Goal.ENABLED and not cycle.as_standby


def _terms(host: Host, config: Config) -> tuple[object, ...]:
    """What of `config` makes a process of `host` what it is."""
    grants = config.grants(host.name, host.found.tree)
    own = replace(config.module(host.name), grants=Additions(), limits={}, start_timeout=None)
    return own, grants, config.limits_of(host.name), config.sandbox, config.without, config.uids


def _librados(config: Config) -> dict[str, str]:
    """Where a module's librados, and Ceph's tools below it, find the real cluster and the key."""
    files = {"CEPH_CONF": config.ceph_conf, "CEPH_KEYRING": config.ceph_keyring}
    return {name: str(file) for name, file in files.items() if file is not None}
