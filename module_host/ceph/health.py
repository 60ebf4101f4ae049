"""Health checks as modules write them, read as leniently as ceph-mgr 16.2.15 reads them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from module_host.session import Check


Complain = Callable[[str], None]
_PARTS = ("severity", "summary", "count", "detail")


def checks(stated: Any, complain: Complain) -> list[Check] | None:
    """Read {code: {severity, summary, count, detail}}; None where it is no dict at all.

    A bad piece is dropped with a complaint, the rest of its check stays. Raises SystemError for a
    code that is no text.
    """
    if not isinstance(stated, Mapping):
        complain(f"set_health_checks() takes a dict of checks, not {type(stated).__name__}")
        return None
    return [_check(code, parts, complain) for code, parts in _entries(stated, complain)]


def _entries(stated: Mapping[Any, Any], complain: Complain) -> Iterator[tuple[str, Any]]:
    for code, parts in stated.items():
        if not isinstance(code, str):
            raise SystemError(  # noqa: TRY004  what ceph-mgr raises
                f"a health check's name must be str, not {type(code).__name__}"
            )
        if isinstance(parts, Mapping):
            yield code, parts
        else:
            complain(f"health check {code}: a dict was expected, not {type(parts).__name__}")


def _check(code: str, parts: Mapping[Any, Any], complain: Complain) -> Check:
    severity, summary, count, detail = "", "", 0, []
    for name, value in parts.items():
        match name, value:
            case "severity", str():
                severity = value
            case "summary", str():
                summary = value
            case "count", int():
                count = int(value)
            case "detail", list():
                detail = [line for line in value if isinstance(line, str)]
                if len(detail) < len(value):
                    complain(f"health check {code}: a line of 'detail' is no str; dropped")
            case _ if name in _PARTS:
                complain(f"health check {code}: {name!r} has a wrong type; dropped")
            case _:
                complain(f"health check {code}: unknown key {name!r}; skipped")
    return Check(code, severity, summary, count, detail)
