"""The queue thread and the workers: order, coalescing, bounds."""

import threading

import orjson
import pytest

from module_host import module_queue, workers
from module_host.activity import Activity
from module_host.module_queue import ModuleQueue
from module_host.workers import Workers
from proto.v1.envelope_pb2 import Envelope
from tests.conditions import poll_for
from tests.module_host.standin import text


RECORDER = """
import threading
from mgr_module import MgrModule


class Module(MgrModule):
    NOTIFY_TYPES = ["osd_map", "clog", "command"]
    COMMANDS = [{"cmd": "rec ord", "desc": "", "perm": "r"}, {"cmd": "rec hold", "perm": "r"}]
    seen = []
    go = threading.Event()

    def handle_command(self, inbuf, cmd):
        if cmd["prefix"] == "rec hold":
            self.go.wait(10)
        self.seen.append([cmd["prefix"], inbuf])
        return 0, "", ""

    def notify(self, what, who):
        self.seen.append([what, who])
        if who == "bad":
            raise ValueError("no such thing")

    def config_notify(self):
        self.seen.append(["config", ""])

    def look(self):
        self.go.set()
        return self.seen
"""


@pytest.fixture
def host(standin):
    standin.add_module("recorder", RECORDER)
    return standin.run("recorder")


def notify(standin, host, what, who="", id_json=b""):
    standin.send(host, Envelope(notify={"type": what, "id": who, "id_json": id_json}))


def test_work_runs_in_order_and_once_where_it_is_the_same(standin, host):
    """Whatever comes runs in the order of arrival; an equal notification waits only once, but for
    clog and command.
    """
    hold = standin.command(host, {"prefix": "rec hold"})
    for who in ("1", "2", "1", "1"):
        notify(standin, host, "osd_map", who)
    for _ in range(2):
        standin.send(host, Envelope(options_changed={"config_notify": True}))
        notify(standin, host, "command", "tag")
        notify(standin, host, "clog", id_json=orjson.dumps({"message": "m"}))
    last = standin.command(host, {"prefix": "rec ord"}, b"text")
    seen = standin.call(host, "look")
    assert seen == []
    assert standin.result(hold).retval == 0
    assert standin.result(last).retval == 0
    assert standin.call(host, "look") == [
        ["rec hold", ""],
        ["osd_map", "1"],
        ["osd_map", "2"],
        ["config", ""],
        ["command", "tag"],
        ["clog", {"message": "m"}],
        ["command", "tag"],
        ["clog", {"message": "m"}],
        ["rec ord", "text"],
    ]


def test_an_exception_in_notify_is_logged_and_the_next_one_runs(standin, host):
    """As upstream: "<module>.notify:" and the traceback, no more."""
    notify(standin, host, "osd_map", "bad")
    notify(standin, host, "osd_map", "good")
    standin.until(lambda: ["osd_map", "good"] in standin.call(host, "look"))
    assert "recorder.notify:" in text(host)
    assert "ValueError: no such thing" in text(host)


def test_a_full_queue_refuses_commands_at_once(standin, host):
    """-EAGAIN with a sentence, while what was accepted still runs."""
    hold = standin.command(host, {"prefix": "rec hold"})
    asked = [
        standin.command(host, {"prefix": "rec ord"}) for _ in range(module_queue.MOST_COMMANDS + 2)
    ]
    refused = standin.result(asked[-1])
    assert refused.retval == -11
    assert b"module 'recorder' has 1000 commands waiting" in refused.stderr
    standin.call(host, "look")
    assert standin.result(hold).retval == 0
    assert standin.result(asked[0]).retval == 0


def test_commands_of_a_module_that_says_so_run_side_by_side(standin):
    """One that waits keeps no other waiting; notifications still come in order."""
    source = RECORDER.replace("    seen = []", "    COMMANDS_SIDE_BY_SIDE = True\n    seen = []")
    standin.add_module("recorder", source)
    host = standin.run("recorder")
    hold = standin.command(host, {"prefix": "rec hold"})
    assert standin.result(standin.command(host, {"prefix": "rec ord"}, b"beside")).retval == 0
    for who in "123":
        notify(standin, host, "osd_map", who)
    order = [["rec ord", "beside"], *(["osd_map", who] for who in "123")]
    standin.until(lambda: len(standin.call(host, "look")) >= len(order))
    assert standin.result(hold).retval == 0
    assert [each for each in standin.call(host, "look") if each[0] != "rec hold"] == order


def test_notifications_are_bounded(monkeypatch):
    """What nobody reads does not fill the memory."""
    monkeypatch.setattr(module_queue, "MOST_NOTIFICATIONS", 3)
    queue = ModuleQueue("m", Activity())
    assert [queue.notify(None, print) for _ in range(5)] == [True] * 3 + [False] * 2
    assert queue.depth() == 3


def test_workers_grow_with_the_work_and_end_when_idle(monkeypatch):
    """As many threads as jobs up to the limit; idle ones go."""
    pool = Workers("w", most=4, idle=0.05)
    barrier = threading.Barrier(4)
    done: list[int] = []
    for n in range(4):
        assert pool.submit(lambda n=n: (barrier.wait(5), done.append(n)))
    poll_for(lambda: len(done) == 4)
    for n in range(20):
        assert pool.submit(lambda n=n: done.append(n))
    poll_for(lambda: len(done) == 24)
    assert pool.threads <= 4
    poll_for(lambda: pool.threads == 0)
    assert pool.submit(lambda: done.append(0))
    poll_for(lambda: len(done) == 25)
    poll_for(lambda: pool.threads == 0)


def test_a_nested_job_never_waits_behind_the_others(monkeypatch):
    """It runs although all threads are busy and jobs wait; only its own kind's limit refuses it."""
    monkeypatch.setattr(workers, "MOST_NESTED", 2)
    pool = Workers("w", most=1, idle=0.05)
    go, inner, waited = threading.Event(), threading.Event(), threading.Event()
    assert pool.submit(lambda: inner.wait(5))
    assert pool.submit(waited.set)
    assert pool.submit(lambda: (go.wait(5), inner.set(), waited.wait(5)), nested=True)
    assert not pool.submit(print, nested=True)
    go.set()
    poll_for(waited.is_set)
    poll_for(lambda: pool.threads == 0)


def test_a_job_that_gets_no_thread_is_refused(monkeypatch):
    """And counts no longer: when there are threads again, so are there for jobs."""
    pool = Workers("w", most=1, idle=0.05)
    done = threading.Event()
    with monkeypatch.context() as patch:

        def fail(*_: object) -> None:
            raise RuntimeError("can't start new thread")

        patch.setattr(workers.threads, "start", fail)
        assert not pool.submit(done.set)
    assert pool.submit(done.set)
    assert done.wait(5)
    poll_for(lambda: pool.threads == 0)


def test_workers_refuse_beyond_their_backlog(monkeypatch):
    """Too many waiting jobs are refused, not hoarded; a failing job harms no other."""
    monkeypatch.setattr(workers, "MOST_WAITING", 2)
    pool = Workers("w", most=1, idle=0.05)
    go, busy = threading.Event(), threading.Event()
    pool.submit(lambda: (busy.set(), go.wait(5)))
    assert busy.wait(5)
    assert [pool.submit(lambda: 1 / 0) for _ in range(3)] == [True, True, False]
    go.set()
    poll_for(lambda: pool.threads == 0)
