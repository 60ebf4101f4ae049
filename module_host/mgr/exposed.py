"""`API.expose` and `API.perm`: marks on methods that may be called from outside, and no more."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar


F = TypeVar("F", bound=Callable[..., Any])


class _Mark:
    """A decorator that leaves an attribute on a function."""

    _ATTR_TOKEN: ClassVar[str]
    _default: ClassVar[Any]

    def __init__(self, value: Any = None) -> None:
        self.value = self._default if value is None else value

    def __call__(self, func: F) -> F:
        setattr(func, self._ATTR_TOKEN, self.value)
        return func

    @classmethod
    def get(cls, func: Callable[..., Any]) -> Any:
        """Give the value left on `func`, or the default."""
        return getattr(func, cls._ATTR_TOKEN, cls._default)


class API:
    """Nothing checks the marks here; upstream's `cli_api` module reads them."""

    @staticmethod
    def DecoratorFactory(attr: str, default: Any) -> type[_Mark]:
        """Make a decorator class that leaves `__ATTR_<attr>__`."""
        token = f"__ATTR_{attr.upper()}__"
        return type("DecoratorClass", (_Mark,), {"_ATTR_TOKEN": token, "_default": default})

    perm = DecoratorFactory("perm", default="r")
    expose = DecoratorFactory("expose", default=False)(True)
