import pytest
import zmq
from hypothesis import given
from hypothesis import strategies as st

from proto import framing
from proto.errors import NotSerializable, ProtocolError
from proto.framing import DETACH_BYTES, pack, unpack
from proto.v1.envelope_pb2 import Codec, Envelope


def call(**fields) -> Envelope:
    envelope = Envelope(id=7, source="here", codec=Codec.CODEC_VALUE, **fields)
    envelope.call.module = "balancer"
    envelope.call.method = "gather_telemetry"
    return envelope


@pytest.mark.parametrize("size", [0, 1, DETACH_BYTES, DETACH_BYTES + 1, 3 * DETACH_BYTES])
@pytest.mark.parametrize("kind", [bytes, memoryview])
def test_a_message_comes_back_whole_and_only_a_large_payload_takes_a_second_frame(size, kind):
    payload = b"x" * size
    frames = pack(call(), kind(payload))
    assert len(frames) == (2 if size > DETACH_BYTES else 1)
    envelope, back = unpack(frames)
    assert bytes(back) == payload
    assert (envelope.id, envelope.call.method) == (7, "gather_telemetry")
    assert envelope.detached is (size > DETACH_BYTES)


def test_a_large_payload_is_passed_on_without_a_copy():
    payload = b"x" * (DETACH_BYTES + 1)
    frames = pack(call(), payload)
    assert frames[1] is payload
    assert unpack(frames)[1] is payload


def test_a_message_may_be_stamped_and_packed_again_with_another_payload():
    envelope, _ = unpack(pack(call(), b"x" * (DETACH_BYTES + 1)))
    envelope.source = "true name"
    again, payload = unpack(pack(envelope, b"short"))
    assert (again.source, payload, again.detached) == ("true name", b"short", False)


@pytest.mark.parametrize("size", [10, DETACH_BYTES * 2])
def test_frames_received_without_copying_are_read_where_they_lie(size):
    with zmq.Context() as context, context.socket(zmq.PAIR) as one, context.socket(zmq.PAIR) as two:
        one.bind("inproc://framing")
        two.connect("inproc://framing")
        one.send_multipart(pack(call(), b"p" * size))
        envelope, payload = unpack(two.recv_multipart(copy=False))
    assert envelope.call.module == "balancer"
    assert isinstance(payload, memoryview if size > DETACH_BYTES else bytes)
    assert payload == b"p" * size


LARGE = b"x" * (DETACH_BYTES + 1)


@pytest.mark.parametrize(
    ("frames", "sentence"),
    [
        ([], "this one has 0"),
        ([b"", b"", b""], "this one has 3"),
        ([b"\xff\xff\xff"], "not an envelope"),
        ([b""], "no verb"),
        ([Envelope(id=1).SerializeToString()], "no verb"),
        (pack(call(), LARGE)[:1], "none follows"),
        ([*pack(call(), b"short"), b"more"], "does not announce"),
        ([call(detached=True, payload=b"in").SerializeToString(), b"out"], "inside and announces"),
    ],
)
def test_a_broken_message_is_refused_with_one_sentence(frames, sentence):
    with pytest.raises(ProtocolError, match=sentence) as caught:
        unpack(frames)
    assert "\n" not in str(caught.value)


def test_what_is_too_large_is_refused_at_both_ends(monkeypatch):
    large = pack(call(), LARGE)
    long = call()
    long.call.module = "m" * 5000
    long_frames = pack(long)
    monkeypatch.setattr(framing, "MAX_PAYLOAD", DETACH_BYTES)
    monkeypatch.setattr(framing, "MAX_FRAME", 1000)
    for message, payload in ((call(), LARGE), (long, b"")):
        with pytest.raises(NotSerializable, match=r"call: a message of .* at most"):
            pack(message, payload)
    for frames in (large, long_frames):
        with pytest.raises(ProtocolError, match="at most"):
            unpack(frames)


@given(st.lists(st.binary(max_size=200), max_size=3))
def test_noise_is_a_message_or_a_protocol_error(frames):
    try:
        envelope, _ = unpack(frames)
    except ProtocolError:
        return
    assert envelope.WhichOneof("body")
