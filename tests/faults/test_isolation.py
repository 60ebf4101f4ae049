"""What one module does reaches no other: kills, crashes, hangs and refusals, with witnesses beside."""

import os
import signal
import threading
import time
from pathlib import Path

import psutil
import pytest
from faults.client import Refused, Unreachable

from tests.conditions import poll_for
from tests.daemon import BAD, GOOD, supervisor


pytestmark = pytest.mark.fault
PEERS = ("alpha", "beta", "gamma")


class Witness:
    """Asks one module for numbered answers until told to stop; remembers every gap."""

    def __init__(self, daemon, module):
        self.module = module
        self.asked = 0
        self.wrong = []
        self._daemon = daemon
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"witness-{module}")
        self._thread.start()

    def _run(self):
        while not self._end.is_set():
            self.asked += 1
            try:
                answered = self._daemon.asked(f"{self.module} count", number=self.asked)
            except (Refused, Unreachable) as error:
                answered = repr(error)
            if answered != str(self.asked):
                self.wrong.append((self.asked, answered))
            self._end.wait(0.02)

    def stop(self):
        self._end.set()
        self._thread.join()
        return self.wrong


@pytest.fixture(scope="module")
def good():
    """Three peers, and nothing else that matters."""
    enable = [word for name in PEERS for word in ("--enable", name)]
    with supervisor("--module-path", str(GOOD), *enable) as daemon:
        for name in PEERS:
            daemon.wait_state(name, "running")
        yield daemon
        assert daemon.stop() == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV], ids=["SIGKILL", "SIGSEGV"])
@pytest.mark.parametrize("victim", PEERS)
def test_a_killed_module_is_back_within_a_second_and_nobody_else_notices(good, victim, number):
    """The others answer every numbered call; the victim gets a new process and answers again."""
    before = good.ps()
    witnesses = [Witness(good, name) for name in PEERS if name != victim]
    os.kill(before[victim]["pid"], number)

    def back():
        row = good.ps()[victim]
        return row["state"] == "running" and row["pid"] != before[victim]["pid"] and row

    after = poll_for(back, 10, f"{victim} to be back")
    for witness in witnesses:
        poll_for(lambda w=witness: w.asked >= 3, 20, "witnesses to have asked")
        assert not witness.stop()
        assert witness.asked >= 3
    assert after["restarts"] == before[victim]["restarts"] + 1
    assert good.ok(f"{victim} count 5") == "5"
    rows = good.ps()
    for name in PEERS:
        if name != victim:
            assert rows[name]["pid"] == before[name]["pid"]
    took = _seconds_to_recover(good, victim)
    assert took < 1.0, f"{took} s"


def _seconds_to_recover(daemon, module):
    """From the recorded death to the recorded new process' readiness, by the daemon's own clock."""
    row = daemon.ps()[module]
    events = daemon.mgrctl(f"module events {module} --format json").json
    died = max(_at(event) for event in events if event["text"].startswith("died"))
    ready = max(_at(event) for event in events if event["text"] == "ready")
    assert psutil.Process(row["pid"]).create_time() >= died - 1
    return ready - died


def _at(event):
    from datetime import datetime

    return datetime.fromisoformat(event["at"]).timestamp()


def test_a_segfault_leaves_its_stack_in_the_modules_log(good):
    """A real null dereference in C: the caller learns that the module died, the log says where."""
    answered = good.mgrctl("beta crash")
    assert answered.code == 5
    assert "ended" in answered.err
    poll_for(lambda: "Fatal Python error: Segmentation fault" in good.module_log("beta"), 10)
    assert "in crash" in good.module_log("beta")
    good.wait_state("beta", "running")


def test_what_a_module_returned_is_a_copy(good):
    """Changing a remote() result never changes the callee's object."""
    assert good.ok("alpha mutate beta") == "[1, 2]"


def test_modules_reach_each_other_in_circles(good):
    """remote() goes to another process and back, also to the caller's own module."""
    assert good.ok("alpha relay gamma 17") == "17"
    assert good.ok("gamma relay gamma 18") == "18"


