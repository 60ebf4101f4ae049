"""From what msgpack decoded to the Python value: the receiver's half of the value codec.

Nothing here trusts the sender. What builtin constructors raise over forged fields is turned into
a ProtocolError by `Values.loads`.
"""

import datetime as dt
from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgpack import ExtType  # type: ignore[import-untyped]

from proto.classgate import ClassGate, Refused, enum_member
from proto.errors import ProtocolError
from proto.lowering import FACTORIES, pack
from proto.pickled import NAMES, Revive, Slot, sealed
from proto.tags import MAX_DEPTH, SCALARS, Code


class Rebuilding:
    """One walk over one decoded tree."""

    def __init__(self, gate: ClassGate, revive: Revive) -> None:
        self._gate = gate
        self._revive = revive

    def value(self, wire: Any, depth: int) -> Any:
        """The value for `wire`, which is `depth` levels down; raises ProtocolError."""
        kind = type(wire)
        if kind in SCALARS:
            return wire
        if depth > MAX_DEPTH:
            raise ProtocolError(f"a value is nested more than {MAX_DEPTH} levels deep")
        if kind is list:
            if wire and type(wire[0]) is ExtType:
                return _BUILDERS[wire[0].code](self, wire[1:], depth + 1)
            return self.items(wire, depth + 1)
        if kind is dict and all(type(key) in SCALARS for key in wire):
            return {key: self.value(item, depth + 1) for key, item in wire.items()}
        raise ProtocolError(f"a value holds a tag or {kind.__name__} where none may stand")

    def items(self, fields: list[Any], depth: int) -> list[Any]:
        """Each field rebuilt."""
        return [self.value(field, depth) for field in fields]

    def pairs(self, fields: list[Any], depth: int) -> list[tuple[Any, Any]]:
        """Keys and values in turn, as pairs."""
        if len(fields) % 2:
            raise ProtocolError("a dict came with a key that has no value")
        flat = self.items(fields, depth)
        return list(zip(flat[::2], flat[1::2], strict=True))

    def default_dict(self, fields: list[Any], depth: int) -> "defaultdict[Any, Any]":
        """A defaultdict with one of the factories that a name stands for."""
        factory: Any = None if fields[0] is None else FACTORIES[fields[0]]
        return defaultdict(factory, self.pairs(fields[1:], depth))

    def time(self, fields: list[Any], depth: int) -> dt.time:
        """A time of day."""
        hour, minute, second, micro, fold, zone = fields
        tzinfo = self.value(zone, depth)
        _ints([hour, minute, second, micro])
        return dt.time(hour, minute, second, micro, tzinfo=tzinfo, fold=fold)

    def datetime(self, fields: list[Any], depth: int) -> dt.datetime:
        """A date and time."""
        year, month, day, hour, minute, second, micro, fold, zone = fields
        tzinfo = self.value(zone, depth)
        _ints([year, month, day, hour, minute, second, micro])
        return dt.datetime(year, month, day, hour, minute, second, micro, tzinfo=tzinfo, fold=fold)

    def enum(self, fields: list[Any], _depth: int) -> Any:
        """A member of an allowed enum."""
        module, qualname, key = fields
        return enum_member(self._gate.resolve(module, qualname), key)

    def instance(self, fields: list[Any], depth: int) -> Any:
        """An instance of an allowed class, by state alone."""
        module, qualname, attributes, content = fields
        cls = self._gate.resolve(module, qualname)
        if type(attributes) is not dict:
            raise ProtocolError(f"{qualname} came without its attributes")
        try:
            blueprint = self._gate.blueprint(cls)
        except Refused as why:
            raise ProtocolError(f"{qualname} cannot cross a process: {why}") from None
        state = {name: self.value(item, depth) for name, item in attributes.items()}
        if blueprint.pickled is not None:
            self._seal_pickle(qualname, blueprint.pickled, attributes, state)
        elif not NAMES.isdisjoint(attributes.keys()):
            raise ProtocolError(f"{qualname} may not have {', '.join(NAMES & attributes.keys())}")
        if blueprint.root in (dict, OrderedDict):
            return blueprint.rebuild(self.pairs(content, depth), state)
        return blueprint.rebuild(self._content(content, depth), state)

    def _seal_pickle(
        self, qualname: str, slot: Slot, attributes: dict[str, Any], state: dict[str, Any]
    ) -> None:
        """Put a pickle of ours in the place of the exception that came."""
        error = state.get(slot.pickle)
        if error is None:
            return
        if not isinstance(error, Exception):
            came = type(error).__name__
            raise ProtocolError(
                f"{qualname}.{slot.pickle} came as {came}: it must be an exception, as data"
            )
        state[slot.pickle] = sealed(bytes(pack(attributes[slot.pickle])), self._gate, self._revive)

    def _content(self, content: Any, depth: int) -> Any:
        # The list of what a class holds is a field, not a value: its parts count as one level.
        if type(content) is list and not (content and type(content[0]) is ExtType):
            return self.items(content, depth)
        return self.value(content, depth - 1)


def _ints(fields: list[Any]) -> list[int]:
    # The datetime types also take bytes: the state that pickle made of them.
    if any(type(field) is not int for field in fields):
        raise ProtocolError("a date or a time came with a field that is not an int")
    return fields


def _bytes(fields: list[Any]) -> bytes:
    (data,) = fields
    if type(data) is not bytes:
        raise ProtocolError(f"bytes were expected, {type(data).__name__} came")
    return data


def _timezone(fields: list[Any]) -> dt.timezone:
    days, seconds, micro, name = fields
    offset = dt.timedelta(*_ints([days, seconds, micro]))
    return dt.timezone(offset) if name is None else dt.timezone(offset, name)


def _zone_info(fields: list[Any]) -> ZoneInfo:
    (key,) = fields
    try:
        return ZoneInfo(key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ProtocolError(f"time zone {key!r} is not known here") from None


_BUILDERS: dict[int, Callable[[Rebuilding, list[Any], int], Any]] = {
    Code.TUPLE: lambda r, f, depth: tuple(r.items(f, depth)),
    Code.SET: lambda r, f, depth: set(r.items(f, depth)),
    Code.FROZENSET: lambda r, f, depth: frozenset(r.items(f, depth)),
    Code.DICT: lambda r, f, depth: dict(r.pairs(f, depth)),
    Code.DEFAULT_DICT: Rebuilding.default_dict,
    Code.BIG_INT: lambda _r, f, _depth: int.from_bytes(_bytes(f), "big", signed=True),
    Code.BYTEARRAY: lambda _r, f, _depth: bytearray(_bytes(f)),
    Code.COMPLEX: lambda _r, f, _depth: complex(*f),
    Code.DATE: lambda _r, f, _depth: dt.date(*_ints(f)),
    Code.TIME: Rebuilding.time,
    Code.DATETIME: Rebuilding.datetime,
    Code.TIMEDELTA: lambda _r, f, _depth: dt.timedelta(*_ints(f)),
    Code.TIMEZONE: lambda _r, f, _depth: _timezone(f),
    Code.ZONE_INFO: lambda _r, f, _depth: _zone_info(f),
    Code.ENUM: Rebuilding.enum,
    Code.OBJECT: Rebuilding.instance,
}
