"""Values without classes of their own: fidelity, refusals, caps."""

import contextlib
import datetime as dt
import math
import socket
import threading
from collections import Counter, OrderedDict, defaultdict
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proto import values as codec
from proto.classgate import ClassGate
from proto.errors import NotSerializable, ProtocolError
from proto.tags import MAX_DEPTH
from proto.values import Values


VALUES = Values(ClassGate(()))


def shape(value):
    """Type and value all the way down, as plain tuples: NaN equals NaN, 1 differs from True."""
    kind = type(value).__name__
    if isinstance(value, BaseException):
        return kind, shape(value.args), shape(vars(value))
    if isinstance(value, dict):
        pairs = [(shape(key), shape(item)) for key, item in value.items()]
        return kind, getattr(value, "default_factory", None), pairs
    if isinstance(value, list | tuple):
        return kind, [shape(item) for item in value]
    if isinstance(value, set | frozenset):
        return kind, sorted(map(repr, map(shape, value)))
    if isinstance(value, dt.datetime | dt.time):
        return kind, repr(value), value.fold
    return kind, repr(value)


def same(one, two) -> bool:
    return shape(one) == shape(two)


# Composite, for the sake of their names: a strategy that quotes itself whole is 38 kB of text.
_zones = st.none() | st.builds(
    dt.timezone,
    st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23)),
) | st.builds(dt.timezone, st.timedeltas(dt.timedelta(0), dt.timedelta(hours=1)), st.text()) | st.sampled_from(
    [dt.UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")]
)  # fmt: skip


@st.composite
def zones(draw):
    return draw(_zones)


_hashable_leaves = (
    st.none() | st.booleans() | st.integers() | st.integers(-(2**80), 2**80) | st.floats()
    | st.text(st.characters(codec=None)) | st.binary() | st.complex_numbers()
    | st.dates() | st.timedeltas() | st.times(timezones=zones()) | st.datetimes(timezones=zones()) | zones()
)  # fmt: skip
_hashables = st.recursive(
    _hashable_leaves, lambda inner: st.lists(inner, max_size=3).map(tuple) | st.frozensets(inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@st.composite
def hashables(draw):
    return draw(_hashables)


exceptions = (
    st.builds(ValueError, hashables())
    | st.builds(KeyError)
    | st.builds(OSError, st.integers(1, 100), st.text())
)


def containers(inner):
    maps = st.dictionaries(hashables(), inner, max_size=4)
    return (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | maps
        | st.dictionaries(st.text(), inner, max_size=4) | st.sets(hashables(), max_size=4)
        | maps.map(OrderedDict) | maps.map(lambda d: defaultdict(list, d))
        | st.lists(st.text(), max_size=4).map(Counter)
    )  # fmt: skip


_universe = st.recursive(
    hashables() | st.binary().map(bytearray) | exceptions, containers, max_leaves=8
)


@st.composite
def universe(draw):
    return draw(_universe)


@given(universe())
@settings(max_examples=300)
def test_every_supported_value_comes_back_equal_in_value_and_type(value):
    back = VALUES.loads(VALUES.dumps(value))
    assert same(back, value), back


@given(st.lists(universe(), max_size=3), st.dictionaries(st.text(), universe(), max_size=2))
@settings(max_examples=30)
def test_arguments_of_a_call_come_back_equal(args, kwargs):
    back = VALUES.loads_call(VALUES.dumps_call(tuple(args), kwargs))
    assert same(back, (tuple(args), kwargs))


@pytest.mark.parametrize(
    "value",
    [
        -(2**63), 2**64 - 1, -(2**63) - 1, 2**64, 2**4000, -0.0, math.inf, math.nan, "\ud800x", "\0",
        bytearray(), (), {}, [], set(), {(): ()}, {frozenset({1}): {"a": (1,)}}, {None: 1, True: 2},
        dt.datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1), dt.UTC,
        dt.timezone(dt.timedelta(hours=1), "here"), defaultdict(None, {1: 2}), [[], [()]], {2**70: 1},
    ],
    ids=lambda v: repr(v)[:30],
)  # fmt: skip
def test_edges_come_back_equal_in_value_and_type(value):
    assert same(VALUES.loads(VALUES.dumps(value)), value)


def test_a_plain_document_is_plain_msgpack():
    document = {"osds": [{"osd": 1, "up": True, "weight": 1.0}], "blob": b"x", 5: None}
    import msgpack

    assert VALUES.dumps(document) == msgpack.packb(document)


def test_what_was_shared_is_copied():
    shared = [1]
    back = VALUES.loads(VALUES.dumps([shared, shared, (shared,)]))
    assert back == [[1], [1], ([1],)]
    assert back[0] is not back[1]


def test_builtin_exceptions_keep_class_arguments_and_fields():
    error = FileNotFoundError(2, "gone", "/etc/x")
    error.add_note("a note")
    back = VALUES.loads(VALUES.dumps(error))
    assert (str(back), back.errno, back.filename, back.__notes__) == (
        "[Errno 2] gone: '/etc/x'", 2, "/etc/x", ["a note"],
    )  # fmt: skip
    missing = VALUES.loads(VALUES.dumps(ImportError("no", name="n", path="p")))
    assert (missing.msg, missing.name, missing.path) == ("no", "n", "p")
    wrong = UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
    assert str(VALUES.loads(VALUES.dumps(wrong))) == str(wrong)
    group = ExceptionGroup("both", [ValueError(1), KeyError("k")])
    assert repr(VALUES.loads(VALUES.dumps(group))) == repr(group)
    odd = ValueError(1)
    odd.args = ("changed", 2)
    assert VALUES.loads(VALUES.dumps(odd)).args == ("changed", 2)


def cycle():
    inner = {}
    outer = [0, inner]
    inner["back"] = outer
    return outer


def deep(levels):
    value = 1
    for _ in range(levels):
        value = [value]
    return value


def named():
    pass


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([1, {"lock": threading.Lock()}], r"value\[1\]\['lock'\]: lock cannot cross a process"),
        ({(1, len): 2}, r"value\[key \(1, <built-in.*\)\]\[1\]: builtin_function_or_method cannot"),
        (memoryview(b"x"), "value: memoryview cannot cross a process$"),
        ([named], r"value\[0\]: function cannot cross a process$"),
        ([int], r"value\[0\]: class int cannot cross a process$"),
        ({range(2)}, r"value\{range\(0, 2\)\}: range cannot cross a process$"),
        (iter([]), "value: list_iterator cannot"),
        (object(), "value: object cannot cross a process$"),
        (defaultdict(named), r"value.default_factory: function cannot cross a process: only builtin"),
        (dt.datetime(1, 1, 1, tzinfo=type("Z", (dt.tzinfo,), {})()), r"value.tzinfo: Z cannot cross"),
        (cycle(), r"value\[1\]\['back'\]: a cycle \(back to value\) cannot cross a process"),
        (deep(5000), r"value(\[0\]){100}: nesting of more than 100 levels cannot"),
        (ValueError(1, threading), r"value.args\[1\]: module cannot cross a process"),
    ],
)  # fmt: skip
def test_what_cannot_cross_is_refused_by_its_place(value, sentence):
    with pytest.raises(NotSerializable, match=sentence) as caught:
        VALUES.dumps(value)
    assert "\n" not in str(caught.value)


