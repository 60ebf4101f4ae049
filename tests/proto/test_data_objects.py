"""Instances of classes from allowed packages, and what a forged one cannot do."""

import pytest
from cargo import (
    Abstract,
    Access,
    BadFile,
    Bomb,
    Buffer,
    Colour,
    Config,
    Failure,
    Items,
    Level,
    Loud,
    Members,
    Meta,
    Number,
    Ordered,
    Pair,
    Plain,
    Point,
    Ratio,
    Raw,
    Slotted,
    SlottedWithDict,
    Text,
    Trap,
    function,
)  # fmt: skip

from proto.classgate import ClassGate
from proto.errors import NotSerializable, ProtocolError
from proto.lowering import pack
from proto.tags import TAGS, Code
from proto.values import Values


def slotted(cls, **attributes):
    instance = cls()
    for name, value in attributes.items():
        setattr(instance, name, value)
    return instance


@pytest.mark.parametrize(
    "value",
    [
        Plain(), Plain(a=1, b=(Plain(c={1}), Plain)[0]), slotted(Slotted, left=1), slotted(Slotted, right=b"x", left=None),
        slotted(SlottedWithDict, left=1, extra=2), Config(a=(1,)), Ordered([(2, 1), (1, 2)]), Items([1, (2,)]),
        Text("t\ud800"), Number(2**70), Number(-1), Ratio(1.5), Raw(b"r"), Raw(), Buffer(b"b"), Members({1, (2,)}),
        Point(1), Point(1, Point(2)), Pair([1], {"x"}), Colour.RED, Colour.BLUE, Level.HIGH, Access.READ,
        Access.READ | Access.WRITE, Access(0), {Colour.RED: Point(1), Text("k"): 1}, {Point(1, "y")},
    ],
    ids=repr,
)  # fmt: skip
def test_an_instance_keeps_its_class_its_content_and_its_attributes(values, value):
    back = values.loads(values.dumps(value))
    assert type(back) is type(value)
    assert back == value
    if isinstance(value, dict | set):
        assert {type(key) for key in back} == {type(key) for key in value}


def test_attributes_of_a_subclass_of_a_builtin_type_cross_as_well(values):
    for value in (Config(a=1), Items([1]), Text("x"), Number(5), Members({1})):
        value.note = ["attached"]
        back = values.loads(values.dumps(value))
        assert (back, back.note) == (value, ["attached"])


def test_a_nested_class_is_found_by_its_qualified_name(values):
    back = values.loads(values.dumps(Plain.Inner(5)))
    assert (type(back), back.x) == (Plain.Inner, 5)


def test_parameters_of_a_generic_class_are_no_part_of_its_value(values):
    value = SlottedWithDict[int]()
    value.left = 1
    assert "__orig_class__" in vars(value)
    assert vars(values.loads(values.dumps(value))) == {}


def test_exceptions_cross_as_class_arguments_and_attributes(values):
    failure = values.loads(values.dumps(Failure("osd.1", "gone")))
    assert (type(failure), failure.args, failure.name) == (Failure, ("osd.1: gone",), "osd.1")
    bad = BadFile("broken")
    bad.errno = -22
    bad.filename = "x"
    back = values.loads(values.dumps(bad))
    assert (type(back), back.args, back.errno, back.filename, back.why) == (
        BadFile,
        (5, "broken"),
        -22,
        "x",
        "broken",
    )
    assert str(back) == str(bad)


def test_rebuilding_runs_nothing_of_the_class(values, ran):
    value = object.__new__(Trap)
    value.__dict__.update(size=5, other=[1])
    packed = values.dumps(value)
    back = values.loads(packed)
    assert type(back) is Trap
    assert back.__dict__ == {"size": 5, "other": [1]}
    assert ran == []


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (Bomb(), "value: Bomb cannot cross a process: its class defines __del__"),
        (Plain, "value: class Plain cannot cross a process$"),
        (function, "value: function cannot cross a process$"),
        (Meta("Made", (), {}), "value: class Made cannot"),
        (Plain(handle=function), "value.handle: function cannot"),
        (Config(a={"b": function}), r"value\['a'\]\['b'\]: function cannot"),
        (Items([0, function]), r"value\[1\]: function cannot"),
        (Members([function]), r"value\{<function.*\}: function cannot"),
        (Failure("a", function), None),
        (type("Local", (), {"__module__": "cargo", "__qualname__": "f.<locals>.Local"})(), "defined inside a function"),
        (type("Ghost", (), {"__module__": "cargo"})(), "not found as cargo.Ghost"),
        (type("Plain", (), {"__module__": "cargo"})(), "not found as cargo.Plain"),
        (type("Foreign", (), {"__module__": "elsewhere.deep"})(), "objects of 'elsewhere' are not among"),
    ],
    ids=lambda v: str(v)[:40],
)  # fmt: skip
def test_what_a_receiver_could_not_rebuild_is_refused_by_its_place(values, value, sentence):
    if sentence is None:
        assert values.loads(values.dumps(value)).args == value.args
        return
    with pytest.raises(NotSerializable, match=sentence):
        values.dumps(value)


