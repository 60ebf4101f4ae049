"""The supervisor is killed at numbered points of its life: nothing that was acknowledged is lost, no
process is left, and the next one serves as if nothing had been.
"""

import itertools
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from faults.points import SERVING, STARTING, Point

from supervisor.linux import PR_SET_CHILD_SUBREAPER, prctl
from tests.conditions import poll_for
from tests.managers import PAIR, Manager


pytestmark = pytest.mark.fault

EDGE, STORE = "supervisor.edge", "supervisor.cluster.embedded.store"


@dataclass
class Mortal(Manager):
    """A manager that dies at `point`, where one is given, and what it has acknowledged so far."""

    point: Point | None = None
    acknowledged: dict[str, str] = field(default_factory=dict)

    @property
    def program(self) -> list[str]:
        return [sys.executable, *self.point.program] if self.point else super().program

    def dies(self) -> None:
        """At its point, with every process that it had."""
        assert self.process is not None
        assert self.process.wait(20) == -signal.SIGKILL, self.screen
        poll_for(lambda: not _strays(), 5, "every process to be gone")

    def write(self, number: int) -> None:
        """One of three ways in which operators and modules write."""
        name, words = [
            ("module", f"duty keep k{number} v{number}"),
            ("key", f"config-key set mgr/duty/k{number} v{number}"),
            ("option", f"config set mgr mgr/duty/colour v{number}"),
        ][number % 3]
        if self.mgrctl(words).code == 0:
            self.acknowledged["option" if name == "option" else f"k{number}"] = f"v{number}"

    def lost(self) -> dict[str, str]:
        """What was acknowledged and is not there."""
        stored = json.loads(self.ok("config-key dump mgr/duty/k"))
        kept = {key.rpartition("/")[2]: value for key, value in stored.items()}
        kept["option"] = self.ok("config get mgr mgr/duty/colour")
        wrong = {name for name, value in self.acknowledged.items() if kept.get(name) != value}
        if "option" in wrong and int(kept["option"][1:]) > int(self.acknowledged["option"][1:]):
            wrong.remove("option")  # the next one may have been stored and not acknowledged
        return {name: kept.get(name, "nothing") for name in wrong}

    def is_whole(self) -> None:
        """It serves, has all that was acknowledged, and one process a module."""
        self.wait_serving("duty")
        assert self.lost() == {}
        below = [process.name() for process in self.descendants()]
        assert below.count("mgr:duty") == 1, below
        assert len(below) == len(set(below)), below


@pytest.fixture(scope="module", autouse=True)
def _adopting() -> Iterator[None]:
    """Whoever is left by a dead supervisor becomes a child of the tests, so that it is seen."""
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    yield
    prctl(PR_SET_CHILD_SUBREAPER, 0)


_others: set[int] = set()  # children that were there before the test, as those of other tests


def _strays() -> list[psutil.Process]:
    """Children that live; those that were orphans and have ended are reaped."""
    living = []
    for child in psutil.Process().children(recursive=True):
        try:
            if _others & {child.pid, *(parent.pid for parent in child.parents())}:
                continue
            if child.status() == psutil.STATUS_ZOMBIE and child.ppid() == os.getpid():
                os.waitpid(child.pid, 0)
            else:
                living.append(child)
        except (psutil.NoSuchProcess, ChildProcessError):
            continue
    return living


@pytest.fixture
def mortal() -> Iterator[Callable[[str], Mortal]]:
    """Makes managers on one data folder; all are gone at the end."""
    made: list[Mortal] = []
    _others.clear()
    _others.update(child.pid for child in psutil.Process().children())
    with tempfile.TemporaryDirectory(prefix="mgrs-", dir="/tmp") as folder:

        def make(name: str) -> Mortal:
            arguments = ("--module-path", str(PAIR), "--enable", "duty")
            made.append(Mortal(Path(folder) / name, arguments, name=name))
            return made[-1]

        yield make
        for manager in made:
            manager.kill()
        poll_for(lambda: not _strays(), 5, "every process to be gone")


def test_a_start_may_end_at_any_point(mortal):
    """One after the other on one data folder, then one that lives: it serves all that was stored."""
    manager = mortal("a")
    manager.start()
    manager.wait_serving("duty")
    for number in range(3):
        manager.write(number)
    assert len(manager.acknowledged) == 3
    manager.kill()
    for point in STARTING:
        manager.point = point
        manager.spawn()
        manager.dies()
    manager.point = None
    manager.start()
    manager.is_whole()
    assert manager.role()["epoch"] == len(STARTING)  # two had died before they were active
    assert manager.stop() == 0


def test_no_acknowledged_write_is_lost_at_any_point(mortal):
    """Of modules and operators: each dies while they write, the next one goes on in its place."""
    manager, numbers = mortal("a"), itertools.count()
    for point in SERVING:
        manager.point = point
        manager.spawn()
        manager.wait_serving("duty")
        manager.write(next(numbers))
        manager.process.send_signal(signal.SIGUSR2)
        deadline = time.monotonic() + 20
        while manager.process.poll() is None:
            manager.write(next(numbers))
            assert time.monotonic() < deadline, f"{point} is never reached"
        manager.dies()
    assert len(manager.acknowledged) > len(SERVING)
    manager.point = None
    manager.start()
    manager.is_whole()
    assert manager.stop() == 0


@pytest.mark.parametrize(
    "point",
    [
        Point(f"{STORE}:_take_over", "after", 1, starting=True),
        Point(f"{EDGE}.supervisor:Supervisor._serve", "after", 1, starting=True),
    ],
)
def test_a_takeover_may_end_at_any_point(mortal, point):
    """The standby is killed as well while it becomes the active one; whoever comes next is active,
    with all that was stored.
    """
    first, second = mortal("a"), mortal("b")
    second.point = point
    first.start()
    first.wait_serving("duty")
    for number in range(3):
        first.write(number)
    second.start()
    second.wait_state("duty", "standby")
    first.kill()
    second.dies()
    second.point = None
    second.start()
    second.acknowledged = first.acknowledged
    second.is_whole()
    assert second.stop() == 0
