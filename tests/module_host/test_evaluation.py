"""Sources run in a module: what they print, what stays, and that nothing of them gets out."""

import sys

import pytest

from module_host.evaluation import Interpreter


@pytest.fixture
def run():
    return Interpreter(mgr="the module").run


def test_values_are_printed_as_at_pythons_prompt_and_names_stay(run):
    assert run("x = 1; x\nNone\nprint('p')\nmgr") == (False, "1\np\n'the module'\n", "")
    assert run("x + 1") == (False, "2\n", "")
    assert run("_ + 1") == (False, "3\n", "")


@pytest.mark.parametrize("source", ["# nothing", "\n\n", " \n"])
def test_a_source_without_statements_does_nothing(run, source):
    assert run(source) == (False, "", "")


@pytest.mark.parametrize(
    "source", ["1 +", "if x:", "a\0b", "(" * 1000, "-" * 100_000 + "1", "\ud800"]
)
def test_a_source_that_is_none_is_told_without_our_own_frames(run, source):
    failed, stdout, stderr = run(source)
    assert (failed, stdout) == (True, "")
    assert "Error" in stderr
    assert "evaluation.py" not in stderr


@pytest.mark.parametrize("error", ["SystemExit(3)", "KeyboardInterrupt", "KeyError(1)"])
def test_whatever_a_source_raises_is_a_traceback_of_its_own_frames(run, error):
    """After what it has printed by then."""
    failed, stdout, stderr = run(f"def f():\n    raise {error}\n1\nf()\n2")
    assert (failed, stdout) == (True, "1\n")
    assert stderr.splitlines()[:3] == [
        "Traceback (most recent call last):",
        '  File "<eval>", line 4, in <module>',
        '  File "<eval>", line 2, in f',
    ]
    assert "evaluation.py" not in stderr


def test_what_it_writes_to_stderr_is_no_failure_and_the_streams_come_back(run):
    before = sys.stdout, sys.stderr
    assert run("import sys; sys.stderr.write('w'); None") == (False, "1\n", "w")
    assert (sys.stdout, sys.stderr) == before
