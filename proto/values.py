"""The value codec: Python values as msgpack, with strict types and full fidelity.

What crosses, equal in value and in type: None, bool, int of any size, float, complex, str (lone
surrogates too), bytes, bytearray, list, tuple, set, frozenset, dict with any hashable key,
defaultdict with a builtin type as its factory, date, time, datetime, timedelta, timezone, ZoneInfo,
exceptions (class, arguments, attributes; not their traceback, cause or context), and members of
enums and instances of classes that the `ClassGate` allows. Everything is copied: what was shared
inside a value is not shared any more. Anything else, and a cycle, is refused by its place.

On the wire a plain value is plain msgpack. Any other is an array whose first element is an
extension without data, the *tag* (`proto.tags`); the elements after it are the fields. Plain values
are the rule and take the C path: one survey of the types inside, then one call of msgpack.
"""

import gc
from typing import Any

import msgpack  # type: ignore[import-untyped]

from proto.classgate import ClassGate
from proto.errors import NotSerializable, ProtocolError
from proto.framing import MAX_PAYLOAD, Plain
from proto.lowering import Lowering, pack
from proto.pickled import Revive
from proto.rebuilding import Rebuilding
from proto.tags import MAX_DEPTH, MAX_NODES, PLAIN, TAGS


class Values:
    """Encodes and decodes values whose classes `gate` allows. Safe from every thread."""

    def __init__(self, gate: ClassGate, reviver: Revive | None = None) -> None:
        """`reviver`: does what `revive` does, where a process does not know this module by name."""
        self._gate = gate
        self._revive = reviver or revive

    def dumps(self, value: Any, root: str = "value") -> Plain:
        """`value` encoded; raises NotSerializable, which calls the whole value `root`."""
        packed = _pack_plain(value)
        if packed is None:
            packed = _pack_lowered(Lowering(self._gate, self._revive).whole(value, root), root)
        return _sized(packed, root)

    def dumps_call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Plain:
        """The arguments of a call encoded; raises NotSerializable with "args[1]", "kwargs['y']"."""
        packed = _pack_plain([list(args), kwargs])
        if packed is None:
            packed = _pack_lowered(
                Lowering(self._gate, self._revive).call(args, kwargs), "the arguments"
            )
        return _sized(packed, "the arguments")

    def loads(self, data: Plain) -> Any:
        """The value that `dumps` encoded; raises ProtocolError and nothing else."""
        tags: list[int] = []
        wire = _unpack(data, tags)
        if not tags and (_is_short(data) or is_plain(wire)):
            return wire
        try:
            return Rebuilding(self._gate, self._revive).value(wire, 1)
        except ProtocolError:
            raise
        except Exception as error:
            # What constructors of builtin types, and hashes of data objects, say to forged fields.
            text = " ".join(f"{type(error).__name__}: {error}".split())
            raise ProtocolError(f"a value cannot be put together: {text}") from None

    def loads_call(self, data: Plain) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments that `dumps_call` encoded; raises ProtocolError."""
        wire = self.loads(data)
        if type(wire) is list and len(wire) == 2:  # the two that there are
            args, kwargs = wire
            if type(args) is list and type(kwargs) is dict and {str}.issuperset(map(type, kwargs)):
                return tuple(args), kwargs
        raise ProtocolError("the arguments of a call are not a list and a dict with text keys")


def revive(packages: frozenset[str], data: bytes) -> Exception:
    """The exception that `data` encodes: what the pickle of a received exception calls."""
    error: Exception = Values(ClassGate(packages)).loads(data)
    return error


def is_plain(value: Any) -> bool:
    """Whether msgpack alone keeps `value`, and the caps hold. As fast as encoding it.

    The collector's own list of what a container refers to is walked, level by level, in C. msgpack
    cannot be asked instead: it takes a bytearray or a memoryview for bytes without a word.
    """
    level = [value]
    depth = nodes = 0
    while level:
        depth += 1
        nodes += len(level)
        if depth > MAX_DEPTH or nodes > MAX_NODES or not PLAIN.issuperset(map(type, level)):
            return False
        level = gc.get_referents(*level)
    return True


def _is_short(data: Plain) -> bool:
    """Whether it is plain if it holds no tag: too short to pass a cap, and without what msgpack
    takes for a time of its own kind (extension -1).
    """
    return len(data) <= MAX_DEPTH and 0xFF not in data  # that extension's byte


def _pack_plain(value: Any) -> Plain | None:
    if not is_plain(value):
        return None
    try:
        return pack(value)
    except (OverflowError, TypeError, ValueError, RuntimeError):
        return None  # an int of more than 64 bits, or another thread has just changed the value


def _pack_lowered(wire: Any, root: str) -> Plain:
    try:
        return pack(wire)
    except (ValueError, OverflowError) as error:
        # All that is left to go wrong is a string past msgpack's 4 GiB.
        raise NotSerializable(f"{root} cannot cross a process: {error}") from None


def _sized(packed: Plain, root: str) -> Plain:
    if len(packed) > MAX_PAYLOAD:
        raise NotSerializable(
            f"{root}: {len(packed)} bytes cannot cross a process: at most {MAX_PAYLOAD}"
        )
    return packed


def _unpack(data: Plain, tags: list[int]) -> Any:
    """The wire value; the tags that it holds are appended to `tags`."""
    if len(data) > MAX_PAYLOAD:
        raise ProtocolError(f"a value has {len(data)} bytes; at most {MAX_PAYLOAD} are accepted")
    # A node takes a byte at least, so only a longer value can have too many.
    hook = _NodeCount().container if len(data) > MAX_NODES else None

    def tag(code: int, field: bytes) -> msgpack.ExtType:
        tags.append(code)
        return _tag(code, field)

    try:
        return msgpack.unpackb(
            data,
            strict_map_key=False,
            unicode_errors="surrogatepass",
            ext_hook=tag,
            list_hook=hook,
            object_hook=hook,
        )
    except ProtocolError:
        raise
    except (ValueError, TypeError, MemoryError, OverflowError, RecursionError) as error:
        # TypeError: a key that cannot be hashed. MemoryError: headers that announce too much.
        raise ProtocolError(f"a value of {len(data)} bytes is not valid msgpack: {error}") from None


def _tag(code: int, data: bytes) -> msgpack.ExtType:
    tag = TAGS.get(code)
    if tag is None or data:
        raise ProtocolError(f"a value holds extension {code}, which this version does not know")
    return tag


class _NodeCount:
    """Counts what a large value holds while it is decoded."""

    def __init__(self) -> None:
        self._nodes = 0

    def container(self, found: Any) -> Any:
        self._nodes += 1 + len(found)
        if self._nodes > MAX_NODES:
            raise ProtocolError(f"a value holds more than {MAX_NODES} elements")
        return found
