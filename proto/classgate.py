"""Which classes may cross a process, and how an instance is taken apart and put together.

An instance crosses as state: its attributes, and its content where the class derives from a builtin
type. Putting it together calls nothing that the class defines: no `__new__`, `__init__`,
`__setstate__`, `__reduce__`, no property setter and, since such classes are refused, no `__del__`.
What remains lies in the nature of things: a set or a dict hashes what it is given, and a class is
found by importing its module, which must belong to an allowed package.
"""

import builtins
import importlib
import sys
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection
from enum import Enum, EnumMeta, Flag
from types import GetSetDescriptorType, MemberDescriptorType
from typing import Any

from proto.errors import ProtocolError
from proto.pickled import slot_of


# Standard classes that may cross although no package of the standard library is allowed.
_STANDARD: dict[tuple[str, str], type] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("collections", "Counter"): Counter,
}
# What a builtin exception keeps outside of `args` and `__dict__`. AttributeError's `obj` stays
# behind: it is whatever the callee happened to look at.
_EXCEPTION_FIELDS = frozenset(
    {"errno", "strerror", "filename", "filename2", "name", "path", "msg", "value", "code"}
)
# Typing's note of the parameters that an instance was made with; no part of its value.
_NOT_STATE = "__orig_class__"


class Refused(Exception):  # noqa: N818 - internal: becomes the sender's or the receiver's error
    """Why objects of a class do not cross; the text completes "<class> cannot cross a process"."""


