"""A module that takes more than it may is stopped there, by name and figure, and nobody else is hurt."""

import contextlib
import errno
import json
import os
import select
import signal
import socket
import threading
from pathlib import Path

import pytest

from supervisor.edge.connections import FEW
from tests.conditions import poll_for
from tests.daemon import ROOT, supervisor
from tests.faults.test_isolation import Witness


pytestmark = pytest.mark.fault
GREEDY = ROOT / "tests" / "trees" / "greedy"
MIB = 1 << 20
CONFIG = """
[supervisor]
always_on = ["crash"]
log_max_size = 1048576
log_keep = 2
[cluster]
tick = 0.5
[limits]
queue_depth = 16
[module.glutton.limits]
memory = "160M"
processes = 64
open_files = 128
file_size = "32M"
log_rate = "64K"
call_rate = 200
message_size = "1M"
cpu_share = 50
connections = 640
data_size = "48M"
store_size = "64K"
"""


@pytest.fixture(scope="module")
def daemon():
    """A glutton beside a neighbour who is to notice nothing."""
    with supervisor(
        "--module-path", str(GREEDY), "--enable", "glutton", "--enable", "neighbour", config=CONFIG
    ) as running:
        for name in ("glutton", "neighbour", "crash"):
            running.wait_state(name, "running")
        yield running
        assert running.stop() == 0


def _happened(daemon, words):
    """The text of the glutton's event that has these words, once there is one."""
    events = daemon.mgrctl("module events glutton --format json").json
    return next((event["text"] for event in events if words in event["text"]), None)


def _killed_for(daemon, limit, command):
    """Run `command`; the glutton is killed for `limit` and comes back, its neighbour lives on."""
    before = daemon.ps()
    witness = Witness(daemon, "neighbour")
    daemon.mgrctl(command)

    def back():
        row = daemon.ps()["glutton"]
        return row["pid"] != before["glutton"]["pid"] and row["state"] == "running" and row

    row = poll_for(back, 15, f"the glutton to be killed for its {limit}")
    poll_for(lambda: witness.asked >= 3, 20, "the witness to have asked")
    assert not witness.stop()
    assert daemon.ps()["neighbour"]["pid"] == before["neighbour"]["pid"]
    died = poll_for(lambda: _happened(daemon, f"died: limit {limit}"), 5)
    assert row["reason"].startswith(f"limit {limit}: ")
    assert f"limit {limit}: " in daemon.ok("module ps")
    told = f"Module 'glutton' was killed: limit {limit}: "
    poll_for(lambda: told in daemon.health(), 10)
    return died


def test_a_module_past_its_memory_is_killed_with_the_figure(daemon):
    """Events, `module ps` and health name the limit and what was used; it is back at once."""
    died = _killed_for(daemon, "memory", "glutton memory 1000")
    used = float(died.split("used ")[1].split()[0])
    assert 160 < used < 1000
    assert "of 160.0 MiB" in died


def test_a_fork_bomb_ends_with_all_its_processes(daemon):
    """Children that fork children are counted with the module and die with it."""
    died = _killed_for(daemon, "processes", "glutton fork")
    assert "of 64, threads included" in died
    poll_for(lambda: len(daemon.descendants()) < 10, 10, "every process of the bomb to be gone")


def test_connections_to_the_supervisor_are_counted(daemon):
    """They cost the supervisor descriptors; a host's own are far fewer."""
    bus = daemon.state / "run" / "bus.sock"
    died = _killed_for(daemon, "connections", f"glutton connect {bus} 8 90")
    assert died.split(": ")[2].endswith(" of 640")


