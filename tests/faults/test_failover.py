"""Several supervisors on one data directory: one is active, and another takes over when it goes."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
import zmq

from proto.framing import pack, unpack
from proto.v1.envelope_pb2 import Envelope
from proto.version import ours
from supervisor.core.election import FENCED
from tests.conditions import poll_for
from tests.daemon import BIN
from tests.managers import managers


pytestmark = pytest.mark.fault


@contextlib.contextmanager
def _pair():
    """Manager a is active with module duty, b its standby."""
    with managers("a", "b") as (a, b):
        a.wait_serving("duty")
        poll_for(b.seen, 10, "the standby class to serve")
        yield a, b


@pytest.fixture
def pair():
    """For tests that change the roles."""
    with _pair() as both:
        yield both


@pytest.fixture(scope="module")
def steady():
    """For tests that leave them as they are."""
    with _pair() as both:
        yield both


def _kill(manager):
    os.kill(manager.pid, signal.SIGKILL)
    manager.process.wait()


def _standby_names(manager):
    return [standby["name"] for standby in manager.mgr_map()["standbys"]]


def test_the_standby_takes_over_when_the_active_is_killed(pair):
    """The store as written just before the kill is there, the epoch has risen, nothing of the dead
    manager is left in the map, and the standby class had ended before the active one began.
    """
    a, b = pair
    assert b.ps()["duty"]["state"] == "standby"
    assert b.ps()["status"]["state"] == "waiting"
    before = a.mgr_map()
    assert (before["active_name"], before["services"]) == ("a", {"duty": "http://a.example/"})
    assert a.ok("duty keep last words") == "words"
    _kill(a)
    b.wait_serving("duty")
    assert b.ok("duty kept last") == "words"
    assert b.wait_role("active")["epoch"] == 2
    after = poll_for(lambda: b.mgr_map() if b.mgr_map()["available"] else None, 10)
    assert after["active_name"] == "b"
    assert after["active_gid"] != before["active_gid"]
    assert after["active_change"] > before["active_change"]
    assert after["standbys"] == []
    assert after["epoch"] > before["epoch"]
    # hold() in duty refuses a second holder: there was no moment with both.
    assert b.journal() == ["standby", "standby-shutdown", "active"]
    poll_for(lambda: b.mgr_map()["services"] == {"duty": "http://b.example/"}, 10)
    assert b.stop() == 0


def test_an_active_manager_that_is_asked_to_stop_hands_over(pair):
    """SIGTERM ends it in order, with exit code 0; then the standby is active."""
    a, b = pair
    assert a.stop() == 0
    b.wait_serving("duty")
    assert a.journal() == ["active", "active-shutdown"]
    assert "mgr.b is active, epoch 2" in b.screen


def test_a_standby_sees_what_it_may_and_follows_changes(steady):
    """Options, keys and the active manager's URI arrive within a second; there is nothing else."""
    a, b = steady
    poll_for(lambda: b.seen()["uri"] == "http://a.example/", 5)
    first = b.seen()
    assert (first["colour"], first["localized"]) == (None, "mine")
    assert (first["own"], first["undeclared"], first["key"]) == (7, "default", None)
    assert first["ips"]
    assert (first["osd_map"], first["nothing"], first["writes"]) == (None, None, False)
    for refusal in first["refusals"]:
        assert "a standby module reads, and asks nothing of others" in refusal
    assert first["size"] == a.ok("config get mgr.b osd_pool_default_size")
    a.ok("config set mgr mgr/duty/colour red")
    a.ok("config set mgr mgr/duty/b/colour blue")
    a.ok("duty keep key value")
    poll_for(
        lambda: (
            (b.seen()["colour"], b.seen()["localized"], b.seen()["key"]) == ("red", "blue", "value")
        ),
        5,
        "the standby to see the changes",
    )
    a.ok("config rm mgr mgr/duty/colour")
    poll_for(lambda: b.seen()["colour"] is None, 5)


def test_a_standby_follows_which_modules_are_enabled(steady):
    """A module that is disabled at the active manager ends on the standby, and comes back."""
    a, b = steady
    a.ok("mgr module disable duty")
    b.wait_state("duty", "disabled")
    assert b.journal()[-1] == "standby-shutdown"
    a.ok("mgr module enable duty")
    b.wait_state("duty", "standby")


