"""What a peer is, and the one function that every peer calls.

A request is its answer's size in four bytes, then whatever makes it as long as wanted. So the same
call measures small arguments and large results, and no peer encodes more than its own headers.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache


SMALL = 32  # bytes of a request with small arguments
_SIZE = struct.Struct(">I")


class NotMeasuredError(Exception):
    """A peer cannot be measured here; the text says why."""


@dataclass(frozen=True)
class Peer:
    """A function in another process. `call` is safe from every thread, and waits for the answer."""

    name: str
    version: str
    call: Callable[[bytes], bytes]


def request(size: int, length: int = SMALL) -> bytes:
    """A request of `length` bytes for an answer of `size` bytes."""
    return _SIZE.pack(size).ljust(length, b"\0")


def answer(asked: bytes) -> bytes:
    """What every far end does with a request."""
    return _block(*_SIZE.unpack_from(asked))


@lru_cache(maxsize=4)
def _block(size: int) -> bytes:
    # Kept, so that what is measured is the way of the bytes and not their making.
    return b"x" * size
