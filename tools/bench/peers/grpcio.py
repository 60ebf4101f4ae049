"""The peer with a contract: grpcio, synchronous, on a unix socket. As a program, its server.

Requests and answers are bytes: no generated classes are measured, only the library.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]

from bench.peers.far import START_SECONDS, far, stay
from bench.peers.peer import Peer, answer


THREADS = 64
_UNLIMITED = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]


@contextmanager
def peer(folder: Path) -> Iterator[Peer]:
    """All threads share one channel, as its authors advise."""
    address = f"unix:{folder / 'grpc.sock'}"
    with far(__name__, address), grpc.insecure_channel(address, _UNLIMITED) as channel:
        grpc.channel_ready_future(channel).result(timeout=START_SECONDS)
        yield Peer("grpcio", version("grpcio"), channel.unary_unary("/bench.Far/answer"))


def main() -> None:
    """Serve on the address that is given."""

    def serve(asked: bytes, _context: Any) -> bytes:
        return answer(asked)

    server = grpc.server(ThreadPoolExecutor(THREADS), options=_UNLIMITED)
    handlers = {"answer": grpc.unary_unary_rpc_method_handler(serve)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Far", handlers),))
    server.add_insecure_port(sys.argv[1])
    server.start()
    stay()


if __name__ == "__main__":
    main()
