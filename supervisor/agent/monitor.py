"""The agent's first process: parent of every daemon and of the worker that decides about them.

It does little, so that little can go wrong: it forks, signals and reaps on request, and starts the
worker again when that ends. Single-threaded for its whole life, since it forks without exec; so the
pid of a child cannot be taken by a stranger before it is reaped, which only happens here.

The worker's link is a SOCK_SEQPACKET pair, one JSON object a packet:

    to us       {"launch": name, "command", "environment", "folder", "output"}
                {"signal": name, "number"}   to the process and its group
                {"heard": pid}               of an end; until then each new worker is told of it
                {"alive": true}              at least every SILENCE seconds
    to it       {"running": name, "pid", "began"}   at its begin, for each daemon
                {"complete": true}                  after these
                {"launched": name, "pid", "began"}
                {"ended": name, "pid", "status", "core", "rss", "at"}, or, with pid 0, {"why"}
                {"mishap": sentence}         how the worker before it ended

DIAGNOSTICS
    "the worker ended ...": it was killed or crashed; daemons live on, the next worker finds them.
    "... it was silent for ...": it was stuck or stopped.

BUGS
    When this process is killed, daemons die with it (PR_SET_PDEATHSIG), and the worker ends what
    they had started. If both are killed at once, the next agent on the folder ends it.
"""

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from supervisor.agent import birth
from supervisor.linux import PR_SET_CHILD_SUBREAPER, name_thread, prctl


PACKET_BYTES = 256 << 10
SILENCE = 60.0  # seconds
FIRST_DELAY, LONGEST_DELAY, STABLE = 0.1, 10.0, 60.0  # between two workers
EXEC_PATIENCE = 2000  # milliseconds
UNHEARD = 4096  # reports kept for the next worker
# Exit codes of a worker: asked to end, or of no use; cannot begin, which counts for the first one
# only; anything else, after which another one follows.
LEAVE, CANNOT, CRASHED = 0, 78, 70

Work = Callable[[socket.socket], int]


@dataclass(frozen=True)
class Running:
    """A daemon's process."""

    name: str
    pid: int
    began: float  # seconds since the epoch


