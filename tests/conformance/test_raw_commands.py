"""Commands that are sent as JSON, which no client has looked at."""

import json

import pytest


def test_not_validated(subject):
    """What arrives is not checked again: a command sent by a program may have anything in it."""
    code, out, err = subject.raw({"prefix": "probe ranged", "number": 99, "extra": "x"})
    assert (code, err) == (0, "")
    assert json.loads(out)["cmd"] == {"prefix": "probe ranged", "number": 99, "extra": "x"}


def test_sent_incomplete(subject):
    """Nor is it completed: a required argument may be missing."""
    code, out, err = subject.raw({"prefix": "probe ranged"})
    assert (code, err) == (0, "")
    assert json.loads(out)["cmd"] == {"prefix": "probe ranged"}


def test_sent_types(subject):
    """Text, numbers, booleans and lists of them arrive as what they are."""
    sent = {"prefix": "probe echo", "t": "ü", "i": -3, "f": 1.5, "b": True, "l": ["a", "b"]}
    code, out, _ = subject.raw({**sent, "n": [1, 2], "e": [], "": "x"})
    assert code == 0
    assert json.loads(out)["cmd"] == {**sent, "n": [1, 2], "e": [], "": "x"}


def test_sent_nested(subject):
    """Objects do not arrive."""
    text = '{"prefix": "probe echo", "x": {"a": 1}}'
    assert subject.raw(text) == (-22, "", f"JSON array/object not allowed {text}")


def test_sent_mixed(subject):
    """A list is of one kind, which its first item tells; 2 is text and 4 a whole number."""
    command = {"prefix": "probe echo", "x": [1, "a"]}
    assert subject.raw(command) == (-22, "", "value type is 2 not 4")


def test_sent_booleans(subject):
    """A list is of text or of numbers."""
    expected = "Can't handle arrays of types other than int, string, or double"
    for items in ([[1]], [True]):
        assert subject.raw({"prefix": "probe echo", "x": items}) == (-22, "", expected)


def test_sent_null(subject):
    """Nor does null."""
    text = '{"prefix": "probe echo", "x": null}'
    assert subject.raw(text) == (-22, "", f"JSON array/object not allowed {text}")


def test_sent_no_json(subject):
    """What is no JSON is refused with itself."""
    assert subject.raw("{") == (-22, "", "unparseable JSON {")


def test_sent_no_object(subject):
    """So is what is no object."""
    assert subject.raw("[]") == (-22, "", "not JSON object []")


def test_sent_prefix(subject):
    """A prefix must be text."""
    assert subject.raw({"prefix": 5}) == (-22, "", "bad or missing field 'prefix'")


@pytest.mark.deviates("a command that nobody has")
@pytest.mark.parametrize("prefix", ["nothing", "Probe echo", "probe", "probe echo_json", ""])
def test_sent_unknown(subject, prefix):
    """A prefix is compared exactly, in case and blanks; one that nobody has is -EINVAL."""
    code, out, err = subject.raw({"prefix": prefix})
    assert (code, out) == (-22, "")
    expected = "command not known" if subject.here else f"No handler found for '{prefix}'"
    assert err == expected
