"""Messages for inboxes that are full: kept in order, bounded, sent when there is room.

The ROUTER refuses at once when a host does not read (ROUTER_MANDATORY); without this, a change of
an option would be lost to a host that is merely slow. A host that lets the backlog fill as well
misses its pulses and is replaced by its life cycle; what it then has not read is of no use to its
successor, whose replicas are new.
"""

from collections import Counter, deque

import structlog

from proto.framing import Payload
from proto.v1.envelope_pb2 import Envelope
from supervisor.edge.router import Router


log = structlog.get_logger("backlog")

KEPT_PER_INBOX = 10_000
KEPT_BYTES = 256 << 20  # of one inbox; one larger message may wait alone
UNLIMITED = 1 << 62


class Backlog:
    """Sends to inboxes in order. Loop thread only."""

    def __init__(self, bus: Router) -> None:
        self._bus = bus
        self._kept: dict[bytes, deque[tuple[Envelope, Payload]]] = {}
        self._bytes: Counter[bytes] = Counter()
        self.dropped = 0

    def send(
        self,
        inbox: bytes,
        envelope: Envelope,
        payload: Payload = b"",
        depth: int = KEPT_PER_INBOX,
    ) -> bool:
        """Send now or keep; False where `depth` messages are kept already, or KEPT_BYTES."""
        kept = self._kept.get(inbox)
        if kept is None and self._bus.send(inbox, envelope, payload):
            return True
        if kept is None:
            kept = self._kept[inbox] = deque()
        bytes_ = len(payload) + envelope.ByteSize()
        if len(kept) >= depth or (kept and self._bytes[inbox] + bytes_ > KEPT_BYTES):
            self.dropped += 1
            return False
        kept.append((envelope, payload))
        self._bytes[inbox] += bytes_
        return True

    def flush(self) -> None:
        """Send what fits by now."""
        for inbox, kept in list(self._kept.items()):
            while kept and self._bus.send(inbox, *kept[0]):
                envelope, payload = kept.popleft()
                self._bytes[inbox] -= len(payload) + envelope.ByteSize()
            if not kept:
                self.forget(inbox)

    def forget(self, inbox: bytes) -> None:
        """The process is gone."""
        self._kept.pop(inbox, None)
        self._bytes.pop(inbox, None)

    def kept(self, inbox: bytes) -> int:
        """How many messages wait for `inbox`."""
        return len(self._kept.get(inbox, ()))

    @property
    def waiting(self) -> bool:
        """Whether anything is kept."""
        return bool(self._kept)
