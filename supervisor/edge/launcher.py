"""How module hosts come to be and how their end is learned: the zygote, seen from the supervisor.

The zygote forks every host and is its parent (module_host.zygote says how). It reports over a
SOCK_SEQPACKET pair; each Launched packet carries a pidfd, so no signal can ever reach a stranger
that got a used pid, and the socket on which the host takes new log files. If the zygote dies, its
hosts die with it (its pid namespace, PR_SET_PDEATHSIG) and their end is reported here as if it had
reported them; a new one is started for the next launch.

A zygote that is stopped or stuck neither launches nor reports: one that owes a word for
PATIENCE is killed. A death that it owes is seen at the child's pidfd.

DIAGNOSTICS
    "zygote ended": it was killed or crashed; every host is replaced.
    "zygote owes ...": it did not answer in time and is killed.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path

import structlog

from proto.v1.zygote_pb2 import Launch, ZygoteReport, ZygoteRequest
from supervisor.edge.loop import Loop
from supervisor.edge.orphans import adopt_orphans, end_orphans


log = structlog.get_logger("launcher")

PACKET_BYTES = 1 << 17
PATIENCE = 10.0  # seconds for a launch, or for the report of a death
KILLED = -int(signal.SIGKILL)
_ENVIRONMENT = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    # Pacific's modules import distutils; setuptools, where installed, would put its own in front.
    "SETUPTOOLS_USE_DISTUTILS": "stdlib",
}


class Child:
    """One host process, from its launch to its end. Signals go by pidfd or to its own group."""

    def __init__(self, nonce: bytes, pid: int, pidfd: int, renewals: int) -> None:
        self.nonce = nonce
        self.pid = pid
        self._pidfd = pidfd
        self._renewals = socket.socket(fileno=renewals)
        self._renewals.setblocking(False)

    def fileno(self) -> int:
        """Readable once the process has ended, reaped or not."""
        return self._pidfd

    def signal_leader(self, number: int) -> None:
        """Signal the host itself; nothing happens where it is gone."""
        with contextlib.suppress(ProcessLookupError, OSError):
            signal.pidfd_send_signal(self._pidfd, number)

    def signal_group(self, number: int) -> None:
        """Signal the host and what it started. The group's id stays taken until the zygote reaps
        the leader, which it reports; then this object is closed and does nothing.
        """
        if self._pidfd < 0:
            return
        try:
            os.killpg(self.pid, number)
        except (ProcessLookupError, PermissionError):
            self.signal_leader(number)

    def renew_log(self, log_file: int) -> bool:
        """Hand over an open file for the host's log. False: not now, as when it is stopped and its
        socket is full of files that it has not taken.
        """
        try:
            socket.send_fds(self._renewals, [b"l"], [log_file])
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Release the pidfd and the socket."""
        self._renewals.close()
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1


class Outcomes(ABC):
    """Whom the launcher tells. Called on the loop's thread."""

    @abstractmethod
    def launched(self, child: Child) -> None:
        """The process of `child.nonce` exists."""

    @abstractmethod
    def launch_failed(self, nonce: bytes, reason: str) -> None:
        """No process came of the launch."""

    @abstractmethod
    def exited(self, nonce: bytes, status: int, core_dumped: bool, max_rss_kib: int) -> None:
        """The process is gone and reaped; its Child is closed."""

    @abstractmethod
    def rescheduled(self) -> None:
        """The launcher's clock() may have an earlier deadline than it said."""


def true_pid(pidfd: int) -> int:
    """The pid in our own namespace, whatever the zygote's namespace calls it."""
    for line in Path(f"/proc/self/fdinfo/{pidfd}").read_text(encoding="ascii").splitlines():
        if line.startswith("Pid:"):
            return int(line.split()[1])
    raise ProcessLookupError(f"descriptor {pidfd} is not a pidfd")