def test_a_remote_call_to_nobody_is_an_import_error(good):
    """The module gets ceph-mgr's exception; the operator gets its traceback and EINVAL."""
    answered = good.mgrctl("alpha relay nobody 1")
    assert answered.code == 22
    assert "ImportError: Module not found" in answered.err


def test_maps_that_change_are_told_to_subscribers(good):
    """An osd goes out: the epoch rises and a subscriber's notify() saw it."""
    before = int(good.ok("alpha epochs"))
    good.ok("osd out 0")
    poll_for(lambda: int(good.ok("alpha epochs")) > before, 10, "a notification")
    good.ok("osd in 0")


def test_disable_calls_shutdown_and_ends_the_process(good):
    """shutdown() ran (the log says so), the process is gone, commands are refused as ceph does."""
    pid = good.ps()["gamma"]["pid"]
    good.ok("mgr module disable gamma")
    good.wait_state("gamma", "disabled")
    poll_for(lambda: not psutil.pid_exists(pid), 5, "the process to be gone")
    assert "shutting down in order" in good.module_log("gamma")
    answered = good.mgrctl("gamma count 1")
    assert answered.code == 95
    assert "Module 'gamma' is not enabled" in answered.err
    good.ok("mgr module enable gamma")
    assert good.ok("gamma count 2") == "2"


def test_a_command_waits_for_a_module_that_is_being_restarted(good):
    """A module that is replaced on request is not called disabled: whoever asks gets an answer."""
    for number in range(3):
        assert good.mgrctl("module restart beta").code == 0
        assert good.ok(f"beta count {number}") == str(number)
        assert good.ok(f"alpha relay beta {number}") == str(number)


def test_a_module_whose_folder_cannot_be_made_is_tried_again_and_the_daemon_still_ends():
    """A launch that fails in the supervisor itself is a failed launch like any other."""
    with supervisor("--module-path", str(GOOD)) as daemon:
        folder = daemon.state / "data" / "modules"
        poll_for(lambda: _replaced_by_a_file(folder), 10, "a file in the place of the folder")
        daemon.ok("mgr module enable alpha --force")
        row = daemon.wait_state("alpha", "backoff")
        assert "could not be launched" in row["reason"]
        assert str(folder) in row["reason"]
        folder.unlink()
        daemon.ok("module restart alpha")
        assert daemon.ok("alpha count 1") == "1"
        assert daemon.stop() == 0


def _replaced_by_a_file(folder):
    """False where a launch has not made it yet, or has made it again meanwhile."""
    try:
        folder.rename(folder.with_name(f"moved-{time.monotonic_ns()}"))
        folder.write_text("")
    except (FileNotFoundError, IsADirectoryError):
        return False
    return True


def test_a_log_folder_that_is_gone_ends_neither_the_daemon_nor_what_runs():
    """Modules that run go on; one that dies is back once the folder is."""
    with supervisor("--module-path", str(GOOD), "--enable", "alpha", "--enable", "beta") as daemon:
        before = {name: daemon.wait_state(name, "running")["pid"] for name in ("alpha", "beta")}
        log = daemon.state / "log"
        log.rename(daemon.state / "moved")
        os.kill(before["alpha"], signal.SIGKILL)
        daemon.wait_state("alpha", "backoff")
        assert daemon.ok("beta count 2") == "2"
        log.mkdir()
        daemon.ok("module restart alpha")
        assert daemon.ok("alpha count 3") == "3"
        assert daemon.stop() == 0


def test_a_zygote_that_is_stopped_does_not_keep_the_supervisor_from_ending():
    """It reports no end of any module: after its patience the supervisor ends all the same."""
    config = "[supervisor]\nshutdown_grace = 1\n"
    with supervisor("--module-path", str(GOOD), "--enable", "alpha", config=config) as daemon:
        zygote = psutil.Process(daemon.wait_state("alpha", "running")["pid"]).parent()
        below = daemon.descendants()
        zygote.suspend()
        assert daemon.stop() == 0
        poll_for(lambda: not [p for p in below if _lives(p)], 10, "every process to be gone")