def test_refused_arguments_are_named_as_arguments():

    with socket.socket() as handle:
        with pytest.raises(
            NotSerializable, match=r"^args\[1\]\[0\]: socket cannot cross a process"
        ):
            VALUES.dumps_call((1, [handle]), {})
        with pytest.raises(NotSerializable, match=r"^kwargs\['y'\]: socket cannot cross a process"):
            VALUES.dumps_call((), {"y": handle})
        with pytest.raises(NotSerializable, match=r"^the result: socket cannot cross a process"):
            VALUES.dumps(handle, "the result")


def test_nesting_is_allowed_to_the_same_depth_at_both_ends():
    for wrap in (lambda v: [v], lambda v: (v,), lambda v: {1: v}, lambda v: {(): v}):
        for leaf in (1, 2**70, bytearray(b"x")):
            value, depth = leaf, 0
            while depth < MAX_DEPTH + 5:
                try:
                    packed = VALUES.dumps(value)
                except NotSerializable:
                    break
                assert same(VALUES.loads(packed), value)
                value, depth = wrap(value), depth + 1
            # A leaf without parts may stand below the last level; a key is a level of its own.
            assert depth - MAX_DEPTH in (0, 1)
    args, value = 0, 1
    while args < MAX_DEPTH + 5:
        try:
            packed = VALUES.dumps_call((value,), {})
        except NotSerializable:
            break
        assert VALUES.loads_call(packed) == ((value,), {})
        value, args = (value,), args + 1
    assert args == MAX_DEPTH - 1


