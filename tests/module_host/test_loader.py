"""Loading: what a class declares is believed only when it makes sense."""

import queue

import pytest

from proto.v1.envelope_pb2 import Envelope
from tests.module_host.standin import text


HEAD = "from mgr_module import MgrModule, MgrStandbyModule\nclass Module(MgrModule):\n"


def load(standin, source, **fields):
    standin.add_module("subject", source)
    host = standin.launch("subject", **fields)
    return host, standin.wait(host, "loaded")


def test_what_a_class_declares_is_reported(standin):
    """Options, commands, notify types, both classes, and the file."""
    source = (
        HEAD
        + """
    MODULE_OPTIONS = [
        {"name": "n", "type": "int", "default": 3, "min": 1, "enum_allowed": [], "runtime": True},
        {"name": "plain"},
        {"name": "odd", "type": "count", "default": None, "enum_allowed": ["b", "", "a"]},
    ]
    COMMANDS = [{"cmd": "subject do name=x,type=CephInt", "desc": "does", "perm": "rw", "poll": "true"}]
    NOTIFY_TYPES = ["osd_map"]


class Second(MgrStandbyModule):
    pass
"""
    )
    _, loaded = load(standin, source)
    assert loaded.can_run
    assert loaded.error == ""
    assert (loaded.options[0].name, loaded.options[0].type) == ("n", "int")
    assert (loaded.options[0].default, loaded.options[0].min) == ("3", "1")
    assert loaded.options[0].runtime
    assert not loaded.options[1].HasField("default")
    odd = loaded.options[2]
    assert (odd.type, odd.default, list(odd.enum_allowed)) == ("str", "None", ["", "a", "b"])
    assert loaded.commands[0].cmd == "subject do name=x,type=CephInt"
    assert loaded.commands[0].poll
    assert list(loaded.notify_types) == ["osd_map"]
    assert (loaded.has_active, loaded.has_standby) == (True, True)
    assert loaded.origin.endswith("subject/module.py")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("    COMMANDS = None", "Missing or invalid COMMANDS attribute"),
        ("    COMMANDS = 'x'", "Missing or invalid COMMANDS attribute"),
        ("    COMMANDS = ['x']", "COMMANDS[0]: str instead of a dict"),
        ("    COMMANDS = [{'cmd': 'x', 'perm': 'q'}]", "perm 'q' is none of r, w, rw"),
        ("    COMMANDS = [{'cmd': 'x name=a,type=Ceph', 'perm': 'r'}]", "unknown type 'Ceph'"),
        ("    MODULE_OPTIONS = {}", "invalid MODULE_OPTIONS attribute"),
        ("    MODULE_OPTIONS = [{'name': 'a', 'tags': 5}]", "(a): 'tags' must be a list"),
        ("    MODULE_OPTIONS = [{}]", "MODULE_OPTIONS[0]: 'name' must be text"),
        ("    NOTIFY_TYPES = [5]", "NOTIFY_TYPES: 5 is not a notification type"),
    ],
)
def test_broken_declarations_are_named(standin, body, sentence):
    """The module cannot run, the sentence says which item is wrong, the host ends with 65."""
    host, loaded = load(standin, HEAD + body + "\n")
    assert (loaded.can_run, loaded.has_active, loaded.has_standby) == (False, False, False)
    assert sentence in loaded.error
    standin.send(host, Envelope(shutdown={}))
    assert standin.end(host).status == 65


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("raise SystemExit", "SystemExit()"),
        ("def broken(:", "invalid syntax (module.py, line 1)"),
    ],
)
def test_a_module_that_cannot_be_imported_says_why(standin, source, sentence):
    """The error is the exception's text, its traceback is in the log."""
    host, loaded = load(standin, source)
    assert not loaded.can_run
    assert loaded.error == sentence
    standin.send(host, Envelope(shutdown={}))
    assert standin.end(host).status == 65
    assert sentence in text(host)


def test_a_host_that_cannot_load_ends_also_where_nobody_tells_it_to(standin):
    """What it said may have been lost; then its exit code says it."""
    host, _ = load(standin, "raise SystemExit")
    assert standin.end(host).status == 65


def test_a_package_without_a_module_class_is_named_with_its_file(standin):
    """One called like a package of Python's own is never reached; the file shows it."""
    _, loaded = load(standin, "x = 1")
    file = standin.folder / "modules" / "subject" / "__init__.py"
    assert loaded.error == (
        f"package 'subject' ({file}) has no subclass of MgrModule in its namespace"
    )
    file.unlink()
    error = standin.wait(standin.launch("subject"), "loaded").error
    assert error.startswith(f"package 'subject' ({file.parent} without __init__.py) has no")
    standin.add_module("queue", HEAD + "    pass")
    error = standin.wait(standin.launch("queue"), "loaded").error
    assert error.startswith(f"package 'queue' ({queue.__file__}) has no subclass")


