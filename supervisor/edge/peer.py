"""Who is at the other end of a connection, and the way back to them."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from proto.framing import Payload
from proto.v1.envelope_pb2 import Envelope


class Line(ABC):
    """A socket with many connections."""

    @abstractmethod
    def send(self, route: bytes, envelope: Envelope, payload: Payload = b"") -> bool:
        """Queue for the connection `route`; False where it is gone or does not read."""


@dataclass(frozen=True)
class Peer:
    """One connection of `line`, and by the kernel's word the process at its other end."""

    route: bytes
    uid: int
    gid: int
    pid: int
    line: Line

    def send(self, envelope: Envelope, payload: Payload = b"") -> bool:
        """Queue for it; False where it is gone or does not read."""
        return self.line.send(self.route, envelope, payload)

    def explain(self, sentence: str) -> None:
        """Answer to what was no message."""
        answer = Envelope()
        answer.error.kind = answer.error.PROTOCOL
        answer.error.message = sentence
        self.send(answer)


Receive = Callable[[Peer, Envelope, Payload], None]
Spoilt = Callable[[Peer, str], None]
