"""The argument types of command descriptors: which words they take, and what a word becomes.

Accepted words, values and refusals are those of the `ceph` client of 16.2.15, which is where
commands are validated (a manager hands them on unchanged). Where that client crashes or can
accept nothing at all, a word is read as the type's own description says.
"""

import ipaddress
import os
import re
import stat
import string
import uuid
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Self


Json = bool | int | float | str


class ArgumentRefused(ValueError):  # noqa: N818  an outcome, not a fault
    """A word that its argument cannot be. The text is the sentence for the operator."""


@dataclass(frozen=True)
class ArgType:
    """One argument type. `FIELDS` are the descriptor fields that it has beside the common ones."""

    FIELDS: ClassVar[tuple[str, ...]] = ()
    label: ClassVar[str] = ""

    @classmethod
    def from_fields(cls, fields: Mapping[str, str]) -> Self:
        """Build from the type's own descriptor fields; raises ValueError with what is allowed."""
        del fields
        return cls()

    def fields(self) -> dict[str, str]:
        """Give the type's own descriptor fields, as `from_fields` takes them."""
        return {}

    def value(self, word: str) -> Json:
        """Give the value that goes into the command's JSON; raises ArgumentRefused."""
        return word

    def describe(self) -> str:
        """How an error names the type."""
        return f"<{self.label}>"

    def usage(self, name: str) -> str:
        """How a usage line shows an argument called `name`."""
        return f"<{name}>"


class CephPoolname(ArgType):
    """Any text: whether the pool exists is the cluster's to say."""

    label = "poolname"


class CephObjectname(ArgType):
    """Any text."""

    label = "objectname"


@dataclass(frozen=True)
class _Ranged(ArgType):
    FIELDS = ("range",)
    low: float | None = None
    high: float | None = None

    number: ClassVar[Callable[[str], float]]

    @classmethod
    def from_fields(cls, fields: Mapping[str, str]) -> Self:
        text = fields.get("range", "")
        if not text:
            return cls()
        try:
            bounds = [cls.number(part) for part in text.split("|")]
        except ValueError:
            bounds = []
        # NaN is not above or below anything, so a range with it fails the comparison.
        if len(bounds) not in (1, 2) or not bounds[0] <= bounds[-1]:
            raise ValueError(f"range={text} must be LOW or LOW|HIGH with LOW not above HIGH")
        return cls(*bounds)

    def fields(self) -> dict[str, str]:
        bounds = [str(b) for b in (self.low, self.high) if b is not None]
        return {"range": "|".join(bounds)} if bounds else {}

    def within(self, value: float) -> float:
        # Written as two comparisons that NaN fails, because the ceph client lets NaN pass.
        if (self.low is not None and value < self.low) or (
            self.high is not None and value > self.high
        ):
            bounds = ", ".join(str(b) for b in (self.low, self.high) if b is not None)
            raise ArgumentRefused(f"{value} not in range [{bounds}]")
        return value

    def describe(self) -> str:
        if self.low is None:
            return f"<{self.label}>"
        return f"<{self.label}[{self.low}-{'' if self.high is None else self.high}]>"

    def usage(self, name: str) -> str:
        return f"<{name}:{self.label}>"


class CephInt(_Ranged):
    """A whole number, decimal or with a 0x, 0o or 0b prefix."""

    label = "int"
    number = int

    def value(self, word: str) -> Json:
        try:
            number = int(word, 0)
        except ValueError:
            raise ArgumentRefused(f"{word} doesn't represent an int") from None
        return self.within(number)


class CephFloat(_Ranged):
    """A number."""

    label = "float"
    number = float

    def value(self, word: str) -> Json:
        try:
            number = float(word)
        except ValueError:
            raise ArgumentRefused(f"{word} doesn't represent a float") from None
        return self.within(number)


