"""One command line of mgrctl, from its words to its exit code."""

import io
import sys
from collections.abc import Sequence
from dataclasses import replace

from mgrctl.connection import Connection, socket_path
from mgrctl.errors import FileTrouble, Refused, Unreachable
from mgrctl.follow import follow
from mgrctl.options import Options, parse, print_options
from mgrctl.output import complain
from mgrctl.prompt import run_lines
from mgrctl.repl import repl
from mgrctl.session import Session
from mgrctl.usage import command_help
from proto.version import PROTOCOL, VERSION


def run(argv: Sequence[str]) -> int:
    """Run one command line; every mistake of the operator ends in a sentence and an exit code."""
    try:
        options = parse(argv)
        if options.version:
            print(_version())
            return 0
        if options.help and not options.words:
            print_options()
            print()
        with Connection(socket_path(options.socket), _version(), options.timeout) as connection:
            return _converse(Session(connection), options)
    except (Refused, Unreachable, FileTrouble) as error:
        return _explain(error)


def _converse(session: Session, options: Options) -> int:
    if isinstance(sys.stdin, io.TextIOWrapper):
        # A byte that is no text spoils its line and not the input.
        sys.stdin.reconfigure(errors="surrogateescape")
    if options.help or options.words:
        return _command(session, options)

    def line(words: Sequence[str]) -> int:
        try:
            asked = parse(words)
            return _command(session, replace(asked, format=asked.format or options.format))
        except (Refused, FileTrouble) as error:
            return _explain(error)

    return run_lines(line, session.commands)


def _command(session: Session, options: Options) -> int:
    repl_asked = options.words[:1] == ("repl",)
    if options.help and repl_asked:
        print_options(repl=True)
        return 0
    if options.help:
        print(command_help(session.commands, options.words))
        return 0
    if options.words[:2] == ("module", "logs") and (options.follow or options.lines is not None):
        return follow(session, options)
    if repl_asked:
        return repl(session, options)
    return session.run(options)


def _explain(error: Refused | Unreachable | FileTrouble) -> int:
    sys.stdout.flush()
    if isinstance(error, Refused):
        print(error, file=sys.stderr)
        complain("invalid command", error.exit_code)
    else:
        print(f"mgrctl: {error}" if isinstance(error, Unreachable) else error, file=sys.stderr)
    return error.exit_code


def _version() -> str:
    return f"mgrctl {VERSION} (protocol {PROTOCOL})"
