"""On whose behalf a thread works, and until when: what goes along with the calls it makes."""

import threading
import time
from typing import NamedTuple

from proto.v1.envelope_pb2 import Envelope


class Context(NamedTuple):  # made for each call: a frozen dataclass takes several times as long
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


class working:  # noqa: N801  # reads as a statement
    """For `with`: work within `context` on this thread."""

    __slots__ = ("_before", "_context")

    def __init__(self, context: Context) -> None:
        self._context = context

    def __enter__(self) -> None:
        self._before = current()
        _local.context = self._context

    def __exit__(self, *_: object) -> None:
        _local.context = self._before
