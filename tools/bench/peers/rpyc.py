"""RPyC on a unix socket, without its compression. As a program, its server.

Bytes go by value; of what goes by reference every use would be another call.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any

import rpyc
from rpyc.core.channel import Channel
from rpyc.utils.server import ThreadedServer

from bench.peers.far import far, stay
from bench.peers.peer import Peer, answer


Channel.COMPRESSION_THRESHOLD = 1 << 31  # on one machine it only costs


@contextmanager
def peer(folder: Path) -> Iterator[Peer]:
    """A connection for each thread: on a shared one they would wait for each other."""
    socket = str(folder / "rpyc.sock")
    local = threading.local()
    connections: list[Any] = []

    def call(asked: bytes) -> bytes:
        distant: Callable[[bytes], bytes] | None = getattr(local, "answer", None)
        if distant is None:
            connection = rpyc.utils.factory.unix_connect(socket)
            connections.append(connection)
            distant = local.answer = connection.root.answer
        return distant(asked)

    with far(__name__, socket):
        try:
            yield Peer("RPyC", version("rpyc"), call)
        finally:
            for connection in connections:
                connection.close()


class _Far(rpyc.Service):  # type: ignore[misc]
    def exposed_answer(self, asked: bytes) -> bytes:
        return answer(asked)


def main() -> None:
    """Serve on the socket that is given."""
    server = ThreadedServer(_Far, socket_path=sys.argv[1])
    Thread(target=server.start, daemon=True).start()
    while not server.active:  # it listens only once it runs
        time.sleep(0.01)
    stay()


if __name__ == "__main__":
    main()
