"""A delegated cgroup for a test, and the controllers that a limit needs."""

import contextlib
import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conditions import poll_for


_numbers = itertools.count()


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
        poll_for(lambda: removed(folder), 10, "the cgroup to be empty")


@contextlib.contextmanager
def controllers(*names: str) -> Iterator[None]:
    """Hand `names` down to what delegated() makes. Skips where the machine has them elsewhere, as in
    cgroup v1; also where nothing may be skipped for want of a package: none brings them.
    """
    offered = (_root() / "cgroup.controllers").read_text().split()
    missing = [name for name in names if name not in offered]
    if missing:
        pytest.skip(f"cgroup v2 does not have {', '.join(missing)} on this machine")
    control = _root() / "cgroup.subtree_control"
    with contextlib.ExitStack() as stack:
        for name in set(names) - set(control.read_text().split()):
            try:
                control.write_text(f"+{name}")
            except OSError as error:
                pytest.skip(f"the controller {name} cannot be handed down: {error}")
            stack.callback(_take_back, control, name)
        yield


def _take_back(control: Path, name: str) -> None:
    with contextlib.suppress(OSError):  # another test run uses it by now
        control.write_text(f"-{name}")


def entering(folder: Path) -> list[str]:
    """What to put before a command that is to run in the cgroup `folder`."""
    return ["sh", "-c", 'echo $$ >"$0/cgroup.procs" && exec "$@"', str(folder)]


def _root() -> Path:
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _device, point, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(point)
    pytest.skip("cgroup v2 is not mounted here")


def removed(folder: Path) -> bool:
    """Remove the cgroup `folder` and all below it; False while there are processes in it."""
    try:
        for inner, _folders, _files in os.walk(folder, topdown=False):
            Path(inner).rmdir()
    except OSError:
        return False
    return True
