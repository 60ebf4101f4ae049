"""The poll loop: readiness, hand-over from threads, deadlines, and faults that stop nothing."""

import os
import signal
import socket
import threading
import time

import pytest

from supervisor.edge.loop import Loop, Signals
from supervisor.edge.worker import Worker


@pytest.fixture
def loop():
    made = Loop()
    yield made
    made.close()


def test_a_posted_call_runs_on_the_loops_thread(loop):
    """post() from another thread wakes the loop."""
    seen = []
    poster = threading.Thread(
        target=lambda: loop.post(lambda: (seen.append(threading.get_ident()), loop.stop()))
    )
    poster.start()
    loop.run()
    poster.join()
    assert seen == [threading.get_ident()]


def test_a_readable_descriptor_calls_back(loop):
    """A registered descriptor is served until it is forgotten."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        got = []

        def read():
            got.append(ours.recv(10))
            loop.forget(ours.fileno())
            loop.stop()

        loop.read(ours.fileno(), read)
        theirs.send(b"word")
        loop.run()
        assert got == [b"word"]


def test_a_descriptor_that_takes_an_old_number_is_not_called_for_what_the_old_one_was(loop):
    """Two are ready in one turn; the first callback closes the second one, and opens another that
    gets its number and has nothing to read.
    """
    first, word = os.pipe()
    second, other = os.pipe()
    quiet, silence = os.pipe()
    called = []

    def replace():
        os.read(first, 1)
        loop.forget(second)
        os.dup2(quiet, second)
        loop.read(second, lambda: called.append("new"))
        loop.post(lambda: loop.post(loop.stop))  # a whole turn later

    try:
        loop.read(first, replace)
        loop.read(second, lambda: called.append("old"))
        os.write(word, b"x")
        os.write(other, b"x")
        loop.run()
        assert called == []
    finally:
        for descriptor in (first, word, second, other, quiet, silence):
            os.close(descriptor)


def test_a_deadline_wakes_the_loop(loop):
    """The clock hook is called again when its own answer is due."""
    due = time.monotonic() + 0.05
    calls = []

    def clock(now):
        calls.append(now)
        if now >= due:
            loop.stop()
            return None
        return due

    loop.on_time(clock)
    loop.run()
    assert calls[-1] >= due
    assert len(calls) < 10


def test_a_callback_that_raises_stops_nothing(loop):
    """One fault is logged; the next posted call still runs."""
    seen = []
    loop.post(lambda: 1 / 0)
    loop.post(lambda: (seen.append(1), loop.stop()))
    loop.run()
    assert seen == [1]


def test_a_signal_is_handled_on_the_loop(loop):
    """SIGTERM stops, SIGHUP reloads, and the old handlers come back."""
    before = signal.getsignal(signal.SIGTERM)
    seen = []
    signals = Signals(loop, loop.stop, lambda: (seen.append("again"), loop.stop()))
    loop.post(lambda: os.kill(os.getpid(), signal.SIGTERM))
    loop.run()
    assert seen == []
    loop.post(lambda: os.kill(os.getpid(), signal.SIGHUP))
    loop.run()
    assert seen == ["again"]
    signals.restore()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_worker_brings_results_and_failures_back(loop):
    """Blocking work runs on its own thread; both outcomes arrive on the loop."""
    worker = Worker(loop)
    seen = []

    def failed(error):
        seen.append(type(error))
        loop.stop()

    worker.submit(threading.get_ident, seen.append, failed)
    worker.submit(lambda: 1 / 0, seen.append, failed)
    loop.run()
    worker.close()
    assert seen[0] != threading.get_ident()
    assert seen[1] is ZeroDivisionError