@pytest.mark.parametrize("name", ["bus", "control"])
def test_connections_that_are_no_modules_are_closed_above_a_few(daemon, name):
    """Nobody is ended for them; mgrctl gets in meanwhile, and modules live on."""
    before = {name: row["pid"] for name, row in daemon.ps().items()}
    with contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(FEW + 50)]
        for one in held:
            one.connect(str(daemon.state / "run" / f"{name}.sock"))
        over = select.poll()
        for one in held:
            over.register(one, select.POLLRDHUP)
        poll_for(lambda: len(over.poll(0)) >= 50, 20, "what is above to be closed")
        assert {name: row["pid"] for name, row in daemon.ps().items()} == before


def test_many_files_are_one_limit(daemon):
    """It is started with a full folder, which it may empty, and is left alone while it adds nothing."""
    died = _killed_for(daemon, "data_size", "glutton data 60")
    assert "of 48.0 MiB" in died
    pid = daemon.ps()["glutton"]["pid"]
    poll_for(lambda: "data_size" in daemon.health(), 10)
    assert daemon.ok("glutton data 1") == ""
    assert daemon.ps()["glutton"]["pid"] == pid


def test_keys_have_their_room_and_may_be_removed_when_it_is_full(daemon):
    """The module gets the sentence; what is there stays, and others write on."""
    count, _, sentence = daemon.ok("glutton keys 12").partition(" ")
    assert int(count) == 8
    assert sentence.startswith("limit store_size: options and keys of 'glutton' take 6")
    assert daemon.ok("glutton keys 5") == "all"
    assert daemon.ok("glutton keys 8") == "all"


def test_the_clusters_log_says_what_a_module_could_not_write_there(daemon):
    daemon.ok("glutton lines 150")
    poll_for(lambda: "of its lines were left out" in daemon.ok("log last 200"), 10)
    assert 100 <= daemon.ok("log last 400 info cluster").count(" of many") < 150


def test_descriptors_run_out_in_that_module_only(daemon):
    """EMFILE at its own limit; it goes on, and its neighbour may have more."""
    count, number = daemon.ok("glutton files").split()
    assert int(number) == errno.EMFILE
    assert 64 < int(count) < 128
    assert daemon.ok("neighbour count 3") == "3"


def test_a_file_ends_at_its_size(daemon):
    assert daemon.ok("glutton file 40") == f"{32 * MIB} {errno.EFBIG}"
    assert daemon.ok("glutton file 4") == "all"


def _size(folder):
    """Bytes of the glutton's logs; they are rotated meanwhile."""
    total = 0
    for file in folder.glob("*glutton*"):
        with contextlib.suppress(FileNotFoundError):
            total += file.stat().st_size
    return total


def _logged(folder):
    """What the glutton's logs hold, those that were rotated away meanwhile too."""
    text = ""
    for file in folder.glob("*glutton*"):
        with contextlib.suppress(FileNotFoundError):
            text += file.read_text(errors="replace")
    return text


def test_a_log_flood_takes_a_bounded_part_of_the_disk(daemon):
    """Many times as much is written as is ever on disk; the log says how much is missing."""
    folder = daemon.state / "log"
    most, end = [0], threading.Event()

    def measure():
        while not end.wait(0.02):
            most[0] = max(most[0], _size(folder))

    meter = threading.Thread(target=measure, name="meter")
    meter.start()
    daemon.ok("glutton log 6")
    try:
        poll_for(lambda: "cut: above log_rate" in _logged(folder), 20)
        poll_for(lambda: _happened(daemon, "limit log_rate: "), 5)
        poll_for(lambda: daemon.ok("glutton shouting") == "False", 20, "the flood to end")
    finally:
        end.set()
        meter.join()
    written = int(daemon.ok("glutton shouted"))
    # The present file and log_keep former ones, and what the bucket allowed.
    poll_for(lambda: _size(folder) < 4 * MIB, 5, "what is above the rate to be cut")
    assert most[0] < written / 2, (most[0], written)


