"""Commands read from stdin, line by line: with a prompt and completion on a terminal."""

import shlex
import sys
from collections.abc import Callable, Sequence

from mgrctl.commands import Command
from proto.argtypes import CephChoices
from proto.descriptor import Literal


PROMPT = "mgrctl> "
QUIT = ("q", "quit", "exit")


def run_lines(run: Callable[[list[str]], int], commands: Sequence[Command]) -> int:
    """Run each line as a command line until the input ends or says quit.

    Returns the exit code of the last one. A line that cannot be run is told and does not end it.
    """
    terminal = sys.stdin.isatty()
    if terminal:
        _complete_with(commands)
    code = 0
    while True:
        try:
            line = input(PROMPT if terminal else "")
        except EOFError:
            if terminal:
                print()
            return code
        except KeyboardInterrupt:
            if not terminal:
                raise
            print()
            continue
        if line.strip() in QUIT:
            return code
        if line.strip():
            code = _run_line(run, line)


def _run_line(run: Callable[[list[str]], int], line: str) -> int:
    try:
        words = shlex.split(line)
    except ValueError as error:
        print(f"cannot split this line into words: {error}", file=sys.stderr)
        return 22
    return run(["--help", *words[1:]] if words[0] == "help" else words)


def candidates(commands: Sequence[Command], words: Sequence[str], text: str) -> list[str]:
    """The words that may follow `words` and begin with `text`, sorted."""
    found = set[str]()
    for command in commands:
        items = command.signature.items
        if len(items) <= len(words):
            continue
        before = zip(items, words, strict=False)
        if any(isinstance(item, Literal) and item.text != word for item, word in before):
            continue
        item = items[len(words)]
        if isinstance(item, Literal):
            found.add(item.text)
        elif isinstance(item.type, CephChoices):
            found.update(item.type.strings)
    return sorted(word for word in found if word.startswith(text))


def _complete_with(commands: Sequence[Command]) -> None:
    # Only here: on some terminals the import itself prints.
    import readline

    def complete(text: str, state: int) -> str | None:
        words = readline.get_line_buffer()[: readline.get_begidx()].split()
        found = candidates(commands, words, text)
        return f"{found[state]} " if state < len(found) else None

    readline.set_completer_delims(" \t")
    readline.set_completer(complete)
    readline.parse_and_bind("tab: complete")
