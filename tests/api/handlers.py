"""Command handlers from their source, so that another process can make the same ones."""

import typing
from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any


class Colour(Enum):
    RED = "red"
    DARK = "dark-blue"


class Number(Enum):
    ZERO = 0
    SEVEN = 7


class Spaced(Enum):
    WIDE = "very wide"
    TORN = "a,b"


class Barred(Enum):
    EITHER = "a|b"


def handler_from(source: str, argtypes: Any) -> Callable[..., Any]:
    """The function `handler` that `source` defines; `argtypes` has CephInt and its like."""
    space = {
        "Colour": Colour, "Number": Number, "Spaced": Spaced, "Barred": Barred,
        "Sequence": Sequence, "argtypes": argtypes,
        **{name: getattr(typing, name) for name in ("List", "Optional", "Tuple", "Union", "Any", "Dict")},
    }  # fmt: skip
    exec(source, space)
    handler: Callable[..., Any] = space["handler"]
    return handler
