"""The host agent, seen from the supervisor: finds or starts it, and lets granted modules in.

The agent (`python -m supervisor.agent`) keeps the processes of daemons that modules deploy, outside
of any sandbox. It outlives the supervisor and is found again by the lock in its folder,
`<data_dir>/agent`. Who holds a grant gets a fresh token at each launch, in a file that no other
module can read; tokens of former grants are of no use any more.

DIAGNOSTICS
    "the host agent cannot be started": the module runs without it until it can be.
    "the host agent ended": it was killed, and is started again.
"""

import contextlib
import fcntl
import os
import secrets
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from supervisor import disk
from supervisor.config import Config
from supervisor.edge.loop import Loop
from supervisor.edge.orphans import orphans_may_leave
from supervisor.edge.worker import Worker


log = structlog.get_logger("agent")

FILE = "agent.json"  # in the module's data folder
PATIENCE = 10.0  # seconds for the agent to say that it serves, or to be gone where it leaves
FIRST_DELAY, LONGEST_DELAY = 1.0, 60.0  # between two attempts to start it again
PAUSE = 0.02
OPEN = 0o666  # the socket's mode for modules of other users; the folder keeps all others out
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8"}  # nothing of the operator's


class AgentError(Exception):
    """There is no agent; the text says why."""


class HostAgent:
    """Used on the loop's thread; what may block runs on a thread of its own, made at first need."""

    def __init__(self, config: Config, loop: Loop) -> None:
        self._modules = config.data_dir / "modules"
        self._folder = config.data_dir / "agent"
        # In a folder of its own, which can be shown to a module: sockets are made anew.
        self._place = config.run_dir / "agent"
        self._socket = self._place / "socket"
        self._loop = loop
        self._worker: Worker | None = None
        self._tokens: dict[str, str] = {}
        self._uids: dict[str, int] = {}  # of modules that have users of their own
        self._owed: set[str] = set()  # modules that run without their grant
        self._present: int | None = None
        self._pidfd: int | None = None
        self._retry_at: float | None = None
        self._delay = FIRST_DELAY

    def file(self, module: str) -> Path:
        """Where a module that has the grant finds socket and token."""
        return self._modules / module / FILE

    def place(self, modules_gid: int = 0) -> Path:
        """The folder in which the agent's socket is, or will be, open for the group of modules that
        have users of their own. Raises OSError.
        """
        self._place.mkdir(mode=0o700, exist_ok=True)
        if modules_gid:
            os.chown(self._place, -1, modules_gid)
            self._place.chmod(0o710)
        return self._place

    def revoke_all(self) -> None:
        """Grants of a supervisor before this one count for nothing."""
        try:
            if (self._folder / "access.json").exists():
                self._write_access()
        except OSError as error:
            log.error(f"old grants for the host agent stay valid: {error.strerror}")

    def grant(self, module: str, uid: int, then: Callable[[], None]) -> None:
        """Let `module` in, with a fresh token in `file(module)`, and call `then`: once the agent
        serves, or once it turned out that it cannot be started. Then the log says why, and the
        module is let in as soon as it can be. `uid`: the module's user; 0: ours.
        """

        def refused(error: Exception) -> None:
            log.error(f"the host agent cannot be started, {module} runs without it: {error}")
            self._owed.add(module)
            self._start_again()
            then()

        def done(pid: int) -> None:
            self._owed.discard(module)
            self._watch(pid)
            then()

        self._submit(lambda: self._let_in(module, uid), done, refused)

    def revoke(self, module: str) -> None:
        """Shut out `module`, which had the grant and has it no more."""

        def refused(error: Exception) -> None:
            log.error(f"the grant of {module} for the host agent stays valid: {error}")

        if self._tokens.pop(module, None) is not None:
            self._submit(lambda: self._shut_out(module), lambda _pid: None, refused)

    def clock(self, now: float) -> float | None:
        """Let deadlines pass; answers the next one."""
        if self._retry_at is not None and self._retry_at <= now:
            self._retry_at = None
            owed = frozenset(self._owed)
            self._submit(lambda: self._pay(owed), self._paid(owed), self._not_again)
        return self._retry_at

    def close(self) -> None:
        """Leave the agent alone."""
        if self._worker is not None:
            self._worker.close()
        for descriptor in (self._present, self._pidfd):
            if descriptor is not None:
                self._loop.forget(descriptor)
                os.close(descriptor)
        self._present = self._pidfd = None

    def _submit(
        self,
        job: Callable[[], int],
        done: Callable[[int], None],
        failed: Callable[[Exception], None],
    ) -> None:
        if self._worker is None:
            self._worker = Worker(self._loop, "agent")
        self._worker.submit(job, done, failed)

    def _paid(self, owed: frozenset[str]) -> Callable[[int], None]:
        def done(pid: int) -> None:
            self._owed -= owed
            self._watch(pid)

        return done

    def _watch(self, pid: int) -> None:
        """Learn of the agent's end."""
        self._delay = FIRST_DELAY
        if self._pidfd is not None:
            return
        try:
            pidfd = os.pidfd_open(pid)
        except OSError:
            self._start_again()
            return
        self._pidfd = pidfd
        self._loop.read(pidfd, self._gone)

    def _gone(self) -> None:
        assert self._pidfd is not None
        self._loop.forget(self._pidfd)
        os.close(self._pidfd)
        self._pidfd = None
        log.error("the host agent ended, and every daemon that systemd does not keep")
        self._start_again()

    def _not_again(self, error: Exception) -> None:
        log.error(f"the host agent cannot be started again: {error}")
        self._start_again()

    def _start_again(self) -> None:
        self._retry_at = time.monotonic() + self._delay
        self._delay = min(self._delay * 2, LONGEST_DELAY)

    # On the thread.

    def _pay(self, owed: frozenset[str]) -> int:
        """The agent's pid, after each of these modules was let in. Raises AgentError or OSError."""
        for module in owed:
            self._let_in(module, self._uids.get(module, 0))
        return self._ensure()

    def _let_in(self, module: str, uid: int) -> int:
        """Answers the agent's pid. Raises AgentError or OSError."""
        file = self.file(module)
        self._uids[module] = uid
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            pid = self._ensure()
            self._tokens[module] = secrets.token_hex(32)
            self._write_access()
            self._wait_until_it_listens()
            if uid:
                self._socket.chmod(OPEN)  # one that was there before stays as it was made
            content = {"socket": str(self._socket), "token": self._tokens[module]}
            disk.write_json(file, content, owner=uid or -1)
        except Exception:
            file.unlink(missing_ok=True)  # of a former grant
            raise
        return pid

    def _shut_out(self, module: str) -> int:
        self._write_access()
        self.file(module).unlink(missing_ok=True)
        return 0

    def _write_access(self) -> None:
        self.place()
        uids = {module: uid for module, uid in self._uids.items() if uid and module in self._tokens}
        disk.write_json(
            self._folder / "access.json",
            {"socket": str(self._socket), "tokens": self._tokens, "uids": uids},
        )

    def _ensure(self) -> int:
        self.place()
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._present is None:
            self._present = self._be_present()
        return self._holder() or self._start()

    def _wait_until_it_listens(self) -> None:
        """An agent that was there before has to bind anew where the run folder is another one, as
        after a restart of the service.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            with socket.socket(socket.AF_UNIX) as probe:
                try:
                    probe.connect(str(self._socket))
                except OSError as error:
                    if time.monotonic() > deadline:
                        raise AgentError(f"{self._socket}: {error.strerror}") from None
                else:
                    return
            time.sleep(PAUSE)

    def _be_present(self) -> int:
        """Hold the lock by which the agent knows that a supervisor is there. One that is about to
        leave holds it alone until it is gone.
        """
        fd = os.open(self._folder / "present", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(fd)
                    raise AgentError("an agent that leaves does not end") from None
                time.sleep(PAUSE)
            else:
                return fd

    def _holder(self) -> int | None:
        """The pid of the agent that runs; None where none does."""
        fd = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                try:
                    fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    pass
                else:
                    return None
                pid = os.pread(fd, 32, 0).decode("ascii", "replace").strip()
                if pid.isdecimal():
                    return int(pid)
                time.sleep(PAUSE)  # it is just beginning
        finally:
            os.close(fd)
        raise AgentError(f"{self._folder / 'lock'} is held by a process that does not say which")

    def _start(self) -> int:
        command = [
            sys.executable, "-I", "-m", "supervisor.agent",
            "--folder", str(self._folder), "--socket", str(self._socket),
        ]  # fmt: skip
        # At its end the supervisor kills all that is below it, and the agent is to outlive it: so
        # it must not come to us, the subreaper, when the process that starts it ends.
        with orphans_may_leave():
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=_ENVIRONMENT,
            )
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
        with process:
            if process.returncode is None:
                process.kill()
            word = _word(process)
        if not word.startswith("up "):
            raise AgentError(word.strip() or f"it said nothing; {self._folder / 'agent.log'} may")
        log.info("host agent started", pid=int(word.split()[1]))
        return int(word.split()[1])


def _word(process: "subprocess.Popen[bytes]") -> str:
    """What the agent says of its start: all that comes, until a line says that it is up."""
    assert process.stdout is not None
    poll = select.poll()
    poll.register(process.stdout, select.POLLIN)
    deadline, said = time.monotonic() + PATIENCE, b""
    while not (said.startswith(b"up ") and said.endswith(b"\n")):
        ready = poll.poll(max(0, deadline - time.monotonic()) * 1000)
        chunk = os.read(process.stdout.fileno(), 4096) if ready else b""
        if not chunk:
            break
        said += chunk
    return said.decode(errors="replace")
