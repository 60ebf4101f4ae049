"""Each module in a cgroup of its own, where the supervisor's is delegated; real ones, and a real supervisor."""

import contextlib
import os
import signal
from pathlib import Path

import psutil
import pytest

from supervisor.core.cgroup import membership
from tests.cgroups import controllers, delegated, entering
from tests.conditions import poll_for
from tests.daemon import ROOT, supervisor


TREE = ROOT / "tests" / "trees" / "bounded"
GREEDY = ROOT / "tests" / "trees" / "greedy"
MOST = 64
CONFIG = f"""
[supervisor]
always_on = []
[sandbox]
without = ["processes"]  # a module's own word for a process is ours as well; this wall stands alone
[module.stray.limits]
memory = "96M"
processes = {MOST}
cpu_share = 50
"""
ARGUMENTS = (
    "--module-path", str(TREE), "--module-path", str(GREEDY),
    "--enable", "stray", "--enable", "neighbour",
)  # fmt: skip


@contextlib.contextmanager
def running(folder=None):
    """A supervisor in the cgroup `folder`, with both modules up."""
    prefix = entering(folder) if folder else ()
    with supervisor(*ARGUMENTS, config=CONFIG, prefix=prefix) as daemon:
        for name in ("stray", "neighbour"):
            daemon.wait_state(name, "running")
        yield daemon


@pytest.fixture(name="folder", scope="module")
def fixture_folder():
    """A delegated cgroup."""
    with delegated() as made:
        yield made


@pytest.fixture(name="daemon", scope="module")
def fixture_daemon(folder):
    """In that cgroup."""
    with running(folder) as daemon:
        yield daemon
        assert daemon.stop() == 0


def alive(pid):
    """Whether it still runs; who is to reap it is another question."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def cgroup(pid):
    """The name of the one in which `pid` is."""
    return membership(Path(f"/proc/{pid}/cgroup").read_text()).rpartition("/")[2]


def layer(daemon, name="stray"):
    """What `module sandbox` says of it."""
    view = daemon.mgrctl(f"module sandbox {name} --format json").json
    return next(layer for layer in view["layers"] if layer["name"] == "cgroup")


def event(daemon, words):
    """The text of the stray's event that has these words, once there is one."""
    events = daemon.mgrctl("module events stray --format json").json
    return next((event["text"] for event in events if words in event["text"]), None)


def below(folder):
    """Names of the cgroups in it."""
    return {path.name for path in folder.iterdir() if path.is_dir()}


def test_each_module_is_in_a_cgroup_of_its_own(daemon, folder):
    """With what it starts; the supervisor and the zygote are in another one."""
    rows = daemon.ps()
    assert cgroup(rows["stray"]["pid"]) == "module-stray"
    assert cgroup(rows["neighbour"]["pid"]) == "module-neighbour"
    assert cgroup(int(daemon.ok("stray daemon"))) == "module-stray"
    assert cgroup(daemon.process.pid) == "supervisor"
    named = {process.name(): process.pid for process in daemon.descendants()}
    assert cgroup(named["mgr-zygote"]) == "supervisor"
    assert not (folder / "cgroup.procs").read_text()
    assert layer(daemon)["status"] == "enforced"


def test_a_module_cannot_leave_it(daemon, folder):
    """The files of the tree are behind the wall around its files, whoever owns them."""
    for target in (folder, folder / "supervisor", folder / "module-neighbour"):
        assert daemon.ok(f"stray leave {target}") == "PermissionError"


def test_a_fresh_process_has_a_fresh_one(daemon, folder):
    """What the last one left is ended, and its cgroup removed."""
    left = int(daemon.ok("stray daemon"))
    before = daemon.ps()["stray"]["pid"]
    os.kill(before, signal.SIGKILL)
    poll_for(lambda: daemon.ps()["stray"]["pid"] not in (None, before), 20)
    daemon.wait_state("stray", "running")
    poll_for(lambda: not alive(left), 10, "what it had started to be gone")
    mine = cgroup(daemon.ps()["stray"]["pid"])
    poll_for(lambda: {name for name in below(folder) if "stray" in name} == {mine}, 10)
    assert layer(daemon)["status"] == "enforced"


def test_a_disabled_module_has_none(daemon, folder):
    daemon.ok("mgr module disable neighbour")
    daemon.wait_state("neighbour", "disabled")
    poll_for(lambda: not [name for name in below(folder) if "neighbour" in name], 10)
    daemon.ok("mgr module enable neighbour")
    daemon.wait_state("neighbour", "running")


