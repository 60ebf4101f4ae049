"""Who shares the data directory: one small file for each manager, locked while it lives.

`managers/<mgr_id>.json` says who it is, `managers/<mgr_id>.lock` that it lives: a file without a
locked neighbour was left by a process that was killed.
"""

import fcntl
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from supervisor.cluster.embedded.lock import unusable
from supervisor.cluster.interface import ClusterError


FOLDER = "managers"
COUNTER = "last_gid"
# Whoever looks whether we live holds our lock for a moment.
ATTEMPTS = 20
PAUSE = 0.02  # seconds


class Roster:
    """Enters this manager; raises ClusterError where another process has its mgr_id."""

    def __init__(self, data_dir: Path, mgr_id: str) -> None:
        self._folder = data_dir / FOLDER
        self._mgr_id = mgr_id
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._fd = _lock(self._folder / f"{mgr_id}.lock")
        except BlockingIOError:
            raise ClusterError(
                f"another mgr-supervisor{_process_of(self._file)} with the mgr_id '{mgr_id}' uses "
                f"{data_dir}: stop that one, or give each its own mgr_id (and run_dir)"
            ) from None
        except OSError as error:
            raise unusable(data_dir, error) from error
        self.gid = self._next_gid()

    def enter(self, entry: Mapping[str, Any]) -> None:
        """Say who we are, "pid" among it; replaces what was said before."""
        temporary = self._folder / f".{self._mgr_id}.new"
        temporary.write_bytes(orjson.dumps({"name": self._mgr_id, "gid": self.gid, **entry}))
        temporary.rename(self._file)

    def others(self) -> list[dict[str, Any]]:
        """The entries of the other managers that live, by name."""
        found = []
        # By hand: it is asked several times a second, and mostly there is nobody else.
        for name in sorted(os.listdir(self._folder)):  # noqa: PTH208  names are enough
            other = name.removesuffix(".json")
            if other in (name, self._mgr_id):
                continue
            if _locked(self._folder / f"{other}.lock"):
                entry = _read(self._folder / name)
                if entry is not None:
                    found.append(entry)
        return found

    def close(self) -> None:
        """Withdraw our entry."""
        self._file.unlink(missing_ok=True)
        os.close(self._fd)

    @property
    def _file(self) -> Path:
        return self._folder / f"{self._mgr_id}.json"

    def _next_gid(self) -> int:
        """A number that no other process of this cluster has, or had."""
        fd = os.open(self._folder / COUNTER, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            text = os.pread(fd, 32, 0)
            number = int(text) + 1 if text.strip().isdigit() else 1
            os.pwrite(fd, b"%d\n" % number, 0)
        finally:
            os.close(fd)
        return number


def _lock(path: Path) -> int:
    """The lock at `path` as an open descriptor; raises BlockingIOError where it is held."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for attempt in range(ATTEMPTS):
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt == ATTEMPTS - 1:
                os.close(fd)
                raise
            time.sleep(PAUSE)
        else:
            break
    return fd


def _locked(path: Path) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _read(file: Path) -> dict[str, Any] | None:
    """What a manager said of itself; None where it has not yet, or an operator spoilt it."""
    try:
        entry = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return entry if isinstance(entry, dict) and {"name", "gid"} <= entry.keys() else None


def _process_of(file: Path) -> str:
    entry = _read(file)
    return f" (process {entry['pid']})" if entry and "pid" in entry else ""
