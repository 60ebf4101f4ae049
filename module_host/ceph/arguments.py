"""Checks of arguments, in the words of ceph-mgr, whose primitives are written in C++."""

import functools
import inspect
import operator
from collections.abc import Callable
from typing import Any, TypeVar, cast


INT_MIN, INT_MAX = -(1 << 31), (1 << 31) - 1  # of a C int

Primitive = TypeVar("Primitive", bound=Callable[..., Any])


def checked(name: str = "") -> Callable[[Primitive], Primitive]:
    """Make a method refuse arguments that are not as annotated: str, str | None, int or float.

    Other annotations are not looked at. `name` is what ceph-mgr calls the primitive: its TypeError
    names it for a wrong str. Raises TypeError, OverflowError for an int beyond 32 bits.
    """

    def decorate(method: Primitive) -> Primitive:
        kinds = [one.annotation for one in inspect.signature(method).parameters.values()][1:]
        checks = [(at, _CHECKS[kind]) for at, kind in enumerate(kinds) if kind in _CHECKS]

        @functools.wraps(method)
        def primitive(self: Any, *args: Any, **named: Any) -> Any:
            for at, check in checks:
                if at < len(args):
                    check(name, at + 1, args[at])
            return method(self, *args, **named)

        return cast(Primitive, primitive)

    return decorate


def _text(name: str, position: int, value: object) -> None:
    if not isinstance(value, str):
        _refuse(name, position, "str", value)


def _text_or_none(name: str, position: int, value: object) -> None:
    if value is not None and not isinstance(value, str):
        _refuse(name, position, "str or None", value)


def _refuse(name: str, position: int, wanted: str, value: object) -> None:
    given = "None" if value is None else type(value).__name__
    raise TypeError(f"{name}() argument {position} must be {wanted}, not {given}")


def _integer(name: str, position: int, value: Any) -> None:
    del name, position
    number = operator.index(value)  # raises the TypeError
    if number > INT_MAX:
        raise OverflowError("signed integer is greater than maximum")
    if number < INT_MIN:
        raise OverflowError("signed integer is less than minimum")


def _real(name: str, position: int, value: object) -> None:
    del name, position
    if not hasattr(type(value), "__float__") and not hasattr(type(value), "__index__"):
        raise TypeError(f"must be real number, not {type(value).__name__}")


_CHECKS: dict[Any, Callable[[str, int, Any], None]] = {
    str: _text,
    str | None: _text_or_none,
    int: _integer,
    float: _real,
}
