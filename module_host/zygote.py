"""The template process that every module host is forked from, and their parent.

It is the first process of a pid namespace (module_host.namespaces), so that the kernel ends with it
whatever was started below it. Where none can be had, it goes without.

Single-threaded for its whole life: a fork copies only the calling thread, so a lock that another
one held would stay locked in the child for ever. For the same reason it never makes a ZeroMQ
context. It starts with its end of a SOCK_SEQPACKET pair as descriptor 3. Of each host it passes
on two descriptors: a pidfd, and the socket on which the host takes new log files.

It is the subreaper of all that its hosts leave behind, and each host is the subreaper of what it
started. So a child that is not a host is the orphan of a host that is gone, and is killed.

BUGS
    A process that forks faster than it can be killed outruns the sweep; a limit on NPROC stops it.
    An orphan that ends before its host does stays a zombie until then: the host cannot tell it from
    a child that the module wants to wait for.
    Without a pid namespace, what a host started outlives a zygote that is killed alone: it then
    belongs to the supervisor, if that is a subreaper, or to init.
"""

import contextlib
import gc
import importlib
import logging
import os
import selectors
import signal
import socket
import sys
import time
from typing import NoReturn

from google.protobuf.message import DecodeError

from module_host import linux, loader
from module_host.birth import become
from module_host.ends import ExitCode, leave_now
from module_host.log_file import RENEWALS
from module_host.sandbox import paths
from proto.v1.module_pb2 import Layer
from proto.v1.zygote_pb2 import Launch, ZygoteReport, ZygoteRequest


log = logging.getLogger("zygote")

CONTROL_FD = 3
PACKET_BYTES = 1 << 17
_LOG_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
# What a host needs once it is forked; importing it here is what makes a fork cheap.
_PRELOADED = (
    "msgpack",
    "orjson",
    "prettytable",
    "yaml",
    "encodings.idna",
    "module_host.main",
    "module_host.mgr.pacific.module",
    "module_host.mgr.main.module",
    "module_host.mgr.standby",
)


