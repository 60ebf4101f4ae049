"""The answer of an orchestrator's method: a result, or the exception that it raised.

remote() tells a caller only that a method raised, not what; so an orchestrator's methods never
raise, they answer an OrchResult, and `raise_if_exception` raises on the caller's side.
"""

from __future__ import annotations

import io
import logging
import os
import pickle
from collections.abc import Callable
from functools import wraps
from typing import Any, Generic, TypeVar


T = TypeVar("T")
log = logging.getLogger(__name__)


class OrchResult(Generic[T]):
    """`result`, or an exception: its pickle and, for whoever cannot read that, its text.

    The pickle never leaves the process: the exception crosses as data, and the bytes that the
    receiver finds here were made by its own side.
    """

    __slots__ = ("exception_str", "result", "serialized_exception")

    def __init__(self, result: T | None, exception: Exception | None = None) -> None:
        self.result = result
        self.serialized_exception: bytes | None = None
        self.exception_str = ""
        self.set_exception(exception)

    def set_exception(self, e: Exception | None) -> None:
        """Hold `e` from now on; None: no exception. One that cannot be pickled is held as a plain
        Exception with the same arguments, or where these cannot be either, with the same text.
        """
        self.serialized_exception, self.exception_str = None, ""
        if e is None:
            return
        self.exception_str = f"{type(e)}: {e}"
        self.serialized_exception = _pickled(e) or _pickled(Exception(*e.args))
        if self.serialized_exception is None:
            log.error("exception kept as text only: %s", self.exception_str)
            self.serialized_exception = pickle.dumps(Exception(str(e)))

    def result_str(self) -> str:
        """For people: one line for each item of a list, "" for no result."""
        if self.result is None:
            return ""
        if isinstance(self.result, list):
            return "\n".join(map(str, self.result))
        return str(self.result)


def raise_if_exception(c: OrchResult[T]) -> T:
    """The result; raises the exception, or Exception with its text where it cannot be restored."""
    if not isinstance(c, OrchResult):
        raise TypeError(f"an orchestrator answers OrchResult, not {type(c).__name__}")
    if c.serialized_exception is not None:
        raise _restored(c)
    assert c.result is not None, "OrchResult should either have an exception or a result"
    return c.result


def handle_orch_error(f: Callable[..., T]) -> Callable[..., OrchResult[T]]:
    """Make a method that returns or raises into one that answers an OrchResult.

    With UNITTEST in the environment exceptions are raised, so that a module's own tests show where.
    """

    @wraps(f)
    def answered(*args: Any, **kwargs: Any) -> OrchResult[T]:
        try:
            return OrchResult(f(*args, **kwargs))
        except Exception as error:
            log.exception("%s failed", getattr(f, "__qualname__", f))
            if "UNITTEST" in os.environ:
                raise
            return OrchResult(None, exception=error)

    return answered


class _Restoring(pickle.Unpickler):
    """Reads an exception also where its class takes other arguments than the exception keeps."""

    def find_class(self, module: str, name: str) -> Any:
        found = super().find_class(module, name)
        if not (isinstance(found, type) and issubclass(found, Exception)):
            return found

        def build(*args: Any) -> Exception:
            try:
                return found(*args)
            except TypeError:
                return found.__new__(found, *args)

        return build


def _loads(data: bytes) -> Exception:
    error = _Restoring(io.BytesIO(data)).load()
    if not isinstance(error, Exception):
        raise pickle.UnpicklingError(f"{type(error).__name__} is no exception")
    return error


def _pickled(error: Exception) -> bytes | None:
    """`error` as bytes; None where it cannot be restored from them."""
    try:
        data = pickle.dumps(error)
        _loads(data)
    except Exception:
        return None
    return data


def _restored(c: OrchResult[Any]) -> Exception:
    try:
        return _loads(c.serialized_exception or b"")
    except Exception:
        return Exception(c.exception_str)
