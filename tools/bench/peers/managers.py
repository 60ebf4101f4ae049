"""The standard library's peer: multiprocessing.managers on a unix socket. As a program, its server.

It pickles, so each side runs what the other one sends.
"""

import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.managers import BaseManager
from pathlib import Path
from threading import Thread

from bench.peers.far import far, stay
from bench.peers.peer import Peer, answer


_KEY = b"bench"  # both ends are ours, in a folder of ours


class _Far:
    def answer(self, asked: bytes) -> bytes:
        return answer(asked)


class _Server(BaseManager):
    pass


_Server.register("Far", _Far)


@contextmanager
def peer(folder: Path) -> Iterator[Peer]:
    """Each thread has a connection of its own, which the library keeps."""
    address = str(folder / "managers.sock")
    with far(__name__, address):
        server = _Server(address, authkey=_KEY)
        server.connect()
        distant = server.Far()  # type: ignore[attr-defined]  # register() makes it
        yield Peer("multiprocessing.managers", platform.python_version(), distant.answer)


def main() -> None:
    """Serve on the socket that is given."""
    server = _Server(sys.argv[1], authkey=_KEY).get_server()
    Thread(target=server.serve_forever, daemon=True).start()
    stay()


if __name__ == "__main__":
    main()
