"""Runs one command and makes of its outcome what a client gets, as ceph-mgr 16.2.15 does.

One deviation: output that is not text wedges ceph-mgr's thread for ever; here it is an error.
"""

import errno
import json
import traceback
from typing import Any

from proto.v1.control_pb2 import CommandResult
from proto.v1.module_pb2 import Command


_INT32 = range(-(1 << 31), 1 << 31)


def run(module: Any, command: Command) -> CommandResult:
    """Call the module's handler; whatever it does, there is a result."""
    try:
        inbuf = command.inbuf.decode()
    except UnicodeDecodeError as error:
        return failure(errno.EINVAL, f"UnicodeDecodeError: {error}")
    try:
        arguments = json.loads(command.json)
    except ValueError as error:
        return failure(errno.EINVAL, f"unparseable JSON: {error}")
    try:
        # A command without -i has no inbuf: handlers get "".
        result = module._handle_command(inbuf, arguments)  # noqa: SLF001  the framework's own entry
    except BaseException:
        return failure(errno.EINVAL, traceback.format_exc())
    return shape(result, command.prefix)


def failure(number: int, text: str) -> CommandResult:
    """A result of our own: errno `number` and a text for the client's stderr."""
    return CommandResult(retval=-number, stderr=text.encode(errors="replace"))


def shape(result: Any, prefix: str) -> CommandResult:
    """The client's view of what a handler returned."""
    if not isinstance(result, tuple) or len(result) != 3:
        return failure(errno.EINVAL, "")
    retval, stdout, stderr = result
    for name, text in (("stdout", stdout), ("stderr", stderr)):
        if not isinstance(text, str):
            return failure(
                errno.EINVAL,
                f"the handler of '{prefix}' returned {type(text).__name__} as {name}, not str: "
                "a defect of the module",
            )
    if not isinstance(retval, int) or retval not in _INT32:
        retval = -1
    return CommandResult(retval=int(retval), stdout=_text(stdout), stderr=_text(stderr))


def _text(text: str) -> bytes:
    return text.partition("\0")[0].encode(errors="replace")
