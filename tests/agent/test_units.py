"""What is written into unit files and read from systemctl; no systemd."""

import pytest

from supervisor.agent.course import State
from supervisor.agent.definition import Definition
from supervisor.agent.units import (
    daemon_name,
    end_of,
    quoted,
    shown,
    state_of,
    unit_name,
    unit_text,
    was_executed,
)


def _text(version: int, **changes) -> list[str]:
    values = {
        "name": "mds.a",
        "command": ("ceph-mds", "-i", "a b"),
        "environment": {"B": "2", "A": "50%"},
        "restart": "on-failure",
        "stop_seconds": 2.5,
        "labels": {},
        "created": 0.0,
    }
    definition = Definition(**values | changes)
    return unit_text(definition, "/usr/bin/ceph-mds", "/a%b", "/ended", version).splitlines()


def test_names_go_both_ways():
    """Units of other agents are not ours."""
    assert unit_name("0123", "mds.a-b") == "mgr-agent-0123-mds.a-b.service"
    assert daemon_name("0123", "mgr-agent-0123-mds.a-b.service") == "mds.a-b"
    assert daemon_name("4567", "mgr-agent-0123-mds.a-b.service") is None


def test_a_unit_says_what_the_definition_says():
    """The program by its path, nothing expanded, the policy and the patience."""
    lines = _text(252)
    assert 'ExecStart=:"/usr/bin/ceph-mds" "-i" "a b"' in lines
    assert "WorkingDirectory=/a%%b" in lines
    assert [line for line in lines if line.startswith("Environment")] == [
        'Environment="A=50%%"',
        'Environment="B=2"',
    ]
    assert "Restart=on-failure" in lines
    assert "TimeoutStopSec=2.5" in lines
    assert "RestartSec=5" in lines
    assert not [line for line in lines if "RestartSteps" in line]
    assert "TimeoutStopSec=0.001" in _text(252, stop_seconds=0)


def test_a_newer_systemd_waits_longer_and_longer():
    """From one second to a minute, as plain processes do."""
    lines = _text(254)
    assert {"RestartSec=1", "RestartSteps=6", "RestartMaxDelaySec=60"} < set(lines)


def test_words_are_quoted():
    """Quotes, backslashes, control characters, specifiers."""
    assert quoted('a "b" \\ %n\n\x7f') == '"a \\"b\\" \\\\ %%n\\x0a\\x7f"'


@pytest.mark.parametrize(
    ("active", "sub", "pid", "state"),
    [
        ("active", "running", "7", State.RUNNING),
        ("activating", "start", "7", State.STARTING),
        ("activating", "auto-restart", "0", State.ERROR),
        ("deactivating", "stop-sigterm", "7", State.RUNNING),
        ("deactivating", "stop-post", "0", State.STOPPED),
        ("failed", "failed", "0", State.ERROR),
        ("inactive", "dead", "0", State.STOPPED),
    ],
)
def test_states(active, sub, pid, state):
    """systemd's words in ours."""
    assert state_of({"ActiveState": active, "SubState": sub, "MainPID": pid}) is state


@pytest.mark.parametrize(
    ("started", "status", "executed"),
    [("5", "3", True), ("5", "0", True), ("0", "0", False), ("5", "203", False)],
)
def test_who_was_executed(started, status, executed):
    """203 is systemd's own exit code: it could not execute the program."""
    properties = {"ExecMainStartTimestampMonotonic": started, "ExecMainStatus": status}
    assert was_executed(properties) is executed


def test_what_systemctl_shows_is_read_by_unit():
    """Blocks with a blank line between; values may hold any character."""
    output = "Id=a.service\nMainPID=1\nX=a=b\n\nId=b.service\nMainPID=0\n"
    assert shown(output) == {
        "a.service": {"Id": "a.service", "MainPID": "1", "X": "a=b"},
        "b.service": {"Id": "b.service", "MainPID": "0"},
    }
    assert shown("") == {}


@pytest.mark.parametrize(
    ("note", "end"),
    [
        ("exited 3 100\n", ("exited with code 3", 100)),
        ("killed TERM 100\n", ("killed by SIGTERM", 100)),
        ("dumped SEGV 100\n", ("killed by SIGSEGV, core dumped", 100)),
        ("killed 40 100\n", ("killed by signal 40", 100)),
        ("\n", None),
        ("exited 3\n", None),
    ],
)
def test_ends_are_read(note, end):
    """What the unit's last step wrote."""
    assert end_of(note) == end
