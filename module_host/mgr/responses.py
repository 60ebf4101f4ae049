"""Exceptions that a command answers with: a return value and a sentence, instead of a traceback."""

import errno
from typing import Any, Self


class ErrorResponseBase(Exception):
    """What the decorators of `object_format` turn into an answer; others pass through them."""

    def format_response(self) -> tuple[int, str, str]:
        """Give (return value, stdout, stderr)."""
        raise NotImplementedError(f"{type(self).__name__} has no format_response()")


class UnknownFormat(ErrorResponseBase):
    """No formatter knows a format of this name."""

    def __init__(self, format_name: str) -> None:
        super().__init__(format_name)
        self.format_name = format_name

    def format_response(self) -> tuple[int, str, str]:
        return -errno.EINVAL, "", f"Unknown format name: {self.format_name}"


class UnsupportedFormat(ErrorResponseBase):
    """The format is a known one, and this command's formatter cannot write it."""

    def __init__(self, format_name: str) -> None:
        super().__init__(format_name)
        self.format_name = format_name

    def format_response(self) -> tuple[int, str, str]:
        return -errno.EINVAL, "", f"Unsupported format: {self.format_name}"


class ErrorResponse(ErrorResponseBase):
    """`status` is the sentence for stderr; `return_value` 0 or a negative errno, by default EINVAL.

    A return value of 0 is kept: the command then succeeds, with a remark.
    """

    def __init__(self, status: str, return_value: int | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.return_value = -errno.EINVAL if return_value is None else return_value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.status!r}, {self.return_value!r})"

    @property
    def errno(self) -> int:
        """The return value without its sign."""
        return abs(self.return_value)

    def format_response(self) -> tuple[int, str, str]:
        return self.return_value, "", self.status

    def mgr_return_value(self) -> int:
        """Give the return value, as a ReturnValueProvider."""
        return self.return_value

    @classmethod
    def wrap(cls, exc: Exception, return_value: int | None = None) -> "ErrorResponseBase | Self":
        """Make an answer of `exc`: its text, and its `errno` unless a return value is given.

        One that is an answer already is given back as it is.
        """
        if isinstance(exc, ErrorResponseBase):
            return exc
        response = cls(str(exc), _negative(exc) if return_value is None else return_value)
        response.__cause__ = exc
        return response


def _negative(exc: Any) -> int | None:
    """`exc.errno` as a return value; None where there is none, as in `OSError("text")`."""
    try:
        return -abs(int(exc.errno))
    except (AttributeError, TypeError, ValueError):
        return None
