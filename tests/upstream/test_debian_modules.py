"""Debian's ceph-mgr modules, unmodified, each in its own process: on our mgr_module and on their own."""

import json

import pytest

from tests.conditions import poll_for
from tests.daemon import supervisor


pytestmark = [pytest.mark.ceph, pytest.mark.slow]
TREE = "/usr/share/ceph/mgr"
MODULES = [
    "alerts",
    "balancer",
    "crash",
    "devicehealth",
    "insights",
    "iostat",
    "localpool",
    "orchestrator",
    "pg_autoscaler",
    "progress",
    "selftest",
    "status",
    "telegraf",
    "telemetry",
    "test_orchestrator",
    "zabbix",
]
# By module: a command that its operators use, and what its answer holds.
COMMANDS = {
    "balancer": ("balancer status", '"active"'),
    "crash": ("crash ls", ""),
    "devicehealth": ("device query-daemon-health-metrics osd.0", ""),
    "insights": ("insights", '"osd_dump"'),
    "iostat": ("iostat", "Read"),
    "orchestrator": ("orch status", ""),
    # Its pools take rules that start at different roots of one tree, so the table is empty, as a
    # real cluster's of that shape is.
    "pg_autoscaler": ("osd pool autoscale-status", ""),
    "progress": ("progress", ""),
    "selftest": ("mgr self-test python-version", "3."),
    "status": ("osd status", "HOST"),
    "telegraf": ("telegraf config-show", "unixgram"),
    "telemetry": ("telemetry status", '"enabled"'),
    "zabbix": ("zabbix config-show", "zabbix_port"),
}
SELF_TESTED = [name for name in MODULES if name != "selftest"]


@pytest.fixture(scope="module", params=["supervisor", "tree"])
def daemon(request):
    """Every module of the list enabled, on the mgr_module that the parameter names."""
    enable = [word for name in MODULES for word in ("--enable", name)]
    config = f'[cluster]\ntick = 2\n[[tree]]\npath = "{TREE}"\napi = "{request.param}"\n'
    with supervisor(*enable, config=config) as running:
        for name in MODULES:
            running.wait_state(name, "running", timeout=60)
        yield running
        assert running.stop() == 0


@pytest.mark.parametrize("name", MODULES)
def test_the_module_serves(daemon, name):
    """It runs, from Debian's own file, and nothing is held against it."""
    row = daemon.ps()[name]
    assert row["state"] == "running", row
    assert row["path"] == f"{TREE}/{name}"
    assert row["restarts"] == 0, daemon.mgrctl(f"module events {name}").out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_modules_commands_answer(daemon, name):
    """One of its own commands, through mgrctl."""
    words, holds = COMMANDS[name]
    answered = daemon.mgrctl(words)
    assert "Traceback" not in answered.err, answered
    assert holds in answered.out


@pytest.mark.parametrize("name", SELF_TESTED)
def test_the_modules_self_test_passes(daemon, name):
    """`mgr self-test module`, run by Debian's selftest in a third process."""
    answered = daemon.mgrctl("mgr self-test module", name)
    assert answered.code == 0, answered
    assert "Self-test OK" in answered.err


def test_upstreams_self_test_passes(daemon):
    """Its walk through the whole interface."""
    answered = daemon.mgrctl("mgr self-test run")
    assert answered.code == 0, answered
    assert "Self-test succeeded" in answered.err


def test_an_osd_that_is_marked_out_is_followed_until_its_groups_have_moved(daemon):
    """progress compares the maps, and its event goes by way of `status` to the completed ones."""

    def completed():
        events = json.loads(daemon.ok("progress json"))["completed"]
        return "Rebalancing after osd.3 marked out" in [event["message"] for event in events]

    daemon.ok("osd out 3")
    poll_for(lambda: "Rebalancing after osd.3 marked out" in daemon.ok("progress"), 15)
    assert json.loads(daemon.ok("status --format json"))["progress_events"]
    poll_for(completed, 60)
    daemon.ok("osd in 3")
