"""Any handler's signature: a descriptor that is understood and a call that arrives, or a ValueError."""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proto import argtypes
from proto.descriptor import Signature
from tests.api import house  # noqa: F401  puts api/ on sys.path
from tests.api.handlers import Colour, Number, handler_from


CLICommand = importlib.import_module("mgr_module").CLICommand
CHILD = Path(__file__).with_name("upstream_decorator.py")

texts = st.text(st.characters(exclude_characters="=", codec="utf-8"), max_size=6)
# annotation -> values as a client sends them, and what the handler is to get
SINGLE = {
    "str": texts.map(lambda t: (t, t)),
    "int": st.integers().map(lambda n: (n, n)) | st.integers().map(lambda n: (str(n), n)),
    "float": st.floats(allow_nan=False).map(lambda f: (f, f)),
    "bool": st.booleans().map(lambda b: (b, b)),
    "Colour": st.sampled_from(list(Colour)).map(lambda c: (c.value, c)),
    "Number": st.sampled_from(list(Number)).map(lambda c: (str(c.value), c)),
    "argtypes.CephInt('1|9')": st.integers(1, 9).map(lambda n: (n, n)),
    "argtypes.CephString('[a-z]')": st.text("abc", max_size=3).map(lambda t: (t, t)),
    "argtypes.CephChoices('a|b')": st.sampled_from("ab").map(lambda t: (t, t)),
}
REFUSED = (
    "Any", "dict", "list", "List", "tuple", "Tuple[int, str]", "Tuple[int, ...]", "Union[int, str]", "'int'",
    "None", "bytes", "object", "Optional[Dict[str, int]]", "List[List[int]]", "List[Tuple[int, int]]",
    "Spaced", "Barred", "Optional[Spaced]",
)  # fmt: skip
# What upstream's lets pass although no client can call it.
REFUSED_HERE_ONLY = ("List[List", "List[Tuple", "Spaced", "Barred", "prefix")

# Newer Python's way to write it; choices that are numbers; pairs, save of two types; a range.
TAKEN_HERE_ONLY = (" | None", "Number", "Tuple[", "CephInt(")


@st.composite
def several(draw, one):
    sent, meant = zip(*draw(st.lists(SINGLE[one], min_size=1, max_size=3)), strict=True)
    return list(sent), list(meant)


@st.composite
def pairs(draw, one):
    (first, meant), (second, also) = draw(SINGLE[one]), draw(SINGLE[one])
    return [first, second], (meant, also)


@st.composite
def annotations(draw, forms=("{}", "{}", "Optional[{}]", "List[{}]", "Sequence[{}]", "Optional[List[{}]]",
                             "Tuple[{0}, {0}]", "List[Optional[{}]]", "{} | None", "list[{}]")):  # fmt: skip
    """(annotation, (what is sent, what arrives))."""
    one = draw(st.sampled_from(sorted(SINGLE)))
    form = draw(st.sampled_from(forms))
    if "|" in form and "(" in one:
        form = "{}"  # an instance has no |
    if "Optional" in form and "(" in one:
        form = "{}"
    values = (
        pairs(one) if "Tuple" in form else several(one) if "[{}]" in form and form != "Optional[{}]"
        else SINGLE[one]
    )  # fmt: skip
    if form == "List[Optional[{}]]":
        values = several(one)
    return form.format(one), draw(values)


@st.composite
def handlers(draw, bad=0):
    """(source, {parameter: (sent, meant)}); some annotations are wrong where `bad` is not 0."""
    names = draw(
        st.lists(
            st.sampled_from(["a", "b_c", "pool", "format", "n", "inbuf_"]), unique=True, max_size=4
        )
    )
    if bad and draw(st.integers(0, 9)) == 0:
        names.append("prefix")
    parameters, values = ["self"], {}
    optional = draw(st.integers(0, len(names)))
    for index, name in enumerate(names):
        annotation, pair = draw(annotations())
        if bad and draw(st.integers(0, 9)) < bad:
            annotation = draw(st.sampled_from(REFUSED))
        default = " = None" if index >= optional else ""
        parameters.append(f"{name}: {annotation}{default}")
        if not default or draw(st.booleans()):
            values[name] = pair
    if draw(st.booleans()):
        parameters.append("inbuf: Optional[str] = None")
    returns = draw(st.sampled_from(["", " -> Tuple[int, str, str]"]))
    body = "return {k: v for k, v in locals().items() if k not in ('self', 'inbuf')}"
    return f"def handler({', '.join(parameters)}){returns}:\n    {body}", values


