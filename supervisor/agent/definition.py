"""What one deployed daemon is: read from a `deploy` request, kept on disk as JSON."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from supervisor.agent.course import POLICIES
from supervisor.agent.fields import Fields, bad


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,159}")  # part of file and unit names
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FOLDER = "{folder}"
COMMAND_BYTES = 128 << 10  # command and environment together: one packet to the monitor
LONGEST_STOP = 3600.0
LONGEST_PROGRAM = 3600.0
_MODES = 0o7777
_FIELDS = (
    "name", "command", "environment", "files", "restart", "stop_seconds", "labels",
)  # fmt: skip


@dataclass(frozen=True)
class File:
    """One file that is there before the start."""

    path: Path  # absolute
    text: str
    mode: int


@dataclass(frozen=True)
class Program:
    """A command that is run once."""

    command: tuple[str, ...]
    stdin: str
    environment: Mapping[str, str]
    timeout: float  # seconds


@dataclass(frozen=True)
class Definition:
    """A daemon as it is to run. Nothing of it is ever changed: a new one replaces it."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    restart: str  # one of POLICIES
    stop_seconds: float
    labels: Mapping[str, str]
    created: float  # seconds since the epoch

    def as_json(self) -> dict[str, Any]:
        """What `from_json` reads."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Any) -> "Definition":
        """Raises RefusedError where it is no definition."""
        fields = Fields("a definition", value, [*cls.__dataclass_fields__])
        return _definition(fields, fields.number("created", 0, 0, 1e12))


@dataclass(frozen=True)
class Deployment:
    """A definition, and the files that have to be there before its process is started."""

    definition: Definition
    files: tuple[File, ...]


def deployment(request: Mapping[str, Any], folder: Path, now: float) -> Deployment:
    """Read a `deploy` request. `folder` is the daemon's own, for {folder} and for relative file
    names. Raises RefusedError.
    """
    fields = Fields("a deploy request", request, _FIELDS)
    place = _Place(folder)
    plain = _definition(fields, now)
    definition = Definition(
        name=plain.name,
        command=place.words(plain.command),
        environment=place.values(plain.environment),
        restart=plain.restart,
        stop_seconds=plain.stop_seconds,
        labels=plain.labels,
        created=now,
    )
    size = len(json.dumps([definition.command, definition.environment]))
    if size > COMMAND_BYTES:
        raise bad(f"command and environment come to {size} bytes, {COMMAND_BYTES} are allowed")
    files = tuple(place.file(name, value) for name, value in fields.table("files").items())
    return Deployment(definition, files)


def program(request: Mapping[str, Any]) -> Program:
    """Read a `run` request. Raises RefusedError."""
    fields = Fields("a run request", request, ("command", "stdin", "environment", "timeout"))
    return Program(
        command=fields.command(),
        stdin=fields.text("stdin", ""),
        environment=variables(fields),
        timeout=fields.number("timeout", 60, 0.01, LONGEST_PROGRAM),
    )


def daemon_name(fields: Fields) -> str:
    """The field `name`, as a name that files and units may have."""
    name = fields.text("name")
    if not NAME.fullmatch(name):
        raise bad(
            f"a daemon cannot be called {name!r}: a letter or digit, then letters, digits, "
            "'.', '_' and '-', 160 at most"
        )
    return name


def variables(fields: Fields) -> dict[str, str]:
    """The field `environment`."""
    found = fields.texts("environment")
    for name in found:
        if not VARIABLE.fullmatch(name):
            raise bad(f"an environment variable cannot be called {name!r}")
    return found


def _definition(fields: Fields, created: float) -> Definition:
    return Definition(
        name=daemon_name(fields),
        command=fields.command(),
        environment=variables(fields),
        restart=fields.choice("restart", POLICIES, "always"),
        stop_seconds=fields.number("stop_seconds", 10, 0, LONGEST_STOP),
        labels=fields.texts("labels"),
        created=created,
    )


class _Place:
    """Puts the daemon's own folder where a request says {folder}."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def word(self, text: str) -> str:
        return text.replace(FOLDER, str(self._folder))

    def words(self, texts: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(self.word, texts))

    def values(self, table: Mapping[str, str]) -> dict[str, str]:
        return {name: self.word(text) for name, text in table.items()}

    def file(self, name: str, value: Any) -> File:
        fields = Fields(f"file {name!r}", value, ("text", "mode"))
        mode = fields.number("mode", 0o600, 0, _MODES)
        if "\0" in name or not name.strip("/") or ".." in Path(name).parts:
            raise bad(f"no file can be written as {name!r}: a path without '..' is needed")
        path = self._folder / self.word(name)  # an absolute name stands for itself
        return File(path, self.word(fields.text("text")), int(mode))
