"""Crash records on disk, in the layout of Ceph's /var/lib/ceph/crash.

`<folder>/<crash id>/` holds `meta` (JSON), `log` (the last lines of the module's log) and an empty
`done`, written last: a record without it is not complete. What the crash module has taken is below
`posted/`. So Ceph's own ceph-crash can post from here as well.
"""

import contextlib
import json
import os
import platform
import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from supervisor.core.crashes import Book


MOST_POSTED = 500  # records that the crash module has taken; the oldest are removed
Meta = dict[str, Any]


class CrashFiles:
    """The records below one folder. Worker thread only; methods raise OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._posted = folder / "posted"

    def load(self, book: Book) -> None:
        """Enter every complete record that there is."""
        for record in self._records():
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                meta = json.loads((record / "meta").read_bytes())
                if "mgr_module" not in meta:
                    continue  # of another daemon that shares the folder
                first = _seconds(meta["timestamp"])
                last = _seconds(meta.get("mgr_module_last", meta["timestamp"]))
                count = int(meta.get("mgr_module_count", 1))
                module, sig = meta["mgr_module"], meta["stack_sig"]
                book.known(module, sig, what(meta), record.name, first, last, count)

    def write(self, meta: Meta, log: bytes) -> None:
        """Keep a record; `done` comes last, and what it vouches for is on disk by then."""
        record = self._folder / str(meta["crash_id"])
        self._posted.mkdir(parents=True, exist_ok=True, mode=0o750)
        record.mkdir(mode=0o750)
        _write(record / "meta", _json(meta))
        _write(record / "log", log)
        _write(record / "done", b"")

    def count(self, crash_id: str, last: float) -> None:
        """One more like it, at `last`, that gets no record of its own."""
        for record in (self._folder / crash_id, self._posted / crash_id):
            with contextlib.suppress(FileNotFoundError):
                meta = json.loads((record / "meta").read_bytes())
                meta["mgr_module_count"] = int(meta.get("mgr_module_count", 1)) + 1
                meta["mgr_module_last"] = stamp(last)
                fresh = record / "meta.new"
                _write(fresh, _json(meta))
                fresh.replace(record / "meta")
                return

    def unposted(self) -> list[tuple[str, bytes]]:
        """Complete records that the crash module has not taken: id and JSON, oldest first."""
        if not self._folder.is_dir():
            return []
        complete = [r for r in self._folder.iterdir() if (r / "done").exists()]
        return [(r.name, (r / "meta").read_bytes()) for r in sorted(complete)]

    def posted(self, crash_id: str) -> None:
        """The crash module has it."""
        with contextlib.suppress(FileNotFoundError):
            (self._folder / crash_id).rename(self._posted / crash_id)

    def prune(self) -> list[str]:
        """Remove the oldest of those that were posted, beyond MOST_POSTED; answers their ids."""
        if not self._posted.is_dir():
            return []
        old = sorted(self._posted.iterdir())[:-MOST_POSTED]
        for record in old:
            shutil.rmtree(record, ignore_errors=True)
        return [record.name for record in old]

    def _records(self) -> list[Path]:
        folders = [folder for folder in (self._folder, self._posted) if folder.is_dir()]
        return [r for folder in folders for r in folder.iterdir() if (r / "done").exists()]


def describe(module: str, entity: str, version: str, at: float) -> Meta:
    """What every record says of itself and of the machine, in Ceph's keys."""
    host, when = os.uname(), stamp(at)
    try:
        system = platform.freedesktop_os_release()
    except OSError:
        system = {}
    words = version.split()
    return {
        "crash_id": f"{when}_{uuid.uuid4()}",
        "timestamp": when,
        "process_name": "ceph-mgr",
        "entity_name": entity,
        "ceph_version": words[2] if words[:2] == ["ceph", "version"] else version,
        "mgr_module": module,
        "utsname_hostname": host.nodename,
        "utsname_sysname": host.sysname,
        "utsname_release": host.release,
        "utsname_version": host.version,
        "utsname_machine": host.machine,
        "os_name": system.get("NAME", ""),
        "os_id": system.get("ID", ""),
        "os_version_id": system.get("VERSION_ID", ""),
        "os_version": system.get("VERSION", ""),
    }


def what(meta: Meta) -> str:
    """In a few words, what happened."""
    if meta.get("mgr_python_exception"):
        return str(meta["mgr_python_exception"])
    return str(next(iter(meta.get("backtrace") or ()), ""))


def stamp(at: float) -> str:
    """As Ceph writes it: 2018-06-22T20:35:38.058818Z."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _seconds(text: str) -> float:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC).timestamp()


def _json(meta: Meta) -> bytes:
    return json.dumps(meta, indent=4, sort_keys=True).encode()


def _write(file: Path, data: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