def test_a_call_flood_slows_who_makes_it_and_hardly_others(daemon):
    """Eight threads that call without a pause get their rate; a neighbour's call takes no more
    than five times as long as before (or a millisecond: this machine may be busy).
    """
    calm = int(daemon.ok("neighbour median 200"))
    daemon.ok("glutton calls 8")
    try:
        poll_for(lambda: _happened(daemon, "limit call_rate: "), 10)
        flooded = int(daemon.ok("neighbour median 200"))

        def calls():
            rows = daemon.mgrctl("module top --format json").json
            return next(row["calls"] for row in rows if row["name"] == "glutton")

        # At first as many at once as it may send in a second.
        poll_for(lambda: 20 < calls() < 300, 10, "the flood to be slowed to its rate")
    finally:
        daemon.ok("glutton rest")
    assert flooded < max(5 * calm, 1000), (calm, flooded)


def test_a_large_message_is_refused_in_both_directions(daemon):
    """The caller learns which limit of whom it was: for an argument, and for an answer."""
    assert daemon.ok("glutton large 2") == "limit message_size: 2.0 MiB of 1.0 MiB"
    refused = daemon.ok("neighbour fetch 2")
    assert refused.startswith("the answer of module 'glutton' was refused: limit message_size: ")


def test_calls_that_a_module_does_not_answer_are_refused_beyond_its_queue(daemon):
    """The neighbour is stopped: sixteen calls wait for it, the others learn that they do not."""
    pid = daemon.ps()["neighbour"]["pid"]
    os.kill(pid, signal.SIGSTOP)
    try:
        refused = daemon.ok("glutton swarm 40 1").splitlines()
    finally:
        os.kill(pid, signal.SIGCONT)
    assert len(refused) == 24
    assert "its queue is full (limit queue_depth: 16)" in refused[0]
    assert daemon.ok("neighbour count 4") == "4"


def test_a_share_of_the_cpu_is_set_on_every_thread(daemon):
    assert daemon.ok("glutton nice") == "{3}"


def test_top_shows_what_each_process_uses(daemon):
    """JSON for programs, one line a module for people, the busiest first."""

    def settled():
        rows = daemon.mgrctl("module top --format json").json
        return rows if all(row["memory"] for row in rows) else None

    for row in poll_for(settled, 5):
        assert row["memory"] > MIB
        assert row["threads"] > 1
        assert row["fds"] > 5
        assert Path(f"/proc/{row['pid']}").exists()
    head, *lines = daemon.ok("module top").splitlines()
    assert head.split() == [
        "NAME", "PID", "CPU%", "MEMORY", "THREADS", "FDS", "CALLS/S", "LOG", "B/S", "QUEUE",
    ]  # fmt: skip
    assert {line.split()[0] for line in lines} >= {"glutton", "neighbour", "crash"}


def _record_of(daemon, word):
    """The record that `crash ls` has, whose backtrace has `word`, once it is there."""

    def found():
        reports = daemon.mgrctl("crash ls --format json").json
        return next((r for r in reports if word in str(r.get("backtrace"))), None)

    return poll_for(found, 20, f"a crash with {word} to be posted")


def test_a_segfault_becomes_a_crash_record_with_its_stack(daemon):
    """In Ceph's own layout and keys, posted, and warned of until it is archived."""
    before = daemon.ps()["glutton"]["pid"]
    assert daemon.mgrctl("glutton crash").code == 5
    meta = _record_of(daemon, "in crash")
    assert meta["backtrace"][0] == "Segmentation fault"
    assert meta["entity_name"] == "mgr.x"
    assert meta["mgr_module"] == "glutton"
    assert meta["mgr_module_reason"] == "killed by SIGSEGV"
    assert {"os_id", "utsname_hostname", "utsname_release", "ceph_version", "stack_sig"} <= set(
        meta
    )
    posted = daemon.state / "data" / "crash" / "posted" / meta["crash_id"]
    poll_for(posted.exists, 10)
    assert sorted(file.name for file in posted.iterdir()) == ["done", "log", "meta"]
    assert json.loads((posted / "meta").read_text())["stack_sig"] == meta["stack_sig"]
    assert b"Segmentation fault" in (posted / "log").read_bytes()
    detail = poll_for(
        lambda: daemon.ok("health detail").partition("RECENT_MGR_MODULE_CRASH")[2], 10
    )
    assert "mgr module glutton crashed in daemon mgr.x on host" in detail
    daemon.ok("crash archive-all")
    poll_for(lambda: "RECENT_MGR_MODULE_CRASH" not in daemon.health(), 10)
    assert daemon.wait_state("glutton", "running")["pid"] != before