BAD_MODULES = [
    ("hang_import", "backoff starting unresponsive failed", "hung in import"),
    ("hang_can_run", "backoff starting", "hung in"),
    ("hang_init", "backoff starting", "__init__"),
    ("cannot_run", "cannot-run", "the flux capacitor is missing"),
    ("raises_import", "cannot-run", "a_package_that_nobody_has"),
    ("raises_init", "backoff starting", "no such luck"),
    ("raises_serve", "failed", "served badly"),
    ("broken_commands", "cannot-run", "COMMANDS"),
    ("broken_descriptor", "cannot-run", "CephNonsense"),
    ("broken_options", "cannot-run", "MODULE_OPTIONS"),
    ("no_class", "cannot-run", "class"),
]


@pytest.fixture(scope="module")
def bad():
    """Every kind of bad module at once, beside one good one."""
    names = [name for name, _, _ in BAD_MODULES]
    enable = [word for name in [*names, "alpha", "ignores_shutdown"] for word in ("--enable", name)]
    config = "[supervisor]\nstart_timeout = 4\nshutdown_grace = 1\n"
    with supervisor(
        "--module-path", str(GOOD), "--module-path", str(BAD), *enable, config=config
    ) as daemon:
        daemon.wait_state("alpha", "running")
        yield daemon


@pytest.mark.parametrize(("name", "states", "reason"), BAD_MODULES, ids=[b[0] for b in BAD_MODULES])
def test_a_bad_module_is_reported_by_name_and_reason(bad, name, states, reason):
    """It ends in the right state, `module ps` says why, and the good one still answers."""

    def settled():
        row = bad.ps()[name]
        return row["state"] in states.split() and reason in row["reason"] and row

    poll_for(settled, 20, f"{name}: {bad.ps()[name]}")
    assert bad.ok("alpha count 3") == "3"


@pytest.mark.parametrize("name", ["hang_import", "hang_can_run", "hang_init"])
def test_a_hung_start_leaves_its_stacks_in_the_log(bad, name):
    """The stacks of every thread are in the module's own log, with the line that hangs."""
    poll_for(lambda: "most recent call first" in bad.module_log(name), 20)
    assert f"{name}/module.py" in bad.module_log(name)


def test_failures_raise_health_checks_with_ceph_mgrs_words(bad):
    """MGR_MODULE_ERROR and MGR_MODULE_DEPENDENCY are in `health detail`."""

    def told():
        out = bad.ok("health detail")
        return (
            "MGR_MODULE_ERROR" in out
            and "MGR_MODULE_DEPENDENCY" in out
            and "Module 'raises_serve' has failed: served badly" in out
            and "the flux capacitor is missing" in out
        )

    poll_for(told, 20, "health detail to tell")


def test_a_module_whose_serve_raised_still_takes_calls_but_no_commands(bad):
    """As in ceph-mgr: commands get EIO with the exception's text, remote() works."""
    bad.wait_state("raises_serve", "failed")
    answered = bad.mgrctl("raises_serve show")
    assert answered.code == 5
    assert (
        "Module 'raises_serve' has experienced an error and cannot handle commands: served badly"
        in answered.err
    )
    assert bad.ok("alpha relay raises_serve 4") == "4"


def test_enabling_what_cannot_run_is_refused_with_cephs_words(bad):
    """The refusal names the reason and --force; a folder without module.py is no module."""
    bad.ok("mgr module disable cannot_run")
    answered = bad.mgrctl("mgr module enable cannot_run")
    assert answered.code == 2
    assert (
        "module 'cannot_run' reports that it cannot run on the active manager daemon: "
        "the flux capacitor is missing (pass --force to force enablement)" in answered.err
    )
    assert "not_a_module" not in bad.ps()
    assert bad.mgrctl("mgr module enable not_a_module").code == 2


