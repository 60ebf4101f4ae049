"""Packets of a lane: what goes in comes out, and what could change under the reader is refused."""

import array
import fcntl
import mmap
import os
import resource
import socket

import pytest

from proto import lane
from proto.errors import NotSerializable, ProtocolError
from proto.framing import DETACH_BYTES, pack, unpack
from proto.sealed import Sealed
from proto.v1.envelope_pb2 import Envelope


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        yield ours, theirs


def call(method="m"):
    envelope = Envelope(id=7)
    envelope.call.method = method
    return envelope


@pytest.mark.parametrize(
    ("method", "payload"),
    [
        ("m", b""),
        ("m", b"small"),
        ("m", b"x" * DETACH_BYTES),
        ("m", b"x" * (DETACH_BYTES + 1)),
        ("m", os.urandom(5 << 20)),
        ("m" * 300_000, b"x"),
        ("m" * 300_000, b"x" * (DETACH_BYTES + 1)),
    ],
    ids=["empty", "small", "just inside", "just outside", "large", "long header", "both"],
)
def test_every_size_arrives_whole(ends, method, payload):
    """In the packet, in memory beside it, or both: the reader gets the same."""
    ours, theirs = ends
    lane.send(ours, pack(call(method), payload))
    envelope, arrived = unpack(lane.receive(theirs))
    assert envelope.call.method == method
    assert (arrived.buffer if isinstance(arrived, Sealed) else arrived) == payload


def test_what_came_sealed_is_passed_on_as_it_is(ends):
    """A third party reads what the first one wrote; the second one never looked."""
    ours, theirs = ends
    lane.send(ours, pack(call(), b"x" * (1 << 20)))
    _, sealed = unpack(lane.receive(theirs))
    assert isinstance(sealed, Sealed)
    lane.send(theirs, pack(call("on"), sealed))
    envelope, arrived = unpack(lane.receive(ours))
    assert envelope.call.method == "on"
    assert arrived.buffer == b"x" * (1 << 20)


def test_a_view_outlives_its_descriptor():
    """The bytes are there as long as somebody holds the view."""
    view = Sealed.of(b"content" * 1000).buffer
    assert view[:7] == b"content"
    with pytest.raises(TypeError):
        view[0] = 0


def test_nobody_changes_what_is_sealed():
    """Neither the reader nor the writer, in whatever way."""
    sealed = Sealed.of(b"content")
    fd = os.dup(sealed.fileno())
    try:
        for attempt in (
            lambda: os.pwrite(fd, b"x", 0),
            lambda: os.ftruncate(fd, 1),
            lambda: os.ftruncate(fd, 100),
            lambda: mmap.mmap(fd, 7, mmap.MAP_SHARED, mmap.PROT_READ | mmap.PROT_WRITE),
            lambda: fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE),
        ):
            with pytest.raises(PermissionError):
                attempt()
    finally:
        os.close(fd)


def test_memory_that_could_still_change_is_refused(ends, tmp_path):
    """Unsealed memory, a half sealed one, and a file; each descriptor is closed."""
    ours, theirs = ends
    file = tmp_path / "file"
    file.write_bytes(b"x" * 100_000)
    unsealed = os.memfd_create("unsealed", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    half = os.memfd_create("half", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    fcntl.fcntl(half, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    plain = os.open(file, os.O_RDONLY)
    try:
        for fd in (unsealed, half, plain):
            send_with(theirs, b"packet", [fd])
            with pytest.raises(ProtocolError, match="not of sealed memory"):
                lane.receive(ours)
    finally:
        for fd in (unsealed, half, plain):
            os.close(fd)


def test_too_many_descriptors_and_too_long_packets_are_no_message(ends):
    """What is left of them is closed, and the next message is read."""
    ours, theirs = ends
    sealed = [Sealed.of(b"x") for _ in range(5)]
    send_with(theirs, b"packet", [one.fileno() for one in sealed])
    with pytest.raises(ProtocolError):
        lane.receive(ours)
    theirs.send(b"x" * (lane.PACKET_BYTES + 1))
    with pytest.raises(ProtocolError, match="is no message"):
        lane.receive(ours)
    lane.send(theirs, pack(call("next")))
    assert unpack(lane.receive(ours))[0].call.method == "next"


def test_a_small_payload_in_memory_is_refused(ends):
    """A descriptor is worth more than what it would save; a flood of them would use all up."""
    ours, theirs = ends
    envelope = call()
    envelope.detached = True
    tiny = Sealed.of(b"tiny")
    send_with(theirs, envelope.SerializeToString(), [tiny.fileno()])
    with pytest.raises(ProtocolError, match="belongs into the envelope"):
        unpack(lane.receive(ours))


def test_what_there_is_no_memory_for_is_refused_with_its_size(ends):
    """By the limit of file size, for one; nothing was sent, and the lane is as good as before."""
    ours, theirs = ends
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(NotSerializable, match="2097152 bytes cannot cross a process: File too"):
            lane.send(ours, pack(call(), b"x" * (2 << 20)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    lane.send(ours, pack(call("next"), b"x" * (2 << 20)))
    assert unpack(lane.receive(theirs))[0].call.method == "next"


def test_the_end_is_told_from_silence(ends):
    """A connection that was closed raises, one where nothing came yet would block."""
    ours, theirs = ends
    with pytest.raises(BlockingIOError):
        lane.receive(ours, socket.MSG_DONTWAIT)
    theirs.close()
    with pytest.raises(lane.LaneClosedError):
        lane.receive(ours)


def send_with(end, packet, descriptors):
    rights = array.array("i", descriptors)
    end.sendmsg([packet], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