def test_what_serve_raises_becomes_a_crash_record(daemon):
    """As a newer ceph-mgr writes it: the exception, who called, the traceback frame by frame."""
    daemon.ok("glutton prepare")
    daemon.ok("module restart glutton")
    daemon.wait_state("glutton", "failed")
    meta = _record_of(daemon, "raised as asked")
    assert meta["mgr_python_exception"] == "KeyError"
    assert meta["mgr_module_caller"] == "PyModuleRunner::serve"
    assert meta["backtrace"][-1] == "KeyError: 'raised as asked'"
    assert meta["backtrace"][-2].endswith('raise KeyError("raised as asked")')
    daemon.ok("config-key rm mgr/glutton/raise")
    daemon.ok("module restart glutton")
    daemon.wait_state("glutton", "running")


def test_crashes_that_are_alike_are_counted():
    """Three records a day, and how many there were; also after the supervisor is another one."""
    with supervisor(
        "--module-path", str(GREEDY), "--enable", "glutton", config="[supervisor]\nalways_on = []\n"
    ) as daemon:
        for _ in range(4):
            before = daemon.wait_state("glutton", "running")["pid"]
            os.kill(before, signal.SIGKILL)
            poll_for(lambda b=before: daemon.ps()["glutton"]["pid"] not in (b, None), 20)

        def counted():
            rows = daemon.mgrctl("module crashes glutton --format json").json
            return rows if rows and rows[0]["count"] == 4 else None

        before = poll_for(counted, 10, "four of them to be counted")
        assert len(before[0]["records"]) == 3
        assert before[0]["what"] == "SIGKILL"
        assert before[0]["first"] < before[0]["last"]
        assert daemon.mgrctl("module crashes nobody").code == 2
        assert daemon.ok("module crashes").splitlines()[1].split()[:2] == ["glutton", "4"]
        daemon.kill()
        daemon.start()
        assert daemon.mgrctl("module crashes --format json").json == before
        assert daemon.stop() == 0


@pytest.mark.ceph
def test_debians_own_crash_module_takes_the_records():
    """Unmodified, from /usr/share/ceph/mgr: `crash ls` shows them, RECENT_CRASH warns of them."""
    with supervisor(
        "--module-path", "/usr/share/ceph/mgr", "--module-path", str(GREEDY),
        "--enable", "glutton", config='[supervisor]\nalways_on = ["crash"]\n',
    ) as daemon:  # fmt: skip
        daemon.wait_state("glutton", "running")
        assert daemon.wait_state("crash", "running")["path"].startswith("/usr/share/ceph")
        assert daemon.mgrctl("glutton crash").code == 5
        daemon.wait_state("glutton", "running")
        daemon.ok("glutton prepare")
        daemon.ok("module restart glutton")
        segfault, raised = _record_of(daemon, "in crash"), _record_of(daemon, "raised as asked")
        for meta in (segfault, raised):
            kept = daemon.state / "data" / "crash" / "posted" / meta["crash_id"] / "meta"
            assert json.loads(kept.read_text())["stack_sig"] == meta["stack_sig"]
        poll_for(lambda: "RECENT_CRASH" in daemon.health(), 10)
        daemon.ok("crash archive-all")
        poll_for(lambda: "RECENT_CRASH" not in daemon.health(), 10)
