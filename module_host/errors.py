"""Why a remote() call has no result, beside ImportError and NameError: all are RuntimeErrors, as
modules expect, and say in `kind` which it was.
"""

from enum import StrEnum

from proto.v1.envelope_pb2 import Error


class Kind(StrEnum):
    """What became of the call."""

    RAISED = "raised"
    DIED = "died"
    TIMED_OUT = "timed out"
    REFUSED = "refused"


class RemoteError(RuntimeError):
    """The called method raised; `traceback` is the callee's, "" where there is none."""

    kind = Kind.RAISED

    def __init__(self, message: str, traceback: str = "") -> None:
        super().__init__(message)
        self.traceback = traceback


class RemoteDied(RemoteError):  # noqa: N818  reads as what happened
    """The callee's process ended during the call; whether the method took effect is unknown."""

    kind = Kind.DIED


class RemoteTimedOut(RemoteError):  # noqa: N818  reads as what happened
    """The deadline passed; the method may still be running."""

    kind = Kind.TIMED_OUT


class RemoteRefused(RemoteError):  # noqa: N818  reads as what happened
    """Not permitted, or a value that cannot cross: no method ran, or its result is lost."""

    kind = Kind.REFUSED


def exception(error: Error) -> Exception:
    """What the caller of remote() is raised for `error`."""
    match error.kind:
        case Error.NO_MODULE:
            return ImportError("Module not found")
        case Error.NO_METHOD:
            return NameError("Method not found")
        case Error.RAISED:
            return RemoteError(error.message, error.traceback)
        case Error.DIED:
            return RemoteDied(error.message)
        case Error.TIMED_OUT:
            return RemoteTimedOut(error.message)
    return RemoteRefused(error.message)
