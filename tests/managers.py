"""Several real supervisors on one data directory."""

import contextlib
import json
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faults.client import Refused, Unreachable

from tests.conditions import poll_for
from tests.daemon import BIN, ROOT, Daemon


PAIR = ROOT / "tests" / "trees" / "pair"


@dataclass
class Manager(Daemon):
    """One of them: its own mgr_id, run and log folder below `state`, the data folder beside it."""

    name: str = ""

    @property
    def program(self) -> list[str]:
        return [str(BIN / "mgr-supervisor")]

    def start(self, timeout: float = 30) -> "Manager":
        """Start, and wait until it answers, in whatever role."""
        self.spawn()
        poll_for(self._answers, timeout, f"mgr.{self.name} to answer")
        return self

    def spawn(self) -> None:
        """Start, and do not wait."""
        self.state.mkdir(exist_ok=True)
        file = self.state / "mgr.toml"
        file.write_text(
            f'[supervisor]\nmgr_id = "{self.name}"\ndata_dir = "{self.data}"\n'
            f'run_dir = "{self.state / "run"}"\nlog_dir = "{self.state / "log"}"\n{self.config}'
        )
        command = [*self.program, "--config", str(file), *self.arguments]
        with (self.state / "screen").open("ab") as screen:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen
            )

    @property
    def data(self) -> Path:
        return self.state.parent / "data"

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended at start:\n{self.screen}"
        return self.socket.exists() and self.mgrctl("mgr role").code == 0

    def role(self) -> dict[str, Any]:
        """`mgr role`."""
        found: dict[str, Any] = json.loads(self.asked("mgr role", format="json"))
        return found

    def wait_role(self, role: str, timeout: float = 60) -> dict[str, Any]:
        """`mgr role`, once it is `role`."""

        def reached() -> dict[str, Any] | None:
            with contextlib.suppress(Refused, Unreachable):
                found = self.role()
                return found if found["role"] == role else None
            return None

        return poll_for(reached, timeout, f"mgr.{self.name} to be {role}:\n{self.screen}")

    def mgr_map(self) -> dict[str, Any]:
        """`mgr dump`."""
        found: dict[str, Any] = json.loads(self.asked("mgr dump", format="json"))
        return found

    def wait_serving(self, module: str, timeout: float = 60) -> None:
        """Until `module` answers here."""

        def reached() -> bool:
            with contextlib.suppress(Refused, Unreachable):
                return self.asked(f"{module} who") == self.name
            return False

        poll_for(reached, timeout, f"{module} of mgr.{self.name} to answer:\n{self.screen}")

    def seen(self) -> dict[str, Any]:
        """What the standby class of `duty` saw last here; empty before it saw anything."""
        file = self.data / "modules" / "duty" / f"{self.name}.seen"
        found: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        return found

    def journal(self) -> list[str]:
        """Which class of `duty` began and ended here, in order."""
        file = self.data / "modules" / "duty" / f"{self.name}.journal"
        return [line.split()[0] for line in file.read_text().splitlines()]

    def resume(self) -> None:
        """SIGCONT."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def managers(
    *names: str, arguments: Sequence[str] = ("--enable", "duty"), config: str = ""
) -> Iterator[list[Manager]]:
    """Running supervisors, the first of them active; gone at the end with all they started."""
    with tempfile.TemporaryDirectory(prefix="mgrs-", dir="/tmp") as folder:
        found = [
            Manager(
                Path(folder) / name,
                ("--module-path", str(PAIR), *arguments),
                config,
                name=name,
            )
            for name in names
        ]
        try:
            for manager in found:
                manager.start()
            yield found
        finally:
            for manager in found:
                manager.kill()
