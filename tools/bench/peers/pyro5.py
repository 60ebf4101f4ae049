"""Pyro5 on a unix socket, with msgpack: the fastest of its formats for bytes. As a program, its
server.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from threading import Thread

from Pyro5.api import Daemon, Proxy, config, expose

from bench.peers.far import far, stay
from bench.peers.peer import Peer, answer


config.SERIALIZER = "msgpack"


@contextmanager
def peer(folder: Path) -> Iterator[Peer]:
    """A proxy belongs to one thread, so each has its own."""
    socket = folder / "pyro.sock"
    local = threading.local()
    proxies: list[Proxy] = []

    def call(asked: bytes) -> bytes:
        proxy = getattr(local, "proxy", None)
        if proxy is None:
            proxy = local.proxy = Proxy(f"PYRO:far@./u:{socket}")
            proxies.append(proxy)
        found: bytes = proxy.answer(asked)
        return found

    with far(__name__, str(socket)):
        try:
            yield Peer("Pyro5", version("Pyro5"), call)
        finally:
            for proxy in proxies:
                proxy._pyroClaimOwnership()  # noqa: SLF001  # its own name for it
                proxy._pyroRelease()  # noqa: SLF001


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
