"""mgrctl in the test's own process: the same code without the start of an interpreter."""

import contextlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from mgrctl import cli
from mgrctl.output import show

from proto.v1.control_pb2 import CommandResult
from tests.daemon import Answered


def mgrctl(socket: Path, words: str, *more: str, stdin: bytes = b"") -> Answered:
    """One command line: `words` are split at blanks, `more` are taken as they are."""
    line = ["--socket", str(socket), *words.split(), *more]
    with mock.patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin))):
        return _captured(lambda: cli.run(line))


def screen(socket: Path, words: list[str]) -> str:
    """What a terminal would show of one command line: both streams, in their order."""
    both = io.TextIOWrapper(io.BytesIO(), write_through=True)
    with contextlib.redirect_stdout(both), contextlib.redirect_stderr(both):
        cli.run(["--socket", str(socket), *words])
    assert isinstance(both.buffer, io.BytesIO)
    return both.buffer.getvalue().decode()


def shown(retval: int, stdout: str, stderr: str) -> Answered:
    """What mgrctl makes of a result that it gets."""
    result = CommandResult(retval=retval, stdout=stdout.encode(), stderr=stderr.encode())
    return _captured(lambda: show(result, None))


def _captured(run: Callable[[], int]) -> Answered:
    out, err = io.TextIOWrapper(io.BytesIO()), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run()
        out.flush()
    assert isinstance(out.buffer, io.BytesIO)
    return Answered(code, out.buffer.getvalue().decode(), err.getvalue())
