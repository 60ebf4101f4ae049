"""The supervisor's end of the lanes: who speaks comes from the kernel, and nobody holds up others."""

import contextlib
import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from proto import lane
from proto.framing import DETACH_BYTES, pack, unpack
from proto.sealed import Sealed
from proto.v1.envelope_pb2 import Envelope
from supervisor.edge.lanes import BURST, Lanes
from supervisor.edge.loop import Loop


class Stage:
    """Lanes on a loop that turns until something is there."""

    def __init__(self, path):
        self.loop = Loop()
        self.lanes = Lanes(self.loop, path, 0o600)
        self.got, self.spoilt = [], []
        self.lanes.start(
            lambda *message: self.got.append(message), lambda *it: self.spoilt.append(it)
        )

    def turn(self, until):
        """Let the loop turn until the condition holds."""

        def clock(now):
            if until():
                self.loop.stop()
            return now + 0.01

        self.loop.on_time(clock)
        self.loop.run()

    def next(self):
        self.turn(lambda: self.got)
        return self.got.pop(0)

    def close(self):
        self.lanes.close()
        self.loop.close()


@pytest.fixture
def stage(tmp_path):
    made = Stage(tmp_path / "lanes.sock")
    yield made
    made.close()


@pytest.fixture
def host(stage):
    with connected(stage) as made:
        yield made


def connected(stage):
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made.connect(str(stage.lanes.path))
    return made


def call(number, method="m"):
    envelope = Envelope(id=number)
    envelope.call.method = method
    return envelope


def test_a_peer_is_known_by_the_kernels_word(stage, host):
    """pid, uid and gid of whoever connected."""
    lane.send(host, pack(call(1)))
    peer, envelope, _ = stage.next()
    assert (peer.pid, peer.uid, peer.gid) == (os.getpid(), os.getuid(), os.getgid())
    assert envelope.id == 1
    assert peer.send(call(2))
    assert unpack(lane.receive(host))[0].id == 2


def test_another_process_is_told_apart(stage):
    """A child that connects is seen with its own pid, whatever it says."""
    script = (
        "import sys, socket; from proto import lane; from proto.framing import pack;"
        "from proto.v1.envelope_pb2 import Envelope;"
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1]);"
        "e = Envelope(source='someone else'); e.ping.seq = 7; lane.send(s, pack(e)); s.recv(9)"
    )
    child = subprocess.Popen([sys.executable, "-c", script, str(stage.lanes.path)])
    peer, envelope, _ = stage.next()
    assert peer.pid == child.pid
    assert envelope.ping.seq == 7
    peer.send(call(1))
    assert child.wait(10) == 0


def test_large_payloads_are_passed_on_unseen(stage, host):
    """What comes sealed goes sealed: the supervisor maps nothing of it."""
    lane.send(host, pack(call(1), b"x" * (3 << 20)))
    peer, _, payload = stage.next()
    assert isinstance(payload, Sealed)
    before = _mapped()
    assert peer.send(call(2), payload)
    assert _mapped() == before
    assert plain(lane.receive(host)) == b"x" * (3 << 20)


@pytest.mark.parametrize("packet", [b"\xff\xff\xff", b"\0", Envelope(id=3).SerializeToString()])
def test_garbage_is_refused_with_a_sentence_and_the_peer_lives_on(stage, host, packet):
    """What is no message is told and answered; the next good one is served."""
    host.send(packet)
    lane.send(host, pack(call(2)))
    peer, envelope, _ = stage.next()
    assert envelope.id == 2
    ((speaker, why),) = stage.spoilt
    assert speaker == peer
    assert unpack(lane.receive(host))[0].error.message == why


def test_who_does_not_read_answers_is_cut_off(stage, host):
    """It would wait for ever for the one that did not fit, and others must not wait for it."""
    lane.send(host, pack(call(1)))
    peer, _, _ = stage.next()
    answers = 0
    while peer.send(call(2), b"x" * DETACH_BYTES):
        answers += 1
    for _ in range(answers):
        lane.receive(host)
    with pytest.raises(lane.LaneClosedError):
        lane.receive(host)
    assert not peer.send(call(3))


def test_a_host_that_is_called_may_be_behind(stage, host):
    """What does not fit is told to the sender, and fits again once the host has read."""
    lane.send(host, pack(call(1)))
    peer, _, _ = stage.next()
    stage.lanes.serving(peer)
    sent = 0
    while peer.send(call(2), b"x" * 1000):
        sent += 1
    for _ in range(sent):
        lane.receive(host)
    assert peer.send(call(3))
    assert unpack(lane.receive(host))[0].id == 3


def test_many_answers_of_one_host_do_not_keep_others_waiting(stage, host):
    """A bounded number of one connection's messages is taken in a turn."""
    lane.send(host, pack(call(1)))
    peer, _, _ = stage.next()
    stage.lanes.serving(peer)
    with connected(stage) as other:
        for number in range(4 * BURST):
            lane.send(host, pack(call(number)))
        lane.send(other, pack(call(1000)))
        stage.turn(lambda: len(stage.got) > 4 * BURST)
        assert [envelope.id for _, envelope, _ in stage.got].index(1000) <= 2 * BURST


def test_the_connections_of_a_process_that_is_gone_are_closed(stage, host):
    """Its child may hold them still, and speak for nobody any more."""
    lane.send(host, pack(call(1)))
    peer, _, _ = stage.next()
    stage.lanes.forget(peer.pid)
    with pytest.raises(lane.LaneClosedError):
        lane.receive(host)
    assert not peer.send(call(2))


def test_connections_wait_while_there_are_no_descriptors(stage, host):
    """The loop goes on with the others, and does not spin; the next one that ends makes room."""
    lane.send(host, pack(call(1)))
    stage.next()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    waiting = connected(stage)
    lane.send(waiting, pack(call(2)))
    highest = max(map(int, (link.name for link in Path("/proc/self/fd").iterdir())))
    spare = []
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 2, hard))
        with contextlib.suppress(OSError):
            while True:
                spare.append(os.dup(0))
        lane.send(host, pack(call(3)))
        assert stage.next()[1].id == 3
    finally:
        for fd in spare:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    host.close()
    assert stage.next()[1].id == 2
    waiting.close()


def test_a_path_that_cannot_be_bound_is_an_oserror_that_names_it(tmp_path):
    """For one sentence at the start of the daemon."""
    path, loop = tmp_path / "absent" / "l.sock", Loop()
    with pytest.raises(OSError, match="No such file") as raised:
        Lanes(loop, path, 0o600)
    loop.close()
    assert raised.value.filename == str(path)


def plain(frames):
    _, payload = unpack(frames)
    return payload.buffer if isinstance(payload, Sealed) else payload


def _mapped():
    return Path("/proc/self/maps").read_text().count("memfd")
