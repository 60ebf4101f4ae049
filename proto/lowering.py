"""From a Python value to what msgpack can carry: the sender's half of the value codec."""

import datetime as dt
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable
from enum import Enum
from reprlib import repr as short_repr
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import msgpack  # type: ignore[import-untyped]

from proto.classgate import ClassGate, Refused, enum_key
from proto.errors import NotSerializable
from proto.framing import DETACH_BYTES, Plain
from proto.pickled import NAMES, Revive, Slot, opened, stand_in
from proto.tags import MAX_DEPTH, MAX_NODES, SCALARS, TAGS, Code


# Factories that a defaultdict may keep: the receiver can name them, and they run no foreign code.
FACTORIES = {
    f.__name__: f for f in (bool, bytes, dict, float, frozenset, int, list, set, str, tuple)
}
_INT_MIN, _INT_MAX = -(1 << 63), (1 << 64) - 1
_PAIRS = frozenset({dict, OrderedDict})


class Lowering:
    """One walk over one value. It knows the way from the root, to name what it refuses."""

    def __init__(self, gate: ClassGate, revive: Revive) -> None:
        self._gate = gate
        self._revive = revive
        self._way: list[str | tuple[str, Any]] = []
        self._open: dict[int, int] = {}
        self._nodes = 0
        self._room = MAX_DEPTH

    def whole(self, value: Any, root: str) -> Any:
        """The tree for `value`; raises NotSerializable."""
        return self._part(root, value)

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The tree for the arguments of a call; raises NotSerializable."""
        self._room = MAX_DEPTH - 2  # the list around everything, and the one of `args`
        return [
            [self._part(("args[{}]", n), value) for n, value in enumerate(args)],
            {
                str.__str__(name): self._part(("kwargs[{}]", repr(name)), value)
                for name, value in kwargs.items()
            },
        ]

    def _part(self, step: str | tuple[str, Any], value: Any) -> Any:
        """Lower a part of the value; `step` is the way to it from the part around it."""
        self._way.append(step)
        lowered = self._value(value)
        self._way.pop()
        return lowered

    def _value(self, value: Any) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            self._refuse(f"more than {MAX_NODES} elements")
        kind = type(value)
        if kind in SCALARS and (kind is not int or _INT_MIN <= value <= _INT_MAX):
            return value
        if len(self._way) > self._room and id(value) not in self._open:
            self._refuse(f"nesting of more than {MAX_DEPTH} levels")
        leaf = _LEAVES.get(kind)
        return self._nested(kind, value) if leaf is None else leaf(value)

    def _nested(self, kind: type, value: Any) -> Any:
        before = self._open.get(id(value))
        if before is not None:
            self._refuse(f"a cycle (back to {self._place(before)})")
        self._open[id(value)] = len(self._way)
        try:
            container = _CONTAINERS.get(kind)
            return self._instance(kind, value) if container is None else container(self, value)
        finally:
            del self._open[id(value)]

    def items(self, items: Iterable[Any]) -> list[Any]:
        """Lowered elements of a list or tuple."""
        return [self._part(("[{}]", n), item) for n, item in enumerate(items)]

    def members(self, members: Iterable[Any]) -> list[Any]:
        """Lowered elements of a set."""
        return [self._part(("{{{}}}", item), item) for item in members]

    def pairs(self, pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
        """Keys and values in turn, lowered."""
        flat: list[Any] = []
        for key, value in pairs:
            flat.append(self._part(("[key {}]", key), key))
            flat.append(self._part(("[{}]", key), value))
        return flat

    def mapping(self, value: dict[Any, Any]) -> Any:
        """A plain dict: a map where msgpack has such keys, else pairs."""
        pairs = list(value.items())
        if all(_is_map_key(key) for key, _ in pairs):
            return {key: self._part(("[{}]", key), item) for key, item in pairs}
        return [TAGS[Code.DICT], *self.pairs(pairs)]

    def default_dict(self, value: "defaultdict[Any, Any]") -> Any:
        """A defaultdict, with the name of its factory."""
        factory: Any = value.default_factory
        name = None if factory is None else getattr(factory, "__name__", "")
        if name is not None and FACTORIES.get(name) is not factory:
            self._way.append(".default_factory")
            self._refuse_type(factory, "only builtin types can be named to the receiver")
        return [TAGS[Code.DEFAULT_DICT], name, *self.pairs(list(value.items()))]

    def time(self, value: dt.time) -> Any:
        """A time of day with its zone."""
        return [TAGS[Code.TIME], *self._clock(value)]

    def datetime(self, value: dt.datetime) -> Any:
        """A date and time with its zone."""
        date = (value.year, value.month, value.day)
        return [TAGS[Code.DATETIME], *date, *self._clock(value)]

    def _clock(self, value: dt.time | dt.datetime) -> tuple[Any, ...]:
        zone = None if value.tzinfo is None else self._part(".tzinfo", value.tzinfo)
        return value.hour, value.minute, value.second, value.microsecond, value.fold, zone

    def zone_info(self, value: ZoneInfo) -> Any:
        """A zone of the IANA database, by its name there."""
        if value.key is None:
            self._refuse_type(value, "it was not loaded by a name")
        return [TAGS[Code.ZONE_INFO], value.key]

    def _instance(self, kind: type, value: Any) -> Any:
        try:
            if issubclass(kind, type):
                raise Refused("")
            self._gate.admit(kind)
            if issubclass(kind, Enum):
                key = enum_key(value)
                if key is None:
                    raise Refused("it is no named member of its enum")
                return [TAGS[Code.ENUM], kind.__module__, kind.__qualname__, key]
            blueprint = self._gate.blueprint(kind)
        except Refused as why:
            self._refuse_type(value, str(why))
        state = blueprint.state(value)
        if blueprint.pickled is not None:
            self._open_pickle(blueprint.pickled, state)
        elif not NAMES.isdisjoint(state.keys()):
            self._refuse(f"an attribute called {', '.join(NAMES & state.keys())}")
        attributes: dict[str, Any] = {}
        for name, item in state.items():
            if type(name) is not str:
                self._refuse(f"an attribute called {short_repr(name)}")
            attributes[name] = self._part((".{}", name), item)
        content = self._content(blueprint.root, blueprint.content(value))
        return [TAGS[Code.OBJECT], kind.__module__, kind.__qualname__, attributes, content]

    def _open_pickle(self, slot: Slot, state: dict[str, Any]) -> None:
        """Put the exception itself in the place of its pickle, or one with its text."""
        held, text = state.get(slot.pickle), state.get(slot.text)
        if held is None:
            return
        error = opened(held, text, self._gate, self._revive)
        try:
            Lowering(self._gate, self._revive).whole(error, slot.pickle)
        except NotSerializable:
            error = stand_in(text)
        state[slot.pickle] = error

    def _content(self, root: type, content: Any) -> Any:
        if root in _PAIRS:
            return self.pairs(content)
        if type(content) is not list:
            return self._value(content)
        if issubclass(root, BaseException):
            return [self._part((".args[{}]", n), item) for n, item in enumerate(content)]
        return self.members(content) if root in (set, frozenset) else self.items(content)

    def _place(self, steps: int | None = None) -> str:
        # Written only for a refusal: the walk itself formats nothing.
        return "".join(
            step if isinstance(step, str) else step[0].format(_label(step[0], step[1]))
            for step in self._way[:steps]
        )

    def _refuse_type(self, value: Any, why: str) -> NoReturn:
        name = value.__name__ if isinstance(value, type) else type(value).__qualname__
        self._refuse(("class " if isinstance(value, type) else "") + name, why)

    def _refuse(self, what: str, why: str = "") -> NoReturn:
        raise NotSerializable(
            f"{self._place()}: {what} cannot cross a process" + (f": {why}" if why else "")
        )


def pack(wire: Any) -> Plain:
    """The bytes of a lowered value; raises what msgpack does over one that it cannot carry.

    Many are a view of the packer's own buffer: a copy of them would cost as much as packing them.
    """
    packer = msgpack.Packer(strict_types=True, unicode_errors="surrogatepass", autoreset=False)
    packer.pack(wire)
    packed: memoryview = packer.getbuffer()
    return packed if len(packed) > DETACH_BYTES else packed.tobytes()


def _label(template: str, step: Any) -> str:
    return step if template in _VERBATIM and isinstance(step, str) else short_repr(step)


_VERBATIM = frozenset({".{}", "kwargs[{}]"})


def _is_map_key(key: Any) -> bool:
    return type(key) in SCALARS and (type(key) is not int or _INT_MIN <= key <= _INT_MAX)


def _big_int(value: int) -> list[Any]:
    size = value.bit_length() // 8 + 1
    return [TAGS[Code.BIG_INT], value.to_bytes(size, "big", signed=True)]


def _timedelta(value: dt.timedelta) -> list[Any]:
    return [TAGS[Code.TIMEDELTA], value.days, value.seconds, value.microseconds]


def _timezone(value: dt.timezone) -> list[Any]:
    # The arguments that it was made with: tzname() makes a name up where none was given.
    offset, *name = value.__getinitargs__()  # type: ignore[attr-defined]
    return [TAGS[Code.TIMEZONE], *_timedelta(offset)[1:], name[0] if name else None]


_LEAVES: dict[type, Callable[[Any], list[Any]]] = {
    int: _big_int,
    bytearray: lambda v: [TAGS[Code.BYTEARRAY], bytes(v)],
    complex: lambda v: [TAGS[Code.COMPLEX], v.real, v.imag],
    dt.date: lambda v: [TAGS[Code.DATE], v.year, v.month, v.day],
    dt.timedelta: _timedelta,
    dt.timezone: _timezone,
}
_CONTAINERS: dict[type, Callable[[Lowering, Any], Any]] = {
    list: lambda w, v: w.items(list(v)),
    dict: Lowering.mapping,
    tuple: lambda w, v: [TAGS[Code.TUPLE], *w.items(v)],
    set: lambda w, v: [TAGS[Code.SET], *w.members(list(v))],
    frozenset: lambda w, v: [TAGS[Code.FROZENSET], *w.members(v)],
    defaultdict: Lowering.default_dict,
    dt.time: Lowering.time,
    dt.datetime: Lowering.datetime,
    ZoneInfo: Lowering.zone_info,
}


def stand_for(kind: type, plain: type) -> None:
    """Let values of `kind`, a subclass of the container `plain`, cross as `plain`."""
    _CONTAINERS[kind] = _CONTAINERS[plain]
