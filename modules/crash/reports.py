"""One crash report: what must be in it, when it happened, and which other crashes are alike."""

import hashlib
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any


Report = dict[str, Any]

REQUIRED = ("crash_id", "timestamp")
# Newer daemons write a T between date and time, older ones a blank.
_FORMATS = ("%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f")
# An assertion's text: what is the same each time stands before the thread and after the line.
_ASSERTION = re.compile(r"(?s)(.*) thread .* time .*(: .*)\n")


def parse(text: str) -> Report:
    """Read a report; raises ValueError saying what is wrong with it."""
    report = json.loads(text)
    # ValueError for wrong types too: one kind of error for one kind of mistake.
    if not isinstance(report, dict):
        raise ValueError(f"a JSON object was expected, not {type(report).__name__}")  # noqa: TRY004
    missing = [field for field in REQUIRED if not isinstance(report.get(field), str)]
    if missing:
        raise ValueError(f"missing '{missing[0]}' field")
    moment(report)
    if "backtrace" in report:
        report["stack_sig"] = signature(report["backtrace"], report.get("assert_msg"))
    return report


def moment(report: Report) -> datetime:
    """When it happened; raises ValueError for a timestamp in no known format."""
    text = report["timestamp"].rstrip("Z")
    for form in _FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(f"timestamp {report['timestamp']!r} is not like 2018-06-22T20:35:38.058818Z")


def signature(backtrace: Iterable[str], assertion: str | None) -> str:
    """Give the same text for crashes in the same place, whatever the addresses: a SHA-256."""
    digest = hashlib.sha256()
    for frame in backtrace:
        place = frame.rpartition(" ")[0] or frame
        digest.update(place[1:-1].partition("+")[0].encode())
    if assertion:
        found = _ASSERTION.match(assertion)
        digest.update("".join(found.groups() if found else (assertion,)).encode())
    return digest.hexdigest()
