"""From a handler's annotations to the arguments of a command descriptor, and back to values.

An annotation is a plain type, an Enum, Optional, a list or tuple of these, or an instance of an
argument type: ours (`proto.argtypes`) or one of `ceph_argparse`, which has `argdesc()`. In the
newest interface also Annotated: what stands behind the plain type is the argument type. What could
be declared but never called, such as a list of lists, is refused; upstream lets it pass.
"""

import re
import types
from collections.abc import Sequence
from enum import Enum
from typing import Annotated, Any, Union, get_args, get_origin

from proto.argtypes import ArgType


_PLAIN = {str: "CephString", int: "CephInt", float: "CephFloat", bool: "CephBool"}
_UNIONS = (Union, types.UnionType)
_SEPARATORS = re.compile(r"[\s,|]")  # of words, fields and choices in a descriptor


def describe(name: str, annotation: Any, optional: bool, positional: bool = True) -> str:
    """Give the descriptor of one argument, `name=pool,req=false,type=CephString`.

    Fields come in upstream's order. Raises ValueError for an annotation that means no type.
    """
    fields = {"name": name}
    if not positional:
        fields["positional"] = "false"
    return _described(annotation, fields, optional=optional)


def convert(annotation: Any, value: Any) -> Any:
    """Make what a client sent into what the handler expects.

    The value is not checked further: the ceph client does that before it sends. As upstream,
    `bool("false")` is True; raises ValueError or TypeError where a conversion fails.
    """
    if annotation in _PLAIN:
        return annotation(value)
    if _is_enum(annotation):
        return _member(annotation, value)
    inner = get_args(annotation)
    match get_origin(annotation):
        case origin if origin in _UNIONS:
            return convert(inner[0], value)
        case origin if origin is tuple:
            return tuple(convert(inner[0], item) for item in value)
        case origin if origin in (list, Sequence):
            return [convert(inner[0], item) for item in value]
        case origin if origin is Annotated:
            return _annotated(inner).value(value) if isinstance(value, str) else inner[0](value)
    if _is_instance(annotation):
        return value
    raise ValueError(f"unknown type '{annotation}': '{value}'")


def _described(annotation: Any, fields: dict[str, str], *, optional: bool) -> str:
    if optional:
        fields["req"] = "false"
    if annotation in _PLAIN:
        return _joined(fields | {"type": _PLAIN[annotation]})
    if hasattr(annotation, "argdesc"):
        return str(annotation.argdesc(fields))
    if isinstance(annotation, ArgType):
        return _joined(fields | annotation.fields() | {"type": type(annotation).__name__})
    if _is_enum(annotation):
        words = "|".join(str(member.value) for member in annotation)
        if any(_SEPARATORS.search(str(member.value)) for member in annotation):
            raise ValueError(
                f"argument {fields['name']!r}: a value of {annotation.__name__} has a blank, "
                "a comma or a bar in it, so that it cannot be a word of a command"
            )
        return _joined(fields | {"strings": words, "type": "CephChoices"})
    inner = get_args(annotation)
    match get_origin(annotation):
        case origin if origin in _UNIONS and len(inner) == 2 and inner[1] is types.NoneType:
            return _described(inner[0], fields, optional=True)
        case origin if origin in (list, Sequence) and inner and "n" not in fields:
            return _described(inner[0], fields | {"n": "N"}, optional=False)
        case origin if origin is Annotated and _annotated(inner):
            return _described(_annotated(inner), fields, optional=False)
        case origin if origin is tuple and len(set(inner)) == 1 and "n" not in fields:
            return _described(inner[0], fields | {"n": str(len(inner))}, optional=False)
    raise ValueError(f"argument {fields['name']!r}: no command argument can be a {annotation!r}")


def _annotated(inner: tuple[Any, ...]) -> Any:
    return next((mark for mark in inner[1:] if isinstance(mark, ArgType)), None)


def _joined(fields: dict[str, str]) -> str:
    return ",".join(f"{key}={value}" for key, value in fields.items())


def _member(annotation: Any, value: Any) -> Any:
    """A client sends text, also for a member that is a number."""
    for member in annotation:
        if str(member.value) == value:
            return member
    return annotation(value)


def _is_enum(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Enum)


def _is_instance(annotation: Any) -> bool:
    return isinstance(annotation, ArgType) or hasattr(annotation, "argdesc")
