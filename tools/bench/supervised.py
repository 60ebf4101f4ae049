"""Our own paths, measured in a real supervisor with two modules of the harness' own."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path as FilePath

from mgrctl.connection import Connection
from mgrctl.errors import Unreachable

from bench.path import Path, timed


MODULES = FilePath(__file__).parent / "modules"
START_SECONDS = 30
STOP_SECONDS = 20
# Names of bench_caller's measurements, and how they are shown.
INSIDE = {
    "remote": "remote() through the broker",
    "get_unchanged": "get() unchanged, shared object",
    "get_fresh": "get() decoded afresh (osd_map)",
    "get_module_option": "get_module_option()",
    "set_store": "set_store() acknowledged",
}


class BenchError(Exception):
    """The supervisor did not do what the measurement needs; the text says what it said instead."""


@contextmanager
def supervised(folder: FilePath) -> Iterator[list[Path]]:
    """Our paths, for as long as the supervisor runs; its files are below `folder`."""
    state = folder / "state"
    state.mkdir()
    program = FilePath(sys.executable).parent / "mgr-supervisor"
    command: list[str | FilePath] = [program, "--state", state, "--module-path", MODULES]
    command += ["--enable", "bench_caller", "--enable", "bench_callee"]
    screen = state / "screen"
    with (
        screen.open("wb") as output,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output) as daemon,
    ):
        try:
            with _connect(daemon, state / "run" / "control.sock", screen) as connection:
                yield _paths(connection)
        finally:
            _stop(daemon)


def _paths(connection: Connection) -> list[Path]:
    inside = [Path(shown, _inside(connection, name)) for name, shown in INSIDE.items()]
    command = timed(lambda _: _execute(connection, {"prefix": "bench nothing"}))
    return [*inside, Path("command from mgrctl to a module", command)]


def _inside(connection: Connection, name: str) -> Callable[[int], list[int]]:
    def run(calls: int) -> list[int]:
        words = {"prefix": "bench measure", "path": name, "calls": calls}
        taken: list[int] = json.loads(_execute(connection, words))
        return taken

    return run


def _execute(connection: Connection, words: dict[str, object]) -> bytes:
    result = connection.execute(json.dumps(words).encode(), b"")
    if result.retval:
        raise BenchError(f"{words['prefix']}: {result.stderr.decode(errors='replace')}")
    return result.stdout


def _connect(daemon: "subprocess.Popen[bytes]", socket: FilePath, screen: FilePath) -> Connection:
    """A connection, once both modules answer."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        connection = None
        try:
            connection = Connection(str(socket), "bench", START_SECONDS)
            _execute(connection, {"prefix": "bench measure", "path": "remote", "calls": 1})
            return connection
        except (Unreachable, BenchError) as error:
            if connection is not None:
                connection.close()
            if daemon.poll() is not None or time.monotonic() > deadline:
                said = screen.read_text(errors="replace")[-2000:]
                raise BenchError(f"the supervisor does not serve: {error}\n{said}") from None
        time.sleep(0.05)


def _stop(daemon: "subprocess.Popen[bytes]") -> None:
    daemon.terminate()
    try:
        daemon.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        daemon.kill()
