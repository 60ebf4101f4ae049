"""Calls and commands on their way to a module, and their answers on the way back.

The ledger knows every call that is pending; each gets exactly one answer: the module's, or ours
when its process died or its deadline passed. The payload of a remote() call is never opened here.
"""

import errno
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

import structlog

from proto.framing import Payload
from proto.v1.envelope_pb2 import Envelope, Error
from supervisor.core.ledger import Call, Ledger, Stray
from supervisor.core.ledger import Outcome as CallOutcome
from supervisor.core.refused import Kind
from supervisor.edge.backlog import UNLIMITED
from supervisor.edge.gate import Gate
from supervisor.edge.host import Host
from supervisor.edge.hosts import Hosts
from supervisor.edge.outcome import Answer, Outcome, refusal
from supervisor.edge.peer import Peer


log = structlog.get_logger("broker")

MOST_ASKED = 1024  # answers for which one module may wait; its host has connections for 600
READY_WAIT = 10.0  # seconds that work waits for a module that is being started


class Asker(NamedTuple):  # made for each message: a frozen dataclass takes several times as long
    """Where the answer to a remote() call goes."""

    peer: Peer
    request: int

    def answer(self, envelope: Envelope, payload: Payload = b"") -> None:
        """Send; where the asker is gone, nobody misses it."""
        envelope.id = self.request
        self.peer.send(envelope, payload)

    def refuse(self, kind: "Error.Kind", sentence: str) -> None:
        """Answer with an error of ours."""
        answer = Envelope()
        answer.error.kind = kind
        answer.error.message = sentence
        self.answer(answer)


Origin = Asker | Answer


