"""The ROUTER: who speaks comes from the kernel, and bad frames end nothing."""

import os
import subprocess
import sys

import pytest
import zmq

from proto.framing import DETACH_BYTES, pack, unpack
from proto.v1.envelope_pb2 import Envelope
from supervisor.edge import backlog as backlog_module
from supervisor.edge.backlog import Backlog
from supervisor.edge.router import Router
from tests.conditions import poll_for


@pytest.fixture
def context():
    made = zmq.Context()
    yield made
    made.destroy(linger=0)


@pytest.fixture
def router(context, tmp_path):
    made = Router(context, tmp_path / "bus.sock", 0o600)
    yield made
    made.close()


@pytest.fixture
def dealer(context, router):
    made = context.socket(zmq.DEALER)
    made.set(zmq.RCVHWM, 1)
    made.connect(f"ipc://{router.path}")
    yield made
    made.close(0)


def _receive_one(router, spoilt=None):
    """The next message; what is none goes to the list `spoilt`, and is a mistake without one."""

    def spoil(peer, why):
        assert spoilt is not None, why
        spoilt.append((peer, why))

    got = []
    poll_for(lambda: router.receive(lambda *it: got.append(it), spoil) or got, 5, "a message")
    return got[0]


def _ping(number):
    envelope = Envelope(id=number)
    envelope.ping.seq = number
    return envelope


def test_a_peer_is_known_by_the_kernels_word(dealer, router):
    """pid, uid and gid of the connection's other end arrive with its first message."""
    dealer.send_multipart(pack(_ping(1)))
    peer, envelope, _ = _receive_one(router)
    assert (peer.pid, peer.uid, peer.gid) == (os.getpid(), os.getuid(), os.getgid())
    assert envelope.ping.seq == 1


def test_another_process_is_told_apart(router):
    """A child that connects is seen with its own pid, whatever it says."""
    script = (
        "import sys, zmq; from proto.framing import pack; from proto.v1.envelope_pb2 import Envelope;"
        "c = zmq.Context(); s = c.socket(zmq.DEALER); s.connect(sys.argv[1]);"
        "e = Envelope(source='someone else'); e.ping.seq = 7; s.send_multipart(pack(e)); s.recv(); c.destroy(0)"
    )
    child = subprocess.Popen([sys.executable, "-c", script, f"ipc://{router.path}"])
    peer, envelope, _ = _receive_one(router)
    assert peer.pid == child.pid
    assert router.send(peer.route, _ping(1))
    assert child.wait(10) == 0
    assert envelope.ping.seq == 7


def test_answers_reach_the_asker_and_large_payloads_travel_whole(dealer, router):
    """A payload past the limit travels as a second frame and arrives unchanged."""
    call = Envelope(id=5)
    call.call.module = "x"
    big = os.urandom(DETACH_BYTES * 3)
    dealer.send_multipart(pack(call, big))
    peer, envelope, payload = _receive_one(router)
    assert bytes(payload) == big
    result = Envelope(id=envelope.id)
    result.result.SetInParent()
    assert router.send(peer.route, result, payload)
    back, echoed = unpack(dealer.recv_multipart())
    assert back.id == 5
    assert bytes(echoed) == big


@pytest.mark.parametrize(
    "frames", [[b"\xff\xff\xff"], [b""], [b"a", b"b", b"c"], [Envelope(id=3).SerializeToString()]]
)
def test_garbage_is_refused_with_a_sentence_and_the_peer_lives_on(dealer, router, frames):
    """A message that breaks the framing is told and answered; the next good one is served."""
    dealer.send_multipart(frames)
    dealer.send_multipart(pack(_ping(2)))
    spoilt = []
    peer, envelope, _ = _receive_one(router, spoilt)
    assert envelope.ping.seq == 2
    ((speaker, why),) = spoilt
    assert speaker == peer
    refusal, _ = unpack(dealer.recv_multipart())
    assert refusal.error.message == why


def test_a_peer_that_left_is_told_by_send(router):
    """ROUTER_MANDATORY: a message to nobody is reported, not lost in silence."""
    assert router.send(b"nobody", _ping(1)) is False


def test_the_backlog_keeps_order_for_a_slow_reader(dealer, router):
    """What does not fit now is sent later, in the order in which it was asked for."""
    dealer.send_multipart(pack(_ping(0)))
    peer, _, _ = _receive_one(router)
    router.socket.set(zmq.SNDHWM, 10_000)
    backlog = Backlog(router)
    filler = b"x" * 60_000
    total = 0
    while not backlog.waiting and total < 50_000:
        total += 1
        assert backlog.send(peer.route, _numbered(total), filler)
    for _ in range(50):
        total += 1
        backlog.send(peer.route, _numbered(total), filler)
    seen = []
    while len(seen) < total:
        backlog.flush()
        if dealer.poll(1000):
            seen.append(unpack(dealer.recv_multipart())[0].id)
    assert seen == list(range(1, total + 1))
    assert not backlog.waiting
    assert backlog.dropped == 0


def test_the_backlog_keeps_no_more_bytes_than_it_may(dealer, router, monkeypatch):
    """Whatever their number; a message that is larger may wait by itself."""
    monkeypatch.setattr(backlog_module, "KEPT_BYTES", 1000)
    backlog = Backlog(router)
    monkeypatch.setattr(router, "send", lambda *_message: False)
    assert backlog.send(b"x", _numbered(1), b"y" * 5000)
    assert not backlog.send(b"x", _numbered(2), b"y" * 10)
    assert backlog.send(b"other", _numbered(3), b"y" * 900)
    backlog.forget(b"x")
    assert backlog.send(b"x", _numbered(4), b"y" * 900)


def _numbered(number):
    envelope = Envelope(id=number)
    envelope.result.SetInParent()
    return envelope


def test_a_path_that_cannot_be_bound_is_an_oserror_that_names_it(context, tmp_path):
    """For one sentence at the start of the daemon."""
    path = tmp_path / "absent" / "r.sock"
    with pytest.raises(OSError, match="No such file") as raised:
        Router(context, path, 0o600)
    assert raised.value.filename == str(path)