def argtype(kind, field):
    """A type of proto.argtypes, made as the one of that name in ceph_argparse is."""
    return lambda text: argtypes.TYPES[kind].from_fields({field: text})


OUR_TYPES = SimpleNamespace(
    CephInt=argtype("CephInt", "range"),
    CephString=argtype("CephString", "goodchars"),
    CephChoices=argtype("CephChoices", "strings"),
)


def command_of(source, types=OUR_TYPES):
    command = CLICommand("try it")
    command.store_func_metadata(handler_from(source, types))
    command.func = handler_from(source, types)
    return command


@settings(max_examples=400, deadline=None)
@given(handlers())
def test_what_is_sent_arrives(drawn):
    """The descriptor has every parameter, and the handler gets every argument as its type."""
    source, values = drawn
    command = command_of(source)
    signature = Signature.parse(command.dump_cmd()["cmd"])
    assert signature.prefix == "try it"
    sent = {name: pair[0] for name, pair in values.items()}
    meant = {name: pair[1] for name, pair in values.items()}
    assert {*sent} <= {argument.name for argument in signature.arguments}
    got = command.call(
        "module", {"prefix": "try it", "target": ["mon-mgr", ""], **json.loads(json.dumps(sent))}
    )
    arrived = {name: value for name, value in got.items() if name in meant}
    assert arrived == meant
    assert {name: type(value) for name, value in arrived.items()} == {
        n: type(v) for n, v in meant.items()
    }
    assert all(value is None for name, value in got.items() if name not in meant)


@settings(max_examples=400, deadline=None)
@given(handlers(bad=3))
@example(("def handler(self, prefix: str) -> int: ...", {}))
@example(("def handler(self, a: 'Spaced') -> int: ...", {}))
@example(("def handler(self, a): ...", {}))
def test_any_signature_gives_a_descriptor_or_a_value_error(drawn):
    """The descriptor is one that parses; the error names the parameter."""
    source, _values = drawn
    try:
        command = command_of(source)
    except ValueError as error:
        said = str(error)
    else:
        Signature.parse(command.dump_cmd()["cmd"])
        return
    assert "argument '" in said or "parameter" in said


class Upstream:
    """Debian's decorator in a process of its own."""

    def __init__(self):
        self._child = subprocess.Popen(
            [sys.executable, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def read(self, source):
        self._child.stdin.write(json.dumps(source) + "\n")
        self._child.stdin.flush()
        return json.loads(self._child.stdout.readline())

    def close(self):
        self._child.stdin.close()
        assert self._child.wait(10) == 0
        self._child.stdout.close()


@pytest.fixture(scope="module")
def upstream():
    child = Upstream()
    yield child
    child.close()


@pytest.mark.ceph
def test_descriptors_are_those_of_upstreams_decorator(upstream):
    """Field by field; what one refuses the other does, but for the exceptions at the top."""

    @settings(max_examples=300, deadline=None)
    @given(handlers(bad=2))
    def compare(drawn):
        source, _values = drawn
        theirs = upstream.read(source)
        try:
            ours = command_of(source).args
        except ValueError:
            assert "error" in theirs or any(what in source for what in REFUSED_HERE_ONLY), (
                source,
                theirs,
            )
            return
        if "error" in theirs:
            assert any(what in source for what in TAKEN_HERE_ONLY), (source, theirs)
        else:
            assert Signature.parse(f"x {ours}") == Signature.parse(f"x {theirs['args']}"), source
            if "argtypes" not in source:
                assert ours == theirs["args"], source

    compare()
