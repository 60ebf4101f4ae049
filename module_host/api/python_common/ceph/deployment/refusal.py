"""Wrong types in what a description holds become refusals of the description."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from ceph.deployment.hostspec import SpecValidationError


FuncT = TypeVar("FuncT", bound=Callable[..., Any])


def handle_type_error(method: FuncT) -> FuncT:
    """For class methods: what Python says of a missing, unknown or mistyped argument is raised as
    SpecValidationError, the class' name before it.
    """

    @wraps(method)
    def refusing(cls: type, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(cls, *args, **kwargs)
        except (TypeError, AttributeError) as error:
            raise SpecValidationError(f"{cls.__name__}: {error}") from error

    return cast("FuncT", refusing)


def an_object(what: str, given: Any) -> dict[str, Any]:
    """`given`, if it is a JSON object; raises SpecValidationError, which calls it `what`."""
    if not isinstance(given, dict):
        raise SpecValidationError(f"{what} must be an object, not {given!r}")
    return given


def a_text(what: str, given: Any) -> str:
    """`given`, if it is text; raises SpecValidationError, which calls it `what`."""
    if not isinstance(given, str):
        raise SpecValidationError(f"{what} must be a string, not {given!r}")
    return given


def a_list(what: str, given: Any) -> list[Any]:
    """`given`, if it is a list; raises SpecValidationError, which calls it `what`."""
    if not isinstance(given, list):
        raise SpecValidationError(f"{what} must be a list, not {given!r}")
    return given
