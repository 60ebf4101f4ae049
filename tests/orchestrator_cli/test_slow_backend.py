"""While a backend takes its time for one command, the others go on."""

import contextlib
import errno
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon import BIN, ROOT, Daemon, supervisor


SLOW = ROOT / "tests" / "trees" / "backends" / "slow"
BACKEND = "rook"  # Debian's module takes three names only
DEBIANS = Path("/usr/share/ceph/mgr/orchestrator")
COMMAND_SECONDS = 2


@contextlib.contextmanager
def busy(package: Path, seconds: float = 60) -> Iterator[tuple[Daemon, "subprocess.Popen[str]"]]:
    """A supervisor with one `orchestrator` package, whose backend has begun to list devices; and the
    client that waits for the list; commands have `seconds`.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "orchestrator").symlink_to(package)
        shutil.copytree(SLOW, Path(folder, BACKEND))
        config = f"[supervisor]\ncommand_timeout = {seconds}\n"
        config += f'[[tree]]\npath = "{folder}"\n'
        with supervisor("--enable", BACKEND, config=config) as daemon:
            daemon.wait_state(BACKEND, "running")
            daemon.ok("orch set backend", BACKEND)
            words = ["--socket", str(daemon.socket), "orch", "device", "ls", "--refresh"]
            listing = subprocess.Popen(
                [str(BIN / "mgrctl"), *words],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            try:
                assert daemon.ok("slow asked") == "True"
                yield daemon, listing
            finally:
                daemon.ok("slow release")
                listing.communicate(timeout=30)
                assert daemon.stop() == 0


def test_a_slow_command_keeps_no_other_waiting():
    """Ours runs its commands side by side; each still has its own deadline and answer."""
    with busy(ROOT / "modules" / "orchestrator") as (daemon, listing):
        assert daemon.ok("orch status").startswith(f"Backend: {BACKEND}")
        assert daemon.ok("slow backend") == BACKEND
        assert listing.poll() is None
        daemon.ok("slow release")
        _, err = listing.communicate(timeout=10)
        assert (listing.returncode, err) == (0, "")


@pytest.mark.ceph
def test_with_debians_module_the_deadline_of_a_command_bounds_the_wait():
    """Its commands come one after another, as in ceph-mgr: the next waits until the deadline of the
    one before it, which the call of the backend inherits. Other modules' calls do not wait.
    """
    with busy(DEBIANS, COMMAND_SECONDS) as (daemon, listing):
        began = time.monotonic()
        assert daemon.ok("slow backend") == BACKEND
        assert listing.poll() is None
        assert daemon.ok("orch status").startswith(f"Backend: {BACKEND}")
        assert time.monotonic() - began < COMMAND_SECONDS + 2
        _, err = listing.communicate(timeout=10)
        # The supervisor's answer, or the traceback that the module makes of the same deadline.
        assert listing.returncode in (errno.ETIMEDOUT, errno.EINVAL)
        assert "in time" in err
