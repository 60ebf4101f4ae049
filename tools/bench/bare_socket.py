"""What moving bytes to another process costs: a unix socket and nothing else.

As a program it is the far end: four bytes ask for so many bytes.
"""

import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


_SIZE = struct.Struct(">I")
START_SECONDS = 30


@contextmanager
def bare_socket(folder: Path) -> Iterator[Callable[[int], bytearray]]:
    """A function that has so many bytes sent from another process."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "bare.sock"))
        listener.listen()
        listener.settimeout(START_SECONDS)
        command = [sys.executable, "-m", "bench.bare_socket", str(folder / "bare.sock")]
        with subprocess.Popen(command) as process:
            try:
                peer, _ = listener.accept()
                with peer:
                    yield lambda size: _fetch(peer, size)
            finally:
                process.terminate()


def _fetch(peer: socket.socket, size: int) -> bytearray:
    # A new one each time, as a caller gets a new object each time.
    block = bytearray(size)
    peer.sendall(_SIZE.pack(size))
    view = memoryview(block)
    while view:
        view = view[peer.recv_into(view) :]
    return block


def main(path: str) -> None:
    """Serve one peer until it is gone."""
    blocks: dict[int, bytes] = {}
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(path)
        while asked := peer.recv(_SIZE.size, socket.MSG_WAITALL):
            (size,) = _SIZE.unpack(asked)
            peer.sendall(blocks.setdefault(size, b"x" * size))


if __name__ == "__main__":
    main(sys.argv[1])