class ZygoteLauncher:
    """Starts the zygote and asks it for hosts."""

    def __init__(self, loop: Loop, outcomes: Outcomes, log_file: Path) -> None:
        self._loop = loop
        self._outcomes = outcomes
        self._log_file = log_file
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._children: dict[bytes, Child] = {}
        self._owed: dict[bytes, float] = {}  # nonce -> until when a launch or a death is reported
        self._asked: set[bytes] = set()
        adopt_orphans()
        self.generation = 0
        self.without_pids = ""  # why the next zygote is to make no pid namespace; "": it is to

    @property
    def pid(self) -> int | None:
        """Of the process whose end is the zygote's; None where none runs."""
        return self._process.pid if self._process else None

    def warm(self) -> None:
        """Start the zygote before the first launch, which else does, and says why it cannot be."""
        if self._socket is None:
            with contextlib.suppress(OSError):
                self._start()

    def launch(self, launch: Launch, cgroup: int | None = None) -> None:
        """Ask for a host; the outcome is told later, always. `cgroup`: a descriptor by which its
        process can be moved.
        """
        self._asked.add(launch.nonce)
        self._owe(launch.nonce)
        try:
            if self._socket is None:
                self._start()
            assert self._socket is not None
            request = ZygoteRequest(launch=launch).SerializeToString()
            socket.send_fds(self._socket, [request], [] if cgroup is None else [cgroup])
        except OSError as error:
            reason = f"the zygote does not take launches: {error.strerror}"
            self._loop.post(lambda: self._refuse(launch.nonce, reason))

    def drain(self) -> None:
        """Take every report that waits. Also called before a stranger on the bus is judged: its
        launch may be reported already.
        """
        while self._socket is not None:
            try:
                data, fds, _flags, _address = socket.recv_fds(
                    self._socket, PACKET_BYTES, 2, socket.MSG_DONTWAIT | socket.MSG_CMSG_CLOEXEC
                )
            except BlockingIOError:
                return
            except OSError as error:
                log.warning("the zygote's socket failed", why=str(error))
                data, fds = b"", []
            if not data:
                self._lost()
                return
            self._report(ZygoteReport.FromString(data), fds)

    def renew_log(self, log_file: int) -> None:
        """Let what the zygote itself says go to this open file from now on."""
        if self._socket is not None:
            request = ZygoteRequest()
            request.new_log.SetInParent()
            with contextlib.suppress(OSError):  # it is stuck or ending: the next one opens by name
                socket.send_fds(self._socket, [request.SerializeToString()], [log_file])

    def clock(self, now: float) -> float | None:
        """End a zygote that owes a report for too long; says when the next one is due."""
        late = [nonce for nonce, until in self._owed.items() if until <= now]
        if late and self._process is not None:
            log.error("zygote owes reports and is killed", reports=len(late))
            self._owed.clear()
            self._process.kill()  # its end of the pair closes; drain() sees that
        return min(self._owed.values(), default=None)

    def close(self) -> None:
        """End the zygote and, through it, every process below it. Blocks a few seconds at most."""
        if self._socket is not None:
            self._loop.forget(self._socket.fileno())
            self._socket.close()
            self._socket = None
        if self._process is not None:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
            end_orphans()
        for child in self._children.values():
            self._loop.forget(child.fileno())
            child.close()
        self._children.clear()

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, self._log_file.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _BOOTSTRAP, str(theirs.fileno()), self.without_pids],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                # A forked host shows in /proc what the zygote got: nothing of the operator's.
                env=_ENVIRONMENT,
            )
        ours.setblocking(False)
        self._socket = ours
        self.generation += 1
        self._loop.read(ours.fileno(), self.drain)
        log.info("zygote started", pid=self._process.pid)

    def _report(self, report: ZygoteReport, fds: list[int]) -> None:
        kind = report.WhichOneof("body")
        if kind == "launched":
            pidfd, renewals = fds
            child = Child(report.launched.nonce, true_pid(pidfd), pidfd, renewals)
            self._children[child.nonce] = child
            self._asked.discard(child.nonce)
            self._owed.pop(child.nonce, None)
            self._loop.read(pidfd, lambda: self._seen_dead(child))
            self._outcomes.launched(child)
        elif kind == "exited":
            gone = report.exited
            self._end(gone.nonce, gone.status, gone.core_dumped, gone.max_rss_kib)
        elif kind == "launch_failed":
            self._refuse(report.launch_failed.nonce, report.launch_failed.reason)
        elif kind == "up":
            log.debug("zygote up", imports_took=round(report.up.import_seconds, 3))

    def _owe(self, nonce: bytes) -> None:
        self._owed[nonce] = time.monotonic() + PATIENCE
        self._outcomes.rescheduled()

    def _seen_dead(self, child: Child) -> None:
        self._loop.forget(child.fileno())  # it stays readable
        self._owe(child.nonce)

    def _refuse(self, nonce: bytes, reason: str) -> None:
        if nonce in self._asked:
            self._asked.discard(nonce)
            self._owed.pop(nonce, None)
            self._outcomes.launch_failed(nonce, reason)

    def _end(self, nonce: bytes, status: int, core_dumped: bool, max_rss_kib: int) -> None:
        child = self._children.pop(nonce, None)
        if child is not None:
            self._owed.pop(nonce, None)
            self._loop.forget(child.fileno())
            child.close()
            self._outcomes.exited(nonce, status, core_dumped, max_rss_kib)

    def _lost(self) -> None:
        """The zygote is gone: every launch it was asked for failed, every host ended with it."""
        assert self._socket is not None
        assert self._process is not None
        self._loop.forget(self._socket.fileno())
        self._socket.close()
        self._socket = None
        # Its end of the pair is closed, so it is ending or has gone wrong.
        self._process.kill()
        status = self._process.wait()
        self._process = None
        end_orphans()
        log.error("zygote ended", status=status, hosts=len(self._children))
        for nonce in list(self._asked):
            self._refuse(nonce, f"the zygote ended with status {status}")
        for nonce, child in list(self._children.items()):
            child.signal_group(signal.SIGKILL)
            self._end(nonce, KILLED, core_dumped=False, max_rss_kib=0)


# The zygote finds its socket as descriptor 3, wherever the pair was made.
_BOOTSTRAP = (
    "import os, sys; fd = int(sys.argv[1]); "
    "fd == 3 or (os.dup2(fd, 3), os.close(fd)); "
    # The keeper of the namespace forks from here: before everything is imported, it stays small.
    "from module_host import namespaces; wall = namespaces.enter(sys.argv[2]); "
    "from module_host import zygote; zygote.main(*wall)"
)
