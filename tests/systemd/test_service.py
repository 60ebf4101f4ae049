"""The service under a real systemd: what kills, stops and changes it."""

import contextlib
import logging
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest
from faults.client import Client, Refused, Unreachable

from supervisor.config import LAYERS
from tests.conditions import poll_for
from tests.systemd.service import INSTALL, MODULES, UNIT, Service


NAMESPACES = ("processes", "ipc", "paths")  # the unit lets nobody make any

pytestmark = pytest.mark.systemd
log = logging.getLogger(__name__)


@contextlib.contextmanager
def _set(service: Service, name: str, text: str) -> Iterator[None]:
    """With a drop-in."""
    service.override(name, text)
    try:
        yield
    finally:
        service.override(name, "")


def test_one_command_installs_and_starts_it(service):
    """mgrctl on the PATH talks to it; each module has all of its walls, below those of the unit."""
    assert "HEALTH_OK" in service.mgrctl("status")
    assert service.show("StatusText").startswith("active: 4 running")
    assert service.show("UnitFileState") == "enabled"
    assert service.show("User") == "mgr-supervisor"
    assert service.names() == sorted(
        ["mgr-supervisor", "mgr-zygote", *(f"mgr:{name}"[:15] for name in MODULES)]
    )
    log = (service.inside.root / "var/log/mgr-supervisor/ceph-mgr.x.crash.log").read_text()
    for layer in ("no_new_privs", *LAYERS):
        status = "absent ([Errno 1] unshare" if layer in NAMESPACES else "enforced"
        if layer == "uid":
            status = "off (the supervisor is not root"
        assert f"{layer}: {status}" in log
    inside = service.inside.run("cat", f"/proc/{service.pid}/status")
    assert "NoNewPrivs:\t1" in inside
    assert "CapBnd:\t0000000000000000" in inside


def test_each_module_is_in_a_cgroup_below_the_units(service):
    """The unit's own is delegated: the supervisor and the zygote share one leaf of it, each module
    has one. Which limits are kept there depends on the controllers that this machine lets go.
    """
    pids = service.ready()
    for name, pid in {**pids, "": service.pid}.items():
        leaf = f"module-{name}" if name else "supervisor"
        group = service.inside.run("cat", f"/proc/{pid}/cgroup").splitlines()[-1]
        assert group.startswith("0::")
        assert f"/{UNIT}/{leaf}" in group
    shown = service.mgrctl("module", "sandbox", "crash")
    assert re.search(r"^cgroup +enforced +(memory|pids|cpu|kill only)", shown, re.MULTILINE), shown


def test_repeating_the_installation_disturbs_nobody(service):
    """What runs goes on, and the operator's configuration stays."""
    before, pid = service.config.read_text(), service.pid
    service.config.write_text(before + "\n# ours\n")
    service.install()
    assert service.config.read_text() == before + "\n# ours\n"
    assert service.pid == pid
    assert service.ready()


def test_the_journal_has_lines_with_their_priority(service):
    """Plain words, told apart by how bad they are, as `journalctl -p` selects them."""
    pid = service.ready()["crash"]
    service.inside.run("kill", "-9", str(pid))
    poll_for(lambda: service.ready()["crash"] != pid)

    def errors() -> str:
        words = ("--no-pager", "--output=cat", f"--unit={UNIT}", "--priority=err")
        return service.inside.run("journalctl", *words)

    poll_for(lambda: "\ncrash: died: killed by" in f"\n{errors()}", 10, "the death to be told")
    assert "serving" not in errors()
    assert "daemon: serving control=/run/mgr-supervisor/control.sock" in service.journal()


@pytest.mark.logrotate
def test_logs_are_rotated_with_a_reload(service):
    """By the installed configuration: the daemon and its modules go on in new files."""
    folder, pid = service.inside.root / "var/log/mgr-supervisor", service.pid
    service.inside.run("logrotate", "--force", "/etc/logrotate.d/mgr-supervisor")
    poll_for(lambda: len(list(folder.glob("ceph-mgr.x.*log"))) > len(MODULES), 10)
    moved = {file.name.partition(".log-")[0] for file in folder.glob("*.log-*")}
    assert {"ceph-mgr.x", "ceph-mgr.x.crash"} <= moved
    fresh = folder / "ceph-mgr.x.log"
    poll_for(lambda: fresh.exists() and "log files reopened" in fresh.read_text(), 10)
    fresh.unlink()
    service.systemctl("reload")
    poll_for(lambda: fresh.exists() and "log files reopened" in fresh.read_text(), 10)
    assert service.pid == pid
    assert service.show("ActiveState") == "active"


def test_a_manager_that_gives_up_its_role_is_not_started_again(service):
    """`mgr fail` executes the daemon anew under its pid: systemd goes on with it."""
    pid, restarts, epoch = service.pid, service.show("NRestarts"), service.epoch()
    service.mgrctl("mgr", "fail")
    poll_for(lambda: f"mgr.x is active, epoch {epoch + 1}" in service.journal(), 15)
    service.ready()
    assert (service.pid, service.show("NRestarts")) == (pid, restarts)
    assert service.show("StatusText").startswith("active: ")


