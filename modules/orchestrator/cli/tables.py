"""Tables as ceph prints them: no borders, two spaces between columns."""

from datetime import datetime
from typing import Any, Optional

from mgr_util import format_bytes, to_pretty_timedelta
from prettytable import PrettyTable


UNKNOWN = "<unknown>"
NOTHING = "-"
WIDTH = 5  # of an amount of bytes


def table(heads: list[str], right: tuple[str, ...] = ()) -> PrettyTable:
    """An empty one; columns named in `right` are aligned there, the others left."""
    made = PrettyTable(heads, border=False)
    made.left_padding_width, made.right_padding_width = 0, 2
    made.align = "l"
    for head in right:
        made.align[head] = "r"
    return made


def known(text: Optional[str]) -> str:
    """The text, or a word for none."""
    return UNKNOWN if text is None else text


def ago(now: datetime, then: Optional[datetime], suffix: str = "") -> str:
    """How long it is since `then`, in one unit."""
    return to_pretty_timedelta(now - then) + suffix if then else NOTHING


def amount(count: Optional[int]) -> str:
    """Bytes; none and zero are not shown."""
    return format_bytes(count, WIDTH) if count else NOTHING


def yes(value: Any) -> str:
    """Yes or nothing."""
    return "Yes" if value else ""