@dataclass(frozen=True)
class CephString(ArgType):
    """Printable ASCII, or the characters that the expression `goodchars` matches."""

    FIELDS = ("goodchars",)
    label = "string"
    goodchars: str = ""

    @classmethod
    def from_fields(cls, fields: Mapping[str, str]) -> Self:
        made = cls(fields.get("goodchars", ""))
        try:
            made.allowed  # noqa: B018  compiles the expression
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(
                f"goodchars={made.goodchars} must be a regular expression: {error}"
            ) from None
        return made

    def fields(self) -> dict[str, str]:
        return {"goodchars": self.goodchars} if self.goodchars else {}

    @cached_property
    def allowed(self) -> frozenset[str]:
        """Printable ASCII characters that `goodchars` matches."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # "[[:alnum:]]" is a module's to fix
            pattern = re.compile(self.goodchars)
        return frozenset(c for c in string.printable if pattern.match(c))

    def value(self, word: str) -> Json:
        # An expression that no single character matches restricts nothing, as in the ceph client.
        if self.allowed and (bad := dict.fromkeys(c for c in word if c not in self.allowed)):
            raise ArgumentRefused(f"invalid chars {''.join(bad)} in {word}")
        return word

    def describe(self) -> str:
        return f"<string(goodchars {self.goodchars})>" if self.goodchars else "<string>"


@dataclass(frozen=True)
class CephChoices(ArgType):
    """One of the words in `strings`, which a descriptor separates by `|`."""

    FIELDS = ("strings",)
    strings: tuple[str, ...] = ("",)

    @classmethod
    def from_fields(cls, fields: Mapping[str, str]) -> Self:
        return cls(tuple(fields.get("strings", "").split("|")))

    def fields(self) -> dict[str, str]:
        return {"strings": "|".join(self.strings)}

    def value(self, word: str) -> Json:
        if word not in self.strings:
            raise ArgumentRefused(f"{word} not in {self.describe()}")
        return word

    def describe(self) -> str:
        return "|".join(self.strings)

    def usage(self, name: str) -> str:
        # A format is mostly given by mgrctl's own option, so it is shown as one.
        return f"--format {{{self.describe()}}}" if name == "format" else self.describe()


class CephBool(ArgType):
    """true or false, 1 or 0; on the command line mostly given as a flag `--name`."""

    FIELDS = ("strings",)
    label = "bool"

    def value(self, word: str) -> Json:
        known = {"true": True, "1": True, "false": False, "0": False}
        if word.lower() not in known:
            raise ArgumentRefused(f"{word} not one of 'true', 'false'")
        return known[word.lower()]

    def usage(self, name: str) -> str:
        return f"--{name.replace('_', '-')}"


class CephPgid(ArgType):
    """A placement group: pool number, a dot, a hexadecimal number."""

    label = "pgid"

    def value(self, word: str) -> Json:
        pool, dot, seed = word.partition(".")
        if not dot:
            raise ArgumentRefused("pgid has no .")
        if not _is_int(pool):
            raise ArgumentRefused(f"pool {pool} not integer")
        if int(pool) < 0:
            raise ArgumentRefused(f"pool {pool} < 0")
        if not _is_int(seed, 16):
            raise ArgumentRefused(f"pgnum {seed} not hex integer")
        return word


class CephName(ArgType):
    """A daemon or client: `type.id`, `mon`, `mgr` or `*`."""

    label = "name (type.id)"
    KINDS = ("osd", "mon", "client", "mds", "mgr")

    def value(self, word: str) -> Json:
        if word in ("*", "mon", "mgr"):
            return word
        kind, dot, ident = word.partition(".")
        if not dot:
            raise ArgumentRefused(f"CephName: no . in {word}")
        if kind not in self.KINDS:
            raise ArgumentRefused(f"unknown type {kind}")
        if kind == "osd" and ident != "*" and not _is_int(ident):
            raise ArgumentRefused(f"osd id {ident} not integer")
        return word

    def usage(self, name: str) -> str:
        del name
        return "<type.id>"


class CephOsdName(ArgType):
    """An OSD: `osd.N` or `N`, which become the number, or `*`."""

    label = "osdname (id|osd.id)"

    def value(self, word: str) -> Json:
        if word == "*":
            return word
        kind, _, ident = word.partition(".") if "." in word else ("osd", ".", word)
        if kind != "osd":
            raise ArgumentRefused(f"unknown type {kind}")
        if not _is_int(ident):
            raise ArgumentRefused(f"osd id {ident} not integer")
        if int(ident) < 0:
            raise ArgumentRefused(f"osd id {ident} is less than 0")
        return int(ident)

    def usage(self, name: str) -> str:
        del name
        return "<id|osd.id>"


class CephIPAddr(ArgType):
    """An IP address, perhaps with a port: `1.2.3.4:80`, `::1`, `[::1]:80`.

    As in the ceph client, a prefix `v1:` or `any:` announces IPv4 and `v2:` IPv6, and is dropped.
    """

    label = "IPaddr[:port]"

    def value(self, word: str) -> Json:
        address, version = word, 0
        for prefix, announced in (("v1:", 4), ("any:", 4), ("v2:", 6)):
            if word.startswith(prefix):
                address, version = word.removeprefix(prefix), announced
                break
        if not version:
            version = 4 if "." in address and not address.startswith("[") else 6
            version = 6 if "::" in address else version
        (_check_v4 if version == 4 else _check_v6)(address)
        return address


class CephEntityAddr(CephIPAddr):
    """An address as Ceph prints it: an IP address with port and nonce, `1.2.3.4:6800/2041`."""

    label = "EntityAddr"

    def value(self, word: str) -> Json:
        address, _, nonce = word.partition("/")
        super().value(address)
        if nonce and not (_is_int(nonce) and int(nonce) >= 0):
            raise ArgumentRefused(f"{word}: invalid entity, nonce {nonce} not integer > 0")
        return word


class CephSocketpath(ArgType):
    """An existing unix socket."""

    label = "admin-socket-path"

    def value(self, word: str) -> Json:
        try:
            mode = os.stat(word).st_mode  # noqa: PTH116  the empty path must fail, Path("") is "."
        except (OSError, ValueError) as error:
            raise ArgumentRefused(f"socket path {word} cannot be looked at: {error}") from None
        if not stat.S_ISSOCK(mode):
            raise ArgumentRefused(f"socket path {word} is not a socket")
        return word


class CephFilepath(ArgType):
    """A file that can be written; becomes the absolute path."""

    label = "outfilename"

    def value(self, word: str) -> Json:
        path = os.path.abspath(word)  # noqa: PTH100  Path.absolute() keeps ".."
        folder = os.path.dirname(path)  # noqa: PTH120
        if os.path.exists(path):  # noqa: PTH110
            if not os.access(path, os.W_OK):
                raise ArgumentRefused(f"{path} is not writable")
        elif not os.access(folder, os.W_OK):
            raise ArgumentRefused(f"cannot create file in {folder}")
        return path


class CephFragment(ArgType):
    """A fragment of a CephFS directory, hexadecimal value and number of bits: `0x2a/6`.

    The 16.2.15 client refuses every fragment, because it reads the hexadecimal half as decimal.
    """

    label = "CephFS fragment ID (0xvvv/bbb)"

    def value(self, word: str) -> Json:
        value, slash, bits = word.partition("/")
        if not slash:
            raise ArgumentRefused(f"{word}: no /")
        if not value.startswith("0x"):
            raise ArgumentRefused(f"{value} not a hex integer")
        if not _is_int(value, 16):
            raise ArgumentRefused(f"can't convert {value} to integer")
        if not _is_int(bits):
            raise ArgumentRefused(f"can't convert {bits} to integer")
        return word


class CephUUID(ArgType):
    """A UUID in any spelling; handed on as spelled."""

    label = "uuid"

    def value(self, word: str) -> Json:
        try:
            uuid.UUID(word)
        except ValueError as error:
            raise ArgumentRefused(f"invalid UUID {word}: {error}") from None
        return word


class CephSizeBytes(ArgType):
    """A size, `4096`, `5K`, `10MB` (powers of 1024); becomes a number of bytes. Newer Ceph only."""

    label = "size"
    UNITS = "KMGTP"
    SIZE = re.compile(r"([0-9]{1,100})\s*(?:([KMGTP])?B?)")

    def value(self, word: str) -> Json:
        found = self.SIZE.fullmatch(word)
        if not found:
            raise ArgumentRefused(
                f"{word} doesn't represent a size: a number, then B, K, M, G, T or P"
            )
        number, unit = found.groups()
        power: int = self.UNITS.index(unit) + 1 if unit else 0
        return int(number) << 10 * power


TYPES: dict[str, type[ArgType]] = {
    t.__name__: t
    for t in (
        CephInt,
        CephFloat,
        CephString,
        CephChoices,
        CephBool,
        CephPoolname,
        CephObjectname,
        CephPgid,
        CephName,
        CephOsdName,
        CephEntityAddr,
        CephIPAddr,
        CephSocketpath,
        CephFilepath,
        CephFragment,
        CephUUID,
        CephSizeBytes,
    )
}


def _is_int(text: str, base: int = 10) -> bool:
    try:
        int(text, base)
    except ValueError:
        return False
    return True


def _check_v4(address: str) -> None:
    host, colon, port = address.partition(":")
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        raise ArgumentRefused(f"{host}: invalid IPv4 address") from None
    # Only the upper bound is checked, as by the ceph client.
    if colon and not (_is_int(port) and int(port) <= 65535):
        raise ArgumentRefused(f"{port}: invalid IPv4 port")


def _check_v6(address: str) -> None:
    host, port = address, ""
    if address.startswith("["):
        host, bracket, port = address[1:].partition("]")
        if not bracket:
            raise ArgumentRefused(f"{address} missing terminating ]")
        # Only the port's first digit is checked, as by the ceph client.
        if port.startswith(":") and not port[1:2].isdigit() and port != ":":
            raise ArgumentRefused(f"{address}: bad port number")
    try:
        if "%" in host:
            raise ValueError
        ipaddress.IPv6Address(host)
    except ValueError:
        raise ArgumentRefused(f"{address} not valid IPv6 address") from None
