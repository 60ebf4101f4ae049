"""Calls that come on a lane: run where they are read, and never in each other's way."""

import socket
import threading
import time

import pytest

from module_host import call_reader, threads
from module_host.call_reader import CallReader
from module_host.workers import Workers
from proto import lane
from proto.framing import pack, unpack
from proto.v1.envelope_pb2 import Envelope
from tests.conditions import poll_for


class Stage:
    """A module whose methods are set by the test; each is called with the stage."""

    def __init__(self, most=64):
        self.ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.methods = {"echo": lambda: None}
        self.threads, self.done, self.refused = [], [], []
        self.workers = Workers("w", most=most, idle=0.2)
        self.reader = CallReader(self.theirs, "me", self.workers, self._run, self._refuse)
        self.reader.start()

    def _run(self, envelope, payload):
        self.threads.append(threading.get_ident())
        self.methods[envelope.call.method]()
        self.done.append(envelope.id)
        lane.send(self.theirs, pack(Envelope(id=envelope.id, done={})))

    def _refuse(self, envelope, why):
        self.refused.append((envelope.id, why))

    def call(self, number, method="echo", chain=()):
        envelope = Envelope(id=number, chain=chain)
        envelope.call.method = method
        lane.send(self.ours, pack(envelope))

    def answered(self):
        return unpack(lane.receive(self.ours))[0].id

    def close(self):
        self.theirs.shutdown(socket.SHUT_RDWR)
        self.workers.end()
        self.reader.end()
        poll_for(lambda: not [t for t in threading.enumerate() if t.name.startswith("w-")])
        self.ours.close()
        self.theirs.close()


@pytest.fixture
def stage():
    made = Stage()
    yield made
    made.close()


def test_short_calls_run_on_the_thread_that_reads(stage):
    """One after the other: none of them wakes another thread up."""
    for number in range(200):
        stage.call(number)
        assert stage.answered() == number
    for number in range(200):
        stage.call(number)
    assert [stage.answered() for _ in range(200)] == list(range(200))
    # The lookout may have taken one for long, where the machine was busy.
    assert len(set(stage.threads)) < 10


def test_a_call_that_blocks_keeps_no_other_waiting(stage):
    """Nor do sixty of them; none of which was known to block."""
    free = threading.Event()
    stage.methods["block"] = lambda: free.wait(20)
    for number in range(60):
        stage.call(number, "block")
    stage.call(1000)
    assert stage.answered() == 1000
    poll_for(lambda: len(stage.threads) == 61)
    free.set()
    assert sorted(stage.answered() for _ in range(60)) == list(range(60))


def test_a_method_that_took_long_is_known_to_do_so_until_it_is_quick_again(stage):
    """The second call beside it does not wait for the lookout to notice."""
    free = threading.Event()
    stage.methods["block"] = lambda: free.wait(20)
    stage.call(1, "block")
    poll_for(lambda: stage.reader.is_long("block"))
    stage.reader.end()  # there is no lookout any more
    for number in range(2, 6):
        stage.call(number, "block")
    stage.call(6)
    assert stage.answered() == 6
    free.set()
    assert sorted(stage.answered() for _ in range(5)) == [1, 2, 3, 4, 5]
    stage.call(7, "block")
    assert stage.answered() == 7
    poll_for(lambda: not stage.reader.is_long("block"))


def test_who_is_about_to_wait_for_an_answer_lets_another_thread_read(stage):
    """At once, so that calls in a circle cost no pause."""
    stage.reader.end()  # there is no lookout any more
    inner = threading.Event()
    stage.methods["inner"] = inner.set

    def outer():
        stage.reader.about_to_wait()
        assert inner.wait(20)

    stage.methods["outer"] = outer
    stage.call(1, "outer")
    stage.call(2, "inner")
    assert {stage.answered(), stage.answered()} == {1, 2}
    stage.reader.about_to_wait()  # of a thread that does not read: nothing happens
    stage.call(3)
    assert stage.answered() == 3


def test_only_nested_calls_run_above_the_limit(monkeypatch):
    """The others wait for a thread; a nested one may be what those wait for."""
    monkeypatch.setattr(call_reader, "MOST_THREADS", 2)
    stage = Stage(most=2)
    free = threading.Event()
    stage.methods["block"] = lambda: free.wait(20)
    for number in range(2):
        stage.call(number, "block")
    poll_for(lambda: len(stage.threads) == 2)
    stage.call(10)
    stage.call(11, chain=["me", "other"])
    assert stage.answered() == 11
    assert 10 not in stage.done
    free.set()
    assert sorted(stage.answered() for _ in range(3)) == [0, 1, 10]
    stage.close()


def test_what_is_no_call_and_what_fails_end_nothing(stage):
    """The reader reads on."""
    stage.methods["fail"] = lambda: 1 / 0
    stage.ours.send(b"\xff\xff")
    stage.call(1, "fail")
    stage.call(2)
    assert stage.answered() == 2


def test_the_lookout_sleeps_while_nothing_is_called(stage):
    """An idle module costs nothing."""
    stage.call(1)
    assert stage.answered() == 1
    poll_for(lambda: stage.reader.idle)
    used = time.process_time()
    threading.Event().wait(0.3)
    assert time.process_time() - used < 0.1
    stage.call(2)
    assert stage.answered() == 2


def test_without_a_thread_for_the_lookout_calls_are_served_and_it_is_tried_again(
    stage, monkeypatch
):
    """The system gives none for a while: the thread that reads lives on."""
    start, tried = threads.start, []

    def fail(name, work):
        if name != "mgr-lookout":
            return start(name, work)
        tried.append(name)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threads, "start", fail)
    for number in range(2):
        stage.call(number)
        assert stage.answered() == number
    assert len(tried) == 2
    monkeypatch.setattr(threads, "start", start)
    free = threading.Event()
    stage.methods["block"] = lambda: free.wait(20)
    stage.call(2, "block")
    stage.call(3)
    assert stage.answered() == 3
    free.set()
    assert stage.answered() == 2
