"""Command descriptors are parsed, refused with a sentence, and written back."""

import contextlib
import string
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from proto.argtypes import TYPES, CephChoices, CephInt, CephPoolname
from proto.descriptor import Argument, Literal, Signature
from tests.descriptors import commands


REAL = (Path(__file__).parents[1] / "mgrctl" / "commands-16.2.15.txt").read_text().splitlines()


def test_a_descriptor_is_literals_and_arguments_in_order():
    """With types, ranges, requirement and count."""
    signature = Signature.parse(
        "osd pool create name=pool,type=CephPoolname "
        "name=pg_num,type=CephInt,range=0,req=false name=ids,n=N,type=CephInt"
    )
    assert signature.prefix == "osd pool create"
    assert signature.arguments == (
        Argument("pool", CephPoolname()),
        Argument("pg_num", CephInt(0), required=False),
        Argument("ids", CephInt(), many=True),
    )
    assert signature.usage() == "osd pool create <pool> [<pg_num:int>] <ids:int>..."


def test_an_argument_may_stand_before_a_literal():
    """`orch <action> <service>` begins with a choice after its first word."""
    signature = Signature.parse("orch name=action,type=CephChoices,strings=start|stop now")
    assert signature.items == (
        Literal("orch"),
        Argument("action", CephChoices(("start", "stop"))),
        Literal("now"),
    )
    assert signature.prefix == "orch now"


@pytest.mark.parametrize("text", ["false", "False", "FALSE", "no", "0", "fasle"])
def test_anything_but_true_makes_an_argument_optional(text):
    """Ceph's own commands contain False and fasle."""
    assert not Signature.parse(f"x name=a,type=CephInt,req={text}").arguments[0].required


@pytest.mark.parametrize("text", ["true", "True"])
def test_true_makes_an_argument_required(text):
    """So does nothing."""
    assert Signature.parse(f"x name=a,type=CephInt,req={text}").arguments[0].required


def test_a_prefix_argument_is_a_literal():
    """CephPrefix is how the ceph client holds literals."""
    assert Signature.parse("osd name=p,type=CephPrefix,prefix=tree") == Signature.parse("osd tree")


def test_an_argument_given_by_name_only_is_shown_so():
    """positional=false."""
    signature = Signature.parse(
        "ls name=owner,type=CephString,req=false,positional=false "
        "name=wide,type=CephBool,req=false,positional=false"
    )
    assert signature.usage() == "ls [--owner <owner>] [--wide]"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no literal word"),
        ("name=a,type=CephInt", "no literal word"),
        ("x name=a", "argument 'a' has no field 'type', one of CephInt, CephFloat"),
        ("x type=CephInt", "field 'name' is missing in 'type=CephInt'"),
        (
            "x name=,type=CephInt",
            "'name=' in 'name=,type=CephInt' must be FIELD=VALUE|field 'name' is missing",
        ),
        ("x name=a,type=int", "argument 'a' has unknown type 'int', not one of CephInt"),
        (
            "x name=a,type=CephInt,rnage=0",
            "unknown field 'rnage', CephInt has name, type, n, req, positional, range",
        ),
        (
            "x name=a,type=CephInt,range=x",
            "argument 'a': range=x must be LOW or LOW|HIGH".replace("|", r"\|"),
        ),
        ("x name=a,type=CephInt,range=5|0", "range=5.0 must be LOW"),
        ("x name=a,type=CephFloat,range=0|1|2", "range=0.1.2 must be LOW"),
        ("x name=a,type=CephString,goodchars=[", r"goodchars=\[ must be a regular expression"),
        ("x name=a,type=CephInt,n=M", "n=M must be N or a number above 0"),
        ("x name=a,type=CephInt,n=0", "n=0 must be N or a number above 0"),
        ("x name=a,type=CephInt,req", "'req' in 'name=a,type=CephInt,req' must be FIELD=VALUE"),
        ("x name=a,name=b,type=CephInt", "field 'name' is given twice"),
        ("x name=a,type=CephInt name=a,type=CephInt", "two arguments are called 'a'"),
        ("x name=prefix,type=CephInt", "two arguments are called 'prefix'"),
        ("x name=p,type=CephPrefix", "a CephPrefix needs prefix=WORD"),
    ],
)
def test_a_malformed_descriptor_is_refused_with_a_sentence(text, sentence):
    """It names the descriptor, the field and what is allowed."""
    with pytest.raises(ValueError, match=sentence) as refusal:
        Signature.parse(text)
    assert str(refusal.value).startswith(f"command descriptor {text!r}: ")


