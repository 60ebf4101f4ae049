"""Texts and errnos are those that a client of ceph-mgr 16.2.15 reads."""

import pytest

from proto import refusals
from proto.refusals import Refusal, parse


@pytest.mark.parametrize(
    ("text", "refused"),
    [
        ("nonsense", "unparseable JSON nonsense"),
        ("", "unparseable JSON "),
        (b"\xff{", "unparseable JSON \ufffd{"),
        ("[" * 100_000, None),
        ("[]", "not JSON object []"),
        ('"x"', 'not JSON object "x"'),
        ('{"prefix": 5}', "bad or missing field 'prefix'"),
        ('{"prefix":["a"]}', "bad or missing field 'prefix'"),
        ('{"prefix":null}', 'JSON array/object not allowed {"prefix":null}'),
        ('{"prefix":"p","x":{"a":1}}', 'JSON array/object not allowed {"prefix":"p","x":{"a":1}}'),
        (
            '{"prefix":"p","x":[[1]]}',
            "Can't handle arrays of types other than int, string, or double",
        ),
        (
            '{"prefix":"p","x":[true]}',
            "Can't handle arrays of types other than int, string, or double",
        ),
        ('{"prefix":"p","x":[1,"a"]}', "value type is 2 not 4"),
        ('{"prefix":"p","x":[1,2.5]}', "value type is 5 not 4"),
        ('{"prefix":"p","x":["a",null]}', "value type is 6 not 2"),
        ('{"prefix":"p","x":NaN}', 'unparseable JSON {"prefix":"p","x":NaN}'),
    ],
)
def test_what_is_no_command_is_refused_with_its_text(text, refused):
    answer = parse(text)
    assert isinstance(answer, Refusal)
    assert answer.retval == -22
    if refused is not None:
        assert answer.text == refused


def test_a_command_is_handed_on_unchanged():
    assert parse('{"prefix":"p","n":1,"f":0.5,"b":true,"l":["a"],"m":[0.5,1]}') == {
        "prefix": "p", "n": 1, "f": 0.5, "b": True, "l": ["a"], "m": [0.5, 1],
    }  # fmt: skip
    assert parse(b'{"prefix":"p"}') == {"prefix": "p"}


def test_a_missing_prefix_counts_as_empty():
    assert parse("{}") == {"prefix": ""}


@pytest.mark.parametrize(
    ("refusal", "retval", "text"),
    [
        (refusals.no_handler("nope"), -22, "No handler found for 'nope'"),
        (
            refusals.not_enabled("telegraf", "telegraf send"),
            -95,
            (
                "Module 'telegraf' is not enabled/loaded (required by command 'telegraf send'): "
                "use `ceph mgr module enable telegraf` to enable it"
            ),
        ),
        (
            refusals.failed_to_load("m", "boom"),
            -5,
            "Module 'm' failed to load and cannot handle commands: boom",
        ),
        (
            refusals.serve_died("m", "boom"),
            -5,
            "Module 'm' has experienced an error and cannot handle commands: boom",
        ),
        (
            refusals.not_now("m", "starting", "killed by SIGKILL"),
            -11,
            "Module 'm' is starting and cannot handle commands now (last: killed by SIGKILL); try again",
        ),
    ],
)
def test_each_reason_has_its_text_and_errno(refusal, retval, text):
    assert refusal == Refusal(retval, text)


def test_access_denied_is_eacces():
    assert refusals.access_denied().retval == -13
    assert refusals.access_denied().text.startswith("access denied: does your client key have mgr")


def test_only_the_self_test_runs_after_serve_failed():
    assert refusals.runs_after_failure("m", "m self-test")
    assert not refusals.runs_after_failure("m", "m self-tests")
    assert not refusals.runs_after_failure("m", "n self-test")
