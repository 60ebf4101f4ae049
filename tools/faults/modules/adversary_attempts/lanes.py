"""Attempts on the lanes, where requests and calls go: to speak in another's name."""

import importlib
import socket
from typing import Any

from .attempt import Family, Target, in_child
from .messages import ASKED, KERNEL, NONCE_BYTES, answers, hello, host, own_nonce, store


lanes = Family("lanes")

_SEND_SECONDS = 2.0
_ANSWER_SECONDS = 0.2


def _say(path: str, *envelopes: Any) -> list[Any]:
    """What is answered within a moment."""
    lane = importlib.import_module("module_host.exchange").lane
    found = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
        connection.settimeout(_SEND_SECONDS)
        connection.connect(path)
        for envelope in envelopes:
            lane.send(connection, host().pack(envelope))
        connection.settimeout(_ANSWER_SECONDS)
        try:
            while True:
                found.append(host().unpack(lane.receive(connection))[0])
        except (TimeoutError, ConnectionError):
            return found


@lanes("send a message with a sibling's name on it over a lane: overwrite its key", closed=KERNEL)
def forged_source_lane(at: Target) -> str:
    return str(_say(at.lanes, store("victim", "secret", at.mark)))


@lanes("greet as the sibling's process over a lane, and act as the sibling", closed=KERNEL)
def forged_hello_lane(at: Target) -> str:
    order = store("victim", "secret", at.mark)
    return str(
        [_say(at.lanes, hello(nonce), order) for nonce in (b"\1" * NONCE_BYTES, own_nonce())]
    )


@lanes("write a key over a lane from a forked process", closed=KERNEL)
def forked_write_lane(at: Target) -> str:
    order = store("adversary", at.mark, at.mark)
    return str(in_child(lambda: str(_say(at.lanes, order))[:1000]))


@lanes("answer over a lane what the sibling was asked", beside=True, closed=ASKED)
def forged_answer_lane(at: Target) -> str:
    return str(_say(at.lanes, *answers(at, "victim")))


@lanes(
    "answer over a lane, in nobody's name, all that anybody was ever asked",
    beside=True, closed=ASKED,
)  # fmt: skip
def replayed_answer_lane(at: Target) -> str:
    return str(_say(at.lanes, *answers(at, "")))


@lanes("be called in the sibling's place over a lane", own_word=True, closed=KERNEL)
def serve_as_sibling(at: Target) -> str:
    offer = host().Envelope(id=1, source="victim")
    offer.serve_calls.SetInParent()
    return "taken" if any(said.HasField("done") for said in _say(at.lanes, offer)) else ""
