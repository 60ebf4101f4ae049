"""Faults of the disk on which the supervisor keeps what it is told."""

import contextlib
import os
import resource
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from faults.client import Refused
from faults.failing_disk import failing_disk
from faults.ledger import Ledger, Refusal
from faults.outcome import NotTriedError, Outcome
from faults.stage import Stage, wait_for


SMALL_DISK = "64m"
FILE_BYTES = 4096  # that a file may have, where every later write is to fail
PAUSE_SECONDS = 2.0
LARGE_VALUE = "x" * 60_000
BACK_SECONDS = 30.0


class DiskFaults:
    """Each lasts for a while, in which writes are to be refused, and no longer."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def disk_full(self, ledger: Ledger, outcome: Outcome) -> None:
        """The file system of the data folder is filled to its last byte, and emptied again."""
        if not os.path.ismount(self._stage.state / "data"):
            raise NotTriedError("a small file system needs root and mount")
        filler = self._stage.state / "data" / "filler"

        def fill() -> None:
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    for size in (1 << 20, 4096, 1):
                        with contextlib.suppress(OSError):
                            file.write(b"\0" * size)
                            break
                    else:
                        return

        self._refusing(ledger, outcome, fill, filler.unlink)

    def no_writes(self, ledger: Ledger, outcome: Outcome) -> None:
        """Every write beyond a file's first page fails (EFBIG), also those of a commit."""
        pid = self._stage.pid
        before = resource.prlimit(pid, resource.RLIMIT_FSIZE)

        def limit() -> None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (FILE_BYTES, before[1]))

        def lift() -> None:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)

        self._refusing(ledger, outcome, limit, lift)

    def no_syncs(self, ledger: Ledger, outcome: Outcome) -> None:
        """Every sync of the thread that commits fails (EIO)."""
        disk = failing_disk(self._stage.pid)
        self._refusing(ledger, outcome, disk.__enter__, lambda: disk.__exit__(None, None, None))

    def _refusing(
        self,
        ledger: Ledger,
        outcome: Outcome,
        begin: Callable[[], None],
        end: Callable[[], object],
    ) -> None:
        """Writes are refused between the two, and taken again afterwards."""
        kept: list[str] = []
        refused: list[Refusal] = []
        at = time.time()
        begin()
        try:
            # Small writes fit into what the database's log has already; large ones do not.
            until = time.monotonic() + PAUSE_SECONDS
            while time.monotonic() < until:
                kept.append(f"faults/{len(kept)}")
                try:
                    self._stage.run("config-key set", key=kept[-1], val=LARGE_VALUE)
                except Refused as error:
                    refused.append(Refusal(time.time(), str(error), own=True))
                    time.sleep(PAUSE_SECONDS / 20)
        finally:
            end()
            lifted = time.time()
        refused = sorted([*refused, *ledger.book.refused])
        if refused:
            outcome.detect_seconds = refused[0].when - at
        if own := [refusal.why for refusal in refused if refusal.own]:
            outcome.detected = own[0]
        wait_for(self._stage.takes_writes, BACK_SECONDS, "writes to be taken again")
        outcome.recovered, outcome.how = time.time() - lifted, "by itself"
        outcome.calls = {"refused": len(refused)}
        for key in kept:
            self._stage.run("config-key rm", key=key)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A small file system in `folder`, where this process may mount one."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK},mode=0700", "tmpfs", str(folder)]
    mounted = (
        os.geteuid() == 0
        and subprocess.run(words, capture_output=True, check=False).returncode == 0
    )
    try:
        yield
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], capture_output=True, check=True)
