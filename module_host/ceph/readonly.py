"""Documents that many readers share: every attempt to change one is a TypeError.

They are dicts and lists, so that whatever reads those reads these: json, isinstance(), ==, slices.
"""

import copy
from collections.abc import Callable
from typing import Any, NoReturn

from proto import lowering


def frozen(value: Any) -> Any:
    """Give a decoded JSON value so that it cannot be changed, at any depth."""
    kind = type(value)
    if kind is dict:
        return ReadOnlyDict({key: frozen(item) for key, item in value.items()})
    if kind is list:
        return ReadOnlyList([frozen(item) for item in value])
    return value


def thawed(value: Any) -> Any:
    """Give a copy that may be changed, at any depth."""
    if isinstance(value, dict):
        return {key: thawed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [thawed(item) for item in value]
    return value


def _refuse(*given: object, **named: object) -> NoReturn:
    del given, named
    raise TypeError(
        "this object is shared by all who read it and cannot be changed: "
        "ask for get(name, mutable=True), or copy it with copy.deepcopy()"
    )


class _ReadOnly:
    """What both kinds have: copies are plain and may be changed."""

    __slots__ = ()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return thawed(self)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return copy.copy, (thawed(self),)


class ReadOnlyDict(_ReadOnly, dict[str, Any]):
    """A dict that refuses every change."""

    __slots__ = ()

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def copy(self) -> dict[str, Any]:
        """One level of it as a plain dict; what is below stays read-only."""
        return dict(self)

    __copy__ = copy


class ReadOnlyList(_ReadOnly, list[Any]):
    """A list that refuses every change."""

    __slots__ = ()

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse
    append = clear = extend = insert = pop = remove = reverse = sort = _refuse

    def copy(self) -> list[Any]:
        """One level of it as a plain list; what is below stays read-only."""
        return list(self)

    __copy__ = copy


# To another module they go as what they stand for: there, it is a copy.
lowering.stand_for(ReadOnlyDict, dict)
lowering.stand_for(ReadOnlyList, list)
