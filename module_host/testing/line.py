"""The bus of a test: no socket, but every message is packed and unpacked as on the wire, so that
what production refuses to send is refused here.
"""

import itertools
from abc import ABC, abstractmethod

from module_host.link import Line, Payload
from proto.framing import pack, unpack
from proto.v1.envelope_pb2 import Envelope


class Hearer(ABC):
    """The other end. Called on the thread that speaks."""

    @abstractmethod
    def told(self, envelope: Envelope, payload: Payload) -> None:
        """Take what nobody answers."""

    @abstractmethod
    def asked(
        self, envelope: Envelope, payload: Payload, seconds: float
    ) -> tuple[Envelope, Payload]:
        """Give the answer, within `seconds` or in spite of them."""


class LocalLine(Line):
    """Passes messages to `hearer`; a call without a deadline gets `call_timeout` seconds."""

    def __init__(self, hearer: Hearer, call_timeout: float) -> None:
        self._hearer = hearer
        self._call_timeout = call_timeout
        self._ids = itertools.count(1)

    def tell(self, envelope: Envelope, payload: Payload = b"") -> None:
        self._hearer.told(*through(envelope, payload))

    def request(
        self, envelope: Envelope, payload: Payload = b"", timeout: float | None = None
    ) -> tuple[Envelope, Payload]:
        envelope.id = next(self._ids)
        seconds = min(envelope.deadline_ms / 1000 or self._call_timeout, self._call_timeout)
        return through(*self._hearer.asked(*through(envelope, payload), seconds))


def through(envelope: Envelope, payload: Payload = b"") -> tuple[Envelope, Payload]:
    """A message as it arrives; raises NotSerializable."""
    return unpack(pack(envelope, payload))
