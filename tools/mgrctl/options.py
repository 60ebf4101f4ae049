"""mgrctl's own options, told apart from the words of a command.

Options may stand anywhere. What is not one of them, `--pool x` for example, belongs to the command.
"""

import argparse
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, NoReturn

from mgrctl.connection import DEFAULT_SOCKET
from mgrctl.errors import Refused


FORMATS = ("plain", "json", "json-pretty", "xml", "xml-pretty", "yaml")

EPILOG = f"""\
The daemon's socket is --socket, else MGRCTL_SOCKET, else {DEFAULT_SOCKET}.
The exit code is 0, or the errno of what failed. `mgrctl module logs NAME [-n LINES] [-f]`
prints a module's log and follows it. `mgrctl repl [--prefix "mgr my-module eval"]` runs Python in a
module. Without words, commands are read from stdin."""


@dataclass(frozen=True)
class Options:
    """A parsed command line; `words` are the command's."""

    words: tuple[str, ...]
    socket: str | None
    timeout: float | None
    format: str | None
    input: str | None
    output: str | None
    period: float | None
    help: bool
    version: bool
    lines: int | None = None
    follow: bool = False
    prefix: str | None = None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Refused(f"{message}; see `mgrctl --help`")


def parse(argv: Sequence[str]) -> Options:
    """Parse a command line; raises Refused."""
    begin = _command_words(argv)[:2]
    parser = _parser(logs=begin == ["module", "logs"], repl=begin[:1] == ["repl"])
    known, words = parser.parse_known_args(list(argv))
    if "--" in words:
        words.remove("--")  # the end of options, which belongs to no command
    fields = vars(known)
    status = fields.pop("status")
    return Options(words=("status", *words) if status else tuple(words), **fields)


def print_options(file: IO[str] | None = None, *, repl: bool = False) -> None:
    """Print the options that mgrctl itself has; `repl`: that one's too."""
    _parser(repl=repl).print_help(file or sys.stdout)


def _parser(*, logs: bool = False, repl: bool = False) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="mgrctl",
        usage="mgrctl [options] [words of a command]",
        description="Drives mgr-supervisor in the words of the ceph command.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("-h", "--help", action="store_true", help="these options and the commands that begin so")
    add("--version", "-v", action="store_true", help="the version of mgrctl")
    add("--socket", metavar="PATH", help="control socket of mgr-supervisor")
    add("--timeout", metavar="S", type=_seconds, help="longest wait for an answer; default: none")
    add(*(["--format"] if logs else ["-f", "--format"]), choices=FORMATS, help="output format")
    add("-i", "--in-file", dest="input", metavar="FILE", help='sent along; "-" for stdin')
    add("-o", "--out-file", dest="output", metavar="FILE", help="gets the output, as it is")
    add("-s", "--status", action="store_true", help="the same as the word status")
    add("-p", "--period", metavar="N", type=_period, help="run a polling command every N seconds")
    if logs:
        add("-n", "--lines", type=_lines, help="print the last LINES lines")
        add("-f", "--follow", action="store_true", help="print what is added until interrupted")
    if repl:
        add("--prefix", metavar="COMMAND", help="the module's eval command")
    return parser


def _command_words(argv: Sequence[str]) -> list[str]:
    """What the words begin with, to tell `-f` of `module logs` from --format."""
    valued = {"--socket", "--timeout", "--format", "-i", "--in-file", "-o", "--out-file"}
    valued |= {"-p", "--period", "--prefix"}
    words, rest = list[str](), iter(argv)
    for word in rest:
        if word in valued:
            next(rest, None)
        elif not word.startswith("-"):
            words.append(word)
    return words


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' must be a number of seconds above 0")
    return seconds


def _period(text: str) -> float:
    """Seconds; 0 or less means once, as with the ceph client."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not seconds < 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' must be a number of seconds; 0 runs once")
    return seconds


def _lines(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"'{text}' must be a number of lines")
    return int(text)
