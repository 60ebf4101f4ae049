"""Whose connections there are at the supervisor's sockets, and the end of those that are nobody's."""

import contextlib
import os
import resource
import socket
import subprocess
import sys

import pytest

from supervisor.edge import connections
from supervisor.edge.connections import Connections
from tests.conditions import poll_for


HOLDER = """
import socket, sys
held = [socket.socket(socket.AF_UNIX) for _ in range(int(sys.argv[2]))]
for one in held:
    one.connect(sys.argv[1])
print("done", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def listener(tmp_path, monkeypatch):
    """Accepts what comes, as libzmq does."""
    monkeypatch.setattr(connections, "FEW", 4)
    made = socket.socket(socket.AF_UNIX)
    made.bind(str(tmp_path / "it.sock"))
    made.listen(100)
    made.setblocking(False)
    held = []

    def accepted():
        while True:
            try:
                held.append(made.accept()[0])
            except BlockingIOError:
                return held

    made_ready = (tmp_path / "it.sock", accepted)
    yield made_ready
    for one in held:
        one.close()
    made.close()


@pytest.fixture
def watch(listener):
    made = Connections([listener[0]])
    yield made
    made.close()


@pytest.fixture
def holder(listener):
    """Starts a process that holds connections; its Popen."""
    started = []

    def start(count):
        path, accepted = listener
        before = len(accepted())
        command = [sys.executable, "-c", HOLDER, str(path), str(count)]
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        started.append(child)
        assert child.stdout.readline() == b"done\n"
        poll_for(lambda: len(accepted()) == before + count, 10)
        return child

    yield start
    for child in started:
        child.communicate(timeout=20)


def test_connections_are_those_of_the_process_that_made_them(watch, holder):
    one, two = holder(5), holder(7)
    seen = watch.look([one.pid, two.pid])
    assert seen.by_pid == {one.pid: 5, two.pid: 7}
    assert seen.closed == {}


def test_those_of_its_descendants_are_its_own(watch, holder):
    """Here the test stands for the module, and what it started for the module's children."""
    holder(5)
    holder(6)
    assert watch.look([os.getpid()]).by_pid == {os.getpid(): 11}


def test_a_module_that_was_started_since_the_look_began_is_not_taken_for_nobody(watch, holder):
    fresh = holder(4)
    seen = watch.look([])
    assert (seen.by_pid, seen.closed) == ({}, {})
    assert watch.look([fresh.pid]).by_pid == {fresh.pid: 4}


def test_of_what_got_away_from_its_module_those_above_a_few_are_closed(watch, holder):
    """It is below the supervisor still, and below no module that is known."""
    holder(3)
    holder(3)
    assert watch.look([]).closed == {os.getuid(): 2}


def test_of_nobodys_connections_those_above_a_few_are_closed(watch, listener, monkeypatch):
    """Nobody's are, among others, those whose maker has ended: somebody else holds them now."""
    path, accepted = listener
    ours = []
    for _ in range(10):
        one = socket.socket(socket.AF_UNIX)
        one.connect(str(path))
        ours.append(one)
    theirs = accepted()
    monkeypatch.setattr(connections, "_owner", lambda _pid, _pids: None)
    assert watch.look([]).closed == {os.getuid(): 6}
    assert (
        sum(one.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) == b"" for one in ended(ours)) == 6
    )
    assert len(theirs) == 10
    for one in ours:
        one.close()


def ended(sockets):
    """Those of which the other end was shut down."""
    found = []
    for one in sockets:
        try:
            one.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK)
        except BlockingIOError:
            continue
        found.append(one)
    return found


def test_an_orphan_of_nobody_has_no_owner():
    assert connections._owner(2**22 + 1, [1234]) is None
    assert connections._owner(1, [1234]) is None
    assert connections._owner(os.getpid(), [os.getpid()]) == os.getpid()


def test_it_can_look_where_no_descriptor_is_left(watch, holder, monkeypatch):
    """The flood that it is to end may have taken them all."""
    child = holder(6)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.open(os.devnull, os.O_RDONLY))
        assert watch.look([child.pid]).by_pid == {child.pid: 6}
        monkeypatch.setattr(connections, "_owner", lambda _pid, _pids: None)
        assert watch.look([]).closed == {os.getuid(): 2}
    finally:
        for fd in taken:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
