"""How one value of the configuration file is read: parsers, each of which says what is allowed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from supervisor.accounts import UnknownAccountError, group_id, user_id
from supervisor.core.grants import GrantError
from supervisor.core.limits import Bounds


NOBODY = 2**32 - 1  # (uid_t) -1, which is no user
_SYSTEM_UIDS = 1000  # those below are the machine's own
_NO_UIDS = (65534, 65535)  # nobody, and -1 in 16 bits
_SUFFIXES = {"K": 10, "M": 20, "G": 30, "T": 40}
Parse = Callable[[Any], Any]


class BadValueError(Exception):
    """A value that does not fit; carries what is allowed."""


def text(value: Any) -> str:
    """Any string."""
    if not isinstance(value, str):
        raise BadValueError("a string")
    return value


def name(value: Any) -> str:
    """A name that may be part of a file's name."""
    if not isinstance(value, str) or not value or set(value) & set("/ \t\n\0"):
        raise BadValueError("a name without blanks or slashes")
    return value


def folder(value: Any) -> Path:
    """An absolute path, there or not."""
    if not isinstance(value, str) or not value.startswith("/") or "\0" in value:
        raise BadValueError("an absolute path")
    return Path(value)


def seconds(value: Any) -> float:
    """A span of time, in seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 86400:
        raise BadValueError("a number of seconds above 0, up to 86400")
    return float(value)


def size(value: Any) -> int:
    """A size in bytes; 0: unlimited."""
    if isinstance(value, bool) or not isinstance(value, int) or not (value == 0 or value >= 4096):
        raise BadValueError("a number of bytes from 4096 on, or 0 for no limit")
    return value


def keep(value: Any) -> int:
    """A number of files."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1000:
        raise BadValueError("a number of files from 1 to 1000")
    return value


def choice(*allowed: str) -> Parse:
    """One of these words."""

    def parse(value: Any) -> str:
        if value not in allowed:
            raise BadValueError("one of " + ", ".join(f'"{word}"' for word in allowed))
        return str(value)

    return parse


def list_of(item: Parse) -> Parse:
    """A list, each item read by `item`."""

    def parse(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise BadValueError("a list")
        try:
            return tuple(item(one) for one in value)
        except BadValueError as bad:
            raise BadValueError(f"a list of which each item is {bad}") from None

    return parse


def flag(value: Any) -> bool:
    """On or off."""
    if not isinstance(value, bool):
        raise BadValueError("true or false")
    return value


def member(value: Any) -> tuple[str, int]:
    """A user or a group, as (kind, number)."""
    allowed = 'a user name, a uid, "@group" or "@gid"'
    if isinstance(value, bool) or not isinstance(value, str | int) or value in ("", "@"):
        raise BadValueError(allowed)
    if isinstance(value, int) and not 0 <= value < NOBODY:
        raise BadValueError(allowed)
    try:
        if isinstance(value, str) and value.startswith("@"):
            return "group", group_id(value[1:])
        return "user", user_id(value)
    except UnknownAccountError as error:
        raise BadValueError(f"{allowed}; {error} on this machine") from None


def uids(value: Any) -> range:
    """Numbers for users, as "first-last"; none where it is empty."""
    if value == "":
        return range(0)
    first, dash, last = value.partition("-") if isinstance(value, str) else ("", "", "")
    if dash and first.isascii() and last.isascii() and first.isdigit() and last.isdigit():
        found = range(int(first), int(last) + 1)
        if (
            len(found) > 1
            and found[0] >= _SYSTEM_UIDS
            and found[-1] < NOBODY
            and not (set(_NO_UIDS) & set(found))
        ):
            return found
    raise BadValueError(
        f'"first-last", two uids at least, from {_SYSTEM_UIDS} on and without '
        f'{" and ".join(map(str, _NO_UIDS))}, or "" for none'
    )


def texts(value: Any) -> dict[str, str]:
    """Strings by name."""
    if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
        raise BadValueError("a table of strings")
    return value


def path(value: Any) -> str:
    """The same as text, as grants have it."""
    return str(folder(value))


def grant(read: Callable[[Any], Any]) -> Parse:
    """What a parser of grants takes."""

    def parse(value: Any) -> Any:
        try:
            return read(value)
        except GrantError as error:
            raise BadValueError(error.allowed) from None

    return parse


def limit(bounds: Bounds) -> Parse:
    """A whole number, or with a suffix of Ceph's: "512M" is 512 * 1024 * 1024."""
    allowed = f'{bounds.low} to {bounds.high} {bounds.unit}, as 4096 or "4K", "4M", "4G"'
    if bounds.lifted:
        allowed += ", or 0 for no limit"

    def parse(value: Any) -> int:
        number = value
        if isinstance(value, str) and value[-1:] in _SUFFIXES and value[:-1].isascii():
            digits = value[:-1]
            number = int(digits) << _SUFFIXES[value[-1]] if digits.isdigit() else None
        if isinstance(number, bool) or not isinstance(number, int):
            raise BadValueError(allowed)
        if not (bounds.low <= number <= bounds.high or (bounds.lifted and number == 0)):
            raise BadValueError(allowed)
        return number

    return parse


def pattern(value: Any) -> str:
    """A name, or a shell pattern."""
    if not isinstance(value, str) or not value.strip():
        raise BadValueError('a name or a pattern like "osd *"')
    return value


def calls(value: Any) -> dict[str, tuple[str, ...]]:
    """Lists of methods by module."""
    methods = list_of(pattern)
    try:
        return {pattern(module): methods(given) for module, given in dict(value).items()}
    except (TypeError, ValueError, BadValueError):
        raise BadValueError('a table of lists, like { progress = ["update"] }') from None
