"""The supervisor under test: its folder, the tree with the chaos module, its controls."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from faults.client import Client, Refused, Unreachable
from faults.inventory import Inventory, doubles, take


MODULES = Path(__file__).parent / "modules"
INNOCENT = ("innocent_a", "innocent_b", "innocent_c", "innocent_d")
WITNESSED = ("innocent_a", "innocent_b", "innocent_c")
CHAOS, CHAOS_OWN = "chaos", "chaos_own"  # the second is executed with an interpreter of its own
START_SECONDS = 30.0
STOP_SECONDS = 30.0
STEP_SECONDS = 0.02
SETTLE_SECONDS = 5.0  # for sockets to close, processes to be reaped
# Shorter than the defaults (20, 10, 300), so that a matrix is done in minutes.
START_TIMEOUT = 3
SHUTDOWN_GRACE = 2
CALL_TIMEOUT = 6
STALL_WARNING = 1.5
# What the chaos module may use: a little more than it needs.
LIMITS = {
    "memory": "192M", "processes": 64, "open_files": 256, "log_rate": "64K", "call_rate": 200,
}  # fmt: skip
STORED_OPTION = "mgr/innocent_d/told"  # that tells whether what was stored is served
# With bytecode, as an installed one has it: how soon it serves is measured.
_ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

Value = TypeVar("Value")


class StageError(Exception):
    """The supervisor does not do what the next fault needs; the text says what."""


def wait_for(
    condition: Callable[[], Value], seconds: float, what: str, step: float = STEP_SECONDS
) -> Value:
    """The first true value of `condition`; raises StageError naming `what`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise StageError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(step)


