"""A manager that upstream's procedures are tried on: ours through mgrctl, a real one through ceph.

Both run one tree: Debian's modules, unmodified, among them a few of our own that fail in all the
ways in which a module can.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from cephlab.lab import Lab, Plan

from tests.conditions import poll_for
from tests.daemon import BAD, ROOT, Answered, Daemon


DEBIAN = Path("/usr/share/ceph/mgr")
STUBS = ROOT / "tests" / "trees" / "stubs"
FAILING = ("cannot_run", "no_class", "raises_import", "raises_init", "raises_serve")
DIGEST = 1  # seconds between two digests, which carry health to the modules
FOUND_BY_FAILOVER = 30  # seconds, as upstream's tests wait
COMMAND_SECONDS = 60


def plant(tree: Path) -> Path:
    """Make the tree in the new folder `tree`: ours are copied, so that they are not seen elsewhere."""
    tree.mkdir()
    for source in (*STUBS.iterdir(), *(BAD / name for name in FAILING)):
        shutil.copytree(source, tree / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    for source in DEBIAN.iterdir():
        if source.name != "__pycache__" and not (tree / source.name).exists():
            (tree / source.name).symlink_to(source)
    return tree


class Rig(ABC):
    """One manager. `words` of a command are split at blanks, `more` are taken as they are."""

    @abstractmethod
    def start(self) -> None:
        """Start it, with the modules enabled that it was made with."""

    @abstractmethod
    def end(self) -> None:
        """End every process of it, however it is."""

    @abstractmethod
    def run(self, words: str, *more: str, stdin: bytes | None = None) -> Answered:
        """Send one command."""

    @abstractmethod
    def settle(self) -> None:
        """Return once an enabled or disabled module is what it was asked to be."""

    @abstractmethod
    @contextlib.contextmanager
    def manager_away(self) -> Iterator[None]:
        """Within, commands of the cluster work; after it, another manager process is active."""

    def ok(self, words: str, *more: str, stdin: bytes | None = None) -> str:
        """The same, which must succeed; answers standard output, stripped."""
        answered = self.run(words, *more, stdin=stdin)
        assert answered.code == 0, answered
        return answered.out.strip()

    def json(self, words: str, *more: str) -> Any:
        """Standard output of a command that must succeed, as JSON."""
        answered = self.run(words, *more, "--format", "json")
        assert answered.code == 0, answered
        return answered.json

    @property
    def mgr_id(self) -> str:
        """Of the active manager."""
        return str(self.json("mgr dump")["active_name"])

    def enabled(self) -> set[str]:
        """Modules that are to run."""
        modules = self.json("mgr module ls")
        return {*modules["always_on_modules"], *modules["enabled_modules"]}

    def load(self, module: str) -> None:
        """Enable unless it is, and wait until it serves: every procedure's first step."""
        if module not in self.enabled():
            self.ok("mgr module enable", module, "--force")
            self.settle()

    def unload(self, module: str) -> None:
        """Disable, and wait until that took effect."""
        if module in self.enabled():
            self.ok("mgr module disable", module)
            self.settle()

    def health(self) -> str:
        """`health detail`."""
        return self.ok("health detail")


class Supervised(Rig):
    """Our supervisor on its embedded cluster.

    The first of `trees` that has a module provides it. `api`: whose mgr_module they stand on, as in
    the configuration. `snapshot`: of the cluster to start from.
    """

    def __init__(
        self,
        state: Path,
        *trees: Path,
        enable: Sequence[str] = ("selftest", "insights"),
        api: str = "supervisor",
        snapshot: Path | None = None,
    ) -> None:
        lines = ["[cluster]", f"tick = {DIGEST}"]
        if snapshot:
            lines.append(f'snapshot = "{snapshot}"')
        for tree in trees:
            lines += ["[[tree]]", f'path = "{tree}"', f'api = "{api}"']
        arguments = [word for name in enable for word in ("--enable", name)]
        self.daemon = Daemon(state, arguments, "\n".join([*lines, ""]), shared=True)

    def start(self) -> None:
        self.daemon.start()
        self.settle()

    def run(self, words: str, *more: str, stdin: bytes | None = None) -> Answered:
        return self.daemon.mgrctl(words, *more, stdin=stdin, timeout=COMMAND_SECONDS)

    def settle(self) -> None:
        passing = ("starting", "stopping")
        poll_for(
            lambda: not any(row["state"] in passing for row in self.daemon.ps().values()),
            FOUND_BY_FAILOVER,
            "modules to have started or ended",
        )

    @contextlib.contextmanager
    def manager_away(self) -> Iterator[None]:
        # It answers for the cluster too; so it stays within, and only then is another one.
        yield
        assert self.daemon.stop() == 0
        self.daemon.start()
        self.settle()

    def end(self) -> None:
        self.daemon.kill()


class Real(Rig):
    """An unmodified Ceph on loopback."""

    def __init__(
        self, folder: Path, tree: Path, *, enable: Sequence[str] = ("selftest", "insights")
    ) -> None:
        self.lab = Lab(folder)
        self._plan = Plan(
            folder=folder,
            modules=tree,
            settings=(
                f"mon mgr digest period = {DIGEST}",
                f"mgr tick period = {DIGEST}",
                f"mgr initial modules = {' '.join([*enable, 'iostat'])}",
            ),
        )
        self._gid = 0

    def start(self) -> None:
        self.lab.start(self._plan)
        self._gid = self._active()

    def run(self, words: str, *more: str, stdin: bytes | None = None) -> Answered:
        command = ["ceph", "--connect-timeout", "10", *words.split(), *more]
        done = subprocess.run(
            command, input=stdin, capture_output=True, timeout=COMMAND_SECONDS, check=False,
            stdin=subprocess.DEVNULL if stdin is None else None, env=self.lab.environment(),
        )  # fmt: skip
        return Answered(done.returncode, done.stdout.decode(), done.stderr.decode())

    def settle(self) -> None:
        """Every change of modules makes ceph-mgr execute itself again, under another gid."""

        def another() -> int:
            gid = self._active()
            return gid if gid != self._gid else 0

        self._gid = poll_for(another, FOUND_BY_FAILOVER, "ceph-mgr to have executed itself again")

    @contextlib.contextmanager
    def manager_away(self) -> Iterator[None]:
        pid = int((self.lab.folder / "run" / "mgr.x.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        poll_for(lambda: not Path(f"/proc/{pid}").exists(), 10, "ceph-mgr to be gone")
        self.ok("mgr fail x")
        yield
        self.lab.start_manager(self._plan)
        self.settle()

    def end(self) -> None:
        if self.lab.conf.exists():
            self.lab.end()

    def _active(self) -> int:
        map_ = self.json("mgr dump")
        return int(map_["active_gid"]) if map_["available"] else 0
