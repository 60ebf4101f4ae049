"""The two managers that are compared, behind one interface: ours and a real ceph-mgr."""

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cephlab.lab import Lab, LabError, Plan

from faults.client import Client, Refused, Unreachable
from faults.stage import CHAOS, INNOCENT, Stage, lay_out, stage, struck, wait_for


DEBIAN_TREE = Path("/usr/share/ceph/mgr")
DEBIAN_PYTHON = "/usr/bin/python3"
STRIKE_SECONDS = 20.0
SERVE_SECONDS = 120.0


class Manager(ABC):
    """Runs the chaos module beside innocent ones."""

    name: str

    @abstractmethod
    def calls(self, number: int, seconds: float) -> list[float | None]:
        """Make numbered calls to a sibling of the chaos module: the seconds of each, None for one
        that failed; fewer where `seconds` are over.
        """

    @abstractmethod
    def strike(self, kind: str, phase: str) -> float:
        """Have the fault carried out, in "serve" or "init"; when it was (monotonic)."""

    @abstractmethod
    def lives(self) -> bool:
        """Whether the manager's own process does."""

    @abstractmethod
    def help(self) -> None:
        """Do by hand what it takes until every module serves again."""


class Ours(Manager):
    """A supervisor on its embedded cluster."""

    name = "mgr-supervisor"

    def __init__(self, made: Stage) -> None:
        self._stage = made

    def calls(self, number: int, seconds: float) -> list[float | None]:
        taken: list[float | None] = []
        end = time.monotonic() + seconds
        with Client(self._stage.socket, seconds) as client:
            for count in range(number):
                begin = time.monotonic()
                if begin > end:
                    break
                try:
                    right = client.run("innocent_a count", number=count) == str(count)
                except Refused:
                    right = False
                except Unreachable:
                    return [*taken, None]
                taken.append(time.monotonic() - begin if right else None)
        return taken

    def strike(self, kind: str, phase: str) -> float:
        marker = self._stage.order(CHAOS, kind, phase)
        if phase == "init":
            self._stage.run("module restart", name=CHAOS)
        wait_for(lambda: struck(marker), STRIKE_SECONDS, f"{kind} to strike")
        self._stage.withdraw()
        return time.monotonic()

    def lives(self) -> bool:
        return self._stage.process is not None and self._stage.process.poll() is None

    def help(self) -> None:
        self._stage.run("module restart", name=CHAOS)
        wait_for(lambda: self._stage.answers(CHAOS), SERVE_SECONDS, "the chaos module")


class Ceph(Manager):
    """A ceph-mgr 16.2.15, with its monitor and OSDs in memory."""

    name = "ceph-mgr 16.2.15"

    def __init__(self, folder: Path) -> None:
        self._tree = lay_out(folder)
        for found in DEBIAN_TREE.iterdir():
            (self._tree / found.name).symlink_to(found)
        self._lab = Lab(folder / "lab")
        self._plan = Plan(folder=self._lab.folder, modules=self._tree)
        self._folder = folder
        self._orders = 0
        self._oracle: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start all of it."""
        self._lab.start(self._plan)
        # Not by `mgr initial modules`, in which an underscore separates two names.
        for name in (*INNOCENT, CHAOS):
            self._lab.ceph("mgr", "module", "enable", name, "--force")
        self._serves()

    def end(self) -> None:
        """End all of it."""
        self._end_oracle()
        self._lab.end()

    def calls(self, number: int, seconds: float) -> list[float | None]:
        oracle = self._asker()
        assert oracle.stdin is not None
        assert oracle.stdout is not None
        taken: list[float | None] = []
        end = time.monotonic() + seconds
        # One by one: a call that is never answered must not take the answered ones with it.
        for _ in range(number):
            oracle.stdin.write("1\n")
            oracle.stdin.flush()
            ready, _, _ = select.select([oracle.stdout], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                self._end_oracle()
                return [*taken, None]
            taken += json.loads(oracle.stdout.readline())
        return taken

    def strike(self, kind: str, phase: str) -> float:
        self._orders += 1
        marker = self._folder / f"struck-{self._orders}"
        plan = {
            "module": CHAOS, "kind": kind, "phase": phase,
            "marker": str(marker), "bus": "", "seed": 1,
        }  # fmt: skip
        (self._tree / "plan.new").write_text(json.dumps(plan))
        (self._tree / "plan.new").rename(self._tree / "plan.json")
        if phase == "init":
            self._restart()
        wait_for(lambda: struck(marker), STRIKE_SECONDS, f"{kind} to strike in ceph-mgr")
        (self._tree / "plan.json").unlink()
        return time.monotonic()

    def lives(self) -> bool:
        return self._pid() is not None

    def help(self) -> None:
        self._restart()
        self._serves()

    def _restart(self) -> None:
        self._end_oracle()
        if pid := self._pid():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda: not self.lives(), STRIKE_SECONDS, "ceph-mgr to end")
        # Else the monitor waits for the dead one's beacons first, half a minute.
        with contextlib.suppress(LabError):
            self._lab.ceph("mgr", "fail", "x")
        self._lab.start_manager(self._plan)

    def _serves(self) -> None:
        wait_for(lambda: self.calls(1, 10.0)[0] is not None, SERVE_SECONDS, "ceph-mgr to serve")

    def _pid(self) -> int | None:
        try:
            pid = int((self._lab.folder / "run" / "mgr.x.pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if str(self._lab.conf).encode() in words else None

    def _asker(self) -> "subprocess.Popen[str]":
        if self._oracle is None:
            script = Path(__file__).parent / "oracle.py"
            self._oracle = subprocess.Popen(
                [DEBIAN_PYTHON, str(script), str(self._lab.conf)],
                env=self._lab.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        return self._oracle

    def _end_oracle(self) -> None:
        if self._oracle is not None:
            self._oracle.kill()
            self._oracle.communicate()
            self._oracle = None


@contextmanager
def ours(seed: int) -> Iterator[Manager]:
    """A running one."""
    with stage(seed) as made:
        yield Ours(made)


@contextmanager
def real() -> Iterator[Manager]:
    """A running one, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="ceph-", dir="/tmp") as folder:
        made = Ceph(Path(folder))
        made.start()
        try:
            yield made
        finally:
            made.end()