def lay_out(folder: Path) -> Path:
    """A copy of the module tree in `folder`, in which orders can be given."""
    tree = folder / "tree"
    shutil.copytree(MODULES, tree, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(tree / CHAOS, tree / CHAOS_OWN)
    return tree


class Stage:
    """One supervisor. Its `state` folder outlives the process."""

    def __init__(self, state: Path, seed: int) -> None:
        self.state = state
        self.socket = state / "run" / "control.sock"
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self.program: Sequence[str] = ()
        self._seed = seed
        self._tree = lay_out(state)
        self._orders = 0
        self._client: Client | None = None
        self._config = state / "mgr.toml"
        self._config.write_text(self._configuration())

    @property
    def pid(self) -> int:
        """Of the supervisor."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start, and wait until every sibling answers and nothing is on its way any more."""
        self.launch()
        self.serves()
        self.quiet()

    def quiet(self) -> None:
        """Wait until every module that is not enabled was looked at."""
        wait_for(self._looked_at_all, START_SECONDS, "every module to be looked at")

    def launch(self, program: Sequence[str] = ()) -> None:
        """Start the process; `program`: another one than mgr-supervisor, as Python's arguments."""
        self.program = program
        ours = [str(Path(sys.executable).parent / "mgr-supervisor")]
        command = [sys.executable, *program] if program else ours
        command += ["--state", str(self.state), "--config", str(self._config)]
        with (self.state / "screen").open("ab") as screen:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=screen,
                env=_ENVIRONMENT,
            )
        self.starts += 1

    def serves(self) -> None:
        """Wait until every enabled module answers."""
        for name in (*INNOCENT, CHAOS):
            wait_for(partial(self.answers, name), START_SECONDS, f"{name} to answer")

    def serves_stored(self, value: str) -> None:
        """Wait until it answers with the `value` of STORED_OPTION that was stored."""

        def answered() -> bool:
            try:
                return self.run("config get", who="mgr", key=STORED_OPTION) == value
            except (Refused, Unreachable):
                return False

        wait_for(
            answered, START_SECONDS, f"{STORED_OPTION} to be {value!r} again", STEP_SECONDS / 10
        )

    def ends(self, seconds: float) -> int:
        """Wait until it ends by itself; answers the status."""
        assert self.process is not None
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise StageError(f"the supervisor did not end within {seconds:g} s") from None
        self.close()
        return status

    def kill(self) -> None:
        """SIGKILL, and reap."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.close()

    def stop(self) -> int:
        """SIGTERM, and wait; answers the exit code."""
        assert self.process is not None
        self.close()
        self.process.terminate()
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            self.kill()

    def close(self) -> None:
        """Let go of the control connection; the next question makes a new one."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def client(self, seconds: float = 30.0) -> Client:
        """A connection of the caller's own."""
        return Client(self.socket, seconds)

    def run(self, prefix: str, **arguments: object) -> str:
        """Output of a command; raises Refused, Unreachable."""
        try:
            self._client = self._client or self.client()
            return self._client.run(prefix, **arguments)
        except Unreachable:
            self.close()
            raise

    def json(self, prefix: str, **arguments: object) -> Any:
        """The same, as JSON."""
        return json.loads(self.run(prefix, format="json", **arguments))

    def answers(self, module: str) -> bool:
        """Whether `module` answers a numbered call now."""
        try:
            return self.run(f"{module} count", number=self.starts) == str(self.starts)
        except (Refused, Unreachable):
            return False

    def takes_writes(self) -> bool:
        """Whether a sibling can store something now."""
        try:
            self.run("innocent_d keep", key="again", value="yes")
        except (Refused, Unreachable):
            return False
        return True

    def rows(self) -> dict[str, dict[str, Any]]:
        """`module ps` by name."""
        return {row["name"]: row for row in self.json("module ps")}

    def running(self, module: str) -> bool:
        """Whether `module ps` says so."""
        return bool(self.rows()[module]["state"] == "running")

    def _looked_at_all(self) -> bool:
        """Modules that are not enabled are started once, to learn what they declare."""
        known = self.json("mgr dump")["available_modules"]
        pids = [row["pid"] for row in self.rows().values() if row["state"] == "disabled"]
        return len(known) == len(self.rows()) and not any(pids)

    def events(self, module: str, after: float) -> list[tuple[float, str]]:
        """What happened to `module` after that moment (wall clock): when, and the text."""
        found = []
        for event in self.json("module events", name=module):
            at = datetime.fromisoformat(event["at"]).timestamp()
            if at + 0.001 >= after:
                found.append((at, str(event["text"])))
        return found

    def inventory(self) -> Inventory:
        """What it holds now."""
        return take(self.pid, self.state)

    def settled(self, before: Inventory) -> dict[str, int]:
        """What it holds more than `before`, once things had time to settle."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while (leaked := self.inventory().leaked(before)) and time.monotonic() < deadline:
            time.sleep(0.1)
        return leaked

    def doubled(self) -> list[str]:
        """Modules that have two processes, and still have after some time."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while (found := doubles(self.pid)) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    def refused(self) -> Counter[str]:
        """Messages that were refused so far, by what was wrong with them."""
        counts: Counter[str] = Counter()
        for kinds in self.json("bus stats")["refused"].values():
            counts.update(kinds)
        return counts

    def logged(self, module: str, words: str) -> int:
        """How often the log of `module` has these words."""
        file = self.state / "log" / f"ceph-mgr.x.{module}.log"
        return file.read_text(errors="replace").count(words) if file.exists() else 0

    def daemon_log(self) -> str:
        """What the supervisor itself logged."""
        file = self.state / "log" / "ceph-mgr.x.log"
        return file.read_text(errors="replace") if file.exists() else ""

    def order(self, module: str, kind: str, phase: str) -> Path:
        """Have `module` carry out one fault in that phase; the marker that will say when."""
        self._orders += 1
        folder = self.state / "data" / "modules" / module
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        marker = folder / f"struck-{self._orders}"
        plan = {
            "module": module, "kind": kind, "phase": phase, "marker": str(marker),
            "bus": str(self.state / "run" / "bus.sock"), "seed": self._seed + self._orders,
        }  # fmt: skip
        new = self._tree / "plan.new"
        new.write_text(json.dumps(plan))
        new.rename(self._tree / "plan.json")
        return marker

    def withdraw(self) -> None:
        """No order stands any more."""
        (self._tree / "plan.json").unlink(missing_ok=True)

    def _configuration(self) -> str:
        own = self.state / "own-python"
        own.write_text(f'#!/bin/sh\nexec {sys.executable} -I {self._tree}/birth.py "$@"\n')
        own.chmod(0o755)
        limits = "\n".join(f"{name} = {json.dumps(value)}" for name, value in LIMITS.items())
        enabled = ", ".join(f'"{name}"' for name in (*INNOCENT, CHAOS))
        return f"""[supervisor]
always_on = []
enable = [{enabled}]
start_timeout = {START_TIMEOUT}
shutdown_grace = {SHUTDOWN_GRACE}
call_timeout = {CALL_TIMEOUT}
stall_warning = {STALL_WARNING}
[cluster]
tick = 2
[[tree]]
path = "{self._tree}"
[module.{CHAOS_OWN}]
interpreter = "{own}"
[module.{CHAOS_OWN}.limits]
{limits}
[module.{CHAOS}.limits]
{limits}
"""


def struck(marker: Path) -> float:
    """When the fault struck (wall clock); 0 where it did not yet."""
    try:
        return float(marker.read_text())
    except (OSError, ValueError):
        return 0.0


@contextmanager
def stage(
    seed: int, disk: Callable[[Path], AbstractContextManager[None]] | None = None
) -> Iterator[Stage]:
    """A running one, gone at the end with all that it started. `disk` makes its data folder."""
    with (
        tempfile.TemporaryDirectory(prefix="flt-", dir="/tmp") as folder,
        disk(Path(folder) / "data") if disk else nullcontext(),
    ):
        made = Stage(Path(folder), seed)
        try:
            made.start()
            yield made
        finally:
            made.kill()
