"""Whatever production refuses, the kit refuses with the same sentence: both are asked, side by side."""

import importlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from module_host import testing
from tests.conditions import poll_for
from tests.daemon import Answered, supervisor
from tests.inprocess import mgrctl, shown
from tests.testing import kit


@pytest.fixture(scope="module")
def real() -> Iterator[Path]:
    """The control socket of a supervisor with the same modules, in processes of their own."""
    names = ("probe", "mirror", "doomed")
    arguments = [word for name in names for word in ("--enable", name)]
    with supervisor("--module-path", str(kit.TREE), *arguments) as daemon:
        for name in ("probe", "mirror"):
            daemon.wait_state(name, "running")
        daemon.wait_state("doomed", "failed")
        yield daemon.socket


@pytest.fixture
def probe() -> Iterator[testing.Running]:
    looks = importlib.import_module("mirror.looks").Looks()
    with testing.run(kit.module("probe")) as running:
        running.peers["mirror"] = looks
        yield running


def ok(socket, words, *more):
    answered = mgrctl(socket, words, *more)
    assert answered.code == 0, answered
    return answered.out.strip()


EXPRESSIONS = """
self.get_module_option("nope")
self.set_module_option("nope", 1)
self.set_module_option("count", "many"), self.get_module_option("count")
self.set_module_option("count", 99), self.get_module_option("count")
self.set_module_option("count", 7), self.get_module_option("count"), self.set_module_option("count", None), self.get_module_option("count")
self.set_localized_module_option("count", "8"), self.get_localized_module_option("count"), self.get_module_option("count"), self.set_localized_module_option("count", None)
self.set_module_option("colour", "green"), self.get_module_option("colour")
self.set_module_option("low", -7), self.get_module_option("low"), self.set_module_option("low", None)
self.set_module_option("pause", "5m"), self.get_module_option("pause"), self.set_module_option("pause", None)
self.set_module_option("count", "\\ud800")
self.set_module_option_ex("absent", "key", "1"), self.get_module_option_ex("absent", "key", "mine")
self.set_store("k", "x" * 65537), self.get_store("k")
self.set_store("k", "x" * 65536), len(self.get_store("k")), self.set_store("k", None), self.get_store("k")
self.set_store("k", 3)
self.set_store("k", "a\\0b")
self.set_store("k", "\\ud800"), self.get_store("k")
self.set_store("\\u00e9", "\\u00fc"), self.get_store_prefix("\\u00e9"), self.set_store("\\u00e9", None)
self.get_ceph_option("nope")
self.get_foreign_ceph_option("global", "debug_mgr")
self.get_foreign_ceph_option("osd.1", "nope")
self.get("nope"), self.get("_servers")
self.send_command(CommandResult(), "mgr", "", "{}", "")
self.send_command(CommandResult(), "osd", "abc", "{}", "")
self.send_command(CommandResult(), "pg", "abc", "{}", "")
self.mon_command({"prefix": "x", "deep": {"a": 1}})
self.mon_command({"prefix": 5})
self.mon_command({"prefix": "no such command"})
self.check_mon_command({"prefix": "x", "deep": [[1]]})
self.remote("absent", "method")
self.remote("mirror", "nope")
self.remote("mirror", "fail")
self.remote("mirror", "echo", 1, two=(2, {3}))
self.remote("mirror", "echo", Point(1, 2), Colour.red)
self.remote("mirror", "echo", 1, lambda: 2)
self.remote("mirror", "echo", {"a": [1, threading.Lock()]})
self.remote("mirror", "echo", key=threading)
self.remote("mirror", "echo", self)
self.remote("mirror", "echo", type("Local", (), {})())
self.remote("mirror", "echo", (lambda loop: (loop.append(loop), loop)[1])([]))
self.remote("mirror", "give_lock")
self.remote("mirror", "echo", *[1], **{"method_": 5})
self.remote("probe", "get_mgr_id")
self.remote("probe", "fail")
self.remote("probe", "give_lock")
self.set_health_checks({1: {}})
self.set_health_checks(["A"])
self.cluster_log("probe", self.ClusterLogPrio.INFO, "\\ud800")
self.is_authorized({"a": "b"}), self.is_authorized(5)
self.in_init
""".strip().splitlines()


@pytest.mark.parametrize("code", EXPRESSIONS)
def test_what_a_module_asks_comes_to_the_same(real, probe, code):
    """Values, exceptions and sentences of the module's own calls."""
    answered = mgrctl(real, "probe try", code)
    assert answered.code == 0, answered
    got = probe.command("probe try", code)
    assert got.stdout == answered.out.removesuffix("\n")


