"""A supervisor that is root gives each module a user of its own, and its files to that user."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path

import psutil
import pytest

from tests.conditions import poll_for
from tests.daemon import ROOT, supervisor


pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="takes root")

TREE = ROOT / "tests" / "trees" / "walled"
ARGUMENTS = ("--module-path", str(TREE), "--enable", "reach", "--enable", "bound")
CONFIG = """
[supervisor]
always_on = []
[sandbox]
mode = "require"
"""
OFF = CONFIG + 'without = ["uid"]\n'


@pytest.fixture(name="daemon")
def fixture_daemon():
    """A supervisor with two modules, in folders that let others through."""
    with supervisor(*ARGUMENTS, config=CONFIG) as running:
        running.state.chmod(0o755)
        up(running)
        yield running
        assert running.stop() == 0


def up(daemon):
    """Both modules run: {name: pid}."""
    return {name: daemon.wait_state(name, "running")["pid"] for name in ("reach", "bound")}


def reload(daemon, config):
    """Have another configuration; it concerns `reach`, which gets another process."""
    before = up(daemon)
    (daemon.state / "mgr.toml").write_text(config)
    daemon.ok("module grants reload")
    poll_for(lambda: daemon.ps()["reach"]["pid"] not in (None, before["reach"]), 20, "a restart")
    up(daemon)


def users(daemon):
    """Of each module's process: {name: uid}."""
    return {name: psutil.Process(pid).uids().effective for name, pid in up(daemon).items()}


def owner(path):
    return path.lstat().st_uid


def test_two_modules_have_two_users_and_keep_them(daemon):
    """Over restarts of the modules and of the supervisor; the operator sees which."""
    first = users(daemon)
    assert len({*first.values(), 0}) == 3
    assert all(uid in range(66000, 100_000) for uid in first.values())
    assert f"uid {first['reach']}" in daemon.ok("module sandbox reach")
    for name, uid in first.items():
        for path in (
            f"data/modules/{name}",
            f"data/modules/{name}/tmp",
            f"log/ceph-mgr.x.{name}.log",
        ):
            assert owner(daemon.state / path) == uid, path
    daemon.ok("module restart reach")
    assert users(daemon) == first
    assert daemon.stop() == 0
    daemon.start()
    assert users(daemon) == first


def test_what_is_anothers_is_closed_without_any_layer_of_files(daemon):
    """What mode bits close stays closed; what is the module's own is open."""
    others = ("data/modules/bound", "data/cluster.db", "data/modules", "log", "mgr.toml")
    (daemon.state / "mgr.toml").chmod(0o600)
    reload(daemon, CONFIG + 'without = ["files", "paths"]\n')
    for path in others:
        assert daemon.ok("reach list" if (daemon.state / path).is_dir() else "reach read",
                         str(daemon.state / path)) == "EACCES", path  # fmt: skip
    assert daemon.ok("reach write", str(daemon.state / "data/modules/reach/new")) == "done"
    assert owner(daemon.state / "data/modules/reach/new") == users(daemon)["reach"]


def test_data_changes_hands_with_the_layer(daemon):
    """There and back, without a restart of the supervisor; a trap is left alone."""
    data, secret = daemon.state / "data/modules/reach", daemon.state / "secret"
    log = daemon.state / "log/ceph-mgr.x.reach.log"
    secret.write_text("x")
    secret.chmod(0o600)
    (data / "deep").mkdir()
    (data / "deep" / "file").write_text("x")  # root's
    (data / "trap").hardlink_to(secret)
    uid = users(daemon)["reach"]
    for config, expected in ((OFF, 0), (CONFIG, uid)):
        reload(daemon, config)
        assert users(daemon)["reach"] == expected
        for path in (data, data / "deep", data / "deep" / "file", data / "tmp", log):
            assert owner(path) == expected, path
        assert owner(secret) == 0
    assert "trap: it has another name" in (daemon.state / "log/ceph-mgr.x.log").read_text()


