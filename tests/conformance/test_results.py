"""What a client gets of what a handler returns."""

import subprocess

import pytest


def returned(subject, expression):
    """The answer to a handler that returns the value of `expression`."""
    return subject.raw({"prefix": "probe result"}, expression)


def printed(subject, expression):
    """The same at the command line: exit code, stdout, stderr."""
    answered = subject.run("probe result -i -", stdin=expression.encode())
    return answered.code, answered.out, answered.err


def test_tuple(subject):
    """A handler returns (retval, stdout, stderr)."""
    assert returned(subject, "(-2, 'out', 'err')") == (-2, "out\n", "err")


def test_named_tuple(subject):
    """Or a HandleCommandResult."""
    made = "__import__('mgr_module').HandleCommandResult"
    assert returned(subject, f"{made}(-17, 'out', 'err')") == (-17, "out\n", "err")


def test_named_tuple_default(subject):
    """An empty HandleCommandResult is success without a word."""
    made = "__import__('mgr_module').HandleCommandResult"
    assert returned(subject, f"{made}()") == (0, "", "")


def test_line_end(subject):
    """Output gets an end of its last line where it has none; stderr does not."""
    assert returned(subject, "(0, 'line', 'remark')") == (0, "line\n", "remark")
    assert returned(subject, "(0, 'line\\n', '')") == (0, "line\n", "")


def test_none(subject):
    """None is -EINVAL without a word."""
    assert returned(subject, "None") == (-22, "", "")


def test_list(subject):
    """A list of three is, too."""
    assert returned(subject, "[0, 'a', 'b']") == (-22, "", "")


def test_two(subject):
    """A tuple of two is, too."""
    assert returned(subject, "(0, 'a')") == (-22, "", "")


def test_four(subject):
    """A tuple of four is, too."""
    assert returned(subject, "(0, 'a', 'b', 'c')") == (-22, "", "")


def test_retval_text(subject):
    """A retval that is no integer is -1; the texts arrive."""
    assert returned(subject, "('x', 'a', 'b')") == (-1, "a\n", "b")


def test_retval_none(subject):
    """So is None as retval."""
    assert returned(subject, "(None, 'a', 'b')") == (-1, "a\n", "b")


def test_retval_float(subject):
    """So is a float."""
    assert returned(subject, "(1.5, 'a', '')") == (-1, "a\n", "")


def test_retval_bool(subject):
    """True is 1."""
    assert returned(subject, "(True, 'a', '')") == (1, "a\n", "")


def test_retval_positive(subject):
    """A positive retval arrives, and is success at the command line."""
    assert returned(subject, "(5, 'out', 'err')") == (5, "out\n", "err")
    assert printed(subject, "(5, 'out', 'err')") == (0, "out\n", "err\n")


def test_raises(subject):
    """An exception is -EINVAL with the traceback, which ends in the exception."""
    code, out, err = returned(subject, "1/0")
    assert (code, out) == (-22, "")
    assert err.startswith("Traceback (most recent call last):\n")
    assert subject.shows(err.splitlines()[-1]) == "ZeroDivisionError: division by zero"


def test_exits(subject):
    """SystemExit ends nothing: it is an exception as others are."""
    code, out, err = returned(subject, "__import__('sys').exit(3)")
    assert (code, out) == (-22, "")
    assert subject.shows(err.splitlines()[-1]) == "SystemExit: 3"
    assert subject.run("probe echo").code == 0
    subject.shows("SystemExit: 3")


def test_interrupts(subject):
    """Neither does KeyboardInterrupt."""
    code, out, err = returned(subject, "(_ for _ in ()).throw(KeyboardInterrupt('x'))")
    assert (code, out) == (-22, "")
    assert subject.shows(err.splitlines()[-1]) == "KeyboardInterrupt: x"


def test_not_evaluated(subject):
    """A handler's own SyntaxError arrives with its message."""
    code, _, err = returned(subject, "(")
    assert code == -22
    assert subject.shows(err.splitlines()[-1]) == "SyntaxError: '(' was never closed"


def test_nul(subject):
    """Text ends at a NUL."""
    assert returned(subject, "(0, 'a\\0b', 'c\\0d')") == (0, "a\n", "c")


def test_unicode(subject):
    """Text that is not ASCII arrives in UTF-8."""
    assert printed(subject, "(0, 'ü', 'ö')") == (0, "ü\n", "ö\n")


def test_empty(subject):
    """Nothing is printed of nothing."""
    assert printed(subject, "(0, '', '')") == (0, "", "")


def test_remark(subject):
    """stderr is printed beside a success as it is."""
    assert printed(subject, "(0, 'out', 'a remark')") == (0, "out\n", "a remark\n")


def test_error(subject):
    """A negative errno is the exit code; its name stands before stderr, and stdout is printed."""
    assert printed(subject, "(-2, 'out', 'err')") == (2, "out\n", "Error ENOENT: err\n")


def test_error_silent(subject):
    """An error without a text has its name."""
    assert printed(subject, "(-2, '', '')") == (2, "", "Error ENOENT: \n")


def test_error_line_end(subject):
    """An end of line in stderr is printed, and another one."""
    assert printed(subject, "(-2, '', 'line\\n')") == (2, "", "Error ENOENT: line\n\n")


def test_retval_none_printed(subject):
    """A retval that is no integer looks like EPERM."""
    assert printed(subject, "(None, 'a', 'b')") == (1, "a\n", "Error EPERM: b\n")


@pytest.mark.deviates("an errno that has no name")
def test_error_unknown(subject):
    """An errno without a name is a failure."""
    expected = (255, "", "Error 4096: x\n") if subject.here else (0, "", "Error Unknown: x\n")
    assert printed(subject, "(-4096, '', 'x')") == expected


def test_input_no_text(subject):
    """A file that is no UTF-8 does not reach the handler."""
    answered = subject.run("probe echo -i -", stdin=b"\xff\xfe")
    assert answered.code == 22
    assert answered.err.strip() == (
        "Error EINVAL: UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: "
        "invalid start byte"
    )
    subject.shows("UnicodeDecodeError")


def test_input_nul(subject):
    """A NUL in a file does reach it."""
    assert '"inbuf": "a\\u0000b"' in subject.ok("probe echo -i -", stdin=b"a\0b")


def test_after_error(subject):
    """A handler that raises does no harm to the next command."""
    returned(subject, "1/0")
    assert returned(subject, "(0, 'still here', '')") == (0, "still here\n", "")


@pytest.mark.deviates("a command that returns a stdout or stderr that is no string")
def test_no_text(subject):
    """Output that is no text is an error, and the module's next command is answered."""
    if subject.here:
        code, out, err = subject.raw({"prefix": "wedged bytes"})
        assert (code, out) == (-22, "")
        assert "returned bytes as stdout, not str" in err
        assert subject.run("wedged text").out == "text\n"
    else:
        try:
            with pytest.raises(subprocess.TimeoutExpired):
                subject.run("wedged bytes", timeout=4)
        finally:
            # It spins from now on, and would take a core from all tests that follow.
            subject.respawn()
        subject.shows("no answer")


def test_no_text_elsewhere(subject):
    """Whatever a module returned, other modules go on."""
    assert subject.run("probe echo").code == 0
    subject.shows("answered")
