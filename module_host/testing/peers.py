"""Other modules, as a test gives them: any object stands for one and offers its methods."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from module_host import calls
from proto.framing import Plain
from proto.v1.envelope_pb2 import Envelope, Error
from proto.values import Values


@dataclass(frozen=True)
class Dies:
    """A peer whose process ends during every call: callers get RemoteDied."""

    reason: str = "killed by SIGSEGV"


@dataclass(frozen=True)
class TooLate:
    """A peer that answers no call before its deadline: callers get RemoteTimedOut."""


def serve(
    peers: Mapping[str, Any], values: Values, envelope: Envelope, payload: Plain, seconds: float
) -> tuple[Envelope, Plain]:
    """The answer to a remote() call within `seconds`: the peer's, or the supervisor's for it."""
    target = envelope.call.module
    match peers.get(target):
        case None:
            return calls.refusal(envelope, Error.NO_MODULE, "Module not found"), b""
        case Dies(reason):
            sentence = f"module '{target}' ended during {target}.{envelope.call.method}(): {reason}"
            return calls.refusal(envelope, Error.DIED, sentence), b""
        case TooLate():
            return late(envelope), b""
        case peer:
            until = time.monotonic() + seconds
            answer, result = calls.serve(peer, values, envelope, payload)
            if time.monotonic() > until:
                return late(envelope), b""
            return answer, result


def late(envelope: Envelope) -> Envelope:
    """The supervisor's answer to a call whose deadline has passed."""
    target = envelope.call.module
    sentence = f"module '{target}' did not finish {target}.{envelope.call.method}() in time"
    return calls.refusal(envelope, Error.TIMED_OUT, sentence)
