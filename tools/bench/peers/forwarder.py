"""The least that a broker in Python can be: pyzmq, a ROUTER in between, nothing looked at.

As a program it is the forwarder or the far end. What our own broker adds to it are its promises:
who speaks, what is permitted, deadlines, limits, one answer for each call.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import zmq

from bench.peers.far import START_SECONDS, far, stay
from bench.peers.peer import Peer, answer
from bench.peers.pool import Pool


_HELLO = b"far"  # the far end's first message, and the forwarder's answer


@contextmanager
def peer(folder: Path) -> Iterator[Peer]:
    """A DEALER for each call at once, as the callers in a module host have."""
    endpoint = f"ipc://{folder / 'forwarder.sock'}"
    with (
        far(__name__, "forwarder", endpoint),
        far(__name__, "callee", endpoint),
        zmq.Context() as context,
    ):
        context.linger = 0
        context.rcvtimeo = START_SECONDS * 1000

        def connect() -> "zmq.Socket[bytes]":
            socket = context.socket(zmq.DEALER)
            socket.connect(endpoint)
            return socket

        pool = Pool(connect)

        def call(asked: bytes) -> bytes:
            socket = pool.take()
            socket.send(asked)
            found = socket.recv()
            pool.give(socket)
            return found

        try:
            yield Peer("pyzmq forwarder", f"{zmq.pyzmq_version()}/{zmq.zmq_version()}", call)
        finally:
            pool.empty(lambda socket: socket.close(0))


def _forward(endpoint: str) -> None:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as router:
        router.bind(endpoint)
        Thread(target=_pass_on, args=(router,), daemon=True).start()
        stay()


def _pass_on(router: "zmq.Socket[bytes]") -> None:
    more = int(zmq.SNDMORE)
    receive, send = router.recv, router.send
    callee = receive()
    receive()
    send(callee, more)
    send(_HELLO)
    while True:
        sender = receive()
        if sender == callee:
            send(receive(), more)
            send(receive())
        else:
            body = receive()
            send(callee, more)
            send(sender, more)
            send(body)


def _answer(endpoint: str) -> None:
    with zmq.Context() as context, context.socket(zmq.DEALER) as dealer:
        dealer.connect(endpoint)
        dealer.send(_HELLO)
        dealer.recv()
        Thread(target=_serve, args=(dealer,), daemon=True).start()
        stay()


def _serve(dealer: "zmq.Socket[bytes]") -> None:
    more = int(zmq.SNDMORE)
    while True:
        sender, asked = dealer.recv(), dealer.recv()
        dealer.send(sender, more)
        dealer.send(answer(asked))


if __name__ == "__main__":
    {"forwarder": _forward, "callee": _answer}[sys.argv[1]](sys.argv[2])