class Zygote:
    """Forks hosts on request, reaps them, reports both."""

    def __init__(self, control: socket.socket, processes: Layer) -> None:
        """`processes`: that layer of the sandbox, which every host inherits."""
        self._control = control
        self._processes = processes
        self._hosts: dict[int, bytes] = {}  # pid -> nonce
        self._wake_read, self._wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def run(self) -> None:
        """Serve until the supervisor's end of the pair closes."""
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only so that the wake-up pipe is written
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        with selectors.PollSelector() as selector:
            selector.register(self._control, selectors.EVENT_READ)
            selector.register(self._wake_read, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._wake_read in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self._wake_read, 4096)
                    self._reap()
                if self._control in ready:
                    packet, fds, _flags, _address = socket.recv_fds(
                        self._control, PACKET_BYTES, 1, socket.MSG_CMSG_CLOEXEC
                    )
                    if not packet:
                        return
                    self._obey(packet, fds)

    def report(self, report: ZygoteReport, fds: tuple[int, ...] = ()) -> None:
        """Send one packet to the supervisor; raises OSError where it is gone."""
        socket.send_fds(self._control, [report.SerializeToString()], fds)

    def end_descendants(self) -> None:
        """Kill all that was ever started below this process. Orphans come up to us as their
        parents die, so there is nothing left once there are no children.
        """
        while True:
            for pid in linux.children():
                self._kill(pid)
            try:
                os.waitid(os.P_ALL, 0, os.WEXITED)
            except ChildProcessError:
                return

    def _obey(self, packet: bytes, fds: list[int]) -> None:
        try:
            request = ZygoteRequest.FromString(packet)
        except DecodeError:
            log.warning("a packet that is no ZygoteRequest was dropped")
            return
        if request.WhichOneof("body") == "launch":
            request.launch.processes.CopyFrom(self._processes)
            self._launch(request.launch, fds)
        for fd in fds:
            if request.WhichOneof("body") == "new_log":
                os.dup2(fd, 1)
                os.dup2(fd, 2)
            os.close(fd)

    def _launch(self, launch: Launch, cgroup: list[int]) -> None:
        gate, opener = os.pipe2(os.O_CLOEXEC)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            pid = self._fork(launch, gate, opener, theirs)
            self._hosts[pid] = launch.nonce
            for fd in cgroup:
                with contextlib.suppress(OSError):  # the supervisor looks where it is
                    os.write(fd, str(pid).encode("ascii"))
            self._report_launched(launch.nonce, pid, ours)
        except OSError as error:
            report = ZygoteReport()
            report.launch_failed.nonce = launch.nonce
            report.launch_failed.reason = f"cannot start a host: {error}"
            self.report(report)
        finally:
            # The host waits for this. Its Hello would otherwise overtake the report of its launch,
            # and the supervisor would take it for a stranger.
            os.close(opener)
            os.close(gate)
            ours.close()
            theirs.close()

    def _report_launched(self, nonce: bytes, pid: int, renewals: socket.socket) -> None:
        report = ZygoteReport()
        report.launched.nonce, report.launched.pid = nonce, pid
        pidfd = os.pidfd_open(pid)  # ended or not: only we reap it
        try:
            self.report(report, (pidfd, renewals.fileno()))
        finally:
            os.close(pidfd)

    def _fork(self, launch: Launch, gate: int, opener: int, renewals: socket.socket) -> int:
        log = _open_log(launch)
        parent = os.getpid()
        try:
            pid = os.fork()
            if pid == 0:
                try:
                    os.close(opener)
                    os.read(gate, 1)
                    self._leave(log, renewals)
                    become(launch, parent)
                finally:
                    # Nothing of the child may ever run on into the zygote's loop.
                    leave_now(ExitCode.BAD_LAUNCH)
            return pid
        finally:
            os.close(log)

    def _leave(self, log: int, renewals: socket.socket) -> None:
        """In the child: let go of everything that is the zygote's."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(log, 1)
        os.dup2(log, 2)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        self._control.detach()
        os.dup2(renewals.detach(), RENEWALS)  # in the place of the zygote's own socket
        os.closerange(RENEWALS + 1, os.sysconf("SC_OPEN_MAX"))

    def _reap(self) -> None:
        """Report and reap every host that ended, kill what it left, reap that too."""
        while True:
            gone = None
            with contextlib.suppress(ChildProcessError):
                gone = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if gone is None:
                return
            pid = gone.si_pid
            nonce = self._hosts.get(pid)
            if nonce is not None:
                # Before the leader is reaped: until then its pid, and so the group's, is taken.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
            if nonce is not None:
                del self._hosts[pid]
                report = ZygoteReport()
                report.exited.nonce, report.exited.pid = nonce, pid
                report.exited.status = os.waitstatus_to_exitcode(status)
                report.exited.core_dumped = os.WCOREDUMP(status)
                report.exited.max_rss_kib = usage.ru_maxrss
                self.report(report)
            self._sweep()

    def _sweep(self) -> None:
        for pid in linux.children():
            if pid not in self._hosts:
                self._kill(pid)

    def _kill(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _open_log(launch: Launch) -> int:
    if launch.interpreter and not os.access(launch.interpreter, os.X_OK):
        raise FileNotFoundError(2, "no such interpreter", launch.interpreter)
    return os.open(launch.log_file, _LOG_FLAGS, 0o640)


def main(status: str, why: str) -> NoReturn:
    """Run with descriptor 3 as the control socket; the arguments are what namespaces.enter said."""
    started = time.monotonic()
    linux.name_process("mgr-zygote")
    linux.prctl(linux.PR_SET_CHILD_SUBREAPER, 1)
    # A terminal's Ctrl-C and a service manager's SIGTERM reach every process; this one ends when
    # the supervisor does, so that the hosts' shutdown() has been called by then.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.set_inheritable(CONTROL_FD, False)
    for name in _PRELOADED:
        importlib.import_module(name)
    paths.programs(Launch())  # what is the same for every host is found out here
    # Each host looks anew, and to throw these listings away would cost it a MiB of its own.
    sys.path_importer_cache.clear()
    loader.own_names()
    gc.collect()
    gc.freeze()
    processes = Layer(name="processes", status=status, why=why)
    zygote = Zygote(socket.socket(fileno=CONTROL_FD), processes)
    report = ZygoteReport()
    report.up.pid, report.up.import_seconds = os.getpid(), time.monotonic() - started
    try:
        zygote.report(report)
        zygote.run()
    except OSError as error:
        log.warning("the supervisor is gone: %s", error)
    finally:
        zygote.end_descendants()
    sys.stderr.flush()
    leave_now(0)
