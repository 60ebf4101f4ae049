"""The peer with a contract: grpcio, synchronous, on a unix socket. As a program it is the server.

Arguments and results are JSON, so that what is measured is the library and no generated classes.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import Any

import grpc  # type: ignore[import-untyped]

from bench.path import Path, echo, timed


METHOD = "/bench.Echo/echo"
CONNECT_SECONDS = 20


def serve(address: str) -> None:
    """Answer until standard input is closed: the harness' end closes it."""

    def answer(request: bytes, _context: Any) -> bytes:
        return json.dumps(echo(*json.loads(request))).encode()

    server = grpc.server(ThreadPoolExecutor(4))
    handlers = {"echo": grpc.unary_unary_rpc_method_handler(answer)}
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("bench.Echo", handlers),))
    server.add_insecure_port(address)
    server.start()
    sys.stdin.read()
    server.stop(None).wait()


@contextmanager
def grpcio(folder: FilePath) -> Iterator[Path]:
    """The path to a method in another process."""
    address = f"unix:{folder / 'grpc.sock'}"
    with subprocess.Popen(
        [sys.executable, "-m", "bench.peer_grpc", address], stdin=subprocess.PIPE
    ) as server:
        try:
            with grpc.insecure_channel(address) as channel:
                grpc.channel_ready_future(channel).result(timeout=CONNECT_SECONDS)
                method = channel.unary_unary(METHOD)
                yield Path(
                    "grpcio",
                    timed(lambda n: json.loads(method(json.dumps([n, "text"]).encode()))),
                )
        finally:
            assert server.stdin is not None
            server.stdin.close()


if __name__ == "__main__":
    serve(sys.argv[1])
