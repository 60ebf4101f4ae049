"""A synthetic cluster as a file: one object of documents, compressed, written as it is made."""

import lzma
from pathlib import Path

from bench.clusters.documents import Documents
from bench.clusters.plan import Size
from supervisor.cluster.embedded.snapshot import SHIPPED


PRESET = 0  # a large cluster is written in seconds and read once
PIECE = 1 << 20


def write(size: Size, file: Path, captured: Path = SHIPPED) -> int:
    """Write a cluster of `size` in the shape of `captured`; answers its bytes before compression.

    The file holds the same bytes for the same size, and appears whole. Raises OSError.
    """
    with lzma.open(captured) as source:
        documents = Documents(size, source.read())
    fresh = file.with_name(f"{file.name}.new")
    written = 0
    with lzma.open(fresh, "wb", preset=PRESET) as target:
        waiting = bytearray(b"{")
        for number, name in enumerate(documents.names()):
            waiting += f'{"," if number else ""}"{name}":'.encode()
            for piece in documents.text(name):
                waiting += piece
                if len(waiting) > PIECE:
                    written += target.write(waiting)
                    waiting.clear()
        waiting += b"}"
        written += target.write(waiting)
    fresh.replace(file)
    return written
