"""The permission table: what one module may call, send and read, whatever its grants are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervisor.core.demand import Demand, demand
from supervisor.core.grants import LEAST, NOTHING, Grants
from supervisor.core.permissions import Permissions
from supervisor.core.shipped_bus import GUARDED, SHIPPED


NAMES = st.sampled_from(["a", "b", "selftest", "orchestrator", "deputy", "status"])
METHODS = st.sampled_from(
    ["f", "echo", "handle_command", "remote", "_ceph_get", "__init__", "self_test", "apply"]
)
PREFIXES = st.sampled_from(
    ["osd out", "osd dump", "x eval", "mgr module enable", "orch apply", "auth get", "config set"]
)
PERMISSIONS = st.sampled_from(["r", "w", "rw", "rwx", "rx", "", None])
PATTERNS = st.lists(st.sampled_from(["*", "osd *", "osd out", "x eval", "mgr *", "?*"])).map(tuple)
GRANTS = st.builds(
    Grants,
    calls=st.dictionaries(
        st.sampled_from(["*", "a", "b", "selftest", "deputy"]),
        st.lists(st.sampled_from(["*", "f", "self_*"])).map(tuple),
    ),
    commands=PATTERNS,
    config=st.lists(st.sampled_from(["*", "mgr/a/*", "device/*"])).map(tuple),
)
DEPUTY = Grants(calls={"selftest": ("*",)})  # somebody through whom a way leads


def table(**grants: Grants) -> Permissions:
    known = {"deputy": DEPUTY, **grants}
    return Permissions(lambda name: known.get(name, LEAST), GUARDED)


@given(GRANTS, NAMES, METHODS)
def test_a_call_that_is_allowed_was_granted(grants, callee, method):
    """Nothing but one's own methods is callable without a grant, and what is refused names one that
    helps.
    """
    missing = table(a=grants).call("a", callee, method)
    if missing is None:
        assert callee == "a" or grants.may_call(callee, method)
        return
    assert missing.line == f'calls = {{ {callee} = ["{method}"] }}'
    given_now = Grants(calls={**grants.calls, callee: (*grants.calls.get(callee, ()), method)})
    assert table(a=given_now).call("a", callee, method) is None


@given(GRANTS, PREFIXES, PERMISSIONS)
def test_a_command_that_is_allowed_reads_or_was_granted(grants, prefix, permission):
    """The same for commands; one that nobody declared goes where it is refused as unknown."""
    command = {"prefix": prefix, "who": "osd", "name": "x"}
    missing = table(a=grants).send("a", "mon", command, permission)
    asked = demand(prefix, permission, command)
    if permission is None or asked is Demand.READ:
        assert missing is None
    elif missing is None:
        assert grants.may_send(prefix)
    else:
        assert missing.line == f'commands = ["{prefix}"]'
        given_now = Grants(commands=(*grants.commands, prefix))
        assert table(a=given_now).send("a", "mon", command, permission) is None


@given(GRANTS, st.sampled_from(["mgr/a/x", "mgr/b/x", "device/d", "mgr-supervisor/modules"]))
def test_an_option_is_shown_to_its_module_and_to_whom_it_was_granted(grants, key):
    """Whatever the grants are."""
    shown = table(a=grants).reads_option("a", key)
    assert shown == (key.startswith("mgr/a/") or grants.may_read_config(key))


@pytest.mark.parametrize(
    "method", ["handle_command", "remote", "mon_command", "_ceph_x", "__init__"]
)
def test_a_wildcard_opens_no_way_through_another_module(method):
    """Neither to a guarded module, nor to one whose grants name a guarded one; others are free."""
    free = table()
    for callee in ("selftest", "orchestrator", "deputy"):
        assert free.call("a", callee, method) is not None
    assert free.call("a", "b", method) is None
    assert free.call("a", "deputy", "f") is None


def test_what_guarded_modules_tell_is_open():
    """Any module may ask which backend is chosen, and test itself against the testing module."""
    assert table().call("a", "orchestrator", "_select_orchestrator") is None
    assert table().call("a", "selftest", "self_test") is None
    assert table().call("a", "local_orchestrator", "list_daemons") is None
    assert table().call("a", "local_orchestrator", "apply_mds") is not None


@pytest.mark.parametrize(
    "command",
    [
        {"prefix": "mgr self-test eval"},
        {"prefix": "mgr module enable", "module": "x"},
        {"prefix": "orch apply"},
        {"prefix": "tell"},
        {"prefix": "config-key set", "key": "mgr-supervisor/modules"},
    ],
)
def test_a_wildcard_decides_on_no_code(command):
    """What runs code or says which code runs is granted by its name."""
    assert table().send("a", "mon", command, "rw") is not None
    named = Grants(commands=(command["prefix"],), config=("*",))
    assert table(a=named).send("a", "mon", command, "rw") is None


def test_keys_and_options_of_others_take_the_grant_config():
    """By command as by call; one's own take none."""
    bound = table(a=Grants(commands=("*",), config=("mgr/b/*",)))

    def sent(prefix, **arguments):
        return bound.send("a", "mon", {"prefix": prefix, **arguments}, "rw")

    assert sent("config-key get", key="mgr/c/k").line == 'config = ["mgr/c/k"]'
    assert sent("config-key get", key="mgr/b/k") is None
    assert sent("config-key set", key="mgr/a/k") is None
    assert sent("config-key set", key="mgr/c/k") is not None
    assert sent("config-key dump") is not None
    assert sent("config-key dump", key="mgr/b/") is None
    assert sent("config dump") is not None
    assert sent("config get", who="mgr", key="mgr/c/x") is not None
    assert sent("config get", who="mgr") is not None
    assert sent("config get", who="osd.1") is None
    assert sent("config set", who="mgr", name="mgr/c/x") is not None
    assert sent("config set", who="osd", name="osd_max_backfills") is None
    assert bound.write_option("a", "c", "x") is not None
    assert bound.write_option("a", "b", "x") is None
    assert table(a=NOTHING).write_option("a", "a", "x") is None


def test_what_is_sent_to_a_daemon_reads_or_takes_a_grant():
    """Daemons declare no permissions: what is known to read is free."""
    bound = table(a=NOTHING)
    assert bound.send("a", "osd", {"prefix": "smart"}, None) is None
    assert bound.send("a", "osd", {"prefix": "bench"}, None).line == 'commands = ["bench"]'


def test_a_module_that_only_looks_has_a_row_of_nothing():
    """It may do what all may, and nothing else."""
    ours = Permissions(lambda name: SHIPPED.get(name, LEAST), GUARDED)
    assert SHIPPED["status"].calls == {}
    assert SHIPPED["status"].commands == SHIPPED["status"].config == ()
    assert ours.send("status", "mon", {"prefix": "osd dump"}, "r") is None
    assert ours.send("status", "mon", {"prefix": "osd out"}, "rw") is not None
    assert ours.call("status", "crash", "ls") is not None