def test_a_tree_may_have_a_package_called_proto(standin):
    """As a module, and as what another module imports: ours is not in the way."""
    standin.add_module("proto", HEAD + "    def add(self, a, b):\n        return a + b")
    host = standin.run("proto")
    assert standin.call(host, "add", [1], [2]) == [1, 2]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("return False, 'not today'", "not today"),
        ("return 5", "wrong type returned from can_run"),
        ("raise ValueError('oh')", "can_run() raised oh"),
    ],
)
def test_can_run(standin, answer, sentence):
    """A module that cannot run says why; started all the same (--force), it runs."""
    host, loaded = load(standin, HEAD + f"    @staticmethod\n    def can_run(): {answer}\n")
    assert not loaded.can_run
    assert loaded.error == sentence
    standin.send(host, Envelope(start={}))
    standin.wait(host, "ready")


def test_a_module_that_is_only_looked_at_ends_at_once(standin):
    """Shutdown instead of Start: no instance is ever made."""
    host, _ = load(standin, HEAD + "    def __init__(self, *a): print('constructed')\n")
    standin.send(host, Envelope(shutdown={}))
    assert standin.end(host).status == 0
    assert "constructed" not in text(host)


def test_an_init_that_raises_ends_the_host(standin):
    """Failed(INIT) with the traceback, then exit code 70."""
    host, _ = load(standin, HEAD + "    def __init__(self, *a): raise ValueError('no luck')\n")
    standin.send(host, Envelope(start={}))
    failed = standin.wait(host, "failed")
    assert failed.phase == 1
    assert failed.error == "no luck"
    assert "ValueError: no luck" in failed.traceback
    assert standin.end(host).status == 70


def test_a_serve_that_raises_leaves_calls_working(standin):
    """Failed(SERVE), as upstream: remote() still works."""
    body = "    def serve(self): raise SystemExit('bored')\n    def two(self): return 2\n"
    host, _ = load(standin, HEAD + body)
    standin.send(host, Envelope(start={}))
    failed = standin.wait(host, "failed")
    assert (failed.phase, failed.error) == (2, "bored")
    assert standin.call(host, "two") == 2


def test_the_standby_class_runs_where_asked(standin):
    """It is constructed with one capsule; without such a class the module is only looked at."""
    source = HEAD + (
        "    pass\nclass Waiting(MgrStandbyModule):\n"
        "    def __init__(self, name, capsule): self.name = name\n"
        "    def who(self): return type(self).__name__\n"
    )
    host, _ = load(standin, source, standby=True)
    standin.send(host, Envelope(start={}))
    standin.wait(host, "ready")
    assert standin.call(host, "who") == "Waiting"
    lacking, loaded = load(standin, HEAD + "    pass\n", standby=True)
    assert (loaded.can_run, loaded.error, loaded.has_standby) == (True, "", False)
    standin.send(lacking, Envelope(shutdown={}))
    assert standin.end(lacking).status == 0


def test_a_trees_own_mgr_module_wins(standin):
    """The base class is the one that the module itself imports, wherever it comes from."""
    own = standin.folder / "own"
    own.mkdir()
    (own / "mgr_module.py").write_text((standin.folder / "api" / "mgr_module.py").read_text())
    standin.trees.insert(0, own)
    host, loaded = load(
        standin,
        HEAD + "    def base(self):\n        import mgr_module; return mgr_module.__file__\n",
    )
    assert loaded.can_run
    standin.send(host, Envelope(start={}))
    standin.wait(host, "ready")
    assert standin.call(host, "base") == str(own / "mgr_module.py")


def test_a_module_that_logs_through_the_link_still_ends(standin):
    """Its log handler speaks to the supervisor; at the end, when nobody listens, nothing hangs."""
    source = (
        "import logging\n" + HEAD + "    def __init__(self, *a):\n"
        "        super().__init__(*a)\n"
        "        class ToDaemon(logging.Handler):\n"
        "            def emit(handler, record): self.session.daemon_log(record.getMessage())\n"
        "        logging.getLogger().handlers = [ToDaemon()]\n"
        "        raise ValueError('no luck')\n"
    )
    host, _ = load(standin, source)
    standin.send(host, Envelope(start={}))
    assert standin.end(host).status == 70
    assert "no luck" in text(host)
