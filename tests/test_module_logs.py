"""Where a module's log records go, as its options say."""

import re
import sys

import pytest

from tests.conditions import poll_for
from tests.daemon import GOOD, supervisor
from tests.views import required


@pytest.fixture(scope="module")
def daemon():
    config = f'[module.beta]\ninterpreter = "{sys.executable}"\n[sandbox]\n{required()}'
    with supervisor(
        "--module-path", str(GOOD), "--enable", "alpha", "--enable", "beta", config=config
    ) as running:
        for name in ("alpha", "beta"):
            running.wait_state(name, "running")
        yield running
        assert running.stop() == 0


def _say(daemon, word, level="INFO"):
    daemon.ok("alpha say", level, word)


def _daemon_log(daemon):
    return (daemon.state / "log" / "ceph-mgr.x.log").read_text()


def test_records_go_to_the_modules_own_file_in_upstreams_format(daemon):
    """By default the file is on, and the daemon's log does not repeat it."""
    _say(daemon, "first-word")
    line = poll_for(
        lambda: next(
            (ln for ln in daemon.module_log("alpha").splitlines() if "first-word" in ln), ""
        ),
        5,
    )
    assert re.match(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} \[m-fin-alpha\] \[INFO\] \[root\] first-word", line
    )
    assert "first-word" not in _daemon_log(daemon)


def test_log_to_file_false_sends_records_to_the_daemons_log(daemon):
    """And true brings them back; both while the module runs."""
    daemon.ok("config set mgr mgr/alpha/log_to_file false")
    poll_for(lambda: (_say(daemon, "second-word"), "second-word" in _daemon_log(daemon))[1], 10)
    before = daemon.module_log("alpha").count("second-word")
    _say(daemon, "second-word")
    assert daemon.module_log("alpha").count("second-word") == before
    daemon.ok("config rm mgr mgr/alpha/log_to_file")
    poll_for(
        lambda: (_say(daemon, "third-word"), "third-word" in daemon.module_log("alpha"))[1], 10
    )


def test_log_level_decides_what_is_kept(daemon):
    """Without it the manager's own level counts; debug opens it."""
    _say(daemon, "quiet-word", "DEBUG")
    daemon.ok("config set mgr mgr/alpha/log_level debug")
    poll_for(
        lambda: (_say(daemon, "loud-word", "DEBUG"), "loud-word" in daemon.module_log("alpha"))[1],
        10,
    )
    assert "quiet-word" not in daemon.module_log("alpha")
    daemon.ok("config rm mgr mgr/alpha/log_level")


def test_log_to_cluster_puts_records_into_the_cluster_log(daemon):
    """`log last` shows them, from the level on that is asked for."""
    daemon.ok("config set mgr mgr/alpha/log_to_cluster true")
    daemon.ok("config set mgr mgr/alpha/log_to_cluster_level warning")

    def told():
        _say(daemon, "cluster-word", "WARNING")
        return "cluster-word" in daemon.ok("log last 20 debug *")

    poll_for(told, 10)
    daemon.ok("config rm mgr mgr/alpha/log_to_cluster")


def test_logs_are_read_through_mgrctl(daemon):
    """`module logs` shows the last lines, as many as asked for."""
    _say(daemon, "shown-word")
    assert "shown-word" in daemon.ok("module logs alpha -n 5")
    assert len(daemon.ok("module logs alpha -n 2").splitlines()) == 2


def test_every_layer_is_reported_and_a_module_cannot_write_elsewhere(daemon):
    """mode = require: the log says enforced for each layer, and a write outside is refused."""
    log = daemon.module_log("alpha")
    for layer in ("no_new_privs", "files", "signals", "syscalls"):
        assert f"{layer}: enforced" in log
    answered = daemon.mgrctl("alpha write", str(daemon.state / "stolen"))
    assert answered.code == 13, answered
    assert not (daemon.state / "stolen").exists()


def test_a_module_with_an_interpreter_of_its_own_serves_like_any_other(daemon):
    """It is exec'ed instead of forked, and answers calls of forked ones."""
    assert daemon.ok("beta where").endswith("module_host/api/pacific/mgr_module.py")
    assert daemon.ok("alpha relay beta 8") == "8"
