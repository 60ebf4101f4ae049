"""Bytes that no sender of ours made: only ProtocolError, in bounded memory."""

import contextlib
import datetime as dt
import resource
import subprocess
import sys
from pathlib import Path

import msgpack
import pytest
from cargo import Colour, Config, Failure, Plain, Point
from hypothesis import example, given
from hypothesis import strategies as st

from proto.classgate import ClassGate
from proto.errors import ProtocolError
from proto.lowering import pack
from proto.tags import TAGS, Code
from proto.values import Values


VALUES = Values(ClassGate({"cargo"}))
ROOT = Path(__file__).resolve().parents[2]
SAMPLE = VALUES.dumps(
    [
        {"plain": [1, 2.5, None, True, "t\u00e9xt", b"raw"], (1, "t"): {1, 2}},
        Plain(a=Point(1, Colour.BLUE), b=Config(x=1)),
        Failure("a", "b"),
        (2**80, bytearray(b"x"), 1 + 2j, dt.datetime(2024, 1, 1, tzinfo=dt.UTC), dt.timedelta(1)),
    ]
)


def refused_or_decoded(data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        VALUES.loads(data)


@given(st.binary(max_size=200))
@example(b"")
@example(b"\xc1")
@example(b"\x91" * 2000 + b"\xc0")
@example(b"\x81\x90\xc0")
@example(b"\xd6\xff\0\0\0\0")
def test_noise_is_a_value_or_a_protocol_error(data):
    refused_or_decoded(data)


@given(
    st.lists(
        st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=4
    ),
    st.integers(0, len(SAMPLE)),
)
def test_a_damaged_value_is_a_value_or_a_protocol_error(changes, cut):
    data = bytearray(SAMPLE)
    for place, byte in changes:
        data[place] = byte
    refused_or_decoded(bytes(data))
    refused_or_decoded(bytes(data[:cut]))


@st.composite
def trees(draw):
    return draw(_trees)


_words = st.sampled_from(
    ["cargo", "Plain", "Point", "Colour", "Failure", "RED", "builtins", "ValueError", "list"]
)
_trees = st.recursive(
    st.none() | st.integers(-5, 2**64 - 1) | st.floats() | _words | st.binary(max_size=12) | st.sampled_from([*TAGS.values()]),
    lambda inner: st.lists(inner, max_size=6) | st.tuples(st.sampled_from([*TAGS.values()]), st.lists(inner, max_size=8)).map(lambda p: [p[0], *p[1]])
    | st.dictionaries(_words | st.integers(0, 3), inner, max_size=3),
    max_leaves=15,
)  # fmt: skip


@given(trees())
def test_well_formed_nonsense_is_a_value_or_a_protocol_error(tree):
    refused_or_decoded(pack(tree))


@pytest.mark.parametrize(
    "tree",
    [
        TAGS[Code.TUPLE], [1, TAGS[Code.TUPLE]], {"k": TAGS[Code.SET]}, [TAGS[Code.TUPLE], TAGS[Code.TUPLE]],
        {TAGS[Code.TUPLE]: 1}, [TAGS[Code.SET], [1]], [TAGS[Code.DICT], 1], [TAGS[Code.DICT], [], 1],
        [TAGS[Code.BYTEARRAY], 1 << 40], [TAGS[Code.BIG_INT], [1]], [TAGS[Code.DATE], b"\x07\xe8\x01\x01"],
        [TAGS[Code.DATETIME], b"\x07\xe8\x01\x01\0\0\0\0\0\0", 1, 1, 0, 0, 0, 0, 0, None], [TAGS[Code.TIMEDELTA], 1 << 60, 0, 0],
        [TAGS[Code.TIMEZONE], 5, 0, 0, None], [TAGS[Code.TIME], 1, 1, 1, 1, 0, "zone"], [TAGS[Code.DEFAULT_DICT], "eval"],
        [TAGS[Code.ZONE_INFO], "../../etc/passwd"], [TAGS[Code.ZONE_INFO], "/etc/passwd"], [TAGS[Code.ZONE_INFO], 5],
        [TAGS[Code.ZONE_INFO], "Not/There"], [TAGS[Code.COMPLEX], "1", 2], msgpack.ExtType(99, b""), msgpack.ExtType(1, b"data"),
    ],
    ids=lambda t: repr(t)[:50],
)  # fmt: skip
def test_a_tag_out_of_place_or_with_wrong_fields_is_refused(tree):
    with pytest.raises(ProtocolError):
        VALUES.loads(pack(tree))


def test_bytes_after_the_value_are_refused():
    with pytest.raises(ProtocolError, match="not valid msgpack"):
        VALUES.loads(SAMPLE + b"\xc0")


@pytest.mark.parametrize("unit", ["array", "tuple", "filled"])
def test_headers_that_announce_more_than_comes_cost_no_memory(unit):
    """8 MiB of nested headers, each announcing millions of elements, under a 1 GiB address space."""
    code = (
        "import resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))\n"
        "from proto.values import Values; from proto.classgate import ClassGate\n"
        "from proto.errors import ProtocolError\n"
        "head = b'\\xdd\\x00\\x7f\\xff\\x00' + {'array': b'', 'tuple': b'\\xc7\\x00\\x01', 'filled': b''}[sys.argv[1]]\n"
        "size = 8 << 20\n"
        "data = head * (1000 if sys.argv[1] != 'filled' else 1)\n"
        "data += (b'\\x90' if sys.argv[1] == 'filled' else b'\\xc0') * (size - len(data))\n"
        "try: Values(ClassGate(())).loads(data)\n"
        "except ProtocolError as e: print(e)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, unit], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert "a value" in done.stdout
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 1 << 20