class Blueprint:
    """How to read and rebuild the instances of one class."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.root: Any = _root(cls)  # the builtin type or exception that it derives from
        self.pickled = slot_of(cls)  # where it keeps an exception as a pickle
        self._slots: dict[str, MemberDescriptorType] = {}
        self._builtin: set[str] = set()
        self._dict: GetSetDescriptorType | None = None
        if issubclass(cls, Enum):
            raise Refused("it is an enum")
        for base in reversed(cls.__mro__):
            if "__del__" in vars(base):
                raise Refused("its class defines __del__")
            self._survey(base)
        if not issubclass(cls, BaseException):
            try:
                # An empty instance, to see whether the builtin type alone can make one: an
                # extension type below the class would need its own constructor.
                self.root.__new__(cls)
            except TypeError as error:
                raise Refused(f"it cannot be rebuilt from its state ({error})") from None

    def _survey(self, base: type) -> None:
        builtin = getattr(base, "__module__", None) == builtins.__name__
        for name, member in vars(base).items():
            if name == "__dict__":
                if not isinstance(member, GetSetDescriptorType):
                    raise Refused("its class hides its attributes")
                self._dict = member
            elif isinstance(member, MemberDescriptorType) and (
                not builtin or name in _EXCEPTION_FIELDS
            ):
                self._slots[name] = member
                if builtin:
                    self._builtin.add(name)

    def state(self, instance: Any) -> dict[str, Any]:
        """The attributes of `instance`, those in `__slots__` included."""
        found: dict[str, Any] = {}
        for name, member in self._slots.items():
            try:
                value = member.__get__(instance)
            except AttributeError:
                continue
            # A field of a builtin exception that was never set reads as None, but setting it to
            # None changes the exception's text.
            if value is not None or name not in self._builtin:
                found[name] = value
        if self._dict is not None:
            found.update(self._dict.__get__(instance))
            found.pop(_NOT_STATE, None)
        return found

    def content(self, instance: Any) -> Any:
        """What a subclass of a builtin type holds: a plain scalar, a list, or a list of pairs."""
        read: Callable[[Any], Any] = _CONTENT.get(self.root, _exception_args)
        return read(instance)

    def rebuild(self, content: Any, state: dict[str, Any]) -> Any:
        """An instance with that content and state; raises whatever the builtin type does."""
        instance = self._bare(content)
        attributes: dict[str, Any] = {}
        for name, value in state.items():
            member = self._slots.get(name)
            if member is not None:
                member.__set__(instance, value)
            elif self._dict is not None and type(name) is str:
                attributes[name] = value
            else:
                raise ProtocolError(f"{self.cls.__qualname__} has no attribute {name!r}")
        if attributes and self._dict is not None:
            self._dict.__get__(instance).update(attributes)
        return instance

    def _bare(self, content: Any) -> Any:
        root, held = self.root, type(content)
        if issubclass(root, BaseException):
            return _exception(self.cls, root, content)
        if held is not _HELD.get(root, list):
            raise ProtocolError(f"{self.cls.__qualname__} cannot hold what was sent for it")
        if root is object:
            return object.__new__(self.cls)
        fill = _FILL.get(root)
        if fill is not None:
            instance = root.__new__(self.cls)
            fill(instance, content)
            return instance
        fields = getattr(self.cls, "_fields", None) if root is tuple else None
        if fields is not None and len(fields) != len(content):
            raise ProtocolError(
                f"{self.cls.__qualname__} has {len(fields)} fields, not {len(content)}"
            )
        return root.__new__(self.cls, content)


class ClassGate:
    """The packages whose classes may cross, and the way from a name to a class."""

    def __init__(self, packages: Collection[str]) -> None:
        """`packages` are dotted names; a name stands for its submodules as well."""
        self.packages = frozenset(packages)
        self._blueprints: dict[type, Blueprint] = {}
        self._resolved: dict[tuple[str, str], type] = {}

    def allows(self, module: str) -> bool:
        """Whether `module` belongs to an allowed package."""
        parts = module.split(".")
        return any(".".join(parts[: n + 1]) in self.packages for n in range(len(parts)))

    def resolve(self, module: str, qualname: str) -> type:
        """The class of that name: an allowed one, defined where it says; raises ProtocolError."""
        known = self._resolved.get((module, qualname))
        if known is not None:
            return known
        label = f"{module}.{qualname}"
        if module == builtins.__name__:
            found = vars(builtins).get(qualname)
            if not (isinstance(found, type) and issubclass(found, BaseException)):
                raise ProtocolError(f"{label} may not cross a process: it is no exception")
        elif (module, qualname) in _STANDARD:
            found = _STANDARD[module, qualname]
        elif self.allows(module):
            found = _look_up(_imported(module), qualname)
            if not _is_class_of(found, module, qualname):
                raise ProtocolError(f"{label} is not a class of this installation that may cross")
        else:
            raise ProtocolError(f"{label} may not cross a process: its package is not allowed")
        assert isinstance(found, type)
        self._resolved[module, qualname] = found
        return found

    def blueprint(self, cls: type) -> Blueprint:
        """How instances of `cls` are read and rebuilt; raises Refused."""
        known = self._blueprints.get(cls)
        if known is None:
            known = self._blueprints[cls] = Blueprint(cls)
        return known

    def admit(self, cls: type) -> None:
        """Raise Refused unless a receiver would find `cls` under its name."""
        module, qualname = getattr(cls, "__module__", None), cls.__qualname__
        if not isinstance(module, str):  # made by type() or exec() outside of any module
            raise Refused("its class belongs to no module")
        if self._resolved.get((module, qualname)) is cls:
            return
        builtin_exception = module == builtins.__name__ and issubclass(cls, BaseException)
        if not (builtin_exception or (module, qualname) in _STANDARD or self.allows(module)):
            where = module.partition(".")[0]
            builtin = where == builtins.__name__
            raise Refused("" if builtin else f"objects of {where!r} are not among those that may")
        if "<locals>" in qualname:
            raise Refused("its class is defined inside a function")
        if _look_up(sys.modules.get(module), qualname) is not cls or issubclass(cls, type):
            raise Refused(f"its class is not found as {module}.{qualname}")
        self._resolved[module, qualname] = cls


def enum_key(member: Enum) -> str | int | None:
    """The name of a member, the number of a combination of flags, None where it has neither."""
    name = member._name_
    if name is not None and type(member)._member_map_.get(name) is member:
        return name
    return member._value_ if isinstance(member, Flag) and type(member._value_) is int else None


def enum_member(cls: type, key: Any) -> Enum:
    """The member that `enum_key` named; raises ProtocolError."""
    if issubclass(cls, Enum):
        if type(key) is str and key in cls._member_map_:
            return cls._member_map_[key]
        # A combination is made by the standard library alone; a lookup of its own is not run.
        own = getattr(cls._missing_, "__func__", None) is not vars(Flag)["_missing_"].__func__
        if type(key) is int and issubclass(cls, Flag) and type(cls) is EnumMeta and not own:
            return cls(key)
    raise ProtocolError(f"{cls.__qualname__} has no member {key!r}")


def _imported(module: str) -> Any:
    loaded = sys.modules.get(module)
    if loaded is not None:
        return loaded
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise ProtocolError(f"{module} cannot be imported here: {error}") from None


def _look_up(where: Any, qualname: str) -> Any:
    # Through the namespaces alone: getattr() would run a module's or a metaclass' __getattr__.
    for part in qualname.split("."):
        if where is None or not hasattr(type(where), "__dict__"):
            return None
        try:
            where = vars(where).get(part)
        except TypeError:
            return None
    return where


def _is_class_of(found: Any, module: str, qualname: str) -> bool:
    # A name that the module merely imported (Popen, Thread) is not the module's class.
    return (
        isinstance(found, type)
        and not issubclass(found, type)
        and vars(found).get("__module__") == module
        and found.__qualname__ == qualname
    )


def _root(cls: type) -> Any:
    for base in cls.__mro__:
        if base in _CONTENT:
            return base
        if getattr(base, "__module__", None) == builtins.__name__ and issubclass(
            base, BaseException
        ):
            return base
    return object


def _exception(cls: type, root: Any, args: Any) -> Any:
    if type(args) is not list:
        raise ProtocolError(f"{cls.__qualname__} came without its arguments")
    instance = root.__new__(cls, *args)
    try:
        # The builtin's own: it fills fields such as errno from the arguments.
        root.__init__(instance, *args)
    except (TypeError, ValueError):
        pass  # its arguments were changed after it was made; they are kept as they are
    _ARGS.__set__(instance, tuple(args))
    return instance


def _exception_args(instance: Any) -> list[Any]:
    return list(_ARGS.__get__(instance))


def _fill_dict(instance: Any, pairs: Any) -> None:
    for key, value in pairs:
        dict.__setitem__(instance, key, value)


def _fill_ordered(instance: Any, pairs: Any) -> None:
    for key, value in pairs:
        OrderedDict.__setitem__(instance, key, value)


_ARGS: GetSetDescriptorType = vars(BaseException)["args"]
# The builtin types that a class may derive from, and how to read what an instance of it holds,
# whatever the class overrides.
_CONTENT: dict[type, Callable[[Any], Any]] = {
    OrderedDict: lambda o: list(OrderedDict.items(o)),
    dict: lambda o: list(dict.items(o)),
    list: lambda o: list.__getitem__(o, slice(None)),
    tuple: lambda o: list(tuple.__iter__(o)),
    set: lambda o: list(set.__iter__(o)),
    frozenset: lambda o: list(frozenset.__iter__(o)),
    str: str.__str__,
    int: int.__int__,
    float: float.__float__,
    bytes: lambda o: bytes.__getitem__(o, slice(None)),
    bytearray: lambda o: bytes(bytearray.__getitem__(o, slice(None))),
    object: lambda _: None,
}
# The type of what they hold; a list for the others.
_HELD: dict[type, type] = {
    str: str,
    int: int,
    float: float,
    bytes: bytes,
    bytearray: bytes,
    object: type(None),
}
_FILL: dict[type, Callable[[Any, Any], None]] = {
    OrderedDict: _fill_ordered,
    dict: _fill_dict,
    list: list.extend,
    set: set.update,
    bytearray: bytearray.extend,
}
