"""remote(): calls between modules."""

import pytest

from tests.conformance.subjects import Raised


COPIES = "`remote()` arguments and results"


def test_positional_and_keyword(subject):
    """Positional and keyword arguments reach the method as they were given."""
    assert subject.eval("mgr.remote('second', 'echo', 1, 'b', key=[2])") == [[1, "b"], {"key": [2]}]


@pytest.mark.parametrize(
    "value",
    [
        "None", "True", "-3", "2**100", "1.5", "'text ☃'", "b'bytes\\0'", "[1, [2]]", "(1, (2,))",
        "{'a': {1: 2}}", "{1, 2}", "frozenset({1})", "''", "[]", "{}", "()", "float('inf')",
        "{(1, 2): 'tuple key', None: 'none key'}",
    ],
)  # fmt: skip
def test_values(subject, value):
    """A value of plain types arrives equal and of its type, both ways."""
    found = subject.eval(
        f"value = {value}\ngot = mgr.remote('second', 'same', value)\ngot == value and type(got) is type(value)"
    )
    assert found is True


def test_datetime(subject):
    """A datetime arrives equal, with its zone."""
    source = (
        "import datetime\nvalue = datetime.datetime(2026, 1, 2, 3, 4, 5, 6, datetime.timezone.utc)\n"
        "mgr.remote('second', 'same', value) == value"
    )
    assert subject.eval(source) is True


def test_nan(subject):
    """Not-a-number stays what it is."""
    assert subject.eval("got = mgr.remote('second', 'same', float('nan')); got != got") is True


def test_named_tuple(subject):
    """HandleCommandResult arrives as HandleCommandResult."""
    source = (
        "from mgr_module import HandleCommandResult\n"
        "got = mgr.remote('second', 'same', HandleCommandResult(-2, 'out', 'err'))\n"
        "type(got).__name__, tuple(got)"
    )
    assert subject.eval(source) == ("HandleCommandResult", (-2, "out", "err"))


def test_enum(subject):
    """An enum member arrives as the same member."""
    source = (
        "from mgr_module import NotifyType\n"
        "got = mgr.remote('second', 'same', NotifyType.osd_map); got == NotifyType.osd_map"
    )
    assert subject.eval(source) is True


def test_unknown_module(subject):
    """A module that does not exist is an ImportError."""
    assert subject.eval("mgr.remote('nobody', 'x')") == Raised("ImportError", "Module not found")


def test_disabled_module(subject):
    """A module that is not enabled is an ImportError."""
    assert subject.eval("mgr.remote('selftest', 'x')") == Raised("ImportError", "Module not found")


def test_unknown_method(subject):
    """A method that does not exist is a NameError."""
    assert subject.eval("mgr.remote('second', 'nothing')") == Raised(
        "NameError", "Method not found"
    )


def raises(subject, call):
    """First and last line of the RuntimeError that a remote call ends in; both are shown."""
    found = subject.eval(
        f"try:\n    text = repr({call})\nexcept RuntimeError as error:\n    text = str(error)\ntext"
    )
    lines = found.strip().splitlines()
    return subject.shows((lines[0], lines[-1]))


@pytest.mark.parametrize("kind", ["ValueError", "KeyError", "ImportError", "NotImplementedError"])
def test_exception(subject, kind):
    """Whatever the method raises is a RuntimeError that carries the remote traceback."""
    found = raises(subject, f"mgr.remote('second', 'fail', {kind!r}, 'because')")
    text = "'because'" if kind == "KeyError" else "because"
    assert found == (
        "Remote method threw exception: Traceback (most recent call last):",
        f"{kind}: {text}",
    )


def test_system_exit(subject):
    """SystemExit in the method is a RuntimeError for the caller and ends nobody."""
    _, last = raises(subject, "mgr.remote('second', 'fail', 'SystemExit', 'because')")
    assert last == "SystemExit: because"
    assert subject.eval("mgr.remote('second', 'echo')") == [[], {}]


