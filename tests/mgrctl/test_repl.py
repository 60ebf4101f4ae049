"""`mgrctl repl` against a stand-in whose eval command is the newest upstream's, as it answers."""

import contextlib
import io
from code import InteractiveInterpreter

import pytest

from tests.mgrctl.standin import StandIn
from tests.mgrctl.test_mgrctl import start


COMMANDS = [
    {"cmd": "mgr self-test eval name=s,type=CephString,req=false", "module": "selftest"},
    {"cmd": "mgr self-test module name=module,type=CephString", "module": "selftest"},
    {"cmd": "config eval", "module": "(cluster)"},
]


class Upstream:
    """Answers 0 whatever the source comes to, and 2 where it is incomplete."""

    def __init__(self):
        self.daemon = None
        self.interpreter = InteractiveInterpreter({"mgr": "the module"})
        self.refusal = None

    def answer(self, command):
        if self.refusal:
            return self.refusal
        assert command == {"prefix": "mgr self-test eval", "target": ["mon-mgr", ""]}
        out, err = io.StringIO(), io.StringIO()
        source = self.daemon.asked[-1][1].decode()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            incomplete = self.interpreter.runsource(source)
        return (
            (2, b"", b"") if incomplete else (0, out.getvalue().encode(), err.getvalue().encode())
        )


@pytest.fixture
def upstream(tmp_path):
    upstream = Upstream()
    with StandIn(tmp_path / "control.sock", COMMANDS, upstream.answer) as upstream.daemon:
        yield upstream


def repl(path, script, *argv):
    with start("repl", *argv, path=path, stdin=-1) as process:
        out, err = process.communicate(script, timeout=30)
    return process.returncode, out.decode(), err.decode()


def test_upstreams_eval_is_talked_to_statement_by_statement(upstream):
    script = b"mgr\ndef f(x):\n    y = x\n\n    return y\nf(2)\nNone\nprint('p')\nif 1: 5\n'last'"
    code, out, err = repl(upstream.daemon.path, script)
    assert (code, out, err) == (0, "'the module'\n2\np\n5\n'last'\n", "")


def test_a_line_of_a_script_of_commands_may_begin_one(upstream):
    """What follows is Python then; help knows of it."""
    with start(path=upstream.daemon.path, stdin=-1) as process:
        out, err = process.communicate(b"repl\n6 * 7\n'\xff'\n", timeout=30)
    assert (process.returncode, out, err) == (22, b"42\n", b"this line is not UTF-8\n")
    assert "--prefix COMMAND" in repl(upstream.daemon.path, b"", "--help")[1]


def test_what_the_module_writes_to_stderr_comes_there(upstream):
    _, out, err = repl(upstream.daemon.path, b"1\n1/0\n2\n")
    assert out == "1\n2\n"
    assert err.startswith("Traceback (most recent call last):")
    assert err.endswith("ZeroDivisionError: division by zero\n")


def test_a_mistake_in_the_syntax_is_told_and_not_sent(upstream):
    code, out, err = repl(upstream.daemon.path, b"1 +\n2\nf(")
    assert (code, out) == (22, "2\n")
    assert err.count("SyntaxError") == 2
    assert "mgrctl" not in err
    assert [inbuf for _, inbuf in upstream.daemon.asked] == [b"pass\n", b"2\n"]


def test_bytes_that_are_not_text_are_refused_by_the_line(upstream):
    code, out, err = repl(upstream.daemon.path, b"'\xff'\n3\n")
    assert (code, out, err) == (22, "3\n", "this line is not UTF-8\n")


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("mgr my-module eval", "no module has a command 'mgr my-module eval' (there is "),
        ("config eval", "no module has a command 'config eval'"),
        ("", "no module has a command ''"),
        ("mgr self-test module", "'mgr self-test module <module>' is no eval command"),
    ],
)
def test_a_prefix_that_is_no_eval_command_is_refused(upstream, prefix, said):
    code, out, err = repl(upstream.daemon.path, b"1\n", "--prefix", prefix)
    assert (code, out) == (22, "")
    assert err.startswith(said)
    assert not upstream.daemon.asked


@pytest.mark.parametrize("more", [["words"], ["-i", "x"], ["-o", "x"], ["--period", "1"]])
def test_what_a_console_has_no_use_for_is_refused(upstream, more):
    code, _, err = repl(upstream.daemon.path, b"1\n", *more)
    assert code == 22
    assert "takes --prefix" in err


def test_a_module_that_does_not_answer_is_told_at_once(upstream):
    upstream.refusal = (-95, b"", b"Module 'selftest' is not enabled")
    code, out, err = repl(upstream.daemon.path, b"1\n2\n")
    assert (code, out, err) == (95, "", "Error ENOTSUP: Module 'selftest' is not enabled\n")


def test_a_daemon_that_ends_ends_the_console(tmp_path):
    daemon = StandIn(
        tmp_path / "control.sock", COMMANDS, lambda _: (0, b"", b""), ends_at="execute"
    )
    with daemon:
        code, _, err = repl(daemon.path, b"1\n")
    assert code == 104
    assert "ended before it answered" in err
    assert "Traceback" not in err
