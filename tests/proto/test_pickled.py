"""Exceptions that a class keeps pickled cross as data: no pickle of another process is ever read."""

import contextlib
import pickle
import subprocess
from decimal import Decimal

import pytest
from cargo import Answer, Caller, Failure, LateAnswer, Level, Plain, Point, TrappedError, function
from hypothesis import example, given
from hypothesis import strategies as st

from proto import pickled
from proto.classgate import ClassGate
from proto.errors import NotSerializable, ProtocolError
from proto.lowering import pack
from proto.tags import TAGS, Code
from proto.values import Values


VALUES = Values(ClassGate({"cargo"}))
PLACE = "serialized_exception"


@pytest.fixture(autouse=True, scope="module")
def _declared():
    """`cargo.Answer` is to these tests what OrchResult is to modules."""
    name = ("cargo", "Answer")
    pickled.SLOTS[name] = pickled.Slot(PLACE, "exception_str")
    yield
    del pickled.SLOTS[name]


class Evil:
    """Its pickle makes a file when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def sent(error, text="<the text>"):
    """The exception in an Answer that was sent with `error`, or with its pickle."""
    held = error if isinstance(error, bytes) else pickle.dumps(error)
    arrived = VALUES.loads(VALUES.dumps(Answer(held, text)))
    assert arrived.serialized_exception != held
    return pickle.loads(arrived.serialized_exception)


def forged(cls, **attributes):
    """The bytes of an instance as a sender of another make could send it."""
    module, qualname = cls.__module__, cls.__qualname__
    return pack([TAGS[Code.OBJECT], module, qualname, attributes, None])


@pytest.mark.parametrize(
    "error",
    [
        ZeroDivisionError("division by zero"),
        KeyError("x"),
        NotImplementedError(),
        OSError(2, "No such file", "/x"),
        ImportError("no such module", name="x", path="/y"),
        Failure("host1", "is away"),
        ValueError(Level.HIGH, {"a": {1, 2}}, Point(1, b"x")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_exception_arrives_with_class_arguments_and_attributes(error):
    """Also one whose class takes other arguments than it keeps: its constructor is not needed."""
    error.errno_of_ours, error.extra = -22, Plain(a=1)
    back = sent(error)
    assert type(back) is type(error)
    assert (back.args, str(back)) == (error.args, str(error))
    assert vars(back) == vars(error)


def test_no_exception_stays_none():
    assert VALUES.loads(VALUES.dumps(Answer(None, "", [1]))).serialized_exception is None


def test_a_subclass_is_treated_as_its_base():
    answer = LateAnswer(pickle.dumps(KeyError("x")))
    back = VALUES.loads(VALUES.dumps(answer))
    assert type(back) is LateAnswer
    assert type(pickle.loads(back.serialized_exception)) is KeyError


def test_what_arrived_can_be_sent_on():
    """A client may hand an answer to a third process."""
    once = VALUES.loads(VALUES.dumps(Answer(pickle.dumps(Failure("a", "b")))))
    again = VALUES.loads(VALUES.dumps([once]))[0]
    assert again.serialized_exception == once.serialized_exception
    assert vars(pickle.loads(again.serialized_exception)) == {"name": "a"}


def with_attribute(error, value):
    error.extra = value
    return error


@pytest.mark.parametrize(
    "error",
    [
        b"",
        b"no pickle",
        pickle.dumps(KeyError("x"))[:-5],
        "text",
        5,
        SystemExit(3),
        KeyboardInterrupt(),
        subprocess.CalledProcessError(1, "ls"),
        with_attribute(KeyError("x"), Decimal(1)),
        KeyError,
    ],
    ids=repr,
)
def test_what_cannot_cross_arrives_as_an_exception_with_the_text(error):
    """Never as no exception: SystemExit would end the caller, a foreign class is not known there."""
    back = sent(error)
    assert type(back) is Exception
    assert str(back) == "<the text>"


def test_without_a_text_there_still_is_an_exception():
    assert str(sent(b"junk", text=None)) == "an exception that cannot be told"


def test_a_place_that_holds_no_bytes_arrives_as_an_exception():
    answer = Answer("<text instead of bytes>", "the text")
    back = pickle.loads(VALUES.loads(VALUES.dumps(answer)).serialized_exception)
    assert (type(back), str(back)) == (Exception, "the text")


def test_an_exception_that_no_walk_can_finish_arrives_as_its_text():
    """A cycle in an exception's attributes is refused elsewhere; here there is a text."""
    error = KeyError("x")
    error.extra = [error]
    assert type(sent(error)) is Exception


