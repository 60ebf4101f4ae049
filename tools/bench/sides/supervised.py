"""Our side: a supervisor on its embedded cluster, in a folder of its own."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path as FilePath
from typing import Any

import psutil
from mgrctl.connection import Connection
from mgrctl.errors import Unreachable

from bench.sides.side import NEIGHBOUR, SUBJECT, Side, SideError, wait_for
from bench.sides.trees import lay_out
from bench.turns import Nanoseconds


START_SECONDS = 300  # until everything serves: ten thousand OSDs take their time to load
STOP_SECONDS = 30
MEMORY = "/dev/shm"  # noqa: S108  # as a place for folders with unguessable names
ANSWER_SECONDS = 300
MODERN = "modern"  # the module that is written to the newest interface


@dataclass(frozen=True)
class Setup:
    """What the supervisor is started with."""

    measured: Sequence[str] = (SUBJECT, NEIGHBOUR)
    modern: Sequence[str] = ()  # the same at level "main"
    idle: Sequence[str] = ()
    executed: Sequence[str] = ()  # modules that an interpreter of their own runs, unforked
    disabled: Sequence[str] = ()  # of those, the ones that are not enabled
    snapshot: FilePath | None = None
    unlimited: bool = False  # modules may use any memory: very large documents
    tick: float = 5.0  # seconds; a large one keeps the state as it is


class Supervised(Side):
    """A running one."""

    name = "mgr-supervisor"

    def __init__(self, state: FilePath, run: FilePath, process: "subprocess.Popen[bytes]") -> None:
        self.state = state
        self.run = run
        self.process = process
        self._connection: Connection | None = None

    def command(self, words: Mapping[str, Any]) -> str:
        """Raises SideError."""
        try:
            result = self._connected().execute(json.dumps(words).encode(), b"")
        except Unreachable as error:
            self.close()
            raise SideError(f"{words['prefix']}: {error}") from None
        if result.retval:
            raise SideError(f"{words['prefix']}: {result.stderr.decode(errors='replace')}")
        return str(result.stdout.decode())

    def latencies(self, words: Mapping[str, Any], calls: int) -> Nanoseconds:
        """Raises SideError."""
        taken = []
        for _ in range(calls):
            begin = time.perf_counter_ns()
            self.command(words)
            taken.append(time.perf_counter_ns() - begin)
        return taken

    def profile(self, statement: str, calls: int, module: str = SUBJECT) -> str:
        """The processor time of a call by process, then what the module's own profiler says."""
        begin = time.monotonic()
        used = self.processor_time(lambda: self.path(statement, module=module).run(calls), module)
        elapsed = time.monotonic() - begin
        inside = super().profile(statement, calls, module)
        spent = per_call(used, calls)
        return f"us a call: {1e6 * elapsed / calls:,.0f}; of processor time: {spent}\n{inside}"

    def processor_time(self, work: Callable[[], object], module: str = SUBJECT) -> dict[str, float]:
        """Seconds that each process spends meanwhile: the supervisor's, and those of the modules
        that call and are called.
        """
        processes = {"supervisor": self.process.pid}
        processes |= {name: self.pids([name])[0] for name in (module, NEIGHBOUR)}
        before = {name: _cpu_seconds(pid) for name, pid in processes.items()}
        work()
        return {name: _cpu_seconds(pid) - before[name] for name, pid in processes.items()}

    def rate(self, statement: str, threads: int, seconds: float) -> tuple[float, dict[str, float]]:
        """Calls a second of so many threads of one module, and the processor time meanwhile."""
        found: list[float] = []
        used = self.processor_time(
            lambda: found.append(
                self.ask(SUBJECT, "rate", statement=statement, threads=threads, seconds=seconds)
            )
        )
        return found[0], used

    def rows(self) -> dict[str, dict[str, Any]]:
        """`module ps` by name."""
        text = self.command({"prefix": "module ps", "format": "json"})
        return {row["name"]: row for row in json.loads(text)}

    def running(self, names: Sequence[str]) -> bool:
        """Whether all of these modules run."""
        rows = self.rows()
        return all(name in rows and rows[name]["state"] == "running" for name in names)

    def pids(self, names: Sequence[str]) -> list[int]:
        """Of the processes of these modules."""
        rows = self.rows()
        return [int(rows[name]["pid"]) for name in names]

    def happened(self, module: str, text: str) -> list[float]:
        """When the daemon's log says that this happened to a module: seconds, wall clock."""
        return self.logged(text, f"[{module}]")

    def logged(self, text: str, word: str = "") -> list[float]:
        """When the daemon logged lines with that text, and that word: seconds, wall clock."""
        log = (self.state / "log" / "ceph-mgr.x.log").read_text(errors="replace")
        return [
            datetime.fromisoformat(line.split()[0]).timestamp()
            for line in log.splitlines()
            if text in line and (not word or word in line.split())
        ]

    def own_memory(self) -> int:
        """Bytes of the supervisor's own process, PSS."""
        return int(psutil.Process(self.process.pid).memory_full_info().pss)

    def own_seconds(self) -> float:
        """CPU seconds that the supervisor's own process has used."""
        return _cpu_seconds(self.process.pid)

    def close(self) -> None:
        """Let go of the control connection; the next question makes a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def connect(self) -> Connection:
        """A connection of the caller's own."""
        return Connection(str(self.run / "control.sock"), "bench", ANSWER_SECONDS)

    def _connected(self) -> Connection:
        if self._connection is None:
            self._connection = self.connect()
        return self._connection


