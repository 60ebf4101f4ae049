"""The three ways of running a module tree, each behind the same interface: send a command line."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from cephlab.lab import Lab, Plan
from mgrctl.connection import Connection


BIN = Path(sys.executable).parent
COMMAND_SECONDS = 40
SETTLE_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """One command's exit code and output."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The output as JSON; an empty object where it is none."""
        try:
            return json.loads(self.out)
        except ValueError:
            return {}


class Program(Protocol):
    """Sends one command line."""

    def __call__(self, line: str, *more: str) -> Answer:
        """Words of `line`, then `more` as they are."""


def _run(command: list[str], environment: dict[str, str] | None = None) -> Answer:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            timeout=COMMAND_SECONDS,
            check=False,
            env=environment,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return Answer(110, "", f"no answer within {COMMAND_SECONDS} s")
    return Answer(
        done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
    )


class Supervised:
    """Commands through mgrctl."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    def __call__(self, line: str, *more: str) -> Answer:
        words = [*line.split(), *more]
        return _run([str(BIN / "mgrctl"), "--socket", str(self._socket), *words])

    def serves(self) -> bool:
        """Whether the supervisor answers."""
        return self._socket.exists() and self("mgr module ls").code == 0

    def describe(self) -> list[dict[str, str]]:
        """Every command: cmd, perm, module."""
        with Connection(str(self._socket), "compat", 10) as connection:
            return [
                {"cmd": item.cmd, "perm": item.perm, "module": item.module}
                for item in connection.describe().items
            ]


@contextmanager
def embedded_supervisor(
    folder: Path, tree: Path, api: str, names: list[str]
) -> Iterator[Supervised]:
    """A supervisor on the embedded cluster with every module of `tree` enabled."""
    config = folder / "mgr.toml"
    config.write_text(f'[[tree]]\npath = "{tree}"\napi = "{api}"\n')
    run = Supervised(folder / "run" / "control.sock")
    command = [str(BIN / "mgr-supervisor"), "--state", str(folder), "--config", str(config)]
    with (folder / "screen").open("wb") as screen:
        daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen)
    try:
        _wait(run.serves, "the supervisor")
        for name in names:
            run("mgr module enable", name, "--force")
        _wait(lambda: _settled(run), "the modules")
        yield run
    finally:
        daemon.terminate()
        try:
            daemon.wait(60)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def _settled(run: Supervised) -> bool:
    """Whether every module has started or will not."""
    rows = run("module ps", "--format", "json").json()
    return bool(rows) and not any(row["state"] == "starting" for row in rows)


@contextmanager
def real_manager(folder: Path, tree: Path, names: list[str]) -> Iterator[Program]:
    """A ceph-mgr on loopback with every module of `tree` enabled, as far as it lets them be."""
    lab = Lab(folder / "lab")
    lab.start(Plan(folder=folder / "lab", modules=tree))
    environment = {**os.environ, "CEPH_CONF": str(lab.conf)}

    def run(line: str, *more: str) -> Answer:
        return _run(["ceph", "--connect-timeout", "10", *line.split(), *more], environment)

    try:
        for name in names:
            # Each enabling makes ceph-mgr execute itself again; commands wait for it.
            run("mgr module enable", name, "--force")
        _wait(lambda: run("mgr self-test python-version").code == 0, "ceph-mgr")
        yield run
    finally:
        lab.end()


def _wait(condition: Any, what: str) -> None:
    deadline = time.monotonic() + SETTLE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"compat: {what} did not settle within {SETTLE_SECONDS} s")
        time.sleep(0.5)
