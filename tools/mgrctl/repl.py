"""`repl [--prefix COMMAND]`: Python's prompt inside a module, over the module's eval command."""

import errno
import sys
import traceback

from mgrctl.commands import Match
from mgrctl.errors import Refused
from mgrctl.history import History
from mgrctl.options import Options
from mgrctl.output import complain, show
from mgrctl.session import Session
from mgrctl.statements import Statements
from proto.v1.control_pb2 import CommandResult


PREFIX = "mgr self-test eval"
MORE = "... "
NOTHING = b"pass\n"
QUIT = ("exit", "exit()", "quit", "quit()")
# Upstream's eval returns this positive number for a statement that is not whole.
INCOMPLETE = 2


def repl(session: Session, options: Options) -> int:
    """Run statements of stdin in the module until its end; with a prompt on a terminal.

    Returns 0; of a script EINVAL where a statement failed; an errno where the module cannot be
    asked at all. Raises Refused for words and options that a console has no use for.
    """
    if len(options.words) > 1 or options.input or options.output or options.period is not None:
        raise Refused('`mgrctl repl` takes --prefix "COMMAND" only; Python is read from stdin')
    chosen = _eval_command(session, options.prefix if options.prefix is not None else PREFIX)
    reached = session.send(chosen, {}, NOTHING)
    if reached.retval < 0:
        return show(reached, None)
    if sys.stdin is None:
        return 0
    if not sys.stdin.isatty():
        return _script(session, chosen)
    owner = chosen.command.owner
    print(f"Python runs in module '{owner}'; `mgr` is the module. Ctrl-D ends.", file=sys.stderr)
    with History("repl-history"):
        _converse(session, chosen)
    return 0


def _eval_command(session: Session, prefix: str) -> Match:
    name = " ".join(prefix.split())
    commands = {command.signature.prefix: command for command in session.commands}
    found = commands.get(name)
    if found is None or not found.owner.isidentifier():
        others = sorted(n for n in commands if n.split()[-1] == "eval")
        there = f"there is {', '.join(others)}" if others else "no module has an eval command"
        raise Refused(f"no module has a command '{name}' ({there}); name one with --prefix")
    if any(argument.required for argument in found.signature.arguments):
        raise Refused(f"'{found.signature.usage()}' is no eval command: it cannot do with -i alone")
    return Match(found, {"prefix": name})


def _converse(session: Session, chosen: Match) -> None:
    statements = Statements(script=False)
    prompt = f"[{chosen.arguments['prefix']}] >>> "
    while True:
        try:
            line = input(MORE if statements.pending else prompt)
            if line.strip() in QUIT and not statements.pending:
                return
            _step(session, chosen, statements, line)
        except EOFError:
            print()
            return
        except KeyboardInterrupt:
            print("\nKeyboardInterrupt", file=sys.stderr)
            statements.clear()


def _script(session: Session, chosen: Match) -> int:
    statements = Statements(script=True)
    good = True
    for line in sys.stdin:
        good &= _step(session, chosen, statements, line.rstrip("\n"))
    good &= _step(session, chosen, statements, None)
    return 0 if good else errno.EINVAL


def _step(session: Session, chosen: Match, statements: Statements, line: str | None) -> bool:
    """Take one line, None for the end; returns False where something of it failed."""
    good = True
    try:
        if line is not None:
            line.encode()
        for source in statements.end() if line is None else statements.feed(line):
            good &= _print(session.send(chosen, {}, source.encode()))
    except UnicodeEncodeError:
        print("this line is not UTF-8", file=sys.stderr)
        statements.clear()
        return False
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError) as error:
        sys.stdout.flush()
        traceback.print_exception(error.with_traceback(None), chain=False)
        return False
    return good


def _print(result: CommandResult) -> bool:
    """Print what the module's side printed; returns False where it failed."""
    sys.stdout.buffer.write(result.stdout)
    sys.stdout.flush()
    text = result.stderr.decode("utf-8", "replace")
    if result.retval == INCOMPLETE:
        text = text or "the module takes this statement for incomplete"
    if result.retval < 0 and (result.retval != -errno.EINVAL or not text):
        # Not the source's: the module was disabled, say.
        complain(text.rstrip("\n"), -result.retval)
    elif text:
        print(text, end="" if text.endswith("\n") else "\n", file=sys.stderr)
    return result.retval == 0
