"""Fenced blocks of a page, written to disk and typed at a shell, as the page's reader would.

A block's info string says what becomes of it: "python PATH" is a file, "console" is a session:
lines after "$ " are typed, what follows is the expected output of both streams. "..." in a line
stands for any text, a line "..." alone for any lines.
"""

import os
import re
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path


_FENCE = re.compile(r"^```(?P<info>.*)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE)
START = "mgr-supervisor "


@dataclass(frozen=True)
class Block:
    """One fenced block; `line` is where it begins."""

    line: int
    kind: str
    path: str
    text: str


@dataclass(frozen=True)
class Typed:
    """One command of a session and what it should print."""

    line: int
    command: str
    expected: str
    block: int  # where its session begins


def blocks(page: str) -> list[Block]:
    """All fenced blocks, in order."""
    found = []
    for match in _FENCE.finditer(page):
        kind, _, path = match["info"].strip().partition(" ")
        line = page.count("\n", 0, match.start()) + 1
        found.append(Block(line, kind, path, match["text"]))
    return found


def typed(page: str) -> list[Typed]:
    """All commands of all sessions, in order."""
    found: list[Typed] = []
    for block in blocks(page):
        if block.kind != "console":
            continue
        for n, text in enumerate(block.text.splitlines(), block.line + 1):
            if text.startswith("$ "):
                found.append(Typed(n, text.removeprefix("$ "), "", block.line))
            else:
                last = found.pop()
                found.append(replace(last, expected=f"{last.expected}{text}\n"))
    return found


def write_files(page: str, folder: Path) -> list[Path]:
    """Write each "python PATH" block below `folder`."""
    written = []
    for block in blocks(page):
        if block.kind == "python":
            path = folder / block.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
            written.append(path)
    return written


def type_at_shell(command: str, folder: Path, environment: dict[str, str]) -> str:
    """What a shell in `folder` prints. `export NAME=VALUE` stays in `environment`."""
    if command.startswith("export "):
        name, _, value = command.removeprefix("export ").partition("=")
        environment[name] = _shell(f'printf %s "{value}"', folder, environment)
        return ""
    return _shell(command, folder, environment)


def same(expected: str, actual: str) -> bool:
    """Whether the output is the expected one, but for what "..." stands for and for
    blank lines at its end: a traceback brings one.
    """
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else f"{_line(line)}\n"
        for line in expected.rstrip().splitlines()
    )
    text = "".join(f"{line.rstrip()}\n" for line in actual.rstrip().splitlines())
    return re.fullmatch(pattern, text) is not None


def _line(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.rstrip().split("..."))


def _shell(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )
    return done.stdout.decode(errors="replace")
