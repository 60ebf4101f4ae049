"""On which threads a module runs, in which order, and what Python it finds."""

import json

from tests.conditions import poll_for


THREAD = "open('/proc/self/task/%d/comm' % __import__('threading').get_native_id()).read().strip()"


def evaluated(subject, expression):
    """The value of an expression in probe."""
    return subject.eval(expression)


def test_command_thread(subject):
    """Commands run on a thread that the system calls m-fin-MODULE, in 15 characters."""
    assert evaluated(subject, THREAD) == "m-fin-probe"


def test_one_command_thread(subject):
    """It is the same one for every command."""
    ident = evaluated(subject, "__import__('threading').get_ident()")
    assert evaluated(subject, "__import__('threading').get_ident()") == ident
    subject.shows("the same")


def test_serve_thread(subject):
    """serve() runs on a thread of its own, which is called like the module."""
    assert evaluated(subject, f"mgr.in_serve(lambda: {THREAD})") == "probe"


def test_other_module_thread(subject):
    """Another module's commands run on a thread of that module's."""
    assert subject.eval(THREAD, module="second") == "m-fin-second"


def test_notify_thread(subject):
    """notify() runs on the thread of the commands."""
    subject.eval("name = __import__('threading').current_thread().name")
    subject.ok("osd set noout")
    subject.ok("osd unset noout")
    poll_for(lambda: subject.eval("bool(mgr.seen)"), 20, "a notification")
    assert subject.eval("{seen[2] for seen in mgr.seen} == {name}") is True


def test_not_main(subject):
    """Neither is Python's main thread: signal handlers cannot be set there."""
    subject.eval("import threading, signal")
    assert evaluated(subject, "threading.get_ident() == threading.main_thread().ident") is False
    assert repr(evaluated(subject, "signal.signal(2, lambda *a: None)")) == (
        "ValueError: signal only works in main thread of the main interpreter"
    )


def test_daemon_thread(subject):
    """To Python it is a daemon thread, as is that of serve()."""
    assert evaluated(subject, "threading.current_thread().daemon") is True
    assert evaluated(subject, "mgr.in_serve(lambda: threading.current_thread().daemon)") is True


def test_main_name(subject):
    """The main thread is called MainThread."""
    assert evaluated(subject, "threading.main_thread().name") == "MainThread"


def test_command_waits(subject):
    """A command waits for the one before it: no two commands of a module run at once."""
    subject.eval("order = []; mark = order.append")
    subject.eval("mark(1); __import__('time').sleep(0.05); mark(2)")
    subject.eval("mark(3)")
    assert subject.eval("order") == [1, 2, 3]


def test_own_thread(subject):
    """A module may start threads, which may use the module."""
    subject.eval("import threading; found = []")
    subject.eval(
        "t = threading.Thread(target=lambda: found.append(mgr.get_module_option('a_str')));"
        " t.start(); t.join()"
    )
    assert subject.eval("found") == ["text"]


def test_asyncio(subject):
    """A command may run an event loop."""
    assert evaluated(
        subject, "__import__('asyncio').run(__import__('asyncio').sleep(0, 'slept'))"
    ) == ("slept")


def test_argv(subject):
    """sys.argv is ['ceph-mgr']."""
    assert evaluated(subject, "__import__('sys').argv") == ["ceph-mgr"]


def test_path(subject):
    """The module's tree stands on sys.path before Python's packages."""
    subject.eval("import os, sys")
    assert subject.eval(
        "tree = os.path.dirname(os.path.dirname(os.path.abspath(sys.modules['probe'].__file__)));"
        "packages = next(i for i, p in enumerate(sys.path) if p.endswith('-packages'));"
        "sys.path.index(tree) < packages"
    )


def test_package(subject):
    """A module's package has the module's name; its class is Python's own name of the class."""
    assert evaluated(subject, "(type(mgr).__module__, type(mgr).__name__)") == (
        "probe.module",
        "Module",
    )


def test_beside(subject):
    """A file beside the modules can be imported."""
    assert evaluated(subject, "__import__('probe_evaluation').__name__") == "probe_evaluation"


def test_unittest(subject):
    """UNITTEST is not in the environment."""
    assert evaluated(subject, "'UNITTEST' in __import__('os').environ") is False


def test_stdin(subject):
    """stdin is at its end."""
    assert evaluated(subject, "__import__('sys').stdin.read()") == ""


def test_stdout(subject):
    """Printing is possible, and goes nowhere that a client sees."""
    code, out, err = subject.raw({"prefix": "probe eval"}, "print('x')")
    assert (code, err, json.loads(out)) == (0, "", {"value": "None"})


def test_encoding(subject):
    """Text is UTF-8."""
    subject.eval("import sys, locale")
    assert evaluated(
        subject,
        "(sys.getdefaultencoding(), sys.getfilesystemencoding(), locale.getpreferredencoding())",
    ) == ("utf-8", "utf-8", "UTF-8")


def test_main_module(subject):
    """There is no __main__ of a file's."""
    assert evaluated(subject, "hasattr(__import__('sys').modules['__main__'], '__file__')") is False


def test_limits(subject):
    """Recursion is limited as Python does, and the collector runs."""
    subject.eval("import gc, sys")
    assert evaluated(subject, "(sys.getrecursionlimit(), gc.isenabled())") == (1000, True)


def test_bytecode(subject):
    """Python may write bytecode, and has no warnings switched on."""
    assert evaluated(subject, "(sys.dont_write_bytecode, sys.warnoptions)") == (False, [])


def test_mgr_id(subject):
    """A module knows its manager's id."""
    assert evaluated(subject, "mgr.get_mgr_id()") == "x"
