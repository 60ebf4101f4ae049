"""What the operator wants to run, when keeping it fails."""

import errno
import json

import pytest

from supervisor.cluster.interface import Done, Opened
from supervisor.edge.desired import KEY, Desired
from supervisor.edge.settings import Settings
from supervisor.edge.tokens import Tokens


class Keeper:
    """A cluster's set_store: answers when told to, with what it is told."""

    def __init__(self, tokens):
        self.tokens = tokens
        self.asked = []

    def set_store(self, token, key, value):
        self.asked.append((token, key, value))

    def answer(self, retval=0):
        token, _key, _value = self.asked.pop(0)
        self.tokens.settle(Done(token, retval))


def _desired(kept):
    tokens = Tokens()
    keeper = Keeper(tokens)
    settings = Settings(Opened({}, {KEY: kept}, 1, "", "", ""))
    return Desired(keeper, tokens, settings, ["status"], ["iostat"]), keeper


def test_what_cannot_be_kept_is_not_wanted_either():
    """A full disk: the operator gets the error and may try again; other changes stay."""
    desired, keeper = _desired(json.dumps({"enabled": ["b"], "forced": ["b"]}))
    answers = []
    desired.enable("a", True, answers.append)
    desired.enable("c", False, answers.append)
    desired.disable("b", answers.append)
    keeper.answer(-errno.EIO)
    keeper.answer()
    keeper.answer(-errno.EIO)
    assert desired.enabled() == {"b", "c"}
    assert desired.forced("b")
    assert not desired.forced("a")
    assert [done.retval for done in answers] == [-errno.EIO, 0, -errno.EIO]


@pytest.mark.parametrize("kept", ["", "garbage", "[]", '{"enabled": 5, "forced": []}', "{}"])
def test_a_key_that_somebody_overwrote_does_not_keep_the_daemon_from_starting(kept):
    """The always-on modules run; nothing is a first start again."""
    desired, _keeper = _desired(kept)
    assert desired.enabled() == set()
    assert desired.wants("status")
    assert not desired.first_start
