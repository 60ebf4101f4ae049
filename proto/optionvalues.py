"""Values of options, checked and normalised as 16.2.15's monitors do in `config set`."""

from collections.abc import Callable, Sequence
from typing import Protocol

from proto import addresses, quantities
from proto.quantities import BadValueError


_Value = int | float | str
_Parse = Callable[[str], _Value]


class Declared(Protocol):
    """What a declaration says of an option's values; a `ModuleOption` message says it as well."""

    @property
    def type(self) -> str:
        """Name of the type, "int"; an unknown one counts as text."""

    @property
    def min(self) -> str | None:
        """The least value as text; None or "": none."""

    @property
    def max(self) -> str | None:
        """The greatest value as text; None or "": none."""

    @property
    def enum_allowed(self) -> Sequence[str]:
        """The permitted texts; empty: any."""


def normalise(declaration: Declared, text: str) -> str:
    """Return `text` as it is to be stored; raises ValueError with the monitor's sentence.

    A range counts only where both ends are declared, and permitted values only for text: so do the
    monitors of 16.2.15. Stricter than these: a negative number of milliseconds and text behind an
    address are refused.
    """
    try:
        parse = _PARSERS.get(declaration.type, str)
        value = parse(text)
        _check_range(declaration, parse, value)
        _check_permitted(declaration, value)
    except BadValueError as error:
        raise ValueError(f"error parsing value: {error}") from None
    return _render(value)


def _check_range(declaration: Declared, parse: _Parse, value: _Value) -> None:
    if declaration.type in _UNORDERED or not declaration.min or not declaration.max:
        return
    try:
        low, high = parse(declaration.min), parse(declaration.max)
    except BadValueError:  # the module's mistake must not make the option unusable
        return
    if value < low:  # type: ignore[operator]  # all three come from the same parser
        raise BadValueError(f"Value '{_render(value)}' is below minimum {_render(low)}")
    if value > high:  # type: ignore[operator]  # as above
        raise BadValueError(f"Value '{_render(value)}' exceeds maximum {_render(high)}")


def _check_permitted(declaration: Declared, value: _Value) -> None:
    permitted = declaration.enum_allowed
    if not permitted or declaration.type != "str" or value in permitted:
        return
    named = ", ".join(sorted(filter(None, permitted)))
    raise BadValueError(f"'{value}' is not one of the permitted values: {named}")


def _render(value: _Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, float) else str(value)


_UNORDERED = frozenset({"bool", "addr", "addrvec", "uuid"})

_PARSERS: dict[str, _Parse] = {
    "str": str,
    "int": quantities.integer,
    "uint": quantities.unsigned,
    "float": quantities.real,
    "bool": quantities.boolean,
    "size": quantities.size,
    "secs": quantities.seconds,
    "millisecs": quantities.milliseconds,
    "addr": addresses.address,
    "addrvec": addresses.vector,
    "uuid": addresses.uuid,
}
