"""Messages on a lane: a SOCK_SEQPACKET connection, one packet a message.

The packet is the envelope. A payload that is detached, and an envelope that is too large for a
packet, lie in sealed memory, of which the packet carries the descriptor.
"""

import array
import socket
from collections.abc import Sequence

from proto.errors import NotSerializable, ProtocolError
from proto.framing import DETACH_BYTES, Frame, plain
from proto.sealed import Sealed


PACKET_BYTES = DETACH_BYTES + 32 * 1024  # the largest payload inside, and what stands around it
MOST_DESCRIPTORS = 2
# No envelope begins with it. Where it is all of the packet, the envelope is in memory.
ELSEWHERE = b"\0"

# As plain numbers: the enum's operators take longer than the call.
_CLOEXEC, _TRUNC, _CTRUNC = (
    int(socket.MSG_CMSG_CLOEXEC),
    int(socket.MSG_TRUNC),
    int(socket.MSG_CTRUNC),
)
_CONTROL_BYTES = socket.CMSG_SPACE(MOST_DESCRIPTORS * array.array("i").itemsize)


class LaneClosedError(ConnectionError):
    """The other end is gone."""


def send(lane: socket.socket, frames: Sequence[Frame], flags: int = 0) -> None:
    """Send what `proto.framing.pack` made, a payload sealed before or not, as one message.

    Raises BlockingIOError where there is no room, any other OSError where it cannot be sent, and
    NotSerializable where there is no memory for what is large.
    """
    packet, *rest = frames
    if not rest and type(packet) is bytes and len(packet) <= PACKET_BYTES:
        lane.send(packet, flags)  # nearly all of them
        return
    sealed = [frame if isinstance(frame, Sealed) else _seal(frame) for frame in rest]
    if len(packet) > PACKET_BYTES:
        sealed.insert(0, _seal(packet))
        packet = ELSEWHERE
    numbers = array.array("i", [one.fileno() for one in sealed])
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)]
    lane.sendmsg([plain(packet)], rights, flags)


def receive(lane: socket.socket, flags: int = 0) -> list[Frame]:
    """The frames of the next message, for `proto.framing.unpack`.

    Raises LaneClosedError at the end, BlockingIOError where nothing is there, ProtocolError for
    what is no message, any other OSError where the connection is broken.
    """
    packet, control, told, _ = lane.recvmsg(PACKET_BYTES, _CONTROL_BYTES, flags | _CLOEXEC)
    if not packet:
        raise LaneClosedError("the connection was closed")
    frames: list[Frame] = [packet]
    if control:
        frames += _descriptors(control)
    if told & (_TRUNC | _CTRUNC):
        raise ProtocolError(
            f"a packet is no message: past {PACKET_BYTES} bytes or {MOST_DESCRIPTORS} descriptors,"
            " or there is no room for those"
        )
    return frames[1:] if packet == ELSEWHERE and control else frames


def _seal(frame: Frame) -> Sealed:
    try:
        return Sealed.of(plain(frame))
    except OSError as error:
        # RLIMIT_FSIZE counts here, too.
        why = f"{len(frame)} bytes cannot cross a process: {error.strerror}"
        raise NotSerializable(why) from None


def _descriptors(control: list[tuple[int, int, bytes]]) -> list[Sealed]:
    """Take over every descriptor that came; raises ProtocolError once none of them is lost."""
    numbers = array.array("i")
    for level, kind, data in control:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            numbers.frombytes(data[: len(data) - len(data) % numbers.itemsize])
    found: list[Sealed] = []
    problem: ProtocolError | None = None
    for number in numbers:
        try:
            found.append(Sealed(number))
        except ProtocolError as error:
            problem = error
    if problem is not None:
        raise problem
    return found
