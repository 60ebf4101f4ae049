"""A package whose classes may cross, with every trap that a class can set."""

import abc
import collections
import enum
import subprocess  # noqa: F401 - imported names must not pass as the package's own
from typing import Generic, NamedTuple, TypeVar


T = TypeVar("T")
RAN: list[str] = []


def function() -> None:
    RAN.append("function")


class Plain:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def __eq__(self, other):
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = object.__hash__

    class Inner:  # noqa: D106
        def __init__(self, x):
            self.x = x


class Trap:
    """Runs nothing of this when it is rebuilt."""

    def __new__(cls, *args):
        RAN.append("__new__")
        return object.__new__(cls)

    def __init__(self, *args):
        RAN.append("__init__")

    def __setstate__(self, state):
        RAN.append("__setstate__")

    def __getstate__(self):
        RAN.append("__getstate__")

    def __reduce__(self):
        RAN.append("__reduce__")
        return function, ()

    def __reduce_ex__(self, protocol):
        RAN.append("__reduce_ex__")
        return function, ()

    def __setattr__(self, name, value):
        RAN.append("__setattr__")

    def __getattr__(self, name):
        RAN.append("__getattr__")
        return name

    @property
    def size(self):
        return self.__dict__["size"]

    @size.setter
    def size(self, value):
        RAN.append("setter")


class Bomb:
    def __del__(self):
        RAN.append("__del__")


class Slotted(Generic[T]):
    __slots__ = ("left", "right")

    def __eq__(self, other):
        return all(getattr(self, s, None) == getattr(other, s, None) for s in self.__slots__)

    __hash__ = None


class SlottedWithDict(Slotted[T]):
    pass


class Config(dict):
    pass


class Ordered(collections.OrderedDict):
    pass


class Items(list):
    pass


class Text(str):  # noqa: SLOT000 - its attributes must cross
    pass


class Number(int):
    pass


class Ratio(float):
    pass


class Raw(bytes):
    pass


class Buffer(bytearray):
    pass


class Members(set):
    pass


class Point(NamedTuple):
    x: int
    y: object = None


Pair = collections.namedtuple("Pair", "a b")  # noqa: PYI024 - upstream has these too


class Colour(enum.Enum):
    RED = "red"
    CRIMSON = "red"  # noqa: PIE796 - an alias
    BLUE = ("b", 1)


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Loud(enum.Flag):
    ONE = 1

    @classmethod
    def _missing_(cls, value):
        RAN.append("_missing_")
        return cls.ONE


class Failure(Exception):  # noqa: N818 - a name like upstream's
    def __init__(self, name, message):
        super().__init__(f"{name}: {message}")
        self.name = name


class BadFile(OSError):  # noqa: N818 - a name like upstream's
    def __init__(self, why):
        super().__init__(5, why)
        self.why = why


class Meta(type):
    pass


class Abstract(abc.ABC):
    @abc.abstractmethod
    def work(self): ...


class Answer:
    """Keeps its exception pickled, as upstream's OrchResult."""

    __slots__ = ("exception_str", "result", "serialized_exception")

    def __init__(self, pickled=None, text="", result=None):
        self.serialized_exception = pickled
        self.exception_str = text
        self.result = result


class LateAnswer(Answer):
    pass


class TrappedError(Exception):
    def __init__(self, *args):
        RAN.append("__init__")
        super().__init__(*args)

    def __setstate__(self, state):
        RAN.append("__setstate__")

    def __reduce_ex__(self, protocol):
        RAN.append("__reduce_ex__")
        return function, ()


class Caller:
    def __call__(self, *args):
        RAN.append("__call__")
        return function, ()