def add(total: dict[str, float], used: Mapping[str, float]) -> None:
    """Add processor seconds to those of the same process."""
    for name, spent in used.items():
        total[name] = total.get(name, 0.0) + spent


def per_call(used: Mapping[str, float], calls: float) -> str:
    """Processor seconds of each process as microseconds a call."""
    return ", ".join(f"{name} {1e6 * spent / calls:,.0f}" for name, spent in used.items())


def _cpu_seconds(pid: int) -> float:
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


@contextmanager
def folder_in_memory() -> Iterator[FilePath]:
    """A folder as /run is one of: in memory, where this machine has such a place for us."""
    place = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="bench-", dir=place) as folder:
        yield FilePath(folder)


@contextmanager
def supervised(setup: Setup) -> Iterator[Supervised]:
    """One whose enabled modules all run; gone at the end with all that it started."""
    with folder_in_memory() as run, tempfile.TemporaryDirectory(prefix="bench-") as folder:
        state = FilePath(folder)
        config = state / "mgr.toml"
        config.write_text(_configuration(state, run, setup))
        program = FilePath(sys.executable).parent / "mgr-supervisor"
        command = [str(program), "--config", str(config)]
        screen = state / "screen"
        with screen.open("wb") as output:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        side = Supervised(state, run, process)
        try:
            _await_service(side, setup, screen)
            yield side
        finally:
            side.close()
            _stop(process)


def _await_service(side: Supervised, setup: Setup, screen: FilePath) -> None:
    def serves(names: Sequence[str]) -> bool:
        if side.process.poll() is not None:
            said = screen.read_text(errors="replace").strip()
            print(said, file=sys.stderr)
            raise SideError(f"the supervisor ended at its start: {said.rpartition(chr(10))[2]}")
        try:
            return side.running(names)
        except SideError:
            return False

    wait_for(partial(serves, _enabled(setup)), START_SECONDS, "every module to run")


def _enabled(setup: Setup) -> list[str]:
    every = (*setup.measured, *setup.modern, *setup.idle, *setup.executed)
    return [name for name in every if name not in setup.disabled]


def _configuration(state: FilePath, run: FilePath, setup: Setup) -> str:
    pacific = lay_out(state / "pacific", setup.measured, (*setup.idle, *setup.executed))
    trees = [f'[[tree]]\npath = "{pacific}"\n']
    if setup.modern:
        newest = lay_out(state / "newest", setup.modern)
        trees.append(f'[[tree]]\npath = "{newest}"\nlevel = "main"\n')
    snapshot = f'snapshot = "{setup.snapshot}"\n' if setup.snapshot else ""
    return "".join(
        [
            f'[supervisor]\nrun_dir = "{run}"\ndata_dir = "{state}/data"\n',
            f'log_dir = "{state}/log"\n',
            f"always_on = []\nenable = {json.dumps(_enabled(setup))}\n",
            f"start_timeout = {START_SECONDS}\n[cluster]\ntick = {setup.tick}\n{snapshot}",
            # What a limit would slow down is not what is measured.
            "[limits]\ncall_rate = 0\nqueue_depth = 0\n",
            "memory = 0\n" if setup.unlimited else "",
            *trees,
            *(f'[module.{name}]\ninterpreter = "{sys.executable}"\n' for name in setup.executed),
        ]
    )


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
        return
    process.kill()
    process.wait()
