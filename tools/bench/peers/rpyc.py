"""RPyC on a unix socket, without its compression. As a program, its server.

Bytes go by value; of what goes by reference every use would be another call. What it sends it cuts
off the front of the rest, piece by piece, so that large results take it seconds.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
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


LONGEST_SECONDS = 120  # of a call: by default it gives 50 MiB up on a busy machine
Channel.COMPRESSION_THRESHOLD = 1 << 31  # on one machine it only costs


def peer(folder: Path) -> AbstractContextManager[Peer]:
    """Called as its users write it, and as remote() is called: the method by its name each time."""
    return _peer("RPyC", folder, lambda connection: partial(_by_name, connection))


def held(folder: Path) -> AbstractContextManager[Peer]:
    """The reference to the method is asked for once and kept: one round trip instead of several."""
    return _peer("RPyC, method held", folder, lambda connection: connection.root.answer)


def _by_name(connection: Any, asked: bytes) -> Any:
    return connection.root.answer(asked)


@contextmanager
def _peer(name: str, folder: Path, method: Callable[[Any], Any]) -> Iterator[Peer]:
    """A connection for each call at once: on a shared one they would wait for each other."""
    socket = str(folder / "rpyc.sock")

    def connect() -> tuple[Any, Callable[[bytes], bytes]]:
        connection = rpyc.utils.factory.unix_connect(
            socket, config={"sync_request_timeout": LONGEST_SECONDS}
        )
        return connection, method(connection)

    pool = Pool(connect)

    def call(asked: bytes) -> bytes:
        lent = pool.take()
        found = lent[1](asked)
        pool.give(lent)
        return found

    with far(__name__, socket):
        try:
            yield Peer(name, version("rpyc"), call)
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
