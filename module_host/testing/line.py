"""The bus of a test: no socket, but every message is packed and unpacked as on the wire, so that
what production refuses to send is refused here.
"""

import itertools
from abc import ABC, abstractmethod

from module_host.link import Line
from proto.framing import Plain, pack, plain, unpack
from proto.v1.envelope_pb2 import Envelope


class Hearer(ABC):
    """The other end. Called on the thread that speaks."""

    @abstractmethod
    def told(self, envelope: Envelope, payload: Plain) -> None:
        """Take what nobody answers."""

    @abstractmethod
    def asked(self, envelope: Envelope, payload: Plain, seconds: float) -> tuple[Envelope, Plain]:
        """Give the answer, within `seconds` or in spite of them."""


class LocalLine(Line):
    """Passes messages to `hearer`; a call without a deadline gets `call_timeout` seconds."""

    def __init__(self, hearer: Hearer, call_timeout: float) -> None:
        self._hearer = hearer
        self._call_timeout = call_timeout
        self._ids = itertools.count(1)

    def tell(self, envelope: Envelope, payload: Plain = b"") -> None:
        self._hearer.told(*through(envelope, payload))

    def request(
        self, envelope: Envelope, payload: Plain = b"", timeout: float | None = None
    ) -> tuple[Envelope, Plain]:
        envelope.id = next(self._ids)
        seconds = min(envelope.deadline_ms / 1000 or self._call_timeout, self._call_timeout)
        return through(*self._hearer.asked(*through(envelope, payload), seconds))


def through(envelope: Envelope, payload: Plain = b"") -> tuple[Envelope, Plain]:
    """A message as it arrives; raises NotSerializable."""
    arrived, data = unpack(pack(envelope, payload))
    return arrived, plain(data)