def test_a_real_clusters_commands_are_parsed():
    """And written back so that they read the same."""
    for text in REAL:
        signature = Signature.parse(text)
        assert Signature.parse(str(signature)) == signature
    assert len(REAL) > 500


WORD = st.from_regex(r"[a-z][a-z0-9_-]{0,5}", fullmatch=True)
FIELDS = {
    "CephInt": ",range=0|9",
    "CephFloat": ",range=0.5",
    "CephString": ",goodchars=[a-z]",
    "CephChoices": ",strings=a|b",
}


@given(
    st.lists(WORD, min_size=1, max_size=3),
    st.lists(
        st.tuples(
            WORD,
            st.sampled_from(sorted(TYPES)),
            st.booleans(),
            st.sampled_from(["", ",n=N", ",n=3"]),
            st.sampled_from(["", ",req=false", ",positional=false"]),
        ),
        unique_by=lambda a: a[0],
        max_size=3,
    ).filter(lambda arguments: all(a[0] != "prefix" for a in arguments)),
)
def test_what_is_written_is_read_again(literals, arguments):
    """Parsing and writing are inverse, whatever the types and fields."""
    words = [
        f"name={n},type={t}{FIELDS.get(t, '') * own}{count}{more}"
        for n, t, own, count, more in arguments
    ]
    signature = Signature.parse(" ".join([*literals, *words]))
    assert Signature.parse(str(signature)) == signature
    assert signature.usage().startswith(signature.prefix)


@given(st.text(alphabet="ab =,|[N", max_size=30))
def test_any_text_is_parsed_or_refused(text):
    """Never another exception."""
    with contextlib.suppress(ValueError):
        assert Signature.parse(text).prefix


OWN_FIELDS = {
    "range": st.text("0123456789-.|e+infna _", max_size=10) | st.integers().map(str),
    "goodchars": st.text(string.printable, max_size=8),
    "strings": st.text("ab|-.", max_size=8),
    "n": st.sampled_from(["N", "n", "1", "2", "0", "-1", "+1", "", "1.5", "9" * 5000]),
    "req": st.sampled_from(["true", "false", "False", "", "x"]),
    "positional": st.sampled_from(["true", "false", ""]),
    "prefix": st.text("ab", max_size=3),
    "x": st.just("1"),
}


@st.composite
def any_argument(draw):
    """A word that is mostly an argument: fields of any type in any order, right or wrong."""
    kind = draw(st.sampled_from([*TYPES, "CephPrefix", "CephNone"]))
    parts = [f"type={kind}", f"name={draw(st.text('abc_-', max_size=3))}"]
    keys = draw(st.lists(st.sampled_from(sorted(OWN_FIELDS)), max_size=3))
    parts += [f"{key}={draw(OWN_FIELDS[key])}" for key in keys]
    return ",".join(draw(st.permutations(parts)))


def parsed_or_refused(text):
    """Reads and writes itself again, or says what is wrong with it."""
    try:
        signature = Signature.parse(text)
    except ValueError as error:
        signature, said = None, str(error)
    if signature is None:
        assert said.startswith(f"command descriptor {text!r}: ")
        return
    assert Signature.parse(str(signature)) == signature
    assert str(Signature.parse(str(signature))) == str(signature)
    assert signature.usage().split()
    assert all(isinstance(a.type.describe(), str) for a in signature.arguments)


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(["a", "b"]) | any_argument(), max_size=4).map(" ".join))
@example("a name=x,type=CephFloat,range=nan")
@example("a name=x,type=CephFloat,range=nan|1")
@example("a name=x,type=CephFloat,range=-inf|inf")
@example("a name=x,type=CephInt,range=" + "9" * 5000)
@example("a name=x,type=CephString,goodchars=a{99999999999999999999}")
@example("a name=x,type=CephString,goodchars=" + "(" * 5000)
@example("a name=x,type=CephString,goodchars=" + "(a" * 2000 + ")" * 2000)
@example("a name=x,type=CephString,goodchars=(?i)[a-z]")
@example("a name=x,type=CephString,goodchars=a(?i)b")
@example("a name=x,type=CephInt,n=" + "9" * 5000)
@example("a name=x,type=CephInt,n=\u0663")
def test_a_descriptor_is_written_as_it_is_read_or_refused(text):
    """Whatever its fields are: no third outcome."""
    parsed_or_refused(text)


@settings(max_examples=300, deadline=None)
@given(commands())
def test_a_descriptor_with_every_kind_of_field_is_accepted(drawn):
    """Types, ranges, choices, characters, counts, in any order of fields."""
    text, _words, _expected = drawn
    signature = Signature.parse(text)
    assert Signature.parse(str(signature)) == signature
