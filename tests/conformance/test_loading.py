"""Which modules there are, what is said of those that cannot run, and how one is switched on."""

import pytest

from tests.conditions import poll_for
from tests.conformance.subjects import ANSWERING


def entry(subject, name):
    """A disabled module in `mgr module ls`; None: it is not there."""
    modules = subject.json("mgr module ls")["disabled_modules"]
    return next((module for module in modules if module["name"] == name), None)


def trouble(subject, name):
    """Whether a disabled module can run, and why not."""
    found = entry(subject, name)
    return subject.shows((found["can_run"], found["error_string"]))


# What is there


def test_ls(subject):
    """`mgr module ls` tells always-on, enabled and disabled modules."""
    assert list(subject.shows(list(subject.json("mgr module ls")))) == [
        "always_on_modules",
        "enabled_modules",
        "disabled_modules",
    ]


def test_ls_enabled(subject):
    """Enabled modules are told by name, sorted, without those that are always on."""
    listed = subject.json("mgr module ls")
    assert {"argued", "probe", "second", "wedged"} <= set(listed["enabled_modules"])
    assert listed["enabled_modules"] == sorted(listed["enabled_modules"])
    assert not set(listed["enabled_modules"]) & set(listed["always_on_modules"])
    subject.shows("sorted")


def test_ls_always_on(subject):
    """crash and status are always on."""
    assert {"crash", "status"} <= set(subject.json("mgr module ls")["always_on_modules"])
    subject.shows(["crash", "status"])


def test_ls_disabled(subject):
    """A disabled module is told with whether it can run, why not, and its options."""
    found = entry(subject, "dormant")
    assert (found["can_run"], found["error_string"]) == (True, "")
    assert subject.shows(list(found)) == ["name", "can_run", "error_string", "module_options"]


def test_ls_option(subject):
    """An option is told with all that it declares, as text; runtime is flag 1."""
    assert subject.shows(entry(subject, "dormant")["module_options"]["limit"]) == {
        "name": "limit", "type": "int", "level": "advanced", "flags": 1, "default_value": "5",
        "min": "1", "max": "9", "enum_allowed": [], "desc": "the most",
        "long_desc": "the most that there may be", "tags": ["a", "b"], "see_also": ["other"],
    }  # fmt: skip


def test_ls_bare_option(subject):
    """An option that declares its name alone is text without a default."""
    assert subject.shows(entry(subject, "dormant")["module_options"]["bare"]) == {
        "name": "bare", "type": "str", "level": "advanced", "flags": 0, "default_value": "",
        "min": "", "max": "", "enum_allowed": [], "desc": "", "long_desc": "", "tags": [],
        "see_also": [],
    }  # fmt: skip


def test_ls_common_options(subject):
    """Every module has four options for logging; options are sorted."""
    assert subject.shows(list(entry(subject, "dormant")["module_options"])) == [
        "bare", "limit", "log_level", "log_to_cluster", "log_to_cluster_level", "log_to_file",
    ]  # fmt: skip


def test_ls_log_level(subject):
    """log_level is one of five levels, or empty."""
    options = entry(subject, "dormant")["module_options"]
    assert subject.shows(options["log_level"]["enum_allowed"]) == [
        "", "critical", "debug", "error", "info", "warning",
    ]  # fmt: skip


def test_module_file(subject):
    """A package without module.py is no module."""
    assert entry(subject, "without_module_file") is None
    subject.shows("not listed")


def test_first_class(subject):
    """Of several classes the first in the package's namespace is taken."""
    options = entry(subject, "two_classes")["module_options"]
    assert ("of_base" in options, "of_second" in options) == (True, False)
    subject.shows("of_base")


def test_map(subject):
    """Modules see the same in the manager's map."""
    found = subject.eval(
        "next(m for m in mgr.get('mgr_map')['available_modules'] if m['name'] == 'cannot_run')"
    )
    assert subject.shows((found["can_run"], found["error_string"])) == (
        False,
        "the spoon is missing",
    )


def test_map_modules(subject):
    """The map's "modules" are those enabled."""
    enabled = subject.eval("mgr.get('mgr_map')['modules']")
    assert {"argued", "probe", "second", "wedged"} <= set(enabled)
    assert "dormant" not in enabled
    subject.shows("enabled ones")


def test_map_always_on(subject):
    """The map tells the always-on modules of three releases."""
    assert subject.eval("list(mgr.get('mgr_map')['always_on_modules'])") == [
        "nautilus",
        "octopus",
        "pacific",
    ]


# What cannot run


def test_import_error(subject):
    """A module whose import raises cannot run, and the exception's text says why."""
    assert trouble(subject, "broken_import") == (False, "no such dependency")


