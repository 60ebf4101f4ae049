"""What a recipe decides about one daemon. The caller hands it to the host agent."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


PRIVATE = 0o600  # mode of a file that may hold a key
FOLDER = "{folder}"  # the daemon's own folder, once the host agent has made it


@dataclass(frozen=True)
class File:
    """A text file that is there before the daemon starts."""

    text: str
    mode: int = PRIVATE


@dataclass(frozen=True)
class Preparation:
    """A program that runs to its end before each start, unless the path `unless` exists."""

    argv: tuple[str, ...]
    unless: str = ""


@dataclass(frozen=True)
class Deployment:
    """One daemon: what to run in the foreground, and what has to be there for it.

    `name` is `<type>.<id>`; relative names in `files` lie in the daemon's folder, and `FOLDER`
    stands for its path in arguments, environment, preparations and texts of files. `labels` are
    what a listing of daemons says about it besides what really runs: `service_name`,
    `daemon_type`, `daemon_id`, `hostname`, and where they have a meaning `ports` (numbers between
    commas), `ip`, `image`, `device`, `osdspec_affinity`.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)
    restart: str = "always"
    stop_seconds: float = 10
    labels: Mapping[str, str] = field(default_factory=dict)
    prepare: Sequence[Preparation] = ()

    def argv(self) -> list[str]:
        """The command, behind its preparations where it has any.

        These run in the daemon's own process before it becomes the daemon: so they find its files,
        happen at each start, also after a reboot, and one that fails is that start's failure.
        """
        if not self.prepare:
            return list(self.command)
        steps = [_step(preparation) for preparation in self.prepare]
        script = "\n".join([*steps, f"exec {shlex.join(self.command)}"])
        return ["/bin/sh", "-ec", script]

    def request(self) -> dict[str, Any]:
        """The host agent's `deploy` request, without the token."""
        return {
            "op": "deploy",
            "name": self.name,
            "command": self.argv(),
            "environment": dict(self.environment),
            "files": {
                name: {"text": file.text, "mode": file.mode} for name, file in self.files.items()
            },
            "restart": self.restart,
            "stop_seconds": self.stop_seconds,
            "labels": dict(self.labels),
        }


def _step(preparation: Preparation) -> str:
    run = shlex.join(preparation.argv)
    if not preparation.unless:
        return run
    return f"[ -e {shlex.quote(preparation.unless)} ] || {run}"
