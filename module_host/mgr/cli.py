"""Decorators that turn a method into a command of the `ceph` command line."""

import errno
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from module_host.mgr import argdesc
from module_host.mgr.constants import ERROR_MSG_EMPTY_INPUT_FILE, ERROR_MSG_NO_INPUT_FILE
from module_host.mgr.results import HandleCommandResult


HandlerFuncType = Callable[..., tuple[int, str, str]]


class CLICommand:
    """A command and its handler. Descriptor and help come from the signature and the docstring."""

    COMMANDS: ClassVar[dict[str, "CLICommand"]] = {}
    KNOWN_ARGS = "_", "self", "mgr", "inbuf", "return"  # parameters that are no arguments

    def __init__(self, prefix: str, perm: str = "rw", poll: bool = False) -> None:
        self.prefix = prefix
        self.perm = perm
        self.poll = poll
        self.func: Callable[..., Any] | None = None
        self.desc = ""
        self.args = ""
        self.arg_spec: dict[str, Any] = {}
        self.first_default = -1

    @staticmethod
    def load_func_metadata(f: HandlerFuncType) -> tuple[str, dict[str, Any], int, str]:
        """Give (help, annotations, index of the first default, descriptor of the arguments).

        Raises ValueError for a parameter without annotation or with one that means no type.
        """
        target, extra = _undecorated(f)
        spec = inspect.getfullargspec(target)
        annotations = spec.annotations
        # Annotations are counted, of which "return" is one and "self" none: upstream's count, off
        # by one where a handler has no return annotation. Descriptors must equal upstream's.
        first_default = len(annotations) - len(spec.defaults or ())
        described = []
        for index, name in enumerate(spec.args):
            if name in CLICommand.KNOWN_ARGS:
                continue
            if name not in annotations:
                raise ValueError(f"{f.__qualname__}(): parameter '{name}' needs an annotation")
            if name == "prefix":
                raise ValueError(
                    f"{f.__qualname__}(): a parameter cannot be called 'prefix': that is what the "
                    "command's own words are called"
                )
            described.append(argdesc.describe(name, annotations[name], index >= first_default))
        for name in [name for name in extra if name not in annotations]:
            # By name only: `--format yaml`.
            described.append(argdesc.describe(name, extra[name], True) + ",positional=false")
            annotations[name] = extra[name]
        text = (inspect.getdoc(f) or "").replace("\n", " ")
        return text, annotations, first_default, " ".join(described)

    def store_func_metadata(self, f: HandlerFuncType) -> None:
        """Read the signature and docstring of `f` into this command."""
        self.desc, self.arg_spec, self.first_default, self.args = self.load_func_metadata(f)

    def __call__(self, func: HandlerFuncType) -> HandlerFuncType:
        """Register `func` as the handler, unchanged."""
        self.store_func_metadata(func)
        self.func = func
        self.COMMANDS[self.prefix] = self
        return func

    def call(
        self, mgr: Any, cmd_dict: Mapping[str, Any], inbuf: str | None = None
    ) -> HandleCommandResult:
        """Run the handler on what a client sent; a missing optional argument is not passed."""
        if self.func is None:
            raise RuntimeError(f"command '{self.prefix}' has no handler")
        arguments = self._collect_args_by_argspec(cmd_dict)
        if inbuf:
            arguments["inbuf"] = inbuf
        result: HandleCommandResult = self.func(mgr, **arguments)
        return result

    def _collect_args_by_argspec(self, cmd_dict: Mapping[str, Any]) -> dict[str, Any]:
        """From the first value that reads `key=value`, with a key of this command, all do.

        As upstream, such a value gets the type of the argument in whose place it stands, and a
        required one that is missing is converted from None: text becomes "None".
        """
        collected: dict[str, Any] = {}
        keyed = False
        for index, (name, annotation) in enumerate(self.arg_spec.items()):
            value = cmd_dict.get(name)
            if name in self.KNOWN_ARGS or (value is None and index >= self.first_default):
                continue
            keyed = keyed or self._is_keyed(value)
            key = name
            if keyed:
                key, equals, value = str(value).partition("=")
                if not equals:
                    raise ValueError(f"{key!r} comes after key=value and must be key=value too")
            collected[key.replace("-", "_")] = argdesc.convert(annotation, value)
        return collected

    def _is_keyed(self, value: Any) -> bool:
        return isinstance(value, str) and "=" in value and value.partition("=")[0] in self.arg_spec

    def dump_cmd(self) -> dict[str, str | bool]:
        """Give the entry for COMMANDS."""
        return {
            "cmd": f"{self.prefix} {self.args}",
            "desc": self.desc,
            "perm": self.perm,
            "poll": self.poll,
        }

    @classmethod
    def dump_cmd_list(cls, package: str = "") -> list[dict[str, str | bool]]:
        """Give the entries of all commands, or of those whose handlers are in `package`.

        A module that imports another module's package has that one's commands in the registry.
        """
        return [
            command.dump_cmd()
            for command in cls.COMMANDS.values()
            if not package or command.package() == package
        ]

    def package(self) -> str:
        """Name of the top-level package that the handler was written in."""
        return str(getattr(self.func, "__module__", "")).partition(".")[0]


def _undecorated(f: Callable[..., Any]) -> tuple[Callable[..., Any], dict[str, Any]]:
    """The function that takes a command's arguments, and the `extra_args` of decorators around it.

    A decorator that states a signature of its own is taken at its word.
    """
    extra: dict[str, Any] = {}

    def stands_for_itself(layer: Any) -> bool:
        extra.update(getattr(layer, "extra_args", {}))
        return hasattr(layer, "__signature__") and not hasattr(layer, "extra_args")

    return inspect.unwrap(f, stop=stands_for_itself), extra


def CLIReadCommand(prefix: str, poll: bool = False) -> CLICommand:
    """Declare a command that changes nothing."""
    return CLICommand(prefix, "r", poll)


def CLIWriteCommand(prefix: str, poll: bool = False) -> CLICommand:
    """Declare a command that reads nothing."""
    return CLICommand(prefix, "w", poll)


def CLICheckNonemptyFileInput(desc: str) -> Callable[[HandlerFuncType], HandlerFuncType]:
    """Refuse a command that comes without a file (`-i`), or with an empty one; `desc`: of what."""

    def decorate(func: HandlerFuncType) -> HandlerFuncType:
        @functools.wraps(func)
        def check(*args: Any, **kwargs: Any) -> tuple[int, str, str]:
            if "inbuf" not in kwargs:
                hint = f'Please specify the file containing {desc} with "-i" option'
                return -errno.EINVAL, "", f"{ERROR_MSG_NO_INPUT_FILE}: {hint}"
            if isinstance(kwargs["inbuf"], str):
                # Editors end the last line; a password or a key does not.
                kwargs["inbuf"] = kwargs["inbuf"].rstrip("\r\n")
            if not kwargs["inbuf"] or not kwargs["inbuf"].strip():
                hint = f"Please add {desc} to the file"
                return -errno.EINVAL, "", f"{ERROR_MSG_EMPTY_INPUT_FILE}: {hint}"
            return func(*args, **kwargs)

        check.__signature__ = inspect.signature(func)  # type: ignore[attr-defined]
        return check

    return decorate
