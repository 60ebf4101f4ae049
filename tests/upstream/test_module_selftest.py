"""Upstream's procedure for the selftest module: the interface walked through, module by module."""

import errno
import json
import socket
import urllib.request

import pytest

from tests.conditions import poll_for


pytestmark = [pytest.mark.ceph, pytest.mark.slow]
SELF_TESTED = ("crash", "devicehealth", "influx", "iostat", "prometheus", "telegraf", "telemetry", "zabbix")  # fmt: skip
FIRST_SETTINGS = {
    "zabbix": {"zabbix_host": "localhost", "identifier": "lab"},
    "prometheus": {"server_addr": "127.0.0.1"},
}
OLD_KEYS = {
    "mgr/selftest/testnewline": "old value",
    "mgr/selftest/kvitem": "in no schema",
}
SPAM_ROUNDS = 10
FAILED = "Module 'selftest' has failed: Synthetic exception in serve"


@pytest.fixture(autouse=True)
def _selftest(rig):
    rig.load("selftest")


def configure(rig, module, **settings):
    """Set options of `module`."""
    for key, value in settings.items():
        rig.ok("config set mgr", f"mgr/{module}/{key}", value)


def load_prometheus(rig):
    """On a port of its own."""
    if "prometheus" not in rig.enabled():
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            configure(rig, "prometheus", server_port=str(free.getsockname()[1]))
    rig.load("prometheus")


def option(rig, key, how="get"):
    """What the module itself reads."""
    return rig.ok(f"mgr self-test config {how}", key)


@pytest.mark.parametrize("name", SELF_TESTED)
def test_the_modules_own_self_test_passes(rig, name):
    """Called by selftest in another module; what a module wants to be told first, it is told."""
    configure(rig, name, **FIRST_SETTINGS.get(name, {}))
    load_prometheus(rig) if name == "prometheus" else rig.load(name)
    answered = rig.run("mgr self-test module", name)
    assert answered.code == 0, answered
    assert answered.err.strip() == "Self-test OK"


def test_a_module_that_is_off_has_no_self_test(rig):
    """remote() raises ImportError, which the command hands through."""
    rig.unload("telegraf")
    answered = rig.run("mgr self-test module telegraf")
    assert answered.code == errno.EINVAL
    assert "ImportError: Module not found" in answered.err


def test_the_walk_through_the_interface_succeeds(rig):
    """Every getter, option, key, health check and counter that selftest tries."""
    answered = rig.run("mgr self-test run")
    assert answered.code == 0, answered
    assert answered.err.strip() == "Self-test succeeded"


def test_a_running_module_sees_options_change(rig):
    """Common and localized ones, set by an operator."""
    place = f"mgr/selftest/{rig.mgr_id}/testlkey"
    for value in ("some value", "a third"):
        rig.ok("config set mgr mgr/selftest/testkey", value)
        poll_for(lambda v=value: option(rig, "testkey") == v, 10, "the value")
    rig.ok("config set mgr", place, "another value")
    poll_for(lambda: option(rig, "testlkey", "get_localized") == "another value", 10, "the value")
    assert option(rig, "testlkey") == "None"
    rig.ok("config rm mgr", place)


def test_a_new_manager_has_options_from_the_configuration_and_no_old_keys(rig):
    """Options live on; keys that were options before mimic stay keys, as 16.2.15 leaves them."""
    with rig.manager_away():
        rig.ok("config set mgr mgr/selftest/roption1", "kept")
        for key, value in OLD_KEYS.items():
            rig.ok("config-key set", key, value)
    assert option(rig, "roption1") == "kept"
    assert option(rig, "testnewline") == "None"
    names = {entry["name"] for entry in rig.json("config dump")}
    assert not names & set(OLD_KEYS)
    rig.ok("config rm mgr mgr/selftest/roption1")
    for key in OLD_KEYS:
        rig.ok("config-key rm", key)


def test_a_module_that_spams_commands_slows_nobody_down(rig):
    """While selftest reweights OSDs without end, an HTTP module answers and so does the cluster."""
    configure(rig, "prometheus", **FIRST_SETTINGS["prometheus"])
    load_prometheus(rig)
    active = rig.mgr_id
    uri = poll_for(lambda: rig.json("mgr services").get("prometheus"), 30, "prometheus to serve")
    epoch = rig.json("osd dump")["epoch"]
    started = rig.run("mgr self-test background start command_spam")
    assert "Running `command_spam` in background" in started.err
    try:
        for _ in range(SPAM_ROUNDS):
            with urllib.request.urlopen(uri, timeout=10) as page:
                assert page.status == 200
            assert rig.json("osd df")["nodes"]
        poll_for(lambda: rig.json("osd dump")["epoch"] > epoch + 3, 30, "the spam to arrive")
    finally:
        stopped = rig.run("mgr self-test background stop")
        for osd in rig.json("osd ls"):
            rig.ok(f"osd reweight {osd} 1")
    assert "Stopping background workload `command_spam`" in stopped.err
    assert rig.mgr_id == active


