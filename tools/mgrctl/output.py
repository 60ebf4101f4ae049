"""Where a command's answer goes: stdout or a file, stderr, and the exit code."""

import errno
import sys
from pathlib import Path

from mgrctl.errors import FileTrouble
from proto.v1.control_pb2 import CommandResult


def read_input(name: str | None) -> bytes:
    """What is sent along with the command: a file, "-" for stdin, None for nothing."""
    if name is None:
        return b""
    if name == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(name).read_bytes()
    except (OSError, ValueError) as error:
        raise FileTrouble(f"Can't open input file {name}: {error}") from None


def show(result: CommandResult, output: str | None, *, append: bool = False) -> int:
    """Print the answer; returns the exit code: errno when the command failed, else 0.

    In a file (-o) stdout is byte for byte what the daemon sent. On stdout, text gets the newline
    that it lacks. `append` keeps what the file holds already.
    """
    if output is not None and output != "-":
        _write_file(output, result.stdout, append=append)
    else:
        sys.stdout.buffer.write(_with_newline(result.stdout))
        sys.stdout.buffer.flush()
    text = result.stderr.decode("utf-8", "replace")
    if result.retval < 0:
        complain(text, -result.retval)
        return min(-result.retval, 255)
    if text:
        print(text, file=sys.stderr)
    return 0


def complain(text: str, code: int) -> None:
    """Print an error as the ceph client does: `Error EINVAL: text`."""
    print(f"Error {errno.errorcode.get(code, code)}: {text}", file=sys.stderr)


def _with_newline(data: bytes) -> bytes:
    if not data or data.endswith(b"\n"):
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data
    return data + b"\n"


def _write_file(name: str, data: bytes, *, append: bool) -> None:
    try:
        with Path(name).open("ab" if append else "wb") as file:
            file.write(data)
    except (OSError, ValueError) as error:
        raise FileTrouble(f"Can't open output file {name}: {error}") from None