class Monitor:
    """`work` is the worker: it gets its end of the link and answers its exit code. `settle` is
    called once the first one serves.
    """

    def __init__(self, work: Work, settle: Callable[[], None]) -> None:
        self._work = work
        self._settle = settle
        self._settled = False
        self._daemons: dict[int, Running] = {}
        self._worker = 0
        self._worker_began = 0.0
        self._blame = ""  # why we killed the worker
        self._heard = 0.0  # when the worker was alive last
        self._start_at: float | None = 0.0
        self._delay = FIRST_DELAY
        self._link: socket.socket | None = None
        self._unsent: deque[dict[str, Any]] = deque(maxlen=UNHEARD)
        self._ends: deque[dict[str, Any]] = deque(maxlen=UNHEARD)  # that no worker has heard of
        self._exit_code: int | None = None
        self._asked = False
        self._leaving = False
        self._wake, self._woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def run(self) -> int:
        """Serve until the worker leaves; answers the exit code. Nothing is below us then."""
        name_thread("mgr-agent")
        prctl(PR_SET_CHILD_SUBREAPER, 1)
        signal.set_wakeup_fd(self._woken, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only so that the wake-up pipe is written
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        while self._exit_code is None:
            self._turn()
        self._end_all()
        return self._exit_code

    def _ask(self, *_: object) -> None:
        self._asked = True

    def _turn(self) -> None:
        now = time.monotonic()
        if self._asked:
            self._asked = False
            self._leaving = True
            if not self._worker:  # it cannot even run: nobody is there to end daemons in order
                self._exit_code = LEAVE
                return
            os.kill(self._worker, signal.SIGTERM)
        if self._worker and now - self._heard > SILENCE:
            self._blame = f"it was silent for {SILENCE:g} s and was killed"
            self._heard = now
            os.kill(self._worker, signal.SIGKILL)
        if self._start_at is not None and self._start_at <= now:
            self._start_worker(now)
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if self._link is not None:
            poll.register(self._link, select.POLLIN | (select.POLLOUT if self._unsent else 0))
        due = self._start_at if self._start_at is not None else self._heard + SILENCE
        ready = dict(poll.poll(max(0, due - time.monotonic()) * 1000 + 1))
        if self._wake in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake, 4096)
            self._reap()
        if self._link is not None and self._link.fileno() in ready:
            self._flush()
            self._receive()

    # The worker.

    def _start_worker(self, now: float) -> None:
        try:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, PACKET_BYTES)
            pid = os.fork()
        except OSError as error:
            self._unsent.append({"mishap": f"no worker could be started: {error.strerror}"})
            self._start_at = now + LONGEST_DELAY
            return
        if pid == 0:
            code = CRASHED
            try:
                ours.close()
                self._leave()
                code = self._work(theirs)
            except BaseException:
                traceback.print_exc()
                sys.stderr.flush()
            finally:
                os._exit(code)
        theirs.close()
        self._start_at = None
        ours.setblocking(False)
        self._link, self._worker = ours, pid
        self._worker_began = self._heard = now
        mishaps = [news for news in self._unsent if "mishap" in news]
        running = [
            {"running": d.name, "pid": d.pid, "began": d.began} for d in self._daemons.values()
        ]
        self._unsent = deque([*running, *self._ends, {"complete": True}, *mishaps], UNHEARD)

    def _leave(self) -> None:
        """In the worker: let go of what is the monitor's."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.close(self._wake)
        os.close(self._woken)
        name_thread("mgr-agent-work")

    def _worker_ended(self, status: int) -> None:
        self._worker = 0
        self._receive()  # what it had asked for, to the end
        if self._leaving or status == LEAVE or (status == CANNOT and not self._settled):
            self._exit_code = max(status, LEAVE)
            return
        how = f"killed by signal {-status}" if status < 0 else f"exited with code {status}"
        how, self._blame = self._blame or how, ""
        self._unsent.append({"mishap": f"the worker ended: {how}"})
        now = time.monotonic()
        if now - self._worker_began >= STABLE:
            self._delay = FIRST_DELAY
        self._start_at = now + self._delay
        self._delay = min(self._delay * 2, LONGEST_DELAY)

    # What the worker asks for.

    def _receive(self) -> None:
        while self._link is not None:
            try:
                packet = self._link.recv(PACKET_BYTES, socket.MSG_DONTWAIT)
            except (BlockingIOError, ConnectionError):
                return
            if not packet:  # it is ending; its death is reported by the kernel
                self._link.close()
                self._link = None
                return
            self._heard = time.monotonic()
            if not self._settled:
                self._settled = True
                self._settle()
            try:
                self._obey(json.loads(packet))
            except (KeyError, TypeError, ValueError) as error:
                # Whatever is wrong with the worker, daemons are not to die of it.
                self._unsent.append({"mishap": f"a bad packet: {error!r}"})

    def _obey(self, request: dict[str, Any]) -> None:
        if "launch" in request:
            self._launch(request)
        elif "heard" in request:
            self._ends = deque((e for e in self._ends if e["pid"] != request["heard"]), UNHEARD)
        elif "signal" in request:
            for daemon in self._daemons.values():
                if daemon.name == request["signal"]:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(daemon.pid, request["number"])

    def _launch(self, request: dict[str, Any]) -> None:
        name = request["launch"]
        if any(daemon.name == name for daemon in self._daemons.values()):
            return  # asked for by a worker that died; `running` told of it
        parent = os.getpid()
        launch = [request[key] for key in ("command", "environment", "folder", "output")]
        try:
            gate, opener = os.pipe2(os.O_CLOEXEC)
            pid = os.fork()
        except OSError as error:
            why = f"could not be started: {error.strerror}"
            self._tell({"ended": name, "pid": 0, "why": why, "at": time.time()})
            return
        if pid == 0:
            birth.become(parent, opener, *launch)
        os.close(opener)
        # Until it is the program, so that whoever looks at it sees that, and its group is there.
        # The disk that the program is on may hang: others are not to wait for that.
        waiting = select.poll()
        waiting.register(gate, select.POLLIN)
        waiting.poll(EXEC_PATIENCE)
        os.close(gate)
        daemon = Running(name, pid, time.time())
        self._daemons[pid] = daemon
        self._tell({"launched": name, "pid": pid, "began": daemon.began})

    def _tell(self, news: dict[str, Any]) -> None:
        self._unsent.append(news)
        self._flush()

    def _flush(self) -> None:
        while self._link is not None and self._unsent:
            try:
                self._link.send(json.dumps(self._unsent[0]).encode(), socket.MSG_DONTWAIT)
            except (BlockingIOError, ConnectionError):
                return
            self._unsent.popleft()

    # Ends.

    def _reap(self) -> None:
        """Reap who ended; what a daemon leaves behind is killed with its group, or comes to us."""
        while True:
            gone = None
            with contextlib.suppress(ChildProcessError):
                gone = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if gone is None:
                return
            daemon = self._daemons.pop(gone.si_pid, None)
            if daemon is not None:
                # Before the leader is reaped: until then its pid, and so the group's, is taken.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(daemon.pid, signal.SIGKILL)
            _, status, usage = os.wait4(gone.si_pid, 0)
            code = os.waitstatus_to_exitcode(status)
            self._sweep()
            if daemon is not None:
                self._ends.append({
                    "ended": daemon.name, "pid": daemon.pid, "status": code,
                    "core": os.WCOREDUMP(status), "rss": usage.ru_maxrss, "at": time.time(),
                })  # fmt: skip
                self._tell(self._ends[-1])
            elif gone.si_pid == self._worker:
                self._worker_ended(code)

    def _sweep(self) -> None:
        """A child that is neither a daemon nor the worker is the orphan of one that is gone."""
        for pid in _children():
            if pid not in self._daemons and pid != self._worker:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _end_all(self) -> None:
        while children := _children():
            for pid in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitid(os.P_ALL, 0, os.WEXITED)


def _children() -> list[int]:
    """Our children's pids, zombies included."""
    pid = os.getpid()
    with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:  # noqa: PTH123
        return [int(child) for child in file.read().split()]
