"""Command descriptors: upstream's one-line grammar for a command's words, parsed and written back.

    osd pool create name=pool,type=CephPoolname name=pg_num,type=CephInt,range=0,req=false

Words with neither `=` nor `,` are literals, the others are arguments; they may come in any order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

from proto.argtypes import TYPES, ArgType


COMMON_FIELDS = ("name", "type", "n", "req", "positional")


@dataclass(frozen=True)
class Literal:
    """A word of the command's name."""

    text: str
    required: bool = field(default=True, init=False)

    def __str__(self) -> str:
        return self.text

    def usage(self) -> str:
        """How a usage line shows it."""
        return self.text


@dataclass(frozen=True)
class Argument:
    """One argument. `many` collects words into a list; else `count` words are read."""

    name: str
    type: ArgType
    count: int = 1
    many: bool = False
    required: bool = True
    positional: bool = True

    def __str__(self) -> str:
        fields = {"name": self.name, "type": type(self.type).__name__} | self.type.fields()
        if self.many or self.count != 1:
            fields["n"] = "N" if self.many else str(self.count)
        if not self.required:
            fields["req"] = "false"
        if not self.positional:
            fields["positional"] = "false"
        return ",".join(f"{key}={value}" for key, value in fields.items())

    def usage(self) -> str:
        """How a usage line shows it: `<pool>`, `[<pg_num:int>]`, `<ids>...`."""
        text = self.type.usage(self.name) + ("..." if self.many else "")
        if not self.positional and not text.startswith("--"):
            text = f"--{self.name.replace('_', '-')} {text}"
        return text if self.required else f"[{text}]"


@dataclass(frozen=True)
class Signature:
    """A command's words, in order."""

    items: tuple[Literal | Argument, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a descriptor. A malformed one raises ValueError with a sentence that names the
        descriptor, the field and what is allowed.
        """
        try:
            items = tuple(_item(word) for word in text.split())
            _check(items)
        except ValueError as error:
            raise ValueError(f"command descriptor {text!r}: {error}") from None
        return cls(items)

    def __str__(self) -> str:
        return " ".join(map(str, self.items))

    @property
    def prefix(self) -> str:
        """The literals, separated by blanks: what the command's JSON calls "prefix"."""
        return " ".join(item.text for item in self.items if isinstance(item, Literal))

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """The arguments, in order."""
        return tuple(item for item in self.items if isinstance(item, Argument))

    def usage(self) -> str:
        """The usage line, as the ceph client prints it: `osd pool create <pool> [<pg_num:int>]`."""
        return " ".join(item.usage() for item in self.items)


def prefix_of(cmd: str) -> str:
    """The literal words before the first argument descriptor, as ceph-mgr 16.2.15 publishes them.

    Words that follow an argument do not count: "orch name=action,type=CephChoices svc" is "orch".
    """
    words: list[str] = []
    for word in cmd.split():
        if "=" in word:
            break
        words.append(word)
    return " ".join(words)


def _item(word: str) -> Literal | Argument:
    if "=" not in word and "," not in word:
        return Literal(word)
    fields: dict[str, str] = {}
    for key, value in _pairs(word):
        if key in fields:
            raise ValueError(f"field {key!r} is given twice in {word!r}")
        fields[key] = value
    if fields.get("type") == "CephPrefix":
        if not fields.get("prefix"):
            raise ValueError(f"a CephPrefix needs prefix=WORD in {word!r}")
        return Literal(fields["prefix"])
    return _argument(word, fields)


def _pairs(word: str) -> Iterator[tuple[str, str]]:
    for part in word.split(","):
        key, equals, value = part.partition("=")
        if not (key and equals):
            raise ValueError(f"{part!r} in {word!r} must be FIELD=VALUE")
        yield key, value


def _argument(word: str, fields: dict[str, str]) -> Argument:
    name = fields.get("name", "")
    if not name:
        raise ValueError(f"field 'name' is missing in {word!r}")
    if "type" not in fields:
        raise ValueError(f"argument {name!r} has no field 'type', one of {', '.join(TYPES)}")
    kind = TYPES.get(fields["type"])
    if kind is None:
        allowed = ", ".join(TYPES)
        raise ValueError(
            f"argument {name!r} has unknown type {fields['type']!r}, not one of {allowed}"
        )
    known = (*COMMON_FIELDS, *kind.FIELDS)
    if unknown := [key for key in fields if key not in known]:
        raise ValueError(
            f"argument {name!r} has unknown field {unknown[0]!r}, "
            f"{kind.__name__} has {', '.join(known)}"
        )
    try:
        argtype = kind.from_fields(fields)
    except ValueError as error:
        raise ValueError(f"argument {name!r}: {error}") from None
    count = fields.get("n", "1")
    many = count in ("N", "n")
    if not many and not (count.isascii() and count.isdigit() and int(count) > 0):
        raise ValueError(f"argument {name!r}: n={count} must be N or a number above 0")
    return Argument(
        name=name,
        type=argtype,
        count=1 if many else int(count),
        many=many,
        # Anything but "true" means optional: Ceph's own commands contain req=False and req=fasle.
        required=fields.get("req", "true").lower() == "true",
        positional=fields.get("positional", "true").lower() == "true",
    )


def _check(items: tuple[Literal | Argument, ...]) -> None:
    if not any(isinstance(item, Literal) for item in items):
        raise ValueError("no literal word: a command needs a name")
    names = ["prefix", *(item.name for item in items if isinstance(item, Argument))]
    for index, name in enumerate(names):
        if name in names[:index]:
            reserved = " (the name is taken by the command's own words)" * (name == "prefix")
            raise ValueError(f"two arguments are called {name!r}{reserved}")