def test_commands_of_disabled_unknown_fresh_and_failed_modules(rig):
    """EOPNOTSUPP, EINVAL, an answer at once, EIO; the failure is health until it is disabled."""
    rig.unload("zabbix")
    assert rig.run("zabbix config-show").code == errno.EOPNOTSUPP
    assert rig.run("osd albatross").code == errno.EINVAL
    rig.ok("mgr module enable zabbix")
    assert "zabbix_port" in rig.ok("zabbix config-show")
    rig.settle()
    rig.ok("mgr self-test background start throw_exception")
    refused = poll_for(lambda: _refusal(rig, "mgr self-test run"), 30, "EIO")
    assert "has experienced an error and cannot handle commands: Synthetic exception" in refused
    poll_for(lambda: FAILED in rig.health(), 30, "the failure in health")
    assert rig.json("health")["checks"]["MGR_MODULE_ERROR"]["severity"] == "HEALTH_ERR"
    rig.ok("mgr module disable selftest")
    poll_for(lambda: FAILED not in rig.health(), 30, "the failure to be gone")
    rig.settle()
    refused = rig.run("mgr self-test run")
    assert refused.code == errno.EOPNOTSUPP
    assert (
        "Module 'selftest' is not enabled/loaded (required by command 'mgr self-test run'): "
        "use `ceph mgr module enable selftest` to enable it"
    ) in refused.err


def _refusal(rig, command):
    answered = rig.run(command)
    return answered.err if answered.code == errno.EIO else ""


def test_calls_between_modules(rig):
    """A good one, one to a disabled module, to an unknown one, and of an unknown method."""
    rig.load("influx")
    rig.unload("telegraf")
    answered = rig.run("mgr self-test remote")
    assert answered.code == 0, answered
    assert answered.err.strip() == "Successfully called"


@pytest.mark.parametrize("channel", ["cluster", "audit"])
def test_modules_write_to_the_cluster_log(rig, channel):
    """At each priority, in the manager's name."""
    marks = {"info": "[INF]", "security": "[SEC]", "warning": "[WRN]", "error": "[ERR]"}
    for priority in marks:
        answered = rig.run(
            "mgr self-test cluster-log", channel, priority, f"{priority} on {channel}"
        )
        assert answered.err.strip() == "Successfully called"

    def logged():
        entries = rig.json(f"log last 100 debug {channel}")
        return {entry["message"]: entry for entry in entries if entry["message"].endswith(channel)}

    wanted = {f"{priority} on {channel}" for priority in marks}
    found = poll_for(lambda: wanted <= set(logged()) and logged(), 15, "the entries")
    for priority, mark in marks.items():
        entry = found[f"{priority} on {channel}"]
        assert entry["priority"] == mark
        assert entry["channel"] == channel
        assert entry["name"] == f"mgr.{rig.mgr_id}"


def test_a_channel_that_does_not_exist_is_refused_while_selftest_is_off(rig):
    """As the command of any module that is off; an unknown priority is the handler's error."""
    answered = rig.run("mgr self-test cluster-log xyz ERR", "there is no such channel")
    assert answered.code == errno.EINVAL
    assert "KeyError: 'ERR'" in answered.err
    rig.unload("selftest")
    answered = rig.run("mgr self-test cluster-log xyz ERR", "there is no such channel")
    assert answered.code == errno.EOPNOTSUPP


def test_checks_of_a_module_are_health_until_cleared(rig):
    """By name and all; the count is the module's own."""
    checks = {
        code: {"severity": severity, "summary": f"{code} summary", "detail": ["one", "two"]}
        for code, severity in (("LAB_ONE", "warning"), ("LAB_TWO", "error"))
    }
    rig.ok("mgr self-test health set", json.dumps(checks))
    found = poll_for(
        lambda: (
            {"LAB_ONE", "LAB_TWO"} <= set(rig.json("health")["checks"])
            and rig.json("health detail")["checks"]
        ),
        15,
        "both checks",
    )
    assert found["LAB_TWO"] == {
        "severity": "HEALTH_ERR",
        "summary": {"message": "LAB_TWO summary", "count": 123},
        "detail": [{"message": "one"}, {"message": "two"}],
        "muted": False,
    }
    rig.ok("mgr self-test health clear LAB_TWO")
    poll_for(lambda: "LAB_TWO" not in rig.health(), 15, "one to be cleared")
    assert "[WRN] LAB_ONE: LAB_ONE summary" in rig.health()
    rig.ok("mgr self-test health clear")
    poll_for(lambda: "LAB_ONE" not in rig.health(), 15, "the other to be cleared")
