"""A real systemd, as pid 1 of a container over a throw-away overlay of this machine's root."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

from tests.cgroups import entering, removed
from tests.conditions import poll_for
from tests.conftest import PATH, REQUIRE_ALL
from tests.daemon import ROOT


# Refused in a container unless asked for, and no machine's systemd refuses them to a service.
LANDLOCK = "landlock_create_ruleset landlock_add_rule landlock_restrict_self"


@dataclass
class Lab:
    """A booted one; `leader` is its pid 1, as it is called out here."""

    leader: int

    @property
    def root(self) -> Path:
        """Its root folder."""
        return Path(f"/proc/{self.leader}/root")

    def run(self, *command: str) -> str:
        """What `command` prints inside; it must succeed."""
        return _run([*self._enter, *command]).strip()

    def refused(self, *command: str) -> str:
        """The same, which must fail: what it says then."""
        done = subprocess.run(
            [*self._enter, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=60, env={"PATH": PATH}, text=True, check=False,
        )  # fmt: skip
        assert done.returncode, done
        return done.stdout.strip()

    @property
    def _enter(self) -> list[str]:
        return ["nsenter", "-t", str(self.leader), "-m", "-u", "-i", "-n", "-p", "-C", "--"]


@contextlib.contextmanager
def lab() -> Iterator[Lab]:
    """Boot one, in some three seconds; skips where this machine does not allow it, and fails there
    where every test is required.
    """
    if os.geteuid() != 0:
        _cannot("booting a systemd needs root")
    with (
        tempfile.TemporaryDirectory(prefix="lab-", dir="/tmp") as folder,
        contextlib.ExitStack() as stack,
    ):
        layer, root = Path(folder, "layer"), Path(folder, "root")
        layer.mkdir()
        root.mkdir()
        try:
            _mount(stack, layer, "-t", "tmpfs", "tmpfs")
            (layer / "upper").mkdir()
            (layer / "work").mkdir()
            layers = f"lowerdir=/,upperdir={layer}/upper,workdir={layer}/work"
            _mount(stack, root, "-t", "overlay", "overlay", "-o", layers)
        except subprocess.CalledProcessError as error:
            _cannot(f"no overlay can be mounted here: {error.stderr.decode().strip()}")
        apart = stack.enter_context(_cgroups(Path(folder).name))
        yield stack.enter_context(_booted(Path(folder), root, apart))


def _cannot(why: str) -> NoReturn:
    if REQUIRE_ALL:
        pytest.fail(why)
    pytest.skip(why)


@contextlib.contextmanager
def _cgroups(name: str) -> Iterator[list[str]]:
    """What to put before a command that is to run in cgroups of its own. nspawn makes those of its
    container below where it runs, under names that are always the same.
    """
    mounts = [Path("/sys/fs/cgroup", *more) for more in ((), ("systemd",), ("unified",))]
    made = [mount / name for mount in mounts if (mount / "cgroup.procs").exists()]
    for folder in made:
        folder.mkdir()
    try:
        yield [word for folder in made for word in entering(folder)]
    finally:
        poll_for(lambda: all(map(removed, made)), 10, "the cgroups to be empty")


@contextlib.contextmanager
def _booted(folder: Path, root: Path, apart: list[str]) -> Iterator[Lab]:
    # What we are made of may lie on a file system of its own, or in /tmp.
    ours = {str(ROOT), sys.prefix, sys.base_prefix}
    binds = [f"--bind-ro={path}" for path in sorted(ours) if not path.startswith("/usr")]
    console = folder / "console"
    with console.open("wb") as output:
        nspawn = subprocess.Popen(
            [
                *apart, "systemd-nspawn", "--quiet", f"--directory={root}", f"--machine=lab{os.getpid()}",
                "--boot", "--register=no", "--keep-unit", "--console=pipe", "--private-network",
                f"--system-call-filter={LANDLOCK}", *binds, "systemd.unit=multi-user.target",
            ],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, env={"PATH": PATH},
        )  # fmt: skip
    try:
        yield poll_for(lambda: _up(nspawn, console), 60, "systemd to be up")
    finally:
        for process in psutil.Process(nspawn.pid).children() if nspawn.poll() is None else []:
            process.kill()  # its pid 1: nothing inside survives it
        try:
            nspawn.wait(10)
        finally:
            nspawn.kill()
            nspawn.wait()


def _up(nspawn: "subprocess.Popen[bytes]", console: Path) -> Lab | None:
    assert nspawn.poll() is None, console.read_text(errors="replace")
    inside = psutil.Process(nspawn.pid).children()
    if not inside:
        return None
    found = Lab(inside[0].pid)
    try:
        found.run("sh", "-c", "systemctl is-system-running | grep -qE 'running|degraded'")
    except subprocess.CalledProcessError:
        return None
    return found


def _mount(stack: contextlib.ExitStack, where: Path, *what: str) -> None:
    _run(["mount", *what, str(where)])
    stack.callback(_run, ["umount", "-l", str(where)])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, check=True, timeout=60, env={"PATH": PATH})
    return done.stdout.decode()
