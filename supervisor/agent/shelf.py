"""Every daemon on disk: `<folder>/daemons/<name>/`.

definition.json  what it is
wanted           "start" or "stop"
observed.json    what runs, or how it ended last; written by whoever keeps the process
files/           the daemon's own folder, its working directory
output.log       what it prints, and output.log.1

A folder without definition.json is what a removal kept, or an interrupted one left: no daemon.
"""

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervisor import disk
from supervisor.agent.definition import Definition, File
from supervisor.agent.refusal import RefusedError


log = logging.getLogger("shelf")

DEFINITION, WANTED, OBSERVED = "definition.json", "wanted", "observed.json"


@dataclass(frozen=True)
class Kept:
    """One daemon as it lies on disk."""

    definition: Definition
    wanted: bool


class Shelf:
    """Reads and writes the folders. Raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "daemons"
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def own_folder(self, name: str) -> Path:
        """The daemon's own folder; it may not be there."""
        return self._folder / name / "files"

    def output(self, name: str) -> Path:
        """The file that the daemon's output goes to."""
        return self._folder / name / "output.log"

    def outputs(self) -> list[Path]:
        """The output of every daemon."""
        return sorted(self._folder.glob("*/output.log"))

    def make(self, name: str) -> None:
        """Create the daemon's folders."""
        self.own_folder(name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def place(self, file: File) -> None:
        """Write one file of a deployment, and the folders above it."""
        file.path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        disk.write(file.path, file.text.encode(), file.mode)

    def keep(self, definition: Definition) -> None:
        """Put the definition in the place of the former one."""
        disk.write_json(self._folder / definition.name / DEFINITION, definition.as_json())

    def want(self, name: str, wanted: bool) -> None:
        """Remember whether the daemon is to run."""
        disk.write(self._folder / name / WANTED, b"start" if wanted else b"stop")

    def observe(self, name: str, observed: dict[str, Any]) -> None:
        """Remember what runs, for whoever comes after this process; nothing runs after a loss of
        power.
        """
        disk.write_json(self._folder / name / OBSERVED, observed, durable=False)

    def observed(self, name: str) -> dict[str, Any]:
        """What `observe` wrote last; empty where that is nothing of use."""
        try:
            value = disk.read_json(self._folder / name / OBSERVED)
        except (OSError, ValueError):
            return {}
        return value if isinstance(value, dict) else {}

    def remove(self, name: str, keep_folder: bool) -> None:
        """Forget the daemon; `keep_folder` leaves its own folder and its output."""
        place = self._folder / name
        # First what makes it a daemon: whatever follows may be interrupted.
        (place / DEFINITION).unlink(missing_ok=True)
        disk.sync(place)
        if keep_folder:
            for file in (WANTED, OBSERVED):
                (place / file).unlink(missing_ok=True)
        else:
            shutil.rmtree(place)

    def all(self) -> dict[str, Kept]:
        """Every daemon by name. One whose definition is damaged is passed over, and logged."""
        found = {}
        for file in sorted(self._folder.glob(f"*/{DEFINITION}")):
            try:
                definition = Definition.from_json(disk.read_json(file))
                if definition.name != file.parent.name:
                    raise ValueError(f"it is the definition of {definition.name}")
            except (OSError, ValueError, RefusedError) as error:
                log.error("daemon %s is not kept: %s: %s", file.parent.name, file, error)
                continue
            found[definition.name] = Kept(definition, self._wanted(definition.name))
        return found

    def _wanted(self, name: str) -> bool:
        try:
            return (self._folder / name / WANTED).read_bytes() == b"start"
        except OSError:
            return False  # its deployment was interrupted before it was to run
