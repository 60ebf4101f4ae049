"""What `mgrctl --help` prints of the daemon's commands."""

import shutil
import textwrap
from collections.abc import Iterable, Sequence

from mgrctl.commands import Command
from mgrctl.errors import Refused


COLUMN = 40


def command_help(commands: Iterable[Command], words: Sequence[str]) -> str:
    """Usage and description of every command whose name begins with `words`, sorted.

    Raises Refused when there is none.
    """
    start = " ".join(words)
    chosen = sorted(
        (c for c in commands if c.signature.prefix.startswith(start)),
        key=lambda c: c.signature.usage(),
    )
    if not chosen:
        raise Refused(f"no command begins with '{start}'; `mgrctl --help` lists all of them")
    width = max(COLUMN, shutil.get_terminal_size().columns - COLUMN - 1)
    return "\n".join(_two_columns(c.signature.usage(), c.help, width) for c in chosen)


def _two_columns(usage: str, text: str, width: int) -> str:
    left = textwrap.wrap(usage, COLUMN - 1, subsequent_indent=" ", break_on_hyphens=False)
    right = textwrap.wrap(text, width)
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    return "\n".join(f"{a:{COLUMN}}{b}".rstrip() for a, b in zip(left, right, strict=True))