def test_too_many_elements_are_refused_at_both_ends(monkeypatch):
    import msgpack

    from proto import lowering

    monkeypatch.setattr(codec, "MAX_NODES", 1000)
    monkeypatch.setattr(lowering, "MAX_NODES", 1000)
    for value in ([0] * 1001, [[]] * 1001, [[0] * 40] * 40, [(0,) * 40] * 40):
        with pytest.raises(NotSerializable, match="more than 1000 elements"):
            VALUES.dumps(value)
    for value in ([0] * 1001, [[]] * 1001, {n: n for n in range(1001)}):
        with pytest.raises(ProtocolError, match="more than 1000 elements"):
            VALUES.loads(msgpack.packb(value))
    assert VALUES.loads(VALUES.dumps(["x" * 5000])) == ["x" * 5000]


def test_too_large_a_value_is_refused_at_both_ends(monkeypatch):
    packed = VALUES.dumps(b"x" * 2000)
    monkeypatch.setattr(codec, "MAX_PAYLOAD", 1000)
    with pytest.raises(
        NotSerializable, match="value: 2003 bytes cannot cross a process: at most 1000"
    ):
        VALUES.dumps(b"x" * 2000)
    with pytest.raises(ProtocolError, match="at most 1000 are accepted"):
        VALUES.loads(packed)


def test_a_value_that_another_thread_changes_is_encoded_or_refused_never_torn():
    """dumps() may meet a dict that grows; it returns some state of it."""
    value, stop = {}, threading.Event()

    def grow():
        number = 0
        while not stop.is_set():
            number += 1
            value[number % 500] = (number,)
            value.pop((number * 7) % 500, None)

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        for _ in range(300):
            back = VALUES.loads(VALUES.dumps(value))
            assert all(type(item) is tuple for item in back.values())
    finally:
        stop.set()
        thread.join(timeout=10)


def listed(inner, sibling):
    return [*sibling, inner], f"[{len(sibling)}]"


def in_tuple(inner, sibling):
    return (*sibling, inner, *sibling), f"[{len(sibling)}]"


def keyed(inner, sibling):
    return {**{f"k{i}": s for i, s in enumerate(sibling)}, "bad": inner}, "['bad']"


def numbered(inner, sibling):
    return OrderedDict([(3, sibling), (-7, inner)]), "[-7]"


def raised(inner, sibling):
    return ValueError(*sibling, inner), f".args[{len(sibling)}]"


UNSUPPORTED = (
    object(), threading.Lock(), len, named, type, iter(()), memoryview(b"m"), Ellipsis, threading, range(3),
    property(), lambda: None,
)  # fmt: skip


@given(
    st.sampled_from(UNSUPPORTED),
    st.lists(
        st.tuples(
            st.sampled_from([listed, in_tuple, keyed, numbered, raised]),
            st.lists(universe(), max_size=1),
        ),
        max_size=4,
    ),
)
@settings(max_examples=150)
def test_anything_with_an_unsupported_leaf_is_refused_by_the_leafs_place(leaf, wrappers):
    value, path = leaf, ""
    for wrap, sibling in wrappers:
        value, step = wrap(value, sibling)
        path = step + path
    with pytest.raises(NotSerializable) as refusal:
        VALUES.dumps(value)
    assert str(refusal.value).startswith(f"value{path}: ")
    with pytest.raises(NotSerializable) as refusal:
        VALUES.dumps_call((1, value), {})
    assert str(refusal.value).startswith(f"args[1]{path}: ")
    with pytest.raises(NotSerializable) as refusal:
        VALUES.dumps_call((), {"key": value})
    assert str(refusal.value).startswith(f"kwargs['key']{path}: ")


@given(universe(), st.integers(0, 10), st.binary(max_size=4))
@settings(max_examples=300)
def test_what_was_encoded_and_cut_or_extended_is_a_protocol_error_or_a_value(value, cut, more):
    packed = VALUES.dumps(value)
    for data in (packed[: max(0, len(packed) - cut)], packed + more, more + packed):
        with contextlib.suppress(ProtocolError):
            VALUES.dumps(VALUES.loads(data))
