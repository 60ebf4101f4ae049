"""The reference: a real ceph-mgr with a monitor and OSDs in memory, on loopback."""

import contextlib
import json
import os
import select
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from cephlab.capture_snapshot import MODULE as CAPTURE
from cephlab.capture_snapshot import config_map, module_tree
from cephlab.lab import MODULES as DEBIAN_TREE
from cephlab.lab import Lab, LabError, Plan, missing_programs

from bench.sides.side import NEIGHBOUR, SUBJECT, Side, SideError, wait_for
from bench.sides.trees import lay_out
from bench.turns import Nanoseconds


DEBIAN_PYTHON = "/usr/bin/python3"
ORACLE = FilePath(__file__).resolve().parent.parent / "oracle.py"
ANSWER_SECONDS = 300.0
SERVE_SECONDS = 120.0
COMMANDS_AT_ONCE = 32
SETTINGS = (
    f"mgr initial modules = {SUBJECT} {NEIGHBOUR} {CAPTURE}",
    "mon max pg per osd = 1000000",
    "mon osd max initial pgs = 1000000",
    "osd pool default pg autoscale mode = off",
)


@dataclass(frozen=True)
class Maps:
    """How large its maps are. OSDs beyond those that run exist, and are down; all the groups of the
    pool are theirs, so that nothing has to carry them.
    """

    running: int = 3
    osds: int = 3
    pgs: int = 0