RESULTS = """
None
(0, "out", "err")
(0, "out")
[0, "a", "b"]
(-2, "out", "none there")
(5, "out", "err")
("0", "out", "err")
(1 << 40, "out", "err")
(0, 5, "")
(0, b"bytes", "")
(0, "", None)
(0, "a\\0b", "c\\0d")
(0, "\\ud800", "")
1 / 0
exit(3)
""".strip().splitlines()


@pytest.mark.parametrize("code", RESULTS)
def test_what_a_handler_returns_comes_to_the_same(real, probe, code):
    """Tuples, wrong shapes, wrong types, exceptions."""
    answered = mgrctl(real, "probe return", code)
    got = shown(*probe.command("probe return", code))
    assert (got.code, got.out) == (answered.code, answered.out)
    assert got.err == answered.err


WORDS = """
probe paint red
probe paint red 5
probe paint red 5 a b
probe paint red --names a --size 3 --names b
probe paint
probe paint green
probe paint red five
probe paint red --size five
probe paint red 5 --nope
probe pain red
prob
probe return
probe watch
probe watch 20
probe load
""".strip().splitlines()


@pytest.mark.parametrize("words", WORDS)
def test_words_come_to_the_same(real, probe, words):
    """Descriptors are tested by typing what an operator types."""
    answered = mgrctl(real, words)
    try:
        got = shown(*probe.command(words))
    except testing.NoMatch as refused:
        got = Answered(22, "", f"{refused}\nError EINVAL: invalid command\n")
    assert got == answered


@pytest.mark.parametrize("data", [b"text", b"", b"\xff\xfe", "é".encode()])
def test_input_data_comes_to_the_same(real, probe, data):
    """-i, also with bytes that are no text."""
    answered = mgrctl(real, "-i - probe load", stdin=data)
    got = shown(*probe.command("probe load", inbuf=data))
    assert (got.code, got.out, got.err) == (answered.code, answered.out, answered.err)


SETTINGS = [
    ("count", "5"), ("count", "0"), ("count", "11"), ("count", "many"), ("count", "4K"), ("count", ""),
    ("colour", "green"), ("colour", "blue"), ("low", "-1"), ("pause", "5m"), ("pause", "5x"),
    ("log_level", "loud"), ("log_level", "debug"), ("x/count", "4"), ("x/count", "40"), ("nope", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), SETTINGS)
def test_what_an_operator_sets_comes_to_the_same(real, probe, key, value):
    """`config set` against MODULE_OPTIONS; refused also where run(options=...) brings it."""
    answered = mgrctl(real, f"config set mgr mgr/probe/{key}", value)
    stored = mgrctl(real, "config dump --format json").json
    before = probe.options
    if answered.code == 0:
        probe.set_option(key, value)
        full = f"mgr/probe/{key}"
        assert [s["value"] for s in stored if s["name"] == full] == [probe.options[full]]
        ok(real, f"config rm mgr {full}")
        return
    with pytest.raises(ValueError) as refused:
        probe.set_option(key, value)
    assert answered.err == f"Error EINVAL: {refused.value}\n"
    assert probe.options == before
    with (
        pytest.raises(ValueError) as at_start,
        testing.run(kit.module("probe"), options={key: value}),
    ):
        pass
    assert str(at_start.value) == str(refused.value)


def test_commands_of_a_module_whose_serve_raised_come_to_the_same(real):
    """EIO with the exception's text; the self-test and remote() still work."""
    with testing.run(kit.module("doomed")) as doomed:
        assert doomed.command("doomed ask").stdout == "alive"
        doomed.serve()
        doomed.join()
        for words in ("doomed ask", "doomed self-test"):
            answered, got = mgrctl(real, words), shown(*doomed.command(words))
            assert (got.code, got.out, got.err) == (answered.code, answered.out, answered.err)
        reached = ok(real, "probe try", "self.remote('doomed', 'reach')")
        assert reached == repr(doomed.call("reach"))
        (fault,) = doomed.faults
        assert "serve gave up" in fault.traceback
        doomed.faults.clear()


@pytest.mark.parametrize("name", ["unable", "undescribed"])
def test_a_class_that_cannot_run_is_refused_with_the_same_sentence(real, name):
    """What `mgr module ls` shows as error_string."""

    def listed() -> str:
        modules = json.loads(ok(real, "mgr module ls --format json"))["disabled_modules"]
        return next(entry["error_string"] for entry in modules if entry["name"] == name)

    sentence = poll_for(listed, 10, "the supervisor to have looked at the module")
    with pytest.raises(testing.CannotRun) as refused, testing.run(kit.module(name)):
        pass
    assert str(refused.value) == sentence
    assert testing.examine(kit.module(name)).error == sentence
