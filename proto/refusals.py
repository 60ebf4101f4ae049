"""Texts and errnos, as of ceph-mgr 16.2.15, for a command that cannot be handed to a module."""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass
from typing import Any


# As ceph-mgr numbers them.
_JSON_TYPES = {dict: 0, list: 1, str: 2, bool: 3, int: 4, float: 5, type(None): 6}


@dataclass(frozen=True)
class Refusal:
    """The whole answer: `retval` is -errno, `text` goes to stderr."""

    retval: int
    text: str


def parse(text: str | bytes) -> dict[str, Any] | Refusal:
    """Read a command as a client sends it: a JSON object whose "prefix" is text.

    Values are text, numbers, booleans, or lists of text or of numbers, as ceph-mgr 16.2.15 takes
    them. A missing prefix counts as "".
    """
    shown = text if isinstance(text, str) else text.decode(errors="replace")
    try:
        command = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return Refusal(-errno.EINVAL, f"unparseable JSON {shown}")
    if not isinstance(command, dict):
        return Refusal(-errno.EINVAL, f"not JSON object {shown}")
    if not all(_flat(value) for value in command.values()):
        return Refusal(-errno.EINVAL, f"JSON array/object not allowed {shown}")
    for value in command.values():
        if isinstance(value, list) and (why := _mixed(value)):
            return Refusal(-errno.EINVAL, why)
    if not isinstance(command.setdefault("prefix", ""), str):
        return Refusal(-errno.EINVAL, "bad or missing field 'prefix'")
    return command


def no_handler(prefix: str) -> Refusal:
    """Nobody declared the prefix."""
    return Refusal(-errno.EINVAL, f"No handler found for '{prefix}'")


def access_denied() -> Refusal:
    """The client's rights do not cover the command."""
    return Refusal(
        -errno.EACCES,
        "access denied: does your client key have mgr caps? "
        "See http://docs.ceph.com/en/latest/mgr/administrator/#client-authentication",
    )


def not_enabled(module: str, prefix: str) -> Refusal:
    """The module is disabled."""
    return Refusal(
        -errno.EOPNOTSUPP,
        f"Module '{module}' is not enabled/loaded (required by command '{prefix}'): "
        f"use `ceph mgr module enable {module}` to enable it",
    )


def failed_to_load(module: str, error: str) -> Refusal:
    """The module is enabled, but could not be imported, may not run, or did not get constructed."""
    return Refusal(
        -errno.EIO, f"Module '{module}' failed to load and cannot handle commands: {error}"
    )


def serve_died(module: str, error: str) -> Refusal:
    """serve() of the module raised `error`."""
    return Refusal(
        -errno.EIO,
        f"Module '{module}' has experienced an error and cannot handle commands: {error}",
    )


def runs_after_failure(module: str, prefix: str) -> bool:
    """Whether a module whose serve() raised gets the command all the same, as in ceph-mgr."""
    return prefix == f"{module} self-test"


def not_now(module: str, state: str, reason: str = "") -> Refusal:
    """The module has no process that could answer at this moment, and will have one; ours alone."""
    why = f" (last: {reason})" if reason else ""
    return Refusal(
        -errno.EAGAIN,
        f"Module '{module}' is {state} and cannot handle commands now{why}; try again",
    )


def _flat(value: object) -> bool:
    return isinstance(value, str | int | float | list)


def _mixed(items: list[Any]) -> str:
    """Why a list is none that a command may have; "": it may. The first item says what it is of."""
    if not items:
        return ""
    first = type(items[0])
    if first not in (str, int, float):
        return "Can't handle arrays of types other than int, string, or double"
    for item in items:
        if type(item) is not first and not (first is float and type(item) is int):
            return f"value type is {_JSON_TYPES[type(item)]} not {_JSON_TYPES[first]}"
    return ""


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")
