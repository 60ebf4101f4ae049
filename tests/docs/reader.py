"""Reads a page as its reader would: writes its files, starts its supervisor, types its sessions."""

import itertools
import os
import shlex
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conditions import poll_for
from tests.daemon import BIN, Daemon
from tests.docs import snippets
from tests.inprocess import screen


# Lines that change nothing, and may be typed until they show what a module does meanwhile.
_LOOKS = (
    "mgrctl health",
    "mgrctl module ",
    "mgrctl status",
    "mgrctl mgr services",
    "mgrctl log last",
    "mgrctl watcher ",
    "mgrctl orch ls",
    "mgrctl orch ps",
)


@dataclass
class Project:
    """The reader's folder, with a supervisor that the page's own line started."""

    folder: Path
    daemon: Daemon
    lines: list[snippets.Typed]
    outputs: dict[int, str]

    def check(self, block: int) -> None:
        """Fail where a line of the session that begins there printed something else."""
        for line in self.lines:
            if line.block == block:
                output = self.outputs[line.line]
                shown = f"{line.command}\nexpected:\n{line.expected}\nprinted:\n{output}"
                assert snippets.same(line.expected, output), shown


@contextmanager
def reading(
    page: str, plant: Callable[[Path], None], *, enable: Sequence[str] = ()
) -> Iterator[Project]:
    """Type every line, once, in the page's order. `plant` adds to the folder what no block writes,
    `enable` names modules of it.
    """
    lines = snippets.typed(page)
    with tempfile.TemporaryDirectory(prefix="g-", dir="/tmp") as name:
        folder = Path(name)
        snippets.write_files(page, folder)
        plant(folder)
        (start,) = (t.command for t in lines if t.command.startswith(snippets.START))
        words = shlex.split(start.removesuffix("&"))
        state = words.index("--state")
        daemon = Daemon(folder / words[state + 1], [])
        daemon.arguments = [
            str(folder / w) if before in ("--module-path", "--config") else w
            for before, w in itertools.pairwise(words)
            if w not in words[state : state + 2]
        ]
        daemon.arguments += [word for name in enable for word in ("--enable", name)]
        daemon.state.mkdir()
        try:
            daemon.start()
            # A reader types more slowly than modules start.
            poll_for(lambda: {"starting"}.isdisjoint(r["state"] for r in daemon.ps().values()), 30)
            yield Project(folder, daemon, lines, _type_all(lines, folder))
        finally:
            daemon.kill()


def _type_all(lines: list[snippets.Typed], folder: Path) -> dict[int, str]:
    environment = {"PATH": f"{BIN}:{os.environ['PATH']}", "COLUMNS": "80"}
    outputs = {}
    for line in lines:
        if line.command.startswith(snippets.START):
            outputs[line.line] = ""
            continue
        outputs[line.line] = _settled(line, folder, environment)
    return outputs


def _settled(line: snippets.Typed, folder: Path, environment: dict[str, str]) -> str:
    """The output once it is the expected one: what modules do in the background takes a moment."""
    output = ""

    def as_expected() -> bool:
        nonlocal output
        output = _type(line.command, folder, environment)
        return snippets.same(line.expected, output)

    if line.command.startswith(_LOOKS):
        try:
            poll_for(as_expected, 15)
        except AssertionError:
            pass
    else:
        as_expected()
    return output


def _type(command: str, folder: Path, environment: dict[str, str]) -> str:
    """A plain mgrctl line needs no process of its own; anything else, also what reads a file of the
    folder, goes to a shell.
    """
    plain = command.startswith("mgrctl ") and " -i " not in command
    if plain and not set("|;&<>$`") & set(command):
        return screen(Path(environment["MGRCTL_SOCKET"]), shlex.split(command)[1:])
    return snippets.type_at_shell(command, folder, environment)
