"""A real mgr-supervisor in a folder of its own, driven through the real mgrctl."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from faults.client import Client

from tests.conditions import poll_for


ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
GOOD = ROOT / "tests" / "trees" / "good"
SHARED: set[int] = set()  # pids of daemons that several tests use
BAD = ROOT / "tests" / "trees" / "bad"


@dataclass
class Answered:
    """What one mgrctl call came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


@dataclass
class Daemon:
    """One supervisor process; `state` outlives it, so that it can be started again."""

    state: Path
    arguments: Sequence[str] = ()
    config: str = ""
    prefix: Sequence[str] = ()  # a command that runs it
    shared: bool = False  # its processes outlive the test that starts them
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def socket(self) -> Path:
        return self.state / "run" / "control.sock"

    @property
    def screen(self) -> str:
        """Everything that it printed."""
        return (self.state / "screen").read_text(errors="replace")

    def start(self, timeout: float = 30) -> "Daemon":
        """Start, and wait until it answers."""
        daemon = str(BIN / "mgr-supervisor")
        command = [*self.prefix, daemon, "--state", str(self.state), *self.arguments]
        if self.config:
            file = self.state / "mgr.toml"
            file.write_text(self.config)
            command += ["--config", str(file)]
        with (self.state / "screen").open("ab") as screen:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen
            )
        if self.shared:
            SHARED.add(self.process.pid)
        poll_for(self._answers, timeout, "the supervisor to answer")
        return self

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended at start:\n{self.screen}"
        return self.socket.exists() and self.mgrctl("mgr module ls").code == 0

    def mgrctl(
        self, words: str, *more: str, stdin: bytes | None = None, timeout: float = 60
    ) -> Answered:
        """One call of mgrctl: `words` are split at blanks, `more` are taken as they are."""
        done = subprocess.run(
            [str(BIN / "mgrctl"), "--socket", str(self.socket), *words.split(), *more],
            input=stdin,
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return Answered(done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, words: str, *more: str, **options: Any) -> str:
        """The same, which must succeed; answers standard output, stripped."""
        answered = self.mgrctl(words, *more, **options)
        assert answered.code == 0, answered
        return answered.out.strip()

    def asked(self, prefix: str, **arguments: object) -> str:
        """Output of a command that is asked again and again while a test waits: a process of
        mgrctl's each time would take the processor from what is waited for. Raises Refused,
        Unreachable.
        """
        with Client(self.socket, 60) as client:
            return client.run(prefix, **arguments)

    def health(self) -> str:
        """`health detail`."""
        return self.asked("health", detail="detail")

    def ps(self) -> dict[str, dict[str, Any]]:
        """`module ps` by name."""
        return {row["name"]: row for row in json.loads(self.asked("module ps", format="json"))}

    def wait_state(self, name: str, state: str, timeout: float = 30) -> dict[str, Any]:
        """The row of `name` once it is in `state`."""

        def reached() -> dict[str, Any] | None:
            row = self.ps()[name]
            return row if row["state"] == state else None

        return poll_for(
            reached,
            timeout,
            f"{name} to be {state}; events: {self.mgrctl('module events', name).out}",
        )

    def module_log(self, name: str) -> str:
        """A module's log."""
        file = self.state / "log" / f"ceph-mgr.x.{name}.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def descendants(self) -> list[psutil.Process]:
        """Every process below the supervisor."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def stop(self, timeout: float = 40) -> int:
        """SIGTERM, and wait; answers the exit code."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(timeout)
        finally:
            self.kill()

    def kill(self) -> None:
        """SIGKILL, if it still runs."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextlib.contextmanager
def supervisor(
    *arguments: str, config: str = "", start: bool = True, prefix: Sequence[str] = ()
) -> Iterator[Daemon]:
    """A running supervisor in a short-named folder, gone at the end with all that it started."""
    with tempfile.TemporaryDirectory(prefix="mgr-", dir="/tmp") as folder:
        daemon = Daemon(Path(folder), arguments, config, prefix)
        try:
            if start:
                daemon.start()
            yield daemon
        finally:
            daemon.kill()
