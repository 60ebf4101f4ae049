"""The part of the cgroup v2 tree that is the supervisor's: its own cgroup, where that is delegated.

Processes may be only in its leaves, once it hands controllers down. So the supervisor moves itself,
and all that is with it, to the leaf `supervisor`. What it starts there stays there, but for
modules: the zygote, the host agent and what that keeps.

A cgroup is delegated where systemd says so (Delegate=yes), or where it may be written to and holds
nobody else: then there is no one whom this could disturb, as in a container.

BUGS
    A service manager that knows nothing of this cannot start another process in the cgroup before
    the supervisor has ended in order, which gives controllers back.
"""

import contextlib
import fcntl
import os
from pathlib import Path

from supervisor.core.cgroup import CONTROLLERS, folder, membership
from supervisor.edge.cgroup_leaf import Leaf, processes, write


OURS = "supervisor"
OUR_WEIGHT = "1000"  # of CPUs where they are short: each module has 100 at most
ROUNDS = 5
_MARKS = ("user.delegate", "trusted.delegate")  # systemd's
_SYSTEMD = Path("/run/systemd/system")


class UnusableError(Exception):
    """There are no cgroups to be had; the text says why."""


class Base:
    """The delegated cgroup, with `controllers` handed down to its leaves; one supervisor at a
    time has it. Raises UnusableError.
    """

    def __init__(self) -> None:
        self.path = _found()
        try:
            self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise UnusableError(f"{self.path}: {error.strerror}") from error
        try:
            self.controllers = self._take()
        except OSError as error:
            os.close(self._lock)
            raise UnusableError(_why(error)) from error
        except UnusableError:
            os.close(self._lock)
            raise

    def leaf(self, name: str) -> Leaf:
        """The one called `name`, whether there or not."""
        return Leaf(self.path / name, self.controllers)

    def leaves(self, prefix: str) -> list[Leaf]:
        """Those that are there, by how their names begin."""
        return [self.leaf(path.name) for path in self.path.glob(f"{prefix}*") if path.is_dir()]

    def close(self) -> None:
        """Give the controllers back, so that processes may be in the cgroup itself again, as the
        next one will be that its owner starts there.
        """
        with contextlib.suppress(OSError):
            for name in self.controllers:
                write(self.path / "cgroup.subtree_control", f"-{name}")
            write(self.path / "cgroup.procs", str(os.getpid()))
            (self.path / OURS).rmdir()
        os.close(self._lock)

    def _take(self) -> tuple[str, ...]:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UnusableError("another supervisor uses the same cgroup") from None
        _check_delegated(self.path)
        ours = self.path / OURS
        ours.mkdir(exist_ok=True)
        _move_all(self.path, ours)
        held = tuple(name for name in CONTROLLERS if self._hand_down(name))
        if "cpu" in held:
            write(ours / "cpu.weight", OUR_WEIGHT)
        return held

    def _hand_down(self, controller: str) -> bool:
        if controller not in (self.path / "cgroup.controllers").read_text("ascii").split():
            return False
        try:
            write(self.path / "cgroup.subtree_control", f"+{controller}")
        except OSError:
            return False
        return True


def _move_all(origin: Path, target: Path) -> None:
    """They may fork meanwhile."""
    for _ in range(ROUNDS):
        for pid in processes(origin):
            with contextlib.suppress(ProcessLookupError):
                write(target / "cgroup.procs", str(pid))


def _found() -> Path:
    try:
        path = membership(Path("/proc/self/cgroup").read_text(encoding="utf-8"))
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UnusableError(_why(error)) from error
    if path is None:
        raise UnusableError("this kernel has no cgroup v2")
    place = folder(mounts, path)
    if place is None:
        raise UnusableError("its part of cgroup v2 is not mounted")
    own = Path(place)
    return own.parent if own.name == OURS else own  # moved already, as after a respawn


def _check_delegated(path: Path) -> None:
    if not os.access(path, os.W_OK) or not os.access(path / "cgroup.procs", os.W_OK):
        raise UnusableError(f"{path} is not delegated: it cannot be written to")
    if _marked(path):
        return
    if os.geteuid() == 0 and _SYSTEMD.exists():
        raise UnusableError(f"{path} is not delegated: its unit has no Delegate=yes")
    others = [pid for pid in processes(path) if pid != os.getpid()]
    if others:
        raise UnusableError(f"{path} is not delegated: it holds {len(others)} other processes")


def _marked(path: Path) -> bool:
    """Whether systemd calls it delegated."""
    for name in _MARKS:
        with contextlib.suppress(OSError):
            if os.getxattr(path, name) == b"1":
                return True
    return False


def _why(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror}"