class CephMgr(Side):
    """A running one. Its commands go through librados, in a process that stays."""

    name = "ceph-mgr"

    def __init__(self, lab: Lab, plan: Plan) -> None:
        self.lab = lab
        self._plan = plan
        self._oracle: subprocess.Popen[str] | None = None

    @property
    def version(self) -> str:
        """As it says itself: "16.2.15"."""
        return str(self.lab.run("ceph-mgr", "--version").decode().split()[2])

    def command(self, words: Mapping[str, Any]) -> str:
        """Raises SideError."""
        return self._sent("mgr", [words])[0][0]

    def latencies(self, words: Mapping[str, Any], calls: int) -> Nanoseconds:
        """Raises SideError."""
        return self._sent("mgr", [words], repeat=calls)[1]

    def monitor(self, commands: Sequence[Mapping[str, Any]]) -> list[str]:
        """Outputs of commands to the monitor, many at once."""
        return self._sent("mon", commands, threads=COMMANDS_AT_ONCE)[0]

    def answers(self) -> bool:
        """Whether a command to a module is answered now."""
        try:
            self.command({"prefix": f"{SUBJECT} nothing"})
        except SideError:
            return False
        return True

    def serves(self, seconds: float = SERVE_SECONDS) -> None:
        """Wait until its modules answer; raises SideError."""
        wait_for(self.answers, seconds, "ceph-mgr to serve")

    def kill(self) -> None:
        """SIGKILL the active manager."""
        pid = int((self.lab.folder / "run" / "mgr.x.pid").read_text())
        words = FilePath(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if str(self.lab.conf).encode() in words:
            os.kill(pid, signal.SIGKILL)

    def start_standby(self) -> None:
        """Start a second manager, "y"."""
        self.lab.start_manager(self._plan, "y")
        wait_for(
            lambda: json.loads(self.monitor([{"prefix": "mgr dump", "format": "json"}])[0])[
                "standbys"
            ],
            SERVE_SECONDS,
            "the standby",
        )

    def documents(self, target: FilePath) -> dict[str, Any]:
        """Everything that it knows, as documents that our embedded cluster loads."""
        self.command({"prefix": "capture save", "name": str(target)})
        documents: dict[str, Any] = json.loads(target.read_text())
        documents["_config_map"] = config_map(documents.pop("_config_dump"))
        blob = self.lab.folder / "crush"
        self.lab.run("ceph", "osd", "getcrushmap", "-o", str(blob))
        documents["_crush_text"] = self.lab.run("crushtool", "-d", str(blob)).decode()
        return documents

    def grow(self, maps: Maps) -> None:
        """Give the maps that size, and wait until the manager's documents have it."""
        dead = range(maps.running, maps.osds)
        self.monitor([{"prefix": "osd new", "uuid": str(uuid.uuid4()), "id": osd} for osd in dead])
        self.monitor([{"prefix": "osd crush add-bucket", "name": "dead", "type": "root"}])
        self.monitor(
            [
                {
                    "prefix": "osd crush add", "id": osd, "weight": 1.0,
                    "args": [f"host=dead-{osd % 20}", "root=dead"],
                }
                for osd in dead
            ]
        )  # fmt: skip
        self.monitor([{"prefix": "osd in", "ids": [str(osd) for osd in dead]}])
        if maps.pgs:
            rule = {"prefix": "osd crush rule create-replicated", "name": "dead", "root": "dead"}
            self.monitor([{**rule, "type": "osd"}])
            pool = {"prefix": "osd pool create", "pool": "large", "pool_type": "replicated"}
            self.monitor([{**pool, "pg_num": maps.pgs, "pgp_num": maps.pgs, "rule": "dead"}])
        wait_for(lambda: self._has(maps), SERVE_SECONDS, "the manager to have the maps")

    def _has(self, maps: Maps) -> bool:
        shape = self.ask(SUBJECT, "shape")
        return bool(shape["osds"] >= maps.osds and shape["pgs"] >= maps.pgs)

    def _sent(
        self, to: str, commands: Sequence[Mapping[str, Any]], repeat: int = 1, threads: int = 1
    ) -> tuple[list[str], Nanoseconds]:
        asked = {"to": to, "commands": commands, "repeat": repeat, "threads": threads}
        answers, taken = self._asked(asked)
        for words, (code, _, err) in zip(commands, answers, strict=True):
            if code:
                raise SideError(f"{words['prefix']}: {err or code}")
        return [out for _, out, _ in answers], taken

    def _asked(self, asked: Mapping[str, Any]) -> Any:
        oracle = self._running_oracle()
        assert oracle.stdin is not None
        assert oracle.stdout is not None
        oracle.stdin.write(json.dumps(asked) + "\n")
        oracle.stdin.flush()
        ready, _, _ = select.select([oracle.stdout], [], [], ANSWER_SECONDS)
        line = oracle.stdout.readline() if ready else ""
        if not line:
            self.close()
            raise SideError(f"no answer from ceph-mgr within {ANSWER_SECONDS:g} s")
        return json.loads(line)

    def _running_oracle(self) -> "subprocess.Popen[str]":
        if self._oracle is None:
            self._oracle = subprocess.Popen(
                [DEBIAN_PYTHON, str(ORACLE), str(self.lab.conf)],
                env=self.lab.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        return self._oracle

    def close(self) -> None:
        """End the process that sends commands; the next command starts another one."""
        if self._oracle is not None:
            self._oracle.kill()
            self._oracle.communicate()
            self._oracle = None


@contextmanager
def ceph_mgr(
    maps: Maps | None = None, *settings: str, idle: Sequence[str] = ()
) -> Iterator[CephMgr]:
    """One whose modules answer; gone at the end. Raises SideError where Ceph is not installed.

    `settings` are lines of ceph.conf, `idle` further modules that are there, disabled.
    """
    if missing := missing_programs():
        raise SideError(f"Ceph is not installed: {', '.join(missing)}")
    maps = maps or Maps()
    with tempfile.TemporaryDirectory(prefix="ceph-", dir="/tmp") as folder:  # short
        tree = module_tree(FilePath(folder) / "ceph-tree", DEBIAN_TREE)
        for found in lay_out(FilePath(folder) / "tree", (SUBJECT, NEIGHBOUR), idle).iterdir():
            (tree / found.name).symlink_to(found)
        lab = Lab(FilePath(folder) / "lab")
        plan = Plan(lab.folder, osds=maps.running, modules=tree, settings=(*SETTINGS, *settings))
        try:
            lab.start(plan)
        except LabError as error:
            raise SideError(str(error)) from None
        side = CephMgr(lab, plan)
        try:
            side.serves()
            if maps != Maps():
                side.grow(maps)
            yield side
        finally:
            side.close()
            with contextlib.suppress(LabError):
                lab.end()


def seconds_until(condition: Any, limit: float) -> float:
    """How long it takes until `condition()`; `limit` where it does not come to be."""
    begin = time.monotonic()
    try:
        wait_for(condition, limit, "")
    except SideError:
        return limit
    return time.monotonic() - begin
