"""How fast a module may talk to the supervisor: what is above its rate waits, in order.

Only the module that floods is slowed: others' messages are delivered between, as they come. What
it answers to others, and its signs of life, never wait.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from proto.framing import Payload
from proto.v1.envelope_pb2 import Envelope, Error
from supervisor.core.actions import Report
from supervisor.core.bucket import Bucket
from supervisor.core.limits import size
from supervisor.edge.broker import Asker
from supervisor.edge.host import Host
from supervisor.edge.hosts import Hosts
from supervisor.edge.peer import Peer


WAITING_BYTES = 64 << 20  # of one module's that wait; one larger message may wait alone
PER_TURN = 64  # of those that waited, for each module
REPEAT = 60.0  # seconds between two sentences about one flood
ASKING = frozenset({"call", "set_option", "set_store", "set_wear_level", "send_command"})
ANSWERS = frozenset({"result", "command_result", "error"})

Message = tuple[Peer, Envelope, Payload]
Deliver = Callable[[Host, Peer, Envelope, Payload], None]


@dataclass
class _Flow:
    """What one process sends."""

    nonce: bytes
    bucket: Bucket
    waiting: deque[Message] = field(default_factory=deque)
    waiting_bytes: int = 0


class Throttle:
    """Between the bus and whoever serves requests. Loop thread only."""

    def __init__(self, hosts: Hosts, deliver: Deliver) -> None:
        self._hosts = hosts
        self._deliver = deliver
        self._flows: dict[str, _Flow] = {}
        self._busy: set[str] = set()  # modules of whom something waits
        self._told: dict[str, tuple[bytes, float]] = {}  # of which process, and when
        self._heard: dict[str, int] = {}

    def answer_fits(self, host: Host, envelope: Envelope, payload: Payload) -> Envelope | None:
        """What to hand on in the place of an answer that is too large; None: it is not."""
        excess = _excess(host, envelope, payload)
        if not excess:
            return None
        self._tell(host, f"an answer was refused: {excess}")
        refused = Envelope(id=envelope.id)
        refused.error.kind = Error.REFUSED
        refused.error.message = f"the answer of module '{host.name}' was refused: {excess}"
        return refused

    def request(self, host: Host, peer: Peer, envelope: Envelope, payload: Payload) -> None:
        """Deliver it now, later, or never."""
        self._heard[host.name] = self._heard.get(host.name, 0) + 1
        excess = _excess(host, envelope, payload)
        if excess:
            self._refuse(host, peer, envelope, excess)
            return
        limits = host.limits
        if not limits.call_rate:
            self._deliver(host, peer, envelope, payload)
            return
        now = time.monotonic()
        flow = self._flow(host, now)
        if not flow.waiting and flow.bucket.take(now):
            self._deliver(host, peer, envelope, payload)
            return
        what = f"limit call_rate: it sends more than {limits.call_rate} messages a second"
        if limits.queue_depth and len(flow.waiting) >= limits.queue_depth:
            self._refuse(host, peer, envelope, f"{what}, {len(flow.waiting)} wait")
            return
        bytes_ = _bytes(envelope, payload)
        if flow.waiting and flow.waiting_bytes + bytes_ > WAITING_BYTES:
            self._refuse(host, peer, envelope, f"{what}, {size(flow.waiting_bytes)} wait")
            return
        flow.waiting.append((peer, envelope, payload))
        flow.waiting_bytes += bytes_
        self._busy.add(host.name)
        self._tell(host, f"{what}: they wait")

    def heard(self, module: str) -> int:
        """How many messages of `module` came, ever."""
        return self._heard.get(module, 0)

    def waiting(self, module: str) -> int:
        """How many messages of `module` wait for its rate."""
        flow = self._flows.get(module)
        return len(flow.waiting) if flow else 0

    def clock(self, now: float) -> float | None:
        """Deliver what has waited long enough; says when the next one has."""
        if not self._busy:
            return None
        dues = []
        for name in list(self._busy):
            flow, host = self._flows[name], self._hosts.get(name)
            if host is None or host.nonce != flow.nonce:
                flow.waiting.clear()
                flow.waiting_bytes = 0
            for _ in range(PER_TURN):
                if host is None or not flow.waiting or not flow.bucket.take(now):
                    break
                message = flow.waiting.popleft()
                flow.waiting_bytes -= _bytes(*message[1:])
                self._deliver(host, *message)
            if flow.waiting:
                dues.append(flow.bucket.due())
            else:
                self._busy.discard(name)
        return min(dues, default=None)

    def _flow(self, host: Host, now: float) -> _Flow:
        flow = self._flows.get(host.name)
        if flow is None or flow.nonce != host.nonce:
            rate = host.limits.call_rate
            flow = self._flows[host.name] = _Flow(host.nonce, Bucket(rate, rate, now))
        return flow

    def _refuse(self, host: Host, peer: Peer, envelope: Envelope, why: str) -> None:
        verb = envelope.WhichOneof("body") or ""
        if verb in ASKING:
            Asker(peer, envelope.id).refuse(Error.REFUSED, why)
        self._tell(host, f"a message ({verb}) was refused: {why}")

    def _tell(self, host: Host, text: str) -> None:
        now = time.monotonic()
        nonce, last = self._told.get(host.name, (b"", 0.0))
        if nonce != host.nonce or now - last >= REPEAT:
            self._told[host.name] = host.nonce, now
            host.note(Report(text, "warning"))


def _bytes(envelope: Envelope, payload: Payload) -> int:
    return len(payload) + envelope.ByteSize()


def _excess(host: Host, envelope: Envelope, payload: Payload) -> str:
    """By how much it is above the module's message_size; "" where it is not."""
    most = host.limits.message_size
    bytes_ = _bytes(envelope, payload) if most else 0
    if bytes_ <= most:
        return ""
    return f"limit message_size: {size(bytes_)} of {size(most)}"
