"""Exceptions that a class keeps pickled: bytes inside a process, data between processes.

Upstream's OrchResult holds its exception as a pickle, which its receiver loads: with bytes from
another process that would be that process' code in one's own. So the sender reads the pickle that
its own side made and sends the exception as any other; the receiver writes one of its own, which
holds nothing but a call of this codec. Bytes in such a place on the wire are refused.
"""

import io
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from proto.classgate import ClassGate


# From the allowed packages and an encoded exception to the exception. Pickles name it by its
# module, so it must be found there for as long as the process runs.
Revive = Callable[[frozenset[str], bytes], Exception]


@dataclass(frozen=True)
class Slot:
    """Two attributes: the pickle, None where there is no exception, and the exception's text."""

    pickle: str
    text: str


SLOTS = {
    ("orchestrator._interface", "OrchResult"): Slot("serialized_exception", "exception_str"),
}
# No other class may have these: a receiver that does not look at the class would load them.
NAMES = frozenset(slot.pickle for slot in SLOTS.values())
# Beside allowed classes, what pickles name of the standard library to hold plain values.
_VALUES = frozenset(
    {
        *(("builtins", name) for name in ("bytearray", "complex", "frozenset", "set")),
        *(("datetime", name) for name in ("date", "datetime", "time", "timedelta", "timezone")),
    }
)


def slot_of(cls: type) -> Slot | None:
    """Where `cls`, or a class that it derives from, keeps a pickle."""
    for base in cls.__mro__:
        slot = SLOTS.get((getattr(base, "__module__", ""), base.__qualname__))
        if slot is not None:
            return slot
    return None


def opened(held: Any, text: Any, gate: "ClassGate", revive: Revive) -> Exception:
    """The exception that the sender holds pickled; a plain one with `text` where it cannot be read.

    Only allowed classes are called, never a function: no pickle can do what it likes even here.
    """
    try:
        error = _Reader(held, gate, revive).load()
    except Exception:
        error = None
    return error if isinstance(error, Exception) else stand_in(text)


def stand_in(text: Any) -> Exception:
    """What is sent where the exception itself cannot be: there was one, in any case."""
    return Exception(text if isinstance(text, str) else "an exception that cannot be told")


def sealed(data: bytes, gate: "ClassGate", revive: Revive) -> bytes:
    """A pickle that gives the exception which was encoded as `data`, a checked value."""
    return pickle.dumps(_Call(revive, (gate.packages, data)))


class _Call:
    """Pickles as a call."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._call


class _Reader(pickle.Unpickler):
    def __init__(self, held: Any, gate: "ClassGate", revive: Revive) -> None:
        super().__init__(io.BytesIO(held))
        self._gate = gate
        self._revive = revive

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (self._revive.__module__, self._revive.__qualname__):
            return self._revive
        if (module, name) == ("builtins", "getattr"):
            return _member
        if (module, name) in _VALUES:
            return super().find_class(module, name)
        found = self._gate.resolve(module, name)
        if not issubclass(found, BaseException):
            return found
        blueprint = self._gate.blueprint(found)

        def build(*arguments: Any) -> Any:
            try:
                return found(*arguments)
            except Exception:
                # Its class takes others than it keeps, as where __init__ composes the text.
                return blueprint.rebuild(list(arguments), {})

        return build


def _member(cls: type[Enum], name: str) -> Enum:
    """What pickles of enums ask getattr() for, and no other attribute of anything."""
    if not issubclass(cls, Enum):
        raise pickle.UnpicklingError(f"{cls.__qualname__} is no enum")
    return cls[name]
