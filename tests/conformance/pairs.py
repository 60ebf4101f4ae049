"""Two managers of each kind on one cluster, x active at first and y standing by."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cephlab.lab import Plan

from tests.conditions import poll_for
from tests.conformance.subjects import (
    TREE,
    Here,
    RealManager,
    Subject,
    oracle_of,
    real_cluster,
)
from tests.daemon import Answered
from tests.managers import Manager, managers


class OurPair(Here):
    """Commands go to the active one."""

    def __init__(self, both: list[Manager]) -> None:
        super().__init__(both[0])
        self._both = both

    def _run(self, words: list[str], stdin: bytes | None, timeout: float) -> Answered:
        self.daemon = self._active()
        return super()._run(words, stdin, timeout)

    def _send(self, to: str, command: str, inbuf: str) -> tuple[int, str, str]:
        self.daemon = self._active()
        return super()._send(to, command, inbuf)

    def said(self, manager: str) -> list[str]:
        """What the module `second` has logged on `manager`."""
        file = self._both["xy".index(manager)].state / "log" / f"ceph-mgr.{manager}.second.log"
        return _texts(file, "[ERROR] [root] ")

    def _active(self) -> Manager:
        def found() -> Manager | None:
            return next((m for m in self._both if m.socket.exists() and _role(m) == "active"), None)

        return poll_for(found, 30, "an active manager")


class RealPair(RealManager):
    """Commands find the active one by themselves."""

    def said(self, manager: str) -> list[str]:
        """The same, from the manager's own log: a standby begins before it knows log_to_file."""
        return _texts(self.log_folder / f"mgr.{manager}.log", "[second ERROR root] ")


Pair = OurPair | RealPair


def _role(manager: Manager) -> str:
    answered = manager.mgrctl("mgr role -f json")
    return str(answered.json["role"]) if answered.code == 0 else ""


@contextmanager
def our_pair() -> Iterator[OurPair]:
    """Two supervisors on one data folder."""
    arguments = ("--module-path", str(TREE), "--enable", "second")
    with managers("x", "y", arguments=arguments) as both:
        both[1].wait_role("standby")
        pair = OurPair(both)
        _prepare(pair)
        yield pair


@contextmanager
def real_pair() -> Iterator[RealPair]:
    """Two ceph-mgr; the second starts once the first serves and what it is to find is there."""
    with ExitStack() as stack:
        lab = stack.enter_context(real_cluster("mgr initial modules = second"))
        pair = RealPair(lab, stack.enter_context(oracle_of(lab)))
        poll_for(lambda: pair.raw({"prefix": "second eval"}, "1")[0] == 0, 60, "mgr.x to serve")
        _prepare(pair)
        lab.start_manager(Plan(folder=lab.folder), "y")
        yield pair


def _prepare(pair: Subject) -> None:
    pair.ok("config-key set mgr/second/key common")
    pair.ok("config-key set mgr/second/y/key own")
    pair.ok("config set mgr mgr/second/own common")
    pair.ok("config set mgr mgr/second/y/own special")
    pair.eval("mgr.set_uri('http://active.example/')", module="second")
    poll_for(lambda: "second" in pair.json("mgr services"), 30, "the address to be published")


def _texts(file: Path, mark: str) -> list[str]:
    lines = file.read_text(errors="replace").splitlines() if file.exists() else []
    return [line.partition(mark)[2] for line in lines if mark in line]


def seen(pair: Pair) -> dict[str, object]:
    """What the standby module saw last."""
    views = [text for text in pair.said("y") if text.startswith("standby sees ")]
    found: dict[str, object] = json.loads(views[-1].removeprefix("standby sees ")) if views else {}
    return found