def test_the_active_knows_its_standbys(pair):
    """`mgr dump`, `mgr stat`, `mgr metadata` and `status` name them, until they are gone."""
    a, b = pair
    poll_for(lambda: _standby_names(a) == ["b"], 5)
    (standby,) = a.mgr_map()["standbys"]
    assert set(standby) == {"gid", "name", "mgr_features", "available_modules"}
    assert standby["gid"] == b.role()["gid"]
    poll_for(
        lambda: any(m["name"] == "duty" for m in a.mgr_map()["standbys"][0]["available_modules"]),
        5,
    )
    assert json.loads(a.ok("mgr stat"))["num_standby"] == 1
    assert [entry["name"] for entry in json.loads(a.ok("mgr metadata -f json"))] == ["a", "b"]
    assert ", standbys: b" in a.ok("status")
    assert b.mgr_map()["active_name"] == "a"
    _kill(b)
    poll_for(lambda: _standby_names(a) == [], 5, "the dead standby to leave the map")
    assert a.ok("duty who") == "a"
    b.start()
    poll_for(lambda: _standby_names(a) == ["b"], 5)


def test_a_standby_answers_for_itself_and_names_the_active_for_the_rest(steady):
    """What is about its own processes works; anything else is EREMOTE with the way to go."""
    a, b = steady
    assert "setting log level" in b.ok("module logs duty") or b.ok("module events duty")
    assert b.mgrctl("module restart duty").code == 0
    b.wait_state("duty", "standby")
    for words in (
        "osd tree",
        "duty who",
        "mgr module enable duty",
        "config set mgr x y",
        "mgr fail",
    ):
        refused = b.mgrctl(words)
        assert refused.code == 66, words
        assert refused.err.strip() == (
            "Error EREMOTE: mgr.b is a standby; "
            f"ask mgr.a, the active one: mgrctl --socket {a.socket}"
        )


def test_mgr_fail_changes_the_roles(pair):
    """The active manager becomes a standby under its own pid; the standby takes over."""
    a, b = pair
    pid = a.pid
    unknown = a.mgrctl("mgr fail nobody")
    assert (unknown.code, unknown.err.strip()) == (0, "Daemon not found 'nobody', already failed?")
    assert a.ok("mgr fail b") == ""
    assert a.role()["role"] == "active"
    gid = a.role()["gid"]
    a.ok("mgr fail")
    b.wait_role("active")
    b.wait_serving("duty")
    again = a.wait_role("standby")
    assert (again["pid"], again["active"]["name"]) == (pid, "b")
    assert again["gid"] != gid
    a.wait_state("duty", "standby")
    assert a.journal() == ["active", "active-shutdown", "standby"]
    b.ok("mgr fail b")
    a.wait_serving("duty")
    assert b.wait_role("standby")["active"]["name"] == "a"


def test_without_a_standby_the_failed_manager_is_active_again():
    """As upstream: it starts anew, and nobody else is there."""
    with managers("a") as (a,):
        a.wait_serving("duty")
        a.ok("mgr fail")
        poll_for(lambda: "epoch 2" in a.screen, 15)
        a.wait_serving("duty")


def test_a_chain_of_kills_raises_the_epoch_each_time():
    """Of three managers one is active at any time; each takeover has a higher epoch, and takes less
    than a second from the kill to a module's answer on another manager's control socket.
    """
    with managers("a", "b", "c") as trio:
        active, left, epochs, took = trio[0], trio[1:], [], []
        while left:
            active.wait_serving("duty")
            epochs.append(active.role()["epoch"])
            poll_for(partial(_knows, active, len(left)), 5, "all to be known")
            for manager in left:
                manager.wait_state("duty", "standby")
            with contextlib.ExitStack() as stack:
                lines = [(m, stack.enter_context(_Line(m))) for m in left]
                begin = time.monotonic()
                os.kill(active.pid, signal.SIGKILL)
                active = poll_for(partial(_who_answers, lines), 10, "a module to answer")
                took.append(time.monotonic() - begin)
            left = [manager for manager in left if manager is not active]
        epochs.append(active.role()["epoch"])
        assert epochs == [1, 2, 3]
        assert min(took) < 1.0, took
        assert active.stop() == 0


def test_health_of_a_dead_manager_stands_until_the_next_one_is_available(pair):
    """As on a real Ceph: the new manager's first report replaces it."""
    a, b = pair
    a.ok("duty alarm")
    poll_for(lambda: "DUTY" in a.health(), 5)
    _kill(a)
    b.wait_role("active")
    poll_for(lambda: "DUTY" not in b.health(), 10, "the old check to be replaced")
    log = b.ok("log last 50")
    assert log.index("Manager daemon b is now available") < log.index("Health check cleared: DUTY")