def test_a_supervisor_that_hangs_is_replaced(service):
    """Its watchdog runs out: systemd ends all of it by SIGABRT and starts it; its stacks are told."""
    service.mgrctl("config-key", "set", "kept/watchdog", "yes")
    with _set(service, "watchdog", "[Service]\nWatchdogSec=1s\n"):
        service.systemctl("restart")
        before, pid = set(service.ready().values()), service.pid
        service.inside.run("kill", "-STOP", str(pid))
        poll_for(lambda: service.pid not in (0, pid), 15, "systemd to start another")
        after = service.ready()
        assert service.mgrctl("config-key", "get", "kept/watchdog") == "yes"
        assert not before & set(after.values())
        for text in (f"{UNIT}: Watchdog timeout (limit 1s)!", "Fatal Python error: Aborted"):
            poll_for(lambda told=text: told in service.journal(), 10, text)
    service.systemctl("restart")
    service.ready()


def test_a_supervisor_that_is_killed_is_back_with_all_that_was_stored(service):
    """No module is left, none is there twice."""
    for number in range(2):
        service.mgrctl("config-key", "set", "kept/kill", str(number))
        before, pid = set(service.ready().values()), service.pid
        service.inside.run("kill", "-KILL", str(pid))
        poll_for(lambda gone=pid: service.pid not in (0, gone), 15, "another")
        after = service.ready()
        assert service.mgrctl("config-key", "get", "kept/kill") == str(number)
        assert not before & set(after.values())
        processes = service.names()
        assert len(processes) == len(set(processes)), processes


def test_what_was_stored_is_served_soon_after_a_kill(service):
    """systemd waits half a second, and the next supervisor has no more to do than after any start."""
    key, value = "mgr/crash/warn_recent_interval", "86401"
    service.mgrctl("config", "set", "mgr", key, value)

    def serves() -> bool:
        with contextlib.suppress(Refused, Unreachable), Client(service.socket, 10) as client:
            return client.run("config get", who="mgr", key=key) == value
        return False

    def seconds(start: Callable[[], object]) -> float:
        begin = time.monotonic()
        start()
        poll_for(serves, 20, "what was stored to be served")
        return time.monotonic() - begin

    service.systemctl("stop")
    plain = seconds(lambda: service.inside.run("systemctl", "start", "--no-block", UNIT))
    service.ready()
    pid = service.pid
    killed = seconds(lambda: service.inside.run("kill", "-KILL", str(pid)))
    service.ready()
    assert service.pid != pid
    log.info("served %.2f s after a kill, %.2f s after a start", killed, plain)
    assert killed < 0.5 + 3 * plain + 2


def test_a_mistake_in_the_configuration_is_told_once(service):
    """One sentence in `systemctl status`, and no start after start."""
    right = service.config.read_text()
    service.config.write_text('[supervisor]\nlog_level = "loud"\n')
    try:
        service.inside.refused("systemctl", "restart", UNIT)
        assert service.show("SubState") == "failed"
        assert service.show("NRestarts") == "0"
        status = service.inside.refused("systemctl", "status", "--no-pager", "--full", UNIT)
        sentence = (
            "mgr-supervisor: /etc/mgr-supervisor/mgr-supervisor.toml: "
            "[supervisor] log_level = 'loud': must be one of"
        )
        assert status.count(sentence) == 1
        assert "Traceback" not in status
        again = service.inside.refused(*service.installation("--now"))
        assert sentence in again.splitlines()[-1]
    finally:
        service.config.write_text(right)
    service.systemctl("start")
    service.ready()


def test_it_stops_in_order_and_leaves_nobody(service):
    """Every module told shutdown(), exit code 0, no process left, well within its time."""
    service.systemctl("stop")
    assert service.show("Result") == "success"
    assert service.show("ExecMainStatus") == "0"
    assert service.names() == []
    # Since its start, and not since systemd's "Stopping": what two processes say at the same time
    # gets into the journal in any order.
    said = service.journal().rpartition("daemon: serving")[2]
    assert "iostat: ended: was stopped: exited with code 0" in said
    assert "SIG" not in said
    service.systemctl("start")
    service.ready()


def test_only_root_may_install():
    """Anybody else is told so, before anything is touched."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to be another user")
    done = subprocess.run(
        ["bash", "-s"], input=INSTALL.read_bytes(), user=65534, capture_output=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith(b"install: must be root")


def test_what_is_uninstalled_leaves_its_data(service):
    """No unit, no command, no process; configuration, data and logs stay. Installed again, it goes
    on where it was.
    """
    service.mgrctl("config-key", "set", "kept/uninstall", "yes")
    root = service.inside.root
    assert "kept: /etc/mgr-supervisor" in service.uninstall()
    assert service.show("LoadState") == "not-found"
    assert service.names() == []
    assert not (root / "usr/local/bin/mgrctl").is_symlink()
    assert not list(root.glob("etc/*/mgr-supervisor*.conf")) + list(
        root.glob("etc/systemd/system/**/mgr-supervisor*")
    )
    assert service.config.exists()
    assert (root / "var/lib/mgr-supervisor/cluster.db").exists()
    service.install("--now")
    service.ready()
    assert service.mgrctl("config-key", "get", "kept/uninstall") == "yes"
