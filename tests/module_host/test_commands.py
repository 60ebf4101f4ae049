"""What a client gets for what a handler returns."""

import pytest

from module_host import commands
from proto.v1.module_pb2 import Command


class Module:
    """Returns, or raises, what it was given."""

    def __init__(self, outcome: object) -> None:
        self.outcome = outcome

    def _handle_command(self, inbuf: str, cmd: dict) -> object:
        self.seen = (inbuf, cmd)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome


def run(outcome: object, json: bytes = b'{"prefix": "x"}', inbuf: bytes = b""):
    result = commands.run(Module(outcome), Command(json=json, inbuf=inbuf, prefix="x"))
    return result.retval, result.stdout.decode(), result.stderr.decode()


@pytest.mark.parametrize(
    ("outcome", "seen"),
    [
        ((0, "out", "err"), (0, "out", "err")),
        ((-2, "", "no"), (-2, "", "no")),
        ((7, "", ""), (7, "", "")),
        ((True, "", ""), (1, "", "")),
        (None, (-22, "", "")),
        ((0, "a"), (-22, "", "")),
        ([0, "a", "b"], (-22, "", "")),
        (("0", "a", "b"), (-1, "a", "b")),
        ((1 << 40, "a", "b"), (-1, "a", "b")),
        ((0, "cut\0here", "and\0here"), (0, "cut", "and")),
    ],
)
def test_results(outcome, seen):
    """As ceph-mgr 16.2.15 turns them into an answer."""
    assert run(outcome) == seen


@pytest.mark.parametrize("outcome", [(0, 5, "b"), (0, b"a", "b"), (0, "a", None)])
def test_output_that_is_no_text_is_an_error_not_a_hang(outcome):
    """The client learns that the module is at fault."""
    retval, stdout, stderr = run(outcome)
    assert (retval, stdout) == (-22, "")
    assert "the handler of 'x' returned" in stderr
    assert "not str" in stderr


@pytest.mark.parametrize("error", [ValueError("v"), SystemExit(3), KeyboardInterrupt()])
def test_whatever_a_handler_raises_is_a_traceback_for_the_client(error):
    """-22, and the process goes on."""
    retval, _, stderr = run(error)
    assert retval == -22
    assert stderr.startswith("Traceback")
    assert type(error).__name__ in stderr


def test_input_that_is_no_text():
    """-22 with Python's own words."""
    assert run((0, "", ""), inbuf=b"\xff")[0] == -22
    assert run((0, "", ""), inbuf=b"\xff")[2].startswith("UnicodeDecodeError")


def test_input_and_arguments_reach_the_handler_unchanged():
    """Extra keys and other types included."""
    module = Module((0, "", ""))
    commands.run(module, Command(json=b'{"prefix": "x", "n": [1]}', inbuf="ä".encode()))
    assert module.seen == ("ä", {"prefix": "x", "n": [1]})
