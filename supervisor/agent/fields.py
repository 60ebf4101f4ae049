"""Reading the fields of a request: each typed, a wrong one refused by its name with EINVAL."""

import errno
from collections.abc import Collection, Mapping
from typing import Any

from supervisor.agent.refusal import RefusedError


def bad(sentence: str) -> RefusedError:
    """What is wrong with a request, as EINVAL."""
    return RefusedError(errno.EINVAL, sentence)


class Fields:
    """The fields of one JSON object, called `what` in refusals."""

    def __init__(self, what: str, given: Any, allowed: Collection[str]) -> None:
        if not isinstance(given, dict):
            raise bad(f"{what} must be an object, not {kind(given)}")
        unknown = sorted(set(given) - set(allowed))
        if unknown:
            names = ", ".join(sorted(allowed))
            raise bad(f"{what} has no field {unknown[0]!r}; there are {names}")
        self._what = what
        self._given: Mapping[str, Any] = given

    def text(self, name: str, default: str | None = None) -> str:
        """A string without NUL."""
        value = self._given.get(name, default)
        if not isinstance(value, str) or "\0" in value or not _encodable(value):
            raise self._bad(name, "a string without NUL characters", value)
        return value

    def choice(self, name: str, allowed: Collection[str], default: str) -> str:
        """One of some words."""
        value = self.text(name, default)
        if value not in allowed:
            words = ", ".join(f'"{word}"' for word in allowed)
            raise self._bad(name, f"one of {words}", value)
        return value

    def flag(self, name: str) -> bool:
        """True or false; false where it is not there."""
        value = self._given.get(name, False)
        if not isinstance(value, bool):
            raise self._bad(name, "true or false", value)
        return value

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """A number of a range, both ends included."""
        value = self._given.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._bad(name, "a number", value)
        if not low <= value <= high:
            raise self._bad(name, f"between {low:g} and {high:g}", value)
        return float(value)

    def command(self, name: str = "command") -> tuple[str, ...]:
        """A program and its arguments."""
        value = self._given.get(name)
        if not isinstance(value, list) or not value or not value[0]:
            raise self._bad(name, "a list of strings, the program's name first", value)
        if not all(isinstance(word, str) and "\0" not in word for word in value):
            raise self._bad(name, "a list of strings, the program's name first", value)
        if not all(_encodable(word) for word in value):
            raise self._bad(name, "text that can be written as UTF-8", value)
        return tuple(value)

    def texts(self, name: str) -> dict[str, str]:
        """A table of strings; empty where it is not there."""
        value = self._given.get(name, {})
        if not isinstance(value, dict):
            raise self._bad(name, "an object of strings", value)
        for key, text in value.items():
            if not isinstance(text, str) or "\0" in key + text or not _encodable(key + text):
                raise self._bad(name, "an object of strings without NUL characters", value)
        return dict(value)

    def table(self, name: str) -> dict[str, Any]:
        """An object; empty where it is not there."""
        value = self._given.get(name, {})
        if not isinstance(value, dict):
            raise self._bad(name, "an object", value)
        return value

    def _bad(self, name: str, allowed: str, value: Any) -> RefusedError:
        given = "is missing" if name not in self._given else f"is {_shown(value)}"
        return bad(f"field {name!r} of {self._what} must be {allowed}; it {given}")


def kind(value: Any) -> str:
    """What JSON calls a value of this type."""
    if value is None:
        return "null"
    names = {dict: "an object", list: "a list", str: "a string", bool: "true or false"}
    return names.get(type(value), "a number")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
