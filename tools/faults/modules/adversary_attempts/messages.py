"""Messages that a module host would never send."""

import importlib
import sys
from collections.abc import Iterator
from typing import Any

from .attempt import Target


KERNEL = "always: the kernel says which process speaks"
ASKED = "always: only who was asked can answer, once"
IDS = 2000  # of calls that there may be
NONCE_BYTES = 16


def host() -> Any:
    """What the host packs its messages with; by way of the host, since `proto` by that name is not
    the host's own in a module.
    """
    return importlib.import_module("module_host.link")


def store(source: str, key: str, value: str) -> Any:
    """To set a key in the name of `source`."""
    envelope = host().Envelope(id=1, source=source)
    envelope.set_store.key, envelope.set_store.value = key, value
    return envelope


def hello(nonce: bytes) -> Any:
    """To be taken for the sibling."""
    envelope = host().Envelope()
    envelope.hello.versions.CopyFrom(host().ours())
    envelope.hello.nonce, envelope.hello.module = nonce, "victim"
    return envelope


def answers(at: Target, source: str) -> Iterator[Any]:
    """To whatever was asked, in the name of `source`."""
    for number in range(1, IDS):
        result = host().Envelope(id=number, source=source)
        result.command_result.stdout = at.mark.encode()
        yield result


def own_nonce() -> bytes:
    """From the stacks of its own process' threads, one of which was given it."""
    for frame in sys._current_frames().values():  # noqa: SLF001  Python has no other
        caller: Any = frame
        while caller is not None:
            for value in caller.f_locals.values():
                nonce = getattr(value, "nonce", None)
                if isinstance(nonce, bytes) and len(nonce) == NONCE_BYTES:
                    return nonce
            caller = caller.f_back
    raise LookupError("its own nonce is nowhere to be found")