def test_a_stopped_active_manager_keeps_its_role(steady):
    """The lock is its holder's, however silent: nobody takes over, and it goes on afterwards."""
    a, b = steady
    a.process.send_signal(signal.SIGSTOP)
    poll_for(lambda: psutil.Process(a.pid).status() == psutil.STATUS_STOPPED)
    assert b.role()["role"] == "standby"
    a.resume()
    assert a.ok("duty who") == "a"
    assert b.role()["role"] == "standby"


def test_an_overtaken_manager_is_fenced(pair):
    """Its lock file removed and another manager active beside it, it writes nothing, says so in one
    sentence, ends its modules and then itself with the exit code that the manual names.
    """
    a, b = pair
    with subprocess.Popen(
        [str(BIN / "mgrctl"), "--socket", str(a.socket)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as late:  # fmt: skip
        late.stdin.write("duty keep contested old\n")
        late.stdin.flush()
        poll_for(lambda: a.ok("duty kept contested") == "old")
        a.process.send_signal(signal.SIGSTOP)
        poll_for(lambda: psutil.Process(a.pid).status() == psutil.STATUS_STOPPED)
        (a.data / "cluster.lock").unlink()
        b.kill()  # it waits for the lock that is gone; its successor finds none
        b.start()
        b.wait_serving("duty")
        assert b.ok("duty keep contested new") == "new"
        late.stdin.write("config-key set mgr/duty/contested late\n")
        late.stdin.flush()
        a.resume()
        assert a.process.wait(20) == FENCED
        said = late.communicate(timeout=20)[0]
    assert "Error ESHUTDOWN: not stored: another manager is active (epoch 2" in said or (
        "ended before it answered" in said or "nobody listens" in said
    )
    fenced = [line for line in a.screen.splitlines() if "fenced: mgr.b became active" in line]
    assert len(fenced) == 1
    assert f"exit code {FENCED}" in fenced[0]
    assert b.ok("duty kept contested") == "new"
    assert "Traceback" not in a.screen
    a.start()
    assert a.role()["role"] == "standby"
    with sqlite3.connect(b.data / "cluster.db") as database:
        found = database.execute("SELECT value FROM kv WHERE key = 'mgr/duty/contested'")
        assert found.fetchall() == [("new",)]
    database.close()


def test_nobody_but_the_supervisor_holds_the_lock(pair):
    """Not the zygote and not a module: a duplicate would hold it after the supervisor's death."""
    a, b = pair
    for manager in (a, b):
        locks = {file.stat().st_ino for file in manager.data.glob("**/*.lock")} - {
            file.stat().st_ino for file in (manager.data / "modules").glob("**/*.lock")
        }
        below = psutil.Process(manager.pid).children(recursive=True)
        assert below
        for child in below:
            held = {
                file.stat().st_ino
                for file in Path(f"/proc/{child.pid}/fd").iterdir()
                if file.exists()
            }
            assert not held & locks, child
    _kill(a)
    b.wait_role("active")


@pytest.mark.parametrize("shared", ["mgr_id", "run_dir"])
def test_two_managers_with_one_name_or_one_folder_are_refused(shared):
    """The second says in one sentence what they share, and ends with 1; the first goes on."""
    with managers("a") as (a,):
        name, run = ("a", "other") if shared == "mgr_id" else ("b", "a/run")
        file = a.state.parent / "second.toml"
        file.write_text(
            f'[supervisor]\nmgr_id = "{name}"\ndata_dir = "{a.data}"\n'
            f'run_dir = "{a.state.parent / run}"\nlog_dir = "{a.state.parent / "other-log"}"\n'
        )
        done = subprocess.run(
            [str(BIN / "mgr-supervisor"), "--config", str(file)],
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert f"process {a.pid})" in done.stderr
        if shared == "mgr_id":
            assert "with the mgr_id 'a'" in done.stderr
        assert "Traceback" not in done.stderr
        a.wait_serving("duty")


def _knows(manager, count):
    return len(manager.mgr_map()["standbys"]) == count


def _who_answers(lines):
    """The manager whose duty module answers, once there is one."""
    for manager, line in lines:
        if line.ask({"prefix": "duty who"}) == f"{manager.name}\n".encode():
            return manager
    return None


class _Line:
    """An open conversation with a control socket: without the start of a mgrctl for each try."""

    def __init__(self, manager):
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.connect(f"ipc://{manager.socket}")
        greeting = Envelope(id=1)
        greeting.greeting.versions.CopyFrom(ours())
        self._exchange(greeting)

    def ask(self, command):
        request = Envelope(id=2)
        request.execute.json = json.dumps(command).encode()
        return self._exchange(request).command_result.stdout

    def _exchange(self, request):
        self._socket.send_multipart(pack(request))
        assert self._socket.poll(10_000)
        return unpack(self._socket.recv_multipart())[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._context.destroy(linger=0)