class Broker:
    """Routes by header and keeps the ledger. Loop thread only."""

    def __init__(self, hosts: Hosts, gate: Gate, call_timeout: float) -> None:
        self.ledger = Ledger()
        self._hosts = hosts
        self._gate = gate
        self._call_timeout = call_timeout
        self._held: Counter[str] = Counter()  # by caller: calls on modules that are not ready yet

    def call(self, caller: Host, peer: Peer, envelope: Envelope, payload: Payload) -> None:
        """A remote() call from `caller`."""
        asker = Asker(peer, envelope.id)
        target = self._hosts.get(envelope.call.module)
        if target is None:
            asker.refuse(Error.NO_MODULE, "Module not found")
            return
        asked = self.ledger.pending_of(caller.name) + self._held[caller.name]
        if asked >= MOST_ASKED:
            asker.refuse(Error.REFUSED, f"it waits for {asked} answers already")
            return
        seconds = min(envelope.deadline_ms / 1000 or self._call_timeout, self._call_timeout)
        # The header is written anew, in place: building another message would cost more than this.
        envelope.DiscardUnknownFields()
        envelope.source = caller.name
        envelope.chain.append(caller.name)
        deadline = time.monotonic() + seconds

        if target.ready:
            self._pass_on(asker, caller, target, envelope, payload, deadline)
        else:
            go = partial(self._pass_on, asker, caller, target, envelope, payload, deadline)
            self._hold(caller, target, min(READY_WAIT, seconds), go, asker)

    def _pass_on(
        self,
        asker: Asker,
        caller: Host,
        target: Host,
        envelope: Envelope,
        payload: Payload,
        deadline: float,
    ) -> None:
        """A call on a module that is ready."""
        method = envelope.call.method
        # Not before: a module that does not run is not found, whoever asks, as in ceph-mgr.
        why = self._gate.call(caller, target.name, method)
        if why is not None:
            asker.refuse(Error.REFUSED, why)
            return
        what = f"{target.name}.{method}()"
        self._forward(asker, caller.name, target, envelope, payload, what, deadline)

    def _hold(
        self, caller: Host, target: Host, seconds: float, go: Callable[[], None], asker: Asker
    ) -> None:
        """Keep a call until `target` is ready; where it is not going to be, it is not found."""
        self._held[caller.name] += 1

        def ready() -> None:
            self._held[caller.name] -= 1
            go()

        def give_up() -> None:
            self._held[caller.name] -= 1
            asker.refuse(Error.NO_MODULE, "Module not found")

        target.wait_ready(seconds, ready, give_up)

    def command(
        self,
        target: Host,
        command: bytes,
        inbuf: bytes,
        prefix: str,
        seconds: float,
        answer: Answer,
    ) -> None:
        """A command for a module that is ready."""
        forward = Envelope()
        forward.command.json = command
        forward.command.inbuf = inbuf
        forward.command.prefix = prefix
        deadline = time.monotonic() + seconds
        self._forward(answer, None, target, forward, b"", f"command '{prefix}'", deadline)

    def answered(self, by: Host, envelope: Envelope, payload: Payload) -> None:
        """A host's answer to a call or command; a late or uncalled-for one is dropped, counted."""
        raised = envelope.WhichOneof("body") == "error"
        call = self.ledger.settle(
            envelope.id, by.name, CallOutcome.ERROR if raised else CallOutcome.RESULT
        )
        if call is None:
            stray = self.ledger.stray(envelope.id, by.name)
            assert stray is not None
            self._gate.turned_away(by, *_STRAYS[stray])
            return
        if isinstance(call.origin, Asker):
            envelope.DiscardUnknownFields()
            for name in _CALLEES_OWN:
                envelope.ClearField(name)
            call.origin.answer(envelope, payload)
        elif envelope.WhichOneof("body") == "command_result":
            result = envelope.command_result
            _give(
                call,
                Outcome(
                    result.retval,
                    _whole_lines(result.stdout),
                    result.stderr.decode(errors="replace"),
                ),
            )
        else:
            _give(call, refusal(errno.EIO, envelope.error.message or "not a command result"))

    def died(self, host: Host, reason: str) -> None:
        """Answer every call that was pending on a process that is gone; forget those it made."""
        for call in self.ledger.died(host.name):
            sentence = f"module '{host.name}' ended during {call.what}: {reason}"
            _fail(call, Error.DIED, errno.EIO, sentence)
        self.ledger.abandon(host.name)

    def clock(self, now: float) -> float | None:
        """Answer for calls that outlived their deadline; says when the next one is due."""
        for call in self.ledger.expired(now):
            sentence = f"module '{call.target}' did not finish {call.what} in time"
            _fail(call, Error.TIMED_OUT, errno.ETIMEDOUT, sentence)
        return self.ledger.wakeup()

    def _forward(
        self,
        origin: Origin,
        caller: str | None,
        target: Host,
        forward: Envelope,
        payload: Payload,
        what: str,
        deadline: float,
    ) -> None:
        call = self.ledger.open(origin, caller, target.name, what, deadline)
        forward.id = call.id
        forward.deadline_ms = max(1, int((deadline - time.monotonic()) * 1000))
        depth = target.limits.queue_depth or UNLIMITED
        full = self.ledger.pending_on(target.name) > depth
        # Commands keep to the bus: there they are in order with notifications and options.
        hand_over = self._hosts.send if caller is None else self._hosts.call
        if full or not hand_over(target, forward, payload):
            self.ledger.refuse(call.id)
            sentence = (
                f"module '{target.name}' does not take messages: its queue is full "
                f"(limit queue_depth: {depth})"
            )
            _fail(call, Error.REFUSED, errno.EAGAIN, sentence)


# Fields of an answer's header that are nothing to the asker.
_CALLEES_OWN: tuple[Literal["source", "deadline_ms", "chain", "after"], ...] = (
    "source", "deadline_ms", "chain", "after",
)  # fmt: skip
_STRAYS: dict[Stray, tuple[Kind, str]] = {
    Stray.LATE: (Kind.LATE, ""),  # of a call that timed out it is no offence
    Stray.UNKNOWN: (Kind.UNKNOWN, "answered what nobody was ever asked: dropped"),
    Stray.IMPOSTOR: (Kind.IMPOSTOR, "answered what another module was asked: dropped"),
}


def _give(call: Call, outcome: Outcome) -> None:
    answer = call.origin
    assert callable(answer)
    answer(outcome)


def _fail(call: Call, kind: "Error.Kind", number: int, sentence: str) -> None:
    if isinstance(call.origin, Asker):
        call.origin.refuse(kind, sentence)
    else:
        _give(call, refusal(number, sentence))


def _whole_lines(data: bytes) -> bytes:
    """Output as ceph-mgr sends it on: the last line has an end."""
    return data if not data or data.endswith(b"\n") else data + b"\n"