def test_the_kernel_counts_each_modules_processes(daemon):
    """It refuses more a little above the limit, whoever else has how many."""
    reload(daemon, CONFIG + "[module.reach.limits]\nprocesses = 48\n")
    for name, most in (("reach", 48 + 16), ("bound", 4096 + 512)):
        limits = Path(f"/proc/{up(daemon)[name]}/limits").read_text()
        assert re.search(rf"^Max processes +{most} +{most} ", limits, re.MULTILINE), limits


def test_a_new_log_belongs_to_the_module_too(daemon):
    """After the old one was moved away by somebody else's rotation."""
    log = daemon.state / "log/ceph-mgr.x.reach.log"
    uid = users(daemon)["reach"]
    log.rename(log.with_name("moved"))
    daemon.process.send_signal(signal.SIGHUP)
    poll_for(log.exists, 15, "a new log")
    assert owner(log) == uid


KNOCK = """
import json, os, socket, sys
state = sys.argv[1]
def outcome(work):
    try:
        work()
    except OSError as error:
        return os.strerror(error.errno)
    return "done"
def connect(name):
    socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).connect(f"{state}/run/{name}")
print(json.dumps({
    "bus": outcome(lambda: connect("bus.sock")),
    "control": outcome(lambda: connect("control.sock")),
    "state": outcome(lambda: os.listdir(f"{state}/run/state")),
    "run": outcome(lambda: os.listdir(f"{state}/run")),
    "modules": outcome(lambda: os.listdir(f"{state}/data/modules")),
    "data": outcome(lambda: os.listdir(f"{state}/data/modules/reach")),
    "database": outcome(lambda: open(f"{state}/data/cluster.db")),
    "uids": outcome(lambda: open(f"{state}/data/uids.json")),
    "log": outcome(lambda: open(f"{state}/log/ceph-mgr.x.reach.log")),
}))
"""


def test_other_users_of_the_machine_stay_outside(daemon):
    """Though modules go through the same folders."""
    done = subprocess.run(
        ["/usr/bin/env", "python3", "-c", KNOCK, str(daemon.state)],
        user=65534, group=65534, extra_groups=[], cwd="/",
        check=True, capture_output=True, text=True, env={"PATH": os.defpath},
    )  # fmt: skip
    assert set(json.loads(done.stdout).values()) == {"Permission denied"}, done.stdout


@pytest.mark.parametrize(
    ("more", "status", "why"),
    [
        ('without = ["uid"]', "off", "switched off by [sandbox] without"),
        ('uids = ""', "off", "[sandbox] uids names none"),
        ('mode = "off"', "off", "sandbox mode is off"),
    ],
)
def test_without_the_layer_modules_are_root_and_it_is_said(more, status, why):
    """As the operator wishes; no folder is opened and no table made for it."""
    with supervisor(
        *ARGUMENTS, config=f"[supervisor]\nalways_on = []\n[sandbox]\n{more}\n"
    ) as daemon:
        assert set(users(daemon).values()) == {0}
        view = daemon.mgrctl("module sandbox reach --format json").json
        layer = next(layer for layer in view["layers"] if layer["name"] == "uid")
        assert (layer["status"], layer["why"]) == (status, why)
        assert not (daemon.state / "data/uids.json").exists()
        assert (daemon.state / "data").stat().st_mode & 0o777 == 0o750
        assert daemon.stop() == 0


def test_a_root_that_lacks_what_it_takes_says_so():
    """As in a container: the others stand, and mode require starts no module."""
    config = CONFIG.replace("require", "best-effort")
    prefix = ("setpriv", "--bounding-set", "-setuid")
    with supervisor(*ARGUMENTS, config=config, prefix=prefix) as daemon:
        assert set(users(daemon).values()) == {0}
        assert "uid           absent    root has no CAP_SETUID here" in daemon.ok(
            "module sandbox reach"
        )
        assert daemon.stop() == 0