def test_syntax_error(subject):
    """Neither can one with a syntax error."""
    assert trouble(subject, "broken_syntax") == (False, "invalid syntax (module.py, line 1)")


def test_import_options(subject):
    """A module that cannot be imported has no options."""
    assert subject.shows(entry(subject, "broken_import")["module_options"]) == {}


def test_commands_none(subject):
    """COMMANDS must be there."""
    assert trouble(subject, "broken_commands") == (False, "Missing or invalid COMMANDS attribute")


def test_commands_dict(subject):
    """COMMANDS must be a list."""
    assert trouble(subject, "broken_commands_dict") == (
        False,
        "Missing or invalid COMMANDS attribute",
    )


def test_commands_options(subject):
    """A module whose COMMANDS are wrong has no options either."""
    assert subject.shows(entry(subject, "broken_commands")["module_options"]) == {}


@pytest.mark.deviates("a module without a class, or whose can_run() raises")
def test_no_class(subject):
    """A package without a class of MgrModule's cannot run."""
    can_run, error = trouble(subject, "broken_nothing")
    assert not can_run
    assert ("has no subclass of MgrModule" in error) if subject.here else (error == "")
    subject.shows((can_run, "has no subclass of MgrModule" if subject.here else ""))


def test_can_run(subject):
    """can_run() returns (False, why)."""
    assert trouble(subject, "cannot_run") == (False, "the spoon is missing")


def test_can_run_options(subject):
    """A module that cannot run has its options."""
    assert "log_level" in entry(subject, "cannot_run")["module_options"]
    subject.shows("log_level")


@pytest.mark.deviates("a module without a class, or whose can_run() raises")
def test_can_run_raises(subject):
    """A module whose can_run() raises cannot run."""
    error = "can_run() raised 'spoon'" if subject.here else ""
    assert trouble(subject, "can_run_raises") == (False, error)


def test_can_run_list(subject):
    """can_run() must return a tuple."""
    assert trouble(subject, "can_run_list") == (False, "wrong type returned from can_run")


def test_can_run_int(subject):
    """Its first item must be a bool."""
    assert trouble(subject, "can_run_text") == (False, "wrong type returned from can_run")


# Switching on and off


def test_enable_unknown(subject):
    """A module that nobody has is enabled with --force only."""
    answered = subject.run("mgr module enable nonexistent")
    assert (answered.code, answered.out, answered.err) == (
        2,
        "",
        (
            "Error ENOENT: all mgr daemons do not support module 'nonexistent', "
            "pass --force to force enablement\n"
        ),
    )


def test_enable_without_module_file(subject):
    """A package that is no module is one that nobody has."""
    assert subject.run("mgr module enable without_module_file").code == 2


def test_enable_cannot_run(subject):
    """So is one that cannot run; the answer says why."""
    answered = subject.run("mgr module enable cannot_run")
    assert (answered.code, answered.err) == (
        2,
        (
            "Error ENOENT: module 'cannot_run' reports that it cannot run on the active manager "
            "daemon: the spoon is missing (pass --force to force enablement)\n"
        ),
    )


def test_enable_broken(subject):
    """So is one that cannot be imported."""
    answered = subject.run("mgr module enable broken_import")
    assert (answered.code, answered.err) == (
        2,
        (
            "Error ENOENT: module 'broken_import' reports that it cannot run on the active manager "
            "daemon: no such dependency (pass --force to force enablement)\n"
        ),
    )


def test_enable_enabled(subject):
    """Enabling an enabled module succeeds and says so, forced or not."""
    for words in ("mgr module enable probe --force", "mgr module enable probe"):
        answered = subject.run(words)
        assert (answered.code, answered.err) == (0, "module 'probe' is already enabled\n")


def test_enable_always_on(subject):
    """So does enabling one that is always on."""
    answered = subject.run("mgr module enable crash")
    assert (answered.code, answered.err) == (0, "module 'crash' is already enabled (always-on)\n")


def test_disable_disabled(subject):
    """Disabling a disabled module succeeds and says so."""
    answered = subject.run("mgr module disable dormant")
    assert (answered.code, answered.err) == (0, "module 'dormant' is already disabled\n")


def test_disable_unknown(subject):
    """So does disabling one that nobody has."""
    answered = subject.run("mgr module disable nonexistent")
    assert (answered.code, answered.err) == (0, "module 'nonexistent' is already disabled\n")


def test_disable_always_on(subject):
    """What is always on cannot be disabled."""
    answered = subject.run("mgr module disable crash")
    assert (answered.code, answered.err) == (
        22,
        "Error EINVAL: module 'crash' cannot be disabled (always-on)\n",
    )


def test_enable_usage(subject):
    """--force is a choice of its own."""
    assert subject.run("mgr module enable").err.splitlines() == [
        "Invalid command: missing required parameter module(<string>)",
        "mgr module enable <module> [--force] :  enable mgr module",
        "Error EINVAL: invalid command",
    ]


