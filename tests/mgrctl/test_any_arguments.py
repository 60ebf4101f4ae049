"""Any descriptor with any words: the values that were meant, or a refusal; as the ceph client does."""

import string

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from mgrctl.commands import Command, match
from mgrctl.errors import Refused

from proto.argtypes import TYPES
from proto.descriptor import Signature
from tests import cephclient
from tests.descriptors import commands, equal, line


garbage = st.text(max_size=8) | st.text(string.printable, max_size=8) | st.sampled_from(
    ["", "-", "--", "--=", "--=x", "--a", "--a=", "-1", "1.", ".", "osd.", "[::1", "0x/", "/", "nan", "9" * 5000]
)  # fmt: skip


def ours(text, words):
    """The dict, or the refusal."""
    try:
        return match(words, [Command(Signature.parse(text), "help 0")]).arguments
    except Refused as refused:
        return str(refused)


def objects_equal(one, other):
    return one.keys() == other.keys() and all(equal(one[k], other[k]) for k in one)


@settings(max_examples=500, deadline=None)
@given(commands())
@example(("a name=a,type=CephPoolname,n=N", ["a", "x,y"], {"prefix": "a", "a": ["x", "y"]}))
@example(("a name=a,type=CephString,n=N", ["a", "x,y"], {"prefix": "a", "a": ["x,y"]}))
@example(("a name=a,type=CephString,n=N", ["a", "--a=x,y"], {"prefix": "a", "a": ["x", "y"]}))
def test_a_line_written_from_values_gives_the_values(drawn):
    """Of every type, in order or by name, one word or several."""
    text, words, expected = drawn
    found = ours(text, words)
    assert isinstance(found, dict), (text, line(words), found)
    assert objects_equal(found, expected), (text, line(words), found)


@st.composite
def spoiled(draw, kinds=tuple(TYPES)):
    """A command, and a line that once fitted."""
    text, words, _ = draw(commands(kinds))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(words)))
        match draw(st.sampled_from(["insert", "drop", "replace", "double"])):
            case "insert":
                words.insert(at, draw(garbage))
            case "drop":
                del words[at : at + 1]
            case "replace":
                words[at : at + 1] = [draw(garbage)]
            case "double":
                words[at:at] = words[at : at + 1]
    return text, words


@settings(max_examples=500, deadline=None)
@given(spoiled())
@example(("a name=x,type=CephInt", ["a", "9" * 5000]))
@example(("a name=x,type=CephIPAddr", ["a", "1.2.3.4:" + "9" * 5000]))
@example(("a name=x,type=CephOsdName", ["a", "9" * 5000]))
@example(("a name=x,type=CephPgid", ["a", "9" * 5000 + ".1"]))
@example(("a name=x,type=CephSizeBytes", ["a", "9" * 5000]))
@example(("a name=x,type=CephFilepath", ["a", "\0"]))
@example(("a name=x,type=CephFilepath", ["a", "x" * 5000]))
@example(("a name=x,type=CephFilepath", ["a", "\udc80"]))
@example(("a name=x,type=CephSocketpath", ["a", "\0"]))
@example(("a name=x,type=CephFragment", ["a", "0x1/" + "9" * 5000]))
def test_any_words_give_values_of_the_command_or_a_refusal(drawn):
    """Never a traceback. What is accepted names arguments of the command, and none is missing."""
    text, words = drawn
    found = ours(text, words)
    if isinstance(found, str):
        assert found
        return
    signature = Signature.parse(text)
    assert found["prefix"] == signature.prefix
    known = {a.name: a for a in signature.arguments}
    assert found.keys() - {"prefix"} <= known.keys()
    assert {a.name for a in known.values() if a.required} <= found.keys()
    for name in found.keys() - {"prefix"}:
        assert isinstance(found[name], list) == known[name].many


def test_a_value_behind_its_name_keeps_its_line_breaks():
    """So does one that stands alone, and one that is nothing else."""
    text = "a name=b,type=CephString,req=false"
    for value in ("\n", "0\n", "one\ntwo"):
        for words in (["a", f"--b={value}"], ["a", "--b", value], ["a", value]):
            assert ours(text, words) == {"prefix": "a", "b": value}


# On purpose otherwise than the client of 16.2.15: it accepts no fragment, knows no sizes, crashes or
# answers with Python's words at addresses, and looks a path up before it makes it absolute.
COMPARED = tuple(set(TYPES) - {
    "CephFragment", "CephSizeBytes", "CephIPAddr", "CephEntityAddr", "CephFilepath", "CephSocketpath"
})  # fmt: skip


@pytest.mark.ceph
@settings(max_examples=500, deadline=None)
@given(commands(COMPARED).map(lambda c: c[:2]) | spoiled(COMPARED))
def test_verdicts_and_values_are_those_of_the_ceph_client(drawn):
    """On whole descriptors: the same dict from both, or a refusal by both."""
    text, words = drawn
    assume("positional" not in text)  # newer than that client
    # The client of 16.2.15 drops what follows a line break in `--name=value`; here it stays.
    assume(not any("\n" in word for word in words if word.startswith("--")))
    theirs, _said = cephclient.validate([text], words)
    if theirs:
        # A command whose name is incomplete is never taken here.
        assume(theirs["prefix"] == Signature.parse(text).prefix)
    found = ours(text, words)
    if theirs is None:
        assert isinstance(found, str), (text, line(words), found)
    else:
        assert isinstance(found, dict), (text, line(words), found, theirs)
        assert objects_equal(found, theirs), (text, line(words), found, theirs)
