"""On whose behalf a thread works, and until when: what goes along with the calls it makes."""

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

from proto.v1.envelope_pb2 import Envelope


@dataclass(frozen=True)
class Context:
    """`chain`: modules whose calls led here, outermost first; `expires`: monotonic, None: never."""

    chain: tuple[str, ...] = ()
    expires: float | None = None

    def remaining(self) -> float | None:
        """Seconds left, None where there is no deadline."""
        return None if self.expires is None else self.expires - time.monotonic()


_NOBODY = Context()
_local = threading.local()


def current() -> Context:
    """The context of the calling thread."""
    context: Context = getattr(_local, "context", _NOBODY)
    return context


def of(envelope: Envelope) -> Context:
    """The context that a message from the supervisor brings; the clock starts now."""
    expires = time.monotonic() + envelope.deadline_ms / 1000 if envelope.deadline_ms else None
    return Context(tuple(envelope.chain), expires)


@contextlib.contextmanager
def working(context: Context) -> Iterator[None]:
    """Work within `context` on this thread."""
    before = current()
    _local.context = context
    try:
        yield
    finally:
        _local.context = before