def test_a_hostile_pickle_is_run_neither_where_it_is_sent_nor_where_it_arrives(tmp_path, ran):
    """Bytes of unknown origin in a module's own answer are read for exceptions alone."""
    trap = tmp_path / "made"
    for hostile in (Evil(trap), ValueError(Evil(trap)), with_attribute(ValueError(), Evil(trap))):
        assert type(sent(pickle.dumps(hostile))) is Exception
    assert type(sent(b"ccargo\nfunction\n)R.")) is Exception
    assert ran == []
    assert not trap.exists()
    pickle.loads(pickle.dumps(Evil(trap))).close()
    assert trap.exists()  # the trap works


@pytest.mark.parametrize("cls", [Answer, LateAnswer])
@pytest.mark.parametrize("wrap", [bytes, bytearray, lambda b: [b], lambda b: {"x": b}])
def test_forged_bytes_are_refused_and_not_read(cls, wrap, tmp_path):
    """Whatever else the wire holds in that place must be an exception."""
    trap = tmp_path / "made"
    wire = wrap(pickle.dumps(Evil(trap)))
    if isinstance(wire, bytearray):
        wire = [TAGS[Code.BYTEARRAY], bytes(wire)]
    with pytest.raises(ProtocolError, match=rf"{cls.__name__}\.{PLACE} came as"):
        VALUES.loads(forged(cls, result=None, **{PLACE: wire}))
    assert not trap.exists()


@pytest.mark.parametrize("root", ["SystemExit", "KeyboardInterrupt", "GeneratorExit"])
def test_a_forged_order_to_end_is_refused(root):
    """These would end the receiver's thread or process when it raises them."""
    order = [TAGS[Code.OBJECT], "builtins", root, {}, []]
    with pytest.raises(ProtocolError, match=f"came as {root}"):
        VALUES.loads(forged(Answer, **{PLACE: order}))


def test_no_other_class_may_have_such_an_attribute(tmp_path):
    """A receiver that does not look at the class would read the bytes all the same."""
    trap = tmp_path / "made"
    wire = forged(Plain, **{PLACE: pickle.dumps(Evil(trap))})
    with pytest.raises(ProtocolError, match=f"Plain may not have {PLACE}"):
        VALUES.loads(wire)
    with pytest.raises(NotSerializable, match=PLACE):
        VALUES.dumps(Plain(**{PLACE: b""}))
    assert not trap.exists()


def test_reading_the_receivers_pickle_runs_nothing_of_the_exceptions_class(ran):
    """Not its constructor, not its own way of pickling, nor one that came as an attribute."""
    caller = [TAGS[Code.OBJECT], "cargo", "Caller", {}, None]
    names = ("__reduce_ex__", "__reduce__", "__setstate__", "__getstate__")
    error = [
        TAGS[Code.OBJECT], "cargo", "TrappedError", dict.fromkeys(names, caller), ["a"]
    ]  # fmt: skip
    answer = VALUES.loads(forged(Answer, **{PLACE: error}))
    back = pickle.loads(answer.serialized_exception)
    assert (type(back), back.args) == (TrappedError, ("a",))
    assert type(vars(back)["__reduce_ex__"]) is Caller
    assert ran == []
    function()
    assert ran == ["function"]  # it tells


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=4))
@example([])
def test_damaged_answers_hold_only_pickles_of_ours(changes):
    """Whatever bytes come, what can be loaded afterwards gives an exception and nothing else."""
    data = bytearray(VALUES.dumps(Answer(pickle.dumps(Failure("a", "b")), "text", [1])))
    for place, byte in changes:
        data[place % len(data)] = byte
    with contextlib.suppress(ProtocolError):
        back = VALUES.loads(bytes(data))
        if type(back) is Answer and getattr(back, PLACE, None) is not None:
            assert b"proto.values" in back.serialized_exception
            assert isinstance(pickle.loads(back.serialized_exception), Exception)