def test_wrong_arguments(subject):
    """Arguments that the method does not take are a RuntimeError with its TypeError inside."""
    first, _ = raises(subject, "mgr.remote('second', 'same', 1, 2, 3)")
    assert first == (
        "Remote method threw exception: TypeError: "
        "Module.same() takes 2 positional arguments but 4 were given"
    )


def test_not_callable(subject):
    """An attribute that is no method is a RuntimeError with its TypeError inside."""
    first, _ = raises(subject, "mgr.remote('second', 'attribute')")
    assert first == "Remote method threw exception: TypeError: 'int' object is not callable"


@pytest.mark.deviates("the class of a failed `remote()`")
def test_class_of_failure(subject):
    """A call that fails raises RuntimeError itself."""
    found = subject.eval("mgr.remote('second', 'fail', 'KeyError', 'x')").kind
    assert subject.shows(found) == ("RemoteError" if subject.here else "RuntimeError")


def test_cause(subject):
    """The RuntimeError has no __cause__."""
    source = (
        "try:\n    mgr.remote('second', 'fail', 'KeyError', 'x')\n"
        "except RuntimeError as error:\n    cause = error.__cause__\ncause"
    )
    assert subject.eval(source) is None


def test_private_method(subject):
    """A method whose name begins with an underscore can be called."""
    assert subject.eval("mgr.remote('second', '_private')") == "private"


def test_inherited_method(subject):
    """A method of the base class can be called."""
    assert subject.eval("mgr.remote('second', 'get_mgr_id')") == "x"


def test_call_oneself(subject):
    """A module may call itself."""
    assert subject.eval("mgr.remote('probe', 'get_mgr_id')") == "x"


def test_call_back(subject):
    """The called module may call back while its caller waits."""
    assert subject.eval("mgr.remote('second', 'call_back', 'probe', 'get_mgr_id')") == "x"


def test_deep_nesting(subject):
    """Calls nest to and fro."""
    source = "mgr.remote('second', 'call_back', 'second', 'call_back', 'second', 'call_back', 'second', 'echo', 7)"
    assert subject.eval(source) == [[7], {}]


def test_from_serve(subject):
    """remote() works from the thread of serve()."""
    assert subject.eval("mgr.in_serve(lambda: mgr.remote('second', 'echo', 1))") == [[1], {}]


def test_from_many_threads(subject):
    """remote() works from many threads at once, each gets its own answer."""
    source = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(16) as pool:\n"
        "    got = list(pool.map(lambda n: mgr.remote('second', 'echo', n)[0][0], range(100)))\n"
        "got == list(range(100))"
    )
    assert subject.eval(source) is True


@pytest.mark.deviates(COPIES)
def test_identity(subject):
    """The result is the callee's own object: changing it changes the callee."""
    found = subject.eval(
        "mgr.remote('second', 'hold')['list'].append(2); got = mgr.remote('second', 'hold')['list'][:]\n"
        "mgr.remote('second', 'hold')['list'][1:] = []\ngot"
    )
    assert found == ([1] if subject.here else [1, 2])


@pytest.mark.deviates(COPIES)
def test_lambda(subject):
    """A function can be an argument."""
    found = subject.eval("callable(mgr.remote('second', 'same', lambda: 1))")
    if subject.here:
        assert "args[0]: function cannot cross" in found.text
    else:
        assert found is True


@pytest.mark.deviates(COPIES)
def test_lock(subject):
    """A lock can be an argument."""
    found = subject.eval(
        "import threading\nmgr.remote('second', 'same', {'k': [threading.Lock()]}) is None"
    )
    if subject.here:
        assert "args[0]['k'][0]: lock cannot cross" in found.text
    else:
        assert found is False


def test_large_result(subject):
    """Ten million bytes cross and come back."""
    assert subject.eval("len(mgr.remote('second', 'same', b'x' * 10_000_000))") == 10_000_000


def test_method_name_not_text(subject):
    """A method name that is no text raises TypeError."""
    raised = subject.eval("mgr.remote('second', 5)")
    assert subject.shows(raised.kind) == "TypeError"


def test_module_name_not_text(subject):
    """A module name that is no text raises TypeError."""
    raised = subject.eval("mgr.remote(5, 'echo')")
    assert subject.shows(raised.kind) == "TypeError"
