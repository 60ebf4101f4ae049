"""All that must not change while the adversary tries, and the secret that it must not learn."""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

import psutil

from faults.adversary_victims import Bystander, Ears, Facts, Shared


SIZED_BYTES = 748_271
VICTIM, ADVERSARY, GUARDED = "victim", "adversary", "rook"  # the last one's name is in the table


class World:
    """The victims outside, in `folder`, and the look at everything; `state`: the supervisor's."""

    def __init__(self, folder: Path) -> None:
        self.tag = secrets.token_hex(4)
        self.secret = f"secret-{secrets.token_hex(8)}"
        self.mark = f"mark-{self.tag}"
        self.folder, self.outside, self.state = folder, folder / "outside", folder / "state"
        self._mounts = folder / "mount", folder / "mounted"
        self._page = self.state / "run" / "state" / "versions"
        self._sibling_log = self.state / "log" / f"ceph-mgr.x.{VICTIM}.log"
        for made in (self.state, *self._mounts):
            made.mkdir()
        folder.chmod(0o711)
        self._lay_out()
        self.ears = Ears(folder, self.tag)
        gift = Path(f"{self.ears.unix}-gift")
        self.bystander = Bystander(self.outside, gift, self.tag, self.secret)
        self.shared = Shared(self.tag, self.secret)
        self.victim: dict[str, Any] = {}
        self.own = (
            self.state / "data" / "modules" / ADVERSARY,
            self.state / "log" / f"ceph-mgr.x.{ADVERSARY}.log",
        )
        self._mount()

    def target(self, pids: dict[str, int]) -> dict[str, Any]:
        """What the adversary is told: where everything is, not what the secret is."""
        state, own = self.state, self.state / "data" / "modules"
        return {
            "mark": self.mark, "outside": str(self.outside),
            "secret_file": str(self.outside / "secret"),
            "sized_file": str(self.outside / "sized"),
            "victim_file": str(self.outside / "victim"),
            "set_user_id": str(self.outside / "id"),
            "sibling_file": str(own / VICTIM / "secret"), "own_data": str(own / ADVERSARY),
            "own_log": str(state / "log" / f"ceph-mgr.x.{ADVERSARY}.log"),
            "sibling_log": str(state / "log" / f"ceph-mgr.x.{VICTIM}.log"),
            "database": str(state / "data" / "cluster.db"), "config": str(state / "mgr.toml"),
            "token": str(state / "data" / "agent" / "access.json"),
            "crash": str(state / "data" / "crash" / "posted" / "old" / "meta"),
            "shm_file": str(self.shared.file), "state": str(state / "run" / "state"),
            "source": str(self.folder / "tree" / VICTIM / "module.py"),
            "bus": str(state / "run" / "bus.sock"), "lanes": str(state / "run" / "lanes.sock"),
            "control": str(state / "run" / "control.sock"),
            "supervisor": pids["supervisor"], "sibling": pids[VICTIM],
            "sibling_address": self.victim.get("address", 0), "guarded": GUARDED,
            "bystander": self.bystander.pid, "bystander_name": self.bystander.name,
            "bystander_address": self.bystander.address, "bystander_fd": self.bystander.fd,
            "terminal": self.bystander.terminal,
            "tcp": self.ears.port("tcp"), "tcp6": self.ears.port("tcp6"),
            "udp": self.ears.port("udp"), "unix": self.ears.unix, "unix_run": self.ears.unix_run,
            "abstract": self.ears.abstract, "notify": self.ears.notify,
            "key": self.shared.key, "queue": self.shared.queue, "key_name": self.shared.key_name,
            "mount_point": str(self._mounts[0]), "mounted": str(self._mounts[1]),
        }  # fmt: skip

    def knows(self, loot: str) -> bool:
        """Whether the secret is in what was found."""
        return self.secret in loot or f"size of {SIZED_BYTES}" in loot

    def facts(self) -> Facts:
        """What there is outside of the supervisor and in its folders."""
        data = self.state / "data"
        return {
            **self.bystander.facts(),
            **self.ears.facts(self.mark),
            **_files(self.outside),
            **_files(data / "modules" / VICTIM),
            **_files(data / "agent"),
            **_files(data / "crash" / "posted" / "old"),
            **_files(self.state / "mgr.toml"),
            **_files(self.folder / "tree"),
            "names": self._marked(),
            "page": _content(self._page).count(self.mark.encode()),
            "sibling's log": _content(self._sibling_log).count(self.mark.encode()),
            "mounts": [os.path.ismount(mount) for mount in self._mounts],
        }

    def survivors(self) -> list[int]:
        """Processes that bear the mark."""
        name = self.mark[:15]
        return [
            process.pid for process in psutil.process_iter(["name"]) if process.info["name"] == name
        ]

    def plant(self) -> None:
        """Secrets in the supervisor's folders that no module of this stage would put there."""
        data = self.state / "data"
        for file in (data / "agent" / "access.json", data / "crash" / "posted" / "old" / "meta"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps({"token": self.secret}))
            file.chmod(0o600)

    def restore(self) -> None:
        """As it was before an attempt that got out."""
        for marked in self._marked():
            path = Path(marked)
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        page = _content(self._page)
        if page.endswith(self.mark.encode()):
            os.truncate(self._page, page.index(self.mark.encode()))
        self._lay_out()
        self.bystander.restart()
        self.shared.fill()
        self._mount()
        sibling = self.state / "data" / "modules" / VICTIM / "secret"
        if sibling.exists():
            sibling.write_text(self.secret)
            sibling.chmod(0o600)

    def close(self) -> None:
        """Take everything away but files below the folder."""
        self.bystander.close()
        self.ears.close()
        self.shared.close()
        self._unmount()

    def _lay_out(self) -> None:
        if self.outside.exists():
            self.outside.chmod(0o755)
            shutil.rmtree(self.outside)
        self.outside.mkdir()
        self.outside.chmod(0o755)
        (self.outside / "secret").write_text(self.secret)
        (self.outside / "secret").chmod(0o600)
        (self.outside / "victim").write_text("untouched\n")
        with (self.outside / "sized").open("wb") as file:
            file.truncate(SIZED_BYTES)
        program = self.outside / "id"
        shutil.copy("/usr/bin/id", program)
        program.chmod(0o4755)

    def _mount(self) -> None:
        self._unmount()
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(self._mounts[1])]
        subprocess.run(command, check=False, capture_output=True)

    def _unmount(self) -> None:
        for mount in self._mounts:
            for _ in range(3):
                if os.path.ismount(mount):
                    subprocess.run(["umount", str(mount)], check=False, capture_output=True)

    def _marked(self) -> list[str]:
        """Files with the mark in their name where they do not belong."""
        run = self.state / "run"
        folders = [
            self.outside, self.state / "log", run, run / "state", self.state / "data" / "modules",
            Path("/dev/shm"),  # noqa: S108  shared memory is there
        ]  # fmt: skip
        return sorted(str(file) for folder in folders for file in folder.glob(f"*{self.mark}*"))


def _files(root: Path) -> Facts:
    """Everything below, with contents, modes, owners, times and attributes."""
    found: Facts = {}
    for path in (root, *root.rglob("*")):
        if "__pycache__" in path.parts:
            continue
        with contextlib.suppress(FileNotFoundError):
            kept = path.lstat()
            found[str(path)] = (
                kept.st_mode, kept.st_uid, kept.st_gid,
                (kept.st_mtime_ns, _digest(path), _attributes(path)) if path.is_file() else "",
            )  # fmt: skip
    return found


def _digest(path: Path) -> str:
    return hashlib.blake2b(_content(path)).hexdigest()


def _attributes(path: Path) -> list[str]:
    try:
        return os.listxattr(path, follow_symlinks=False)
    except OSError:
        return []


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
