"""The tags of the value codec, and its caps.

A tagged array is `[tag, field, ...]`; the fields of each kind are listed beside its tag. Codes are
never given a second meaning.
"""

from enum import IntEnum

from msgpack import ExtType  # type: ignore[import-untyped]


# Levels of nesting; the default recursion limit leaves room for far more frames than that.
MAX_DEPTH = 100
# Elements of all containers together: a byte on the wire may become a 56-byte list in memory.
MAX_NODES = 4 * 1024 * 1024

# Types that msgpack alone keeps. A tuple is not among them: msgpack has one kind of array.
PLAIN = frozenset({type(None), bool, int, float, str, bytes, list, dict})
# Of these, the ones without parts, which are also the keys that a msgpack map may have.
SCALARS = PLAIN - {list, dict}


class Code(IntEnum):
    """The kinds of tagged arrays, with their fields."""

    TUPLE = 1  # items...
    SET = 2  # items...
    FROZENSET = 3  # items...
    DICT = 4  # key, value, key, value...: where a key is not a scalar
    DEFAULT_DICT = 5  # name of the factory or nil, then as DICT
    BIG_INT = 6  # bytes: big-endian two's complement
    BYTEARRAY = 7  # bytes
    COMPLEX = 8  # real, imaginary
    DATE = 9  # year, month, day
    TIME = 10  # hour, minute, second, microsecond, fold, zone or nil
    DATETIME = 11  # year, month, day, then as TIME
    TIMEDELTA = 12  # days, seconds, microseconds
    TIMEZONE = 13  # days, seconds, microseconds, name or nil
    ZONE_INFO = 14  # key, as "Europe/Berlin"
    ENUM = 15  # module, qualified name, name of the member or number of the flags
    OBJECT = 16  # module, qualified name, {attribute: value}, content


TAGS = {int(code): ExtType(code, b"") for code in Code}
