"""RPyC on a unix socket, without its compression. As a program, its server.

Bytes go by value; of what goes by reference every use would be another call.
"""

import sys
import time
from collections.abc import Iterator
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
from bench.peers.pool import Pool


Channel.COMPRESSION_THRESHOLD = 1 << 31  # on one machine it only costs


@contextmanager
def peer(folder: Path) -> Iterator[Peer]:
    """A connection for each call at once: on a shared one they would wait for each other."""
    socket = str(folder / "rpyc.sock")

    def connect() -> tuple[Any, Any]:
        connection = rpyc.utils.factory.unix_connect(socket)
        return connection, connection.root.answer

    pool = Pool(connect)

    def call(asked: bytes) -> bytes:
        lent = pool.take()
        found: bytes = lent[1](asked)
        pool.give(lent)
        return found

    with far(__name__, socket):
        try:
            yield Peer("RPyC", version("rpyc"), call)
        finally:
            pool.empty(lambda lent: lent[0].close())


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
