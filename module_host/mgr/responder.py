"""Decorators below `@CLICommand(...)`: the handler returns data or raises, they make the answer."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, Optional

from module_host.mgr.adapters import (
    CommonFormatter,
    ObjectFormatAdapter,
    ReturnValueAdapter,
    StatusValueAdapter,
)
from module_host.mgr.responses import ErrorResponseBase, UnknownFormat, UnsupportedFormat


Handler = Callable[..., tuple[int, str, str]]


class Responder:
    """The handler returns any object; the client gets it in the format that it asked for.

    `formatter` makes a CommonFormatter of such an object. The command gets an argument `format`.
    """

    def __init__(self, formatter: Callable[..., CommonFormatter] | None = None) -> None:
        self.formatter = formatter
        self.default_format = "json"

    def __call__(self, f: Callable[..., Any]) -> Handler:
        """Wrap the handler `f`."""

        @functools.wraps(f)
        def respond(*args: Any, **kwargs: Any) -> tuple[int, str, str]:
            wanted = kwargs.pop("format", None)
            try:
                # Before the handler does anything: what cannot be answered must not be done.
                self._get_format_func({}, wanted)
                result = f(*args, **kwargs)
                body = self._get_format_func(result, wanted)()
                return self._return_value(result), body, self._return_status(result)
            except ErrorResponseBase as error:
                return error.format_response()

        # CLICommand reads extra_args; one that knows nothing of them finds the argument in the
        # signature, as pacific's own.
        respond.extra_args = {"format": str}  # type: ignore[attr-defined]
        respond.__signature__ = _with_format(inspect.signature(f))  # type: ignore[attr-defined]
        return respond

    def _formatter(self, obj: Any) -> CommonFormatter:
        return ObjectFormatAdapter(obj) if self.formatter is None else self.formatter(obj)

    def _get_format_func(self, obj: Any, format_req: str | None) -> Callable[[], str]:
        """Raises UnknownFormat or UnsupportedFormat."""
        name = self.default_format if format_req is None else str(format_req)
        formatter = self._formatter(obj)
        if name not in formatter.valid_formats():
            raise UnknownFormat(name)
        function = getattr(formatter, "format_" + name.replace("-", "_"), None)
        if function is None:
            raise UnsupportedFormat(name)
        return function  # type: ignore[no-any-return]

    def _return_value(self, obj: Any) -> int:
        return ReturnValueAdapter(obj).mgr_return_value()

    def _return_status(self, obj: Any) -> str:
        return StatusValueAdapter(obj).mgr_status_value()


class ErrorResponseHandler:
    """The handler returns an answer itself, or raises an ErrorResponse."""

    def __call__(self, f: Handler) -> Handler:
        """Wrap the handler `f`."""

        @functools.wraps(f)
        def respond(*args: Any, **kwargs: Any) -> tuple[int, str, str]:
            try:
                retval, stdout, stderr = f(*args, **kwargs)
            except ErrorResponseBase as error:
                return error.format_response()
            return retval, stdout, stderr

        respond.__signature__ = inspect.signature(f)  # type: ignore[attr-defined]
        return respond


class ConstantResponderBase:
    """The answer is always the same, whatever the handler returns; an ErrorResponse is another."""

    def mgr_return_value(self) -> int:
        """Give the return value of the constant answer."""
        return 0

    def mgr_body_value(self) -> str:
        """Give its stdout."""
        return ""

    def mgr_status_value(self) -> str:
        """Give its stderr."""
        return ""

    def process_response(self, result: Any) -> None:
        """Look at what the handler returned; raise where it should not have."""

    def __call__(self, f: Callable[..., Any]) -> Handler:
        """Wrap the handler `f`."""

        @functools.wraps(f)
        def respond(*args: Any, **kwargs: Any) -> tuple[int, str, str]:
            try:
                self.process_response(f(*args, **kwargs))
            except ErrorResponseBase as error:
                return error.format_response()
            return self.mgr_return_value(), self.mgr_body_value(), self.mgr_status_value()

        respond.__signature__ = inspect.signature(f)  # type: ignore[attr-defined]
        return respond


class EmptyResponder(ConstantResponderBase):
    """The handler returns None; a success says nothing."""

    def process_response(self, result: Any) -> None:
        if result is not None:
            raise ValueError(
                f"an EmptyResponder's handler returned {type(result).__name__}, not None: "
                "a defect of the module"
            )


def _with_format(signature: inspect.Signature) -> inspect.Signature:
    """Give the signature with the argument `format`, where it has none."""
    if "format" in signature.parameters:
        return signature
    parameters = list(signature.parameters.values())
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    place = sum(parameter.kind in kinds for parameter in parameters)
    added = inspect.Parameter(
        "format",
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=None,
        annotation=Optional[str],  # noqa: UP045  pacific knows no other spelling
    )
    return signature.replace(parameters=[*parameters[:place], added, *parameters[place:]])
