"""Pyro5 on a unix socket, with msgpack: the fastest of its formats for bytes. As a program, its
server.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any

from Pyro5.api import Daemon, Proxy, config, expose

from bench.peers.far import far, stay
from bench.peers.peer import Peer, answer
from bench.peers.pool import Pool


config.SERIALIZER = "msgpack"
config.THREADPOOL_SIZE = 100  # a connection takes one


@contextmanager
def peer(folder: Path) -> Iterator[Peer]:
    """A proxy belongs to one thread at a time."""
    socket = folder / "pyro.sock"
    pool: Pool[Any] = Pool(lambda: Proxy(f"PYRO:far@./u:{socket}"))

    def call(asked: bytes) -> bytes:
        proxy = pool.take()
        proxy._pyroClaimOwnership()  # noqa: SLF001  # its own name for it
        found: bytes = proxy.answer(asked)
        pool.give(proxy)
        return found

    def close(proxy: Any) -> None:
        proxy._pyroClaimOwnership()  # noqa: SLF001
        proxy._pyroRelease()  # noqa: SLF001

    with far(__name__, str(socket)):
        try:
            yield Peer("Pyro5", version("Pyro5"), call)
        finally:
            pool.empty(close)


class _Far:
    @expose  # type: ignore[untyped-decorator]
    def answer(self, asked: bytes) -> bytes:
        return answer(asked)


def main() -> None:
    """Serve on the socket that is given."""
    daemon = Daemon(unixsocket=sys.argv[1])
    daemon.register(_Far(), "far")
    Thread(target=daemon.requestLoop, daemon=True).start()
    stay()


if __name__ == "__main__":
    main()
