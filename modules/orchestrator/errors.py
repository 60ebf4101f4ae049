"""What an orchestrator raises at its callers. Texts and errnos reach whoever typed the command."""

from __future__ import annotations

import errno as codes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any


class OrchestratorError(Exception):
    """A deployment, a configuration or a request that is wrong; not a bug in a backend.

    `errno` is negative. `event_subject`: the ("service" or "daemon", name) that a backend should
    note the error for, None where it is about none.
    """

    def __init__(
        self,
        msg: str,
        errno: int = -codes.EINVAL,
        event_kind_subject: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(msg)
        self.errno = errno
        self.event_subject = event_kind_subject


class NoOrchestrator(OrchestratorError):  # noqa: N818 - upstream's name
    """Nobody has chosen a backend."""

    def __init__(
        self, msg: str = "No orchestrator configured (try `ceph orch set backend`)"
    ) -> None:
        super().__init__(msg, errno=-codes.ENOENT)


class OrchestratorValidationError(OrchestratorError):
    """A request that this orchestrator cannot fulfil as it stands."""


@contextmanager
def set_exception_subject(kind: str, subject: str, overwrite: bool = False) -> Iterator[None]:
    """Have an OrchestratorError that passes through be about `kind` `subject`.

    As observed on 16.2.15, the subject is replaced whether `overwrite` says so or not.
    """
    try:
        yield
    except OrchestratorError as error:
        if overwrite or hasattr(error, "event_subject"):
            error.event_subject = (kind, subject)
        raise


def handle_type_error(method: Callable[..., Any]) -> Callable[..., Any]:
    """Turn a class method's TypeError, an unknown or missing field, into a validation error."""

    @wraps(method)
    def checked(cls: type, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(cls, *args, **kwargs)
        except TypeError as error:
            text = f"{cls.__name__}: {error}"
        raise OrchestratorValidationError(text)

    return checked
