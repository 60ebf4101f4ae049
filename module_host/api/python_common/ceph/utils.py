"""Points and spans of time as Ceph writes them, and hexadecimal text."""

import re
import string as characters
from datetime import UTC, datetime, timedelta


_FORMATS = ["%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f%z"]
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def datetime_now() -> datetime:
    """Now, in UTC; knows its timezone."""
    return datetime.now(tz=UTC)


def datetime_to_str(dt: datetime) -> str:
    """`dt` in UTC, to the microsecond: 2020-03-03T15:52:30.136257Z. A `dt` without a timezone is
    local time.
    """
    return dt.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def str_to_datetime(string: str) -> datetime:
    """The time that `string` names: ISO 8601 with a fraction of a second, of which nanoseconds are
    cut off; UTC where it names no timezone. Raises ValueError.
    """
    text = re.sub(r"(\.\d{6})\d+", r"\1", string)
    if text.endswith("Z"):
        text = text.removesuffix("Z") + "-0000"
    for pattern in _FORMATS:
        try:
            found = datetime.strptime(text, pattern)  # noqa: DTZ007  # replaced below
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    raise ValueError(f"Time data {text} does not match one of the formats {_FORMATS}")


def parse_timedelta(delta: str) -> timedelta | None:
    """The span that `delta` begins with: a whole number and one of s, m, h, d, or w at the end.
    None where it is none.
    """
    found = re.match(r"(-?\d+)([smhd]|w$)", delta, re.IGNORECASE)
    if found is None:
        return None
    number, unit = found.groups()
    return timedelta(**{_UNITS[unit.lower()]: int(number)})


def is_hex(s: str, strict: bool = True) -> bool:
    """Whether `s` is a hexadecimal number; `strict`: without a sign or a blank before it."""
    try:
        int(s, 16)
    except ValueError:
        return False
    return not strict or s[0] in characters.hexdigits
