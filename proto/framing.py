"""One message: an Envelope in one frame, and a large payload in a second one.

A small payload rides in the envelope, so that most messages are a single frame: plain send() and
recv() cost a quarter of what the multipart calls do. A large one is a frame of its own, so that
the supervisor passes it on without a copy.
"""

from collections.abc import Sequence
from typing import Protocol

from google.protobuf.message import DecodeError

from proto.errors import NotSerializable, ProtocolError
from proto.sealed import Sealed
from proto.v1.envelope_pb2 import Envelope


DETACH_BYTES = 64 * 1024
# Room for what travels in the envelope's own fields: a command's output (a pg dump of a large
# cluster is tens of MB) and a module's whole key-value store.
MAX_FRAME = 64 * 1024 * 1024
MAX_PAYLOAD = 1024 * 1024 * 1024


class FrameLike(Protocol):
    """What a frame received without copying offers (`zmq.Frame`)."""

    @property
    def buffer(self) -> memoryview:
        """The bytes of the frame, valid as long as somebody holds the view."""

    def __len__(self) -> int: ...


Plain = bytes | memoryview
# What is sealed is passed on as it is, over a lane.
Payload = Plain | Sealed
Frame = Payload | FrameLike


def pack(envelope: Envelope, payload: Payload = b"") -> list[Payload]:
    """The one or two frames of `envelope` with `payload`.

    Fills the envelope's `payload` and `detached`, whatever they were: a message may be unpacked,
    stamped and packed again. A memoryview is one of bytes. Raises NotSerializable where a receiver
    would refuse the size.
    """
    size = len(payload)
    if size > MAX_PAYLOAD:
        raise _too_large(envelope, size, MAX_PAYLOAD)
    envelope.detached = size > DETACH_BYTES
    if envelope.detached:
        envelope.payload = b""
    else:
        envelope.payload = payload if type(payload) is bytes else bytes(plain(payload))
    frame = envelope.SerializeToString()
    if len(frame) > MAX_FRAME:
        raise _too_large(envelope, len(frame), MAX_FRAME)
    return [frame, payload] if envelope.detached else [frame]


def unpack(frames: Sequence[Frame]) -> tuple[Envelope, Payload]:
    """The envelope and its payload; raises ProtocolError.

    The payload of a frame received without copying is a view of that frame. What came sealed stays
    so, for whoever only passes it on.
    """
    count = len(frames)
    if not 1 <= count <= 2:
        raise ProtocolError(f"a message is one frame, or two with a payload; this one has {count}")
    first = frames[0]
    if len(first) > MAX_FRAME:
        raise ProtocolError(
            f"the envelope has {len(first)} bytes; at most {MAX_FRAME} are accepted"
        )
    try:
        envelope = Envelope.FromString(first if type(first) is bytes else bytes(plain(first)))
    except DecodeError:
        raise ProtocolError(
            f"the first frame, {len(first)} bytes, is not an envelope of protocol v1"
        ) from None
    if envelope.WhichOneof("body") is None:
        raise ProtocolError("the envelope has no verb, or one that this version does not know")
    if count == 1:
        if envelope.detached:
            raise ProtocolError("the envelope announces a payload frame, and none follows")
        return envelope, envelope.payload
    return envelope, _detached(envelope, frames[1])


def _detached(envelope: Envelope, frame: Frame) -> Payload:
    if not envelope.detached:
        raise ProtocolError("a second frame follows an envelope that does not announce one")
    if envelope.payload:
        raise ProtocolError("the envelope has a payload inside and announces another one")
    if len(frame) > MAX_PAYLOAD:
        raise ProtocolError(
            f"the payload has {len(frame)} bytes; at most {MAX_PAYLOAD} are accepted"
        )
    if isinstance(frame, Sealed) and len(frame) <= DETACH_BYTES:
        raise ProtocolError(f"a payload of {len(frame)} bytes belongs into the envelope")
    return frame if isinstance(frame, bytes | memoryview | Sealed) else frame.buffer


def plain(frame: Frame) -> Plain:
    """The bytes of a frame, where they lie."""
    return frame if isinstance(frame, bytes | memoryview) else frame.buffer


def _too_large(envelope: Envelope, size: int, limit: int) -> NotSerializable:
    verb = envelope.WhichOneof("body")
    return NotSerializable(
        f"{verb}: a message of {size} bytes cannot cross a process: at most {limit}"
    )