def test_a_class_of_no_module_is_refused_by_its_place(values):
    """exec() in a namespace without a name makes such classes."""
    space = {}
    exec("stray = type('Stray', (), {})", space)
    exec("class Named: pass", {"__name__": 5}, space)
    for cls in (space["stray"], space["Named"]):
        with pytest.raises(NotSerializable, match="process: its class belongs to no module"):
            values.dumps([cls()])


def test_a_cycle_through_attributes_is_refused_by_its_place(values):
    value = Plain(child=Plain())
    value.child.parent = value
    with pytest.raises(NotSerializable, match=r"value\.child\.parent: a cycle \(back to value\)"):
        values.dumps(value)
    with pytest.raises(NotSerializable, match=r"^args\[0\]\.child\.parent: a cycle"):
        values.dumps_call((value,), {})


def test_a_receiver_refuses_what_its_own_gate_does_not_allow(values):
    packed = values.dumps([Plain()])
    with pytest.raises(ProtocolError, match=r"cargo\.Plain may not cross a process"):
        Values(ClassGate({"carg", "cargo.sub", "cargoes"})).loads(packed)


@pytest.mark.parametrize(
    ("module", "qualname"),
    [
        ("os", "system"), ("builtins", "eval"), ("builtins", "int"), ("builtins", "type"), ("subprocess", "Popen"),
        ("cargo", "subprocess"), ("cargo", "subprocess.Popen"), ("cargo", "function"), ("cargo", "Generic"),
        ("cargo", "Plain.__init__"), ("cargo", "Plain.__class__"), ("cargo", "Plain.__eq__.__globals__"),
        ("cargo", "Meta"), ("cargo", "Bomb"), ("cargo", "Abstract"), ("cargo", "Colour"), ("cargo", "RAN"), ("cargo", ""),
        ("cargo", "Plain."), ("cargo", "absent"), ("cargo.absent", "X"), ("", ""), ("cargo\0", "x"), ("collections", "abc"),
        ("collections", "deque"), ("__main__", "x"), (1, 2), (["x"], "y"), (None, None),
    ],
)  # fmt: skip
def test_a_forged_reference_is_refused_and_nothing_runs(values, ran, module, qualname):
    assert Abstract is not None
    for fields in ({}, []), ({"x": 1}, None), ({}, {}), ({}, None), ({}, ["id"]), ([], None):
        with pytest.raises(ProtocolError) as caught:
            values.loads(pack([TAGS[Code.OBJECT], module, qualname, *fields]))
        assert "\n" not in str(caught.value)
    with pytest.raises(ProtocolError):
        values.loads(pack([TAGS[Code.ENUM], module, qualname, "RUN"]))
    assert ran == []


@pytest.mark.parametrize(
    "fields",
    [
        [Code.OBJECT, "cargo", "Point", {}, [1]], [Code.OBJECT, "cargo", "Text", {}, 5], [Code.OBJECT, "cargo", "Number", {}, "5"],
        [Code.OBJECT, "cargo", "Slotted", {"middle": 1}, None], [Code.OBJECT, "cargo", "Slotted", {"__class__": 1}, None],
        [Code.OBJECT, "cargo", "Items", {}, "abc"], [Code.OBJECT, "cargo", "Buffer", {}, 5], [Code.OBJECT, "cargo", "Config", {}, [1]],
        [Code.OBJECT, "cargo", "Config", {}, [[], 1]], [Code.OBJECT, "cargo", "Plain", {1: 2}, None], [Code.OBJECT, "cargo"],
        [Code.OBJECT, "cargo", "Plain", {}, [1]], [Code.OBJECT, "cargo", "Failure", {}, None], [Code.OBJECT, "cargo", "Failure", {}, "ab"],
        [Code.ENUM, "cargo", "Colour", "GREEN"], [Code.ENUM, "cargo", "Colour", "__class__"], [Code.ENUM, "cargo", "Level", 1],
        [Code.ENUM, "cargo", "Access", "READ|WRITE"], [Code.ENUM, "cargo", "Loud", 8], [Code.ENUM, "cargo", "Plain", "x"],
    ],
    ids=repr,
)  # fmt: skip
def test_forged_fields_are_refused_and_nothing_runs(values, ran, fields):
    assert Loud.ONE
    with pytest.raises(ProtocolError) as caught:
        values.loads(pack([TAGS[fields[0]], *fields[1:]]))
    assert "\n" not in str(caught.value)
    assert ran == []