def test_what_a_killed_supervisor_leaves_is_ended_by_the_next():
    """Also a process that no parent of ours is left to find: supervisor and zygote were killed in
    one instant, and it is in a session of its own.
    """
    with delegated() as folder, running(folder) as daemon:
        left = int(daemon.ok("stray daemon"))
        named = {process.name(): process.pid for process in daemon.descendants()}
        ours = (named["mgr-zygote"], daemon.process.pid)
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in ours:
                os.kill(pid, number)
        daemon.process.wait()
        assert alive(left)
        daemon.start()
        assert not alive(left)
        daemon.wait_state("stray", "running")
        assert "a former supervisor's cgroups are ended" in daemon.screen
        assert daemon.stop() == 0


def test_an_orderly_end_leaves_the_cgroup_as_it_was():
    """Empty, but for the process that ends, and with no controller handed down."""
    with delegated() as folder, running(folder) as daemon:
        assert daemon.stop() == 0
        assert below(folder) == set()
        assert not (folder / "cgroup.subtree_control").read_text().strip()


def test_where_nothing_is_delegated_the_layer_says_so():
    """Beside others in one cgroup, as when started by hand; the looks keep the limits alone."""
    with running() as daemon:
        found = layer(daemon)
        assert found["status"] == "absent"
        assert found["why"]
        assert "no cgroups: " in daemon.screen
        assert daemon.stop() == 0


def test_two_supervisors_do_not_share_one():
    """The second one finds it taken, and touches nothing."""
    with delegated() as folder, running(folder) as first, running(folder) as second:
        assert layer(second) == {
            "name": "cgroup",
            "status": "absent",
            "why": "another supervisor uses the same cgroup",
        }
        assert layer(first)["status"] == "enforced"
        assert second.stop() == 0
        assert cgroup(first.ps()["stray"]["pid"]) == "module-stray"
        assert first.stop() == 0


@pytest.fixture(name="bounded", scope="module")
def fixture_bounded():
    """A supervisor whose modules' processes and CPU the kernel bounds, and its cgroup."""
    with controllers("pids", "cpu"), delegated() as folder, running(folder) as daemon:
        yield daemon, folder
        assert daemon.stop() == 0


def test_limits_are_the_kernels_own(bounded):
    """Each in its file, and what is bounded in the layer's words."""
    daemon, folder = bounded
    leaf = folder / cgroup(daemon.ps()["stray"]["pid"])
    assert (leaf / "pids.max").read_text().strip() == str(MOST)
    assert (leaf / "cpu.weight").read_text().strip() == "50"
    assert (folder / "supervisor" / "pids.max").read_text().strip() == "max"
    assert "pids, cpu" in layer(daemon)["why"]


def test_a_fork_bomb_is_refused_by_the_kernel(bounded):
    """Also as root, and though it doubles: there are never more than it may have, the module is
    told EAGAIN, the operator which limit that is; the neighbour answers, and a restart ends it all.
    """
    daemon, folder = bounded
    before = daemon.ps()["stray"]["pid"]
    leaf = folder / cgroup(before)
    daemon.ok("stray bomb 8")
    told = poll_for(lambda: event(daemon, "limit processes: it was refused"), 20)
    assert told.endswith(f"beyond {MOST}")
    assert int((leaf / "pids.peak").read_text()) <= MOST
    assert daemon.ok("neighbour count 3") == "3"
    assert daemon.ps()["stray"]["pid"] == before
    bomb = [int(pid) for pid in (leaf / "cgroup.procs").read_text().split()]
    assert len(bomb) > MOST / 2
    daemon.ok("module restart stray")
    poll_for(lambda: daemon.ps()["stray"]["pid"] not in (None, before), 20)
    poll_for(lambda: not [pid for pid in bomb if alive(pid)], 10)
    daemon.wait_state("stray", "running")


def test_memory_is_bounded_by_the_kernel():
    """A GiB at once where 96 MiB are allowed: killed at the limit, with the figure, as a whole."""
    with controllers("memory", "pids", "cpu"), delegated() as folder, running(folder) as daemon:
        assert layer(daemon)["why"] == "memory, pids, cpu"
        left = int(daemon.ok("stray daemon"))
        before = daemon.ps()["stray"]["pid"]
        assert daemon.mgrctl("stray gulp 1024").code
        died = poll_for(lambda: event(daemon, "died: limit memory: it used"), 20)
        assert float(died.split("used ")[1].split()[0]) <= 96
        assert "of 96.0 MiB" in died
        poll_for(lambda: not alive(left), 10)
        poll_for(lambda: "was killed: limit memory: " in daemon.health(), 10)
        assert daemon.wait_state("stray", "running")["pid"] != before
        assert daemon.stop() == 0
