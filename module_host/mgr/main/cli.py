"""The newest interface's decorators: each module has a registry of its own."""

import errno
import functools
import inspect
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from module_host.mgr import argdesc
from module_host.mgr.cli import CLICommand, HandlerFuncType
from module_host.mgr.main.database import damage
from module_host.mgr.results import HandleCommandResult
from proto.argtypes import CephSizeBytes


END_POSITIONAL = "_end_positional_"


class CLI_ANNOTATIONS:
    """What `Annotated[int, ...]` may say of a command's argument."""

    MemorySize = CephSizeBytes()  # "4096", "5K", "10MB"; the handler gets bytes


class CLICommandBase(CLICommand):
    """A command and its handler, in the registry of the class that it was made with."""

    COMMANDS: ClassVar[dict[str, CLICommand]] = {}

    @classmethod
    def make_registry_subtype(cls, name: str) -> type[Self]:
        """Give a subclass called `name` with a registry of its own."""
        return type(name, (cls,), {"COMMANDS": {}})

    @classmethod
    def Read(cls, prefix: str, poll: bool = False) -> Self:
        """Declare a command that changes nothing."""
        return cls(prefix, "r", poll)

    @classmethod
    def Write(cls, prefix: str, poll: bool = False) -> Self:
        """Declare a command that reads nothing."""
        return cls(prefix, "w", poll)

    @classmethod
    def _load_func_metadata(cls, f: HandlerFuncType) -> tuple[str, dict[str, Any], int, str]:
        """As pacific's, and: `f` may be wrapped by decorators that add arguments (`extra_args`);
        from `_end_positional_`, the first bool or `format` on, arguments need their names.
        """
        f, extra = _unwrapped(f)
        spec = inspect.getfullargspec(f)
        annotations = dict(spec.annotations)
        first_default = len(annotations) - len(spec.defaults or ())
        described = []
        positional = True
        for index, name in enumerate(spec.args):
            if name in cls.KNOWN_ARGS:
                if name == "inbuf":
                    annotations.setdefault("inbuf", str)
                continue
            if name == END_POSITIONAL:
                positional = False
                continue
            if name not in annotations:
                raise ValueError(f"{f.__qualname__}(): parameter '{name}' needs an annotation")
            annotation = annotations[name]
            if name == "format" or annotation in (bool, bool | None):
                positional = False
            optional = index >= first_default
            described.append(argdesc.describe(name, annotation, optional, positional))
        for name, annotation in extra.items():
            if name not in annotations:
                annotations[name] = annotation
                described.append(argdesc.describe(name, annotation, True, False))
        annotations.pop(END_POSITIONAL, None)
        text = (inspect.getdoc(f) or "").replace("\n", " ")
        return text, annotations, first_default, " ".join(described)

    def store_func_metadata(self, f: HandlerFuncType) -> None:
        """Read the signature and docstring of `f` into this command."""
        self.desc, self.arg_spec, self.first_default, self.args = self._load_func_metadata(f)

    def call(
        self, mgr: Any, cmd_dict: Mapping[str, Any], inbuf: str | None = None
    ) -> HandleCommandResult:
        """As pacific's; data that the handler does not take is refused, and a module database that
        is damaged is reported in one sentence.
        """
        if inbuf and "inbuf" not in self.arg_spec:
            sentence = "Invalid command: Input file data (-i) not supported"
            return HandleCommandResult(-errno.EINVAL, "", sentence)
        try:
            return super().call(mgr, cmd_dict, inbuf)
        except sqlite3.DatabaseError as error:
            damaged = damage(error, mgr)
            if damaged is None:
                raise
            mgr.log.error("%s", damaged)
            return HandleCommandResult(-errno.EIO, "", str(damaged))


class Command(CLICommandBase):
    """A command whose handler is given by a call."""

    def __init__(
        self,
        prefix: str,
        perm: str = "rw",
        poll: bool = False,
        handler: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(prefix, perm, poll)
        if handler is not None:
            self(handler)


def CLIRequiresDB(func: HandlerFuncType) -> HandlerFuncType:
    """Refuse a command with -EAGAIN until the module's database can be used."""

    @functools.wraps(func)
    def check(self: Any, *args: Any, **kwargs: Any) -> tuple[int, str, str]:
        if not self.db_ready():
            return -errno.EAGAIN, "", "mgr db not yet available"
        return func(self, *args, **kwargs)

    check.__signature__ = inspect.signature(func)  # type: ignore[attr-defined]
    return check


def _unwrapped(f: HandlerFuncType) -> tuple[HandlerFuncType, dict[str, Any]]:
    """Give the innermost function and the arguments that the wrappers around it add."""
    extra: dict[str, Any] = {}
    while (inner := getattr(f, "__wrapped__", None)) is not None:
        extra |= getattr(f, "extra_args", {})
        f = inner
    return f, extra
