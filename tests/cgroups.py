"""Cgroups for tests: a delegated one, and the controllers that a limit needs.

A machine that keeps its controllers in cgroup v1 may lend them: a controller moves to v2 while its
v1 hierarchy is empty and mounted nowhere. It is put back at the end. What boots a systemd, which
makes groups in every hierarchy, holds the same lock shared.
"""

import contextlib
import fcntl
import itertools
import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conditions import poll_for
from tests.conftest import PATH


LOCK = Path("/tmp/mgr-test-cgroup-controllers")
PATIENCE = 30.0  # seconds
_numbers = itertools.count()


@dataclass(frozen=True)
class _Mount:
    """A line of /proc/self/mounts."""

    point: str
    kind: str
    options: tuple[str, ...]


@contextlib.contextmanager
def hierarchies_stay() -> Iterator[None]:
    """Meanwhile no test moves a controller."""
    with _locked(fcntl.LOCK_SH):
        yield


@contextlib.contextmanager
def delegated() -> Iterator[Path]:
    """An empty cgroup, marked as systemd marks those that it delegates; ended and removed at the
    end with all that is in it. Skips where there is no cgroup v2 to be had.
    """
    folder = _root() / f"mgr-test-{os.getpid()}-{next(_numbers)}"
    try:
        folder.mkdir()
        os.setxattr(folder, "user.delegate", b"1")
    except OSError as error:
        pytest.skip(f"no cgroup can be made here: {error}")
    try:
        yield folder
    finally:
        (folder / "cgroup.kill").write_text("1")
        poll_for(lambda: _removed(folder), 10, "the cgroup to be empty")


@contextlib.contextmanager
def controllers(*names: str) -> Iterator[None]:
    """Hand `names` down to what delegated() makes. Skips where this machine does not let them go,
    also where nothing may be skipped for want of a package: no package brings them.
    """
    control = _root() / "cgroup.subtree_control"
    with _locked(fcntl.LOCK_EX), contextlib.ExitStack() as stack:
        for name in names:
            if name not in (_root() / "cgroup.controllers").read_text().split():
                stack.enter_context(_lent(name))
            if name not in control.read_text().split():
                try:
                    control.write_text(f"+{name}")
                except OSError as error:
                    pytest.skip(f"the controller {name} cannot be handed down: {error}")
                stack.callback(control.write_text, f"-{name}")
        yield


def entering(folder: Path) -> list[str]:
    """What to put before a command that is to run in the cgroup `folder`."""
    return ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', str(folder)]


@contextlib.contextmanager
def _lent(name: str) -> Iterator[None]:
    """The controller `name`, taken from cgroup v1."""
    if os.geteuid() != 0:
        pytest.skip("to move a controller to cgroup v2 takes root")
    mounted = [m for m in _mounts() if m.kind == "cgroup" and name in m.options]
    used = [line.split() for line in Path("/proc/cgroups").read_text().splitlines()]
    count = next((int(fields[2]) for fields in used if fields[0] == name), 0)
    if count != 1 or len(mounted) != 1:
        pytest.skip(f"the controller {name} is in use in cgroup v1, by {count} groups")
    (mount,) = mounted
    _run("umount", mount.point)
    try:
        offered = _root() / "cgroup.controllers"
        try:
            poll_for(lambda: name in offered.read_text().split(), 3)
        except AssertionError:
            pytest.skip(f"cgroup v1 keeps the controller {name}: something else has it mounted")
        yield
    finally:
        poll_for(lambda: _put_back(mount, name), PATIENCE, f"{name} to be back in cgroup v1")


def _put_back(mount: _Mount, name: str) -> bool:
    try:
        _run("mount", "-t", "cgroup", "-o", name, "cgroup", mount.point)
    except subprocess.CalledProcessError:  # groups that were removed are still being ended
        return False
    return True


@contextlib.contextmanager
def _locked(how: int) -> Iterator[None]:
    fd = os.open(LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            poll_for(lambda: _lock(fd, how), PATIENCE)
        except AssertionError:
            pytest.skip("another test uses the machine's cgroup hierarchies")
        yield
    finally:
        os.close(fd)


def _lock(fd: int, how: int) -> bool:
    try:
        fcntl.flock(fd, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _root() -> Path:
    mounted = [mount for mount in _mounts() if mount.kind == "cgroup2"]
    if not mounted:
        pytest.skip("cgroup v2 is not mounted here")
    return Path(mounted[0].point)


def _mounts() -> Iterable[_Mount]:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _device, point, kind, options, *_ = line.split()
        yield _Mount(point, kind, tuple(options.split(",")))


def _removed(folder: Path) -> bool:
    try:
        for inner, _folders, _files in os.walk(folder, topdown=False):
            Path(inner).rmdir()
    except OSError:
        return False
    return True


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, env={"PATH": PATH}, timeout=60)