def test_a_module_that_ignores_its_shutdown_is_ended_all_the_same(bad):
    """shutdown() hangs and SIGTERM is ignored: the group is killed after its deadlines."""
    row = bad.wait_state("ignores_shutdown", "running")
    bad.ok("mgr module disable ignores_shutdown")
    bad.wait_state("ignores_shutdown", "disabled", timeout=20)
    poll_for(lambda: not psutil.pid_exists(row["pid"]), 5)


def test_a_module_that_replaces_os_exit_ends_like_any_other(bad):
    """Upstream's prometheus does: its host must not run on into the zygote that it was forked from."""
    bad.ok("mgr module enable replaces_exit")
    row = bad.wait_state("replaces_exit", "running")
    bad.ok("mgr module disable replaces_exit")
    bad.wait_state("replaces_exit", "disabled")
    poll_for(lambda: not psutil.pid_exists(row["pid"]), 5)
    assert "zygote" not in bad.module_log("replaces_exit")


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_no_process_outlives_the_supervisor(how):
    """Hosts, the zygote, and a daemon that a module forked off into its own session: all gone."""
    config = "[module.alpha]\nsubprocess = true\n"
    with supervisor("--module-path", str(GOOD), "--enable", "alpha", config=config) as daemon:
        daemon.wait_state("alpha", "running")
        daemon.ok("alpha spawn")
        poll_for(lambda: any(p.name() == "sleep" for p in _named(daemon)), 5, "the stray process")
        below = daemon.descendants()
        if how == "SIGTERM":
            assert daemon.stop() == 0
        else:
            daemon.kill()
        poll_for(lambda: not [p for p in below if _lives(p)], 10, "every process to be gone")


def _named(daemon):
    return [p for p in daemon.descendants() if _lives(p)]


def _lives(process):
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_zygote_may_die_too():
    """Its hosts end with it; all of them come back, under a new zygote."""
    with supervisor("--module-path", str(GOOD), "--enable", "alpha", "--enable", "beta") as daemon:
        before = {name: daemon.wait_state(name, "running")["pid"] for name in ("alpha", "beta")}
        zygote = psutil.Process(before["alpha"]).ppid()
        os.kill(zygote, signal.SIGKILL)

        def back():
            rows = daemon.ps()
            return all(
                rows[n]["state"] == "running" and rows[n]["pid"] != before[n] for n in before
            )

        poll_for(back, 15, "both modules to be back")
        assert daemon.ok("alpha relay beta 3") == "3"
        assert daemon.stop() == 0


def test_module_processes_are_what_ps_says():
    """One OS process per module, none shared, each a grandchild of the supervisor."""
    with supervisor("--module-path", str(GOOD), "--enable", "alpha", "--enable", "beta") as daemon:
        for name in ("alpha", "beta"):
            daemon.wait_state(name, "running")
        rows = daemon.ps()
        pids = [row["pid"] for row in rows.values() if row["state"] == "running"]
        assert len(pids) == len(set(pids))
        assert set(pids) <= {p.pid for p in daemon.descendants()}
        for row in rows.values():
            if row["state"] == "running":
                assert row["memory"] > 1_000_000
                assert row["uptime"] >= 0
                assert Path(f"/proc/{row['pid']}").exists()
        assert daemon.stop() == 0


def test_a_zygote_that_is_stopped_is_replaced():
    """It neither launches nor reports; a death that it owes is seen all the same, and it is replaced."""
    with supervisor("--module-path", str(GOOD), "--enable", "alpha", "--enable", "beta") as daemon:
        before = {name: daemon.wait_state(name, "running")["pid"] for name in ("alpha", "beta")}
        zygote = psutil.Process(before["alpha"]).ppid()
        os.kill(zygote, signal.SIGSTOP)
        assert daemon.ok("alpha relay beta 3") == "3"
        os.kill(before["alpha"], signal.SIGKILL)

        def back():
            row = daemon.ps()["alpha"]
            return row["state"] == "running" and row["pid"] != before["alpha"]

        poll_for(back, 30, "alpha to be back")
        assert not psutil.pid_exists(zygote)
        assert daemon.ok("alpha relay beta 4") == "4"
        assert daemon.stop() == 0
