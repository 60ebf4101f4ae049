"""Faults on the supervisor's bus: what a hostile module host may send there.

The process is a host that the supervisor has started, so the kernel vouches for its pid: all that
is wrong is in the messages.
"""

import importlib
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import zmq


MESSAGES = 500
FIRST_IDS = 20_000  # ids of calls that there may have been
FLUSH_MS = 2000
NONCE_BYTES = 16

Plan = dict[str, Any]
# By way of the host: `proto` by that name is not the host's own in a module.
_host = importlib.import_module("module_host.link")
Envelope, pack, ours = _host.Envelope, _host.pack, _host.ours


@contextmanager
def _connection(plan: Plan) -> "Iterator[zmq.Socket[bytes]]":
    context = zmq.Context()
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.LINGER, FLUSH_MS)
    socket.setsockopt(zmq.SNDTIMEO, FLUSH_MS)
    socket.connect(f"ipc://{plan['bus']}")
    try:
        yield socket
    finally:
        socket.close()
        context.term()


def garbage(plan: Plan) -> None:
    """Random bytes, in one to three frames each."""
    rng = random.Random(plan["seed"])  # noqa: S311  replayed by its seed, no secret
    with _connection(plan) as socket:
        for _ in range(MESSAGES):
            frames = [rng.randbytes(rng.randrange(300)) for _ in range(rng.randrange(1, 4))]
            socket.send_multipart(frames)


def forged(plan: Plan) -> None:
    """Messages that say they come from a sibling, answers to calls that others were asked, a Hello
    with a nonce of its own making.
    """
    store = Envelope(id=1, source="innocent_a")
    store.set_store.key, store.set_store.value = "forged", "yes"
    hello = Envelope()
    hello.hello.versions.CopyFrom(ours())
    hello.hello.nonce, hello.hello.module = b"\1" * NONCE_BYTES, "innocent_a"
    with _connection(plan) as socket:
        for envelope in (store, hello, *_answers("innocent_b")):
            socket.send_multipart(pack(envelope))


def replayed(plan: Plan) -> None:
    """Every id that there was is answered again; and a Hello that was good once."""
    with _connection(plan) as socket:
        for envelope in _answers(""):
            socket.send_multipart(pack(envelope))
        if "nonce" in plan:
            hello = Envelope()
            hello.hello.versions.CopyFrom(ours())
            hello.hello.nonce = plan["nonce"]
            socket.send_multipart(pack(hello))
    time.sleep(0.2)


def _answers(source: str) -> Iterator[Any]:
    for number in range(1, FIRST_IDS, 2):
        result = Envelope(id=number, source=source)
        result.command_result.stdout = b"forged"
        yield result
        error = Envelope(id=number + 1, source=source)
        error.error.kind, error.error.message = error.error.DIED, "forged"
        yield error