def test_disabled_command(subject):
    """A disabled module's commands are known; they answer ENOTSUP and how to enable it."""
    assert subject.raw({"prefix": "dormant hello"}) == (
        -95,
        "",
        (
            "Module 'dormant' is not enabled/loaded (required by command 'dormant hello'): "
            "use `ceph mgr module enable dormant` to enable it"
        ),
    )


def test_disabled_typed(subject):
    """At the command line, that is exit code 95."""
    answered = subject.run("dormant hello")
    assert (answered.code, answered.err.split(":")[0]) == (95, "Error ENOTSUP")


def test_cannot_run_command(subject):
    """So do the commands of a disabled module that cannot run."""
    code, out, err = subject.raw({"prefix": "cannot_run hello"})
    assert (code, out) == (-95, "")
    assert err.startswith("Module 'cannot_run' is not enabled/loaded")


def test_disabled_remote(subject):
    """A call to a disabled module raises ImportError."""
    assert repr(subject.eval("mgr.remote('dormant', 'method')")) == "ImportError: Module not found"


# After some were switched on. The real manager executes itself again for it


def _answer(subject, prefix):
    return subject.raw({"prefix": prefix})


def _all_serve(subject):
    return all(subject.raw({"prefix": f"{name} eval"}, "1")[0] == 0 for name in ANSWERING)


# dormant is the last, so that the manager knows of all of them when it answers.
SWITCHED = ("unready", "dying", "cannot_run", "dormant")


@pytest.fixture(scope="module")
def _switched(_asked):
    for name in SWITCHED:
        answered = _asked.run(f"mgr module enable {name} --force")
        assert (answered.code, answered.out, answered.err) == (0, "", "")
    poll_for(lambda: _answer(_asked, "dormant hello")[0] == 0, 60, "dormant to answer")
    poll_for(lambda: _answer(_asked, "dying hello")[0] == -5, 60, "serve() of dying to end")
    poll_for(lambda: _all_serve(_asked), 60, "the others to answer again")
    yield
    for name in SWITCHED:
        assert _asked.run(f"mgr module disable {name}").code == 0
    poll_for(lambda: _answer(_asked, "dormant hello")[0] == -95, 60, "dormant to be gone")
    poll_for(lambda: _all_serve(_asked), 60, "the others to answer again")


@pytest.mark.usefixtures("_switched")
def test_enabled(subject):
    """A module that was enabled serves its commands, and is listed."""
    assert subject.ok("dormant hello world") == "hello world"
    assert set(SWITCHED) <= set(subject.json("mgr module ls")["enabled_modules"])
    subject.shows("listed")


@pytest.mark.usefixtures("_switched")
def test_enabled_remote(subject):
    """Other modules can call it."""
    assert subject.eval("mgr.remote('dormant', 'method')") == "here"


@pytest.mark.usefixtures("_switched")
def test_forced(subject):
    """A module that cannot run and was forced refuses its commands with EIO and the reason."""
    assert _answer(subject, "cannot_run hello") == (
        -5,
        "",
        (
            "Module 'cannot_run' has experienced an error and cannot handle commands: "
            "the spoon is missing"
        ),
    )


@pytest.mark.usefixtures("_switched")
def test_serve_died(subject):
    """After serve() raised, commands are refused with EIO and the exception's text."""
    assert _answer(subject, "dying hello") == (
        -5,
        "",
        "Module 'dying' has experienced an error and cannot handle commands: no more",
    )


@pytest.mark.usefixtures("_switched")
def test_serve_died_typed(subject):
    """At the command line, that is exit code 5."""
    answered = subject.run("dying hello")
    assert (answered.code, answered.err.split(":")[0]) == (5, "Error EIO")


@pytest.mark.usefixtures("_switched")
def test_serve_died_self_test(subject):
    """Its command self-test is served all the same."""
    assert _answer(subject, "dying self-test") == (0, "tested\n", "")


@pytest.mark.usefixtures("_switched")
def test_serve_died_remote(subject):
    """Other modules can still call it."""
    assert subject.eval("mgr.remote('dying', 'method')") == "here"


@pytest.mark.deviates("`__init__` raises")
@pytest.mark.usefixtures("_switched")
def test_init_raised(subject):
    """A module whose __init__ raised does not serve its commands."""
    code, out, err = _answer(subject, "unready hello")
    assert out == ""
    assert code == (-11 if subject.here else -95)
    assert "unready" in err


@pytest.mark.usefixtures("_switched")
def test_init_raised_remote(subject):
    """A call to it raises ImportError."""
    assert subject.eval("mgr.remote('unready', 'hello')").kind == "ImportError"
    subject.shows("ImportError")
