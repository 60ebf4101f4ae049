"""What a command is given, and what it gives back."""

import errno
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson


Document = dict[str, Any]
LARGEST = 2**63 - 1


class Refusal(Exception):  # noqa: N818  an answer, not a fault
    """The command is refused: `number` is an errno, the text one sentence for the operator."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(text)
        self.number = number
        self.text = text


@dataclass
class Change:
    """What a command wants to be different; committed, then installed and published."""

    config: dict[tuple[str, str], str | None] = field(default_factory=dict)
    keys: dict[str, str | None] = field(default_factory=dict)
    osd_map: Document | None = None
    crush: Document | None = None
    mutes: list[Document] | None = None
    log: list[tuple[str, str, int, str]] = field(default_factory=list)  # name, channel, prio, text


@dataclass(frozen=True)
class Reply:
    """What the caller gets, once `change` is durable."""

    stdout: bytes = b""
    stderr: str = ""
    change: Change | None = None


class Args:
    """A command's arguments as its caller sent them: any JSON, so every reader checks."""

    def __init__(self, command: Mapping[str, Any], inbuf: bytes = b"") -> None:
        self._command = command
        self.inbuf = inbuf
        self.format = str(command.get("format") or "plain")

    @property
    def json(self) -> bool:
        """Whether JSON is wanted instead of text for people."""
        return self.format.startswith("json")

    def has(self, name: str) -> bool:
        """Whether the argument was given."""
        return self._command.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """An argument as text; EINVAL where it is missing and has no default."""
        value = self._command.get(name, default)
        if value is None:
            raise Refusal(errno.EINVAL, f"missing required parameter {name}")
        if isinstance(value, bool):
            return str(value).lower()
        return encodable(" ".join(map(str, value)) if isinstance(value, list) else str(value))

    def words(self, name: str) -> list[str]:
        """An argument that may be repeated."""
        value = self._command.get(name, [])
        items = value if isinstance(value, list) else [value]
        return [encodable(str(item)) for item in items]

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number."""
        text = self.text(name, None if default is None else str(default))
        try:
            return fitting(int(text))
        except ValueError:
            raise Refusal(errno.EINVAL, f"{name}: {text!r} is not a whole number") from None

    def decimal(self, name: str) -> float:
        """A number."""
        text = self.text(name)
        try:
            return finite(float(text))
        except ValueError:
            raise Refusal(errno.EINVAL, f"{name}: {text!r} is not a number") from None

    def flag(self, name: str) -> bool:
        """A switch: true, or a word such as --yes-i-really-mean-it."""
        value = self._command.get(name, False)
        return (
            value is True
            or str(value).lower() in ("1", "true", "yes", name.replace("_", "-"))
            or (isinstance(value, str) and value.startswith("--"))
        )

    def osds(self, name: str, known: Sequence[int]) -> list[int]:
        """OSD ids given as `3`, `osd.3`, `any` or `all`; they need not exist."""
        found: list[int] = []
        for word in self.words(name):
            if word in ("any", "all", "*"):
                found.extend(known)
            else:
                found.append(osd_id(word))
        return found


def encodable(text: str) -> str:
    """`text`, unless it cannot be stored as UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refusal(errno.EINVAL, f"{text!r} is not valid Unicode") from None
    return text


def fitting(number: int) -> int:
    """`number`, unless no document could hold it."""
    if not -LARGEST <= number <= LARGEST:
        raise Refusal(errno.ERANGE, f"{number} does not fit into 63 bits")
    return number


def finite(number: float) -> float:
    """`number`, unless it is infinite or none; ValueError then."""
    if not math.isfinite(number):
        raise ValueError(number)
    return number


def osd_id(word: str) -> int:
    """The number in `3` or `osd.3`."""
    digits = word.removeprefix("osd.")
    if not digits.isascii() or not digits.isdigit():
        raise Refusal(errno.EINVAL, f"{word!r} is not an OSD id; give a number or osd.<number>")
    return int(digits)


def show(args: Args, data: Any, plain: str | None = None, said: str = "") -> Reply:
    """`data` as JSON where that is asked for (or is all there is), else the text for people."""
    if args.json or plain is None:
        pretty = args.format == "json-pretty" or not args.json
        option = orjson.OPT_NON_STR_KEYS | (orjson.OPT_INDENT_2 if pretty else 0)
        return Reply(orjson.dumps(data, option=option) + b"\n", said)
    return Reply(plain.encode() + (b"" if plain.endswith("\n") or not plain else b"\n"), said)


def done(said: str = "", change: Change | None = None) -> Reply:
    """Nothing to print on stdout; `said` goes to stderr, as a monitor's status text does."""
    return Reply(b"", said, change)
