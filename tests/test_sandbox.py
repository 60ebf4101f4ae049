"""Walls and grants as an operator sees and changes them, on a real supervisor."""

import contextlib
import signal
import socket

import pytest

from tests.conditions import poll_for
from tests.daemon import ROOT, supervisor
from tests.views import required


TREE = ROOT / "tests" / "trees" / "walled"
CONFIG = f"""
[supervisor]
always_on = []
[sandbox]
{required()}[module.reach]
listen = [{{port}}]
"""


@pytest.fixture(name="port", scope="module")
def fixture_port():
    """A TCP port that nobody uses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture(name="daemon", scope="module")
def fixture_daemon(port):
    """A supervisor with two modules that try what they are told to."""
    arguments = ("--module-path", str(TREE), "--enable", "reach", "--enable", "bound")
    with supervisor(*arguments, config=CONFIG.format(port=port)) as running:
        for name in ("reach", "bound"):
            running.wait_state(name, "running")
        yield running
        assert running.stop() == 0


def change(daemon, text):
    """Write another configuration file."""
    (daemon.state / "mgr.toml").write_text(text)


def pids(daemon):
    """Of the two modules."""
    rows = daemon.ps()
    return rows["reach"]["pid"], rows["bound"]["pid"]


@pytest.mark.views
def test_layers_and_grants_are_shown_with_where_they_come_from(daemon, port):
    """Each layer's state, each grant's origin, as JSON and as a table."""
    view = daemon.mgrctl("module sandbox reach --format json").json
    assert (view["name"], view["mode"], view["pid"]) == ("reach", "require", pids(daemon)[0])
    layers = {layer["name"]: layer["status"] for layer in view["layers"]}
    del layers["cgroup"]  # where it is delegated, which is the service manager's to decide
    assert set(layers.values()) == {"enforced"}
    assert {"rlimits", "files", "programs", "ports", "sockets", "syscalls"} <= set(layers)
    assert {"key": "listen", "value": str(port), "origin": "configuration"} in view["grants"]
    assert {"key": "calls", "value": "*.*", "origin": "least"} in view["grants"]
    plain = daemon.ok("module sandbox reach")
    assert f"listen    {port}" in plain
    assert "programs      enforced  none may be run" in plain
    shipped = daemon.mgrctl("module sandbox iostat --format json").json
    assert {grant["origin"] for grant in shipped["grants"]} == {"shipped"}
    absent = daemon.mgrctl("module sandbox absent")
    assert (absent.code, "no module is called 'absent'" in absent.err) == (2, True)


def test_a_grant_is_what_makes_the_difference(daemon, port):
    """The same attempt in two modules, one of which has the grant."""
    assert daemon.ok(f"reach listen {port}") == "done"
    assert daemon.ok(f"bound listen {port}") == "EACCES"


@pytest.mark.parametrize("way", ["command", "signal"])
def test_grants_change_without_a_restart_of_others(daemon, port, way):
    """Only the module whose grants are others now gets a new process."""
    change(daemon, CONFIG.format(port=port))
    daemon.mgrctl("module grants reload")
    daemon.wait_state("bound", "running")
    before = pids(daemon)
    assert daemon.ok(f"bound listen {port}") == "EACCES"
    change(daemon, CONFIG.format(port=port) + f"[module.bound]\nlisten = [{port}]\n")
    if way == "command":
        done = daemon.mgrctl("module grants reload")
        assert (done.code, done.err.strip()) == (0, "grants read again: restarting bound")
    else:
        daemon.process.send_signal(signal.SIGHUP)
    poll_for(lambda: pids(daemon)[1] not in (None, before[1]), 20, "a new process")
    daemon.wait_state("bound", "running")
    assert pids(daemon)[0] == before[0]
    assert daemon.ok(f"bound listen {port}") == "done"


@pytest.mark.views
def test_a_grant_brings_into_sight(daemon, port):
    """What is not granted is not there; the process after the grant sees it."""
    secret = daemon.state / "data" / "secret"
    secret.write_text("x")
    change(daemon, CONFIG.format(port=port))
    daemon.mgrctl("module grants reload")
    daemon.wait_state("reach", "running")
    assert daemon.ok("reach read", str(secret)) == "ENOENT"
    assert f"reading {secret} takes a grant" in daemon.module_log("reach")
    before = pids(daemon)
    change(daemon, CONFIG.format(port=port) + f'read = ["{secret}"]\n')
    daemon.ok("module grants reload")
    poll_for(lambda: pids(daemon)[0] not in (None, before[0]), 20, "a new process")
    daemon.wait_state("reach", "running")
    assert daemon.ok("reach read", str(secret)) == "done"


@pytest.mark.views
def test_a_module_sees_none_of_its_supervisors_doors(daemon):
    """Neither the operators' socket, nor the database, nor other modules' files."""
    for hidden in ("run/control.sock", "run/lock", "data/modules/bound", "log/ceph-mgr.x.log"):
        assert (daemon.state / hidden).exists()
        assert daemon.ok("reach read", str(daemon.state / hidden)) == "ENOENT"


def test_a_file_that_is_wrong_changes_nothing(daemon, port):
    """And the answer says what is wrong; so it does of what only a start would read."""
    before = pids(daemon)
    change(daemon, CONFIG.format(port=port) + "[module.bound]\nlisten = [0]\n")
    refused = daemon.mgrctl("module grants reload")
    assert refused.code == 22
    assert "grants stay as they were: " in refused.err
    assert "must be a list of which each item is a port" in refused.err
    with contextlib.suppress(FileNotFoundError):
        (daemon.state / "mgr.toml").unlink()
    gone = daemon.mgrctl("module grants reload")
    assert (gone.code, "cannot be read" in gone.err) == (22, True)
    assert pids(daemon) == before
