"""What a module may do beyond its own folder: one value a module, that a person can read.

The table that ships with the project (supervisor.core.shipped_grants) says it for the modules of
Ceph and ours; a module that is not in it gets LEAST. An operator adds to either with the keys of
`[module.NAME]`, or starts from nothing with `grants = "none"`. Nothing here enforces anything:
module_host.sandbox and the broker do.
"""

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any


ANY_PORT = 0
DNS_PORT = 53
PORTS = range(1, 65536)
Calls = Mapping[str, tuple[str, ...]]
_EVERYTHING: Calls = {"*": ("*",)}


class GrantError(ValueError):
    """A grant that cannot be read; `allowed` says what can."""

    def __init__(self, value: object, allowed: str) -> None:
        super().__init__(f"{value!r} must be {allowed}")
        self.allowed = allowed


class Origin(StrEnum):
    """Where a grant comes from."""

    SHIPPED = "shipped"
    CONFIGURATION = "configuration"
    LEAST = "least"


class Base(StrEnum):
    """What the keys of a `[module.NAME]` table add to."""

    SHIPPED = "shipped"
    NONE = "none"


@dataclass(frozen=True, order=True)
class Target:
    """A place to connect to. `host` is for the reader, "*" for any: the kernel knows ports only.
    `port` may be ANY_PORT.
    """

    host: str
    port: int

    @classmethod
    def parse(cls, text: Any) -> "Target":
        """Read "host:port", "[::1]:port", either part "*", or "*" alone; raises GrantError."""
        if text == "*":
            return cls("*", ANY_PORT)
        host, _colon, port = text.rpartition(":") if isinstance(text, str) else ("", "", "")
        if not host or set(host) & set("/ \t\n\0"):
            raise GrantError(text, '"host:port", where either may be "*"')
        return cls(host, parse_port(port))

    def __str__(self) -> str:
        return f"{self.host}:{port_text(self.port)}"


@dataclass(frozen=True)
class Grants:
    """Everything that one module may do; the defaults are nothing at all.

    `listen`: TCP ports; `connect`: where to; `read`, `write`: absolute paths beside the system's
    and its own; `subprocess`: run programs; `librados`: use the real cluster's ceph.conf and key,
    and connect anywhere; `deploy`: have programs run by the host agent, outside of any wall.
    On the bus: `calls`: the methods of each module that it may call; `commands`: prefixes of
    cluster commands that it may send; `config`: options and keys of others that it may read. Names
    on the bus are shell patterns.
    """

    listen: tuple[int, ...] = ()
    connect: tuple[Target, ...] = ()
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    subprocess: bool = False
    librados: bool = False
    deploy: bool = False
    calls: Calls = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    config: tuple[str, ...] = ()

    @property
    def network(self) -> bool:
        """Whether it may have sockets other than unix ones."""
        return bool(self.listen or self.connect or self.librados)

    @property
    def connect_ports(self) -> list[int]:
        """TCP ports that it may connect to; ANY_PORT among them: any. Who may connect may look
        names up.
        """
        ports = {target.port for target in self.connect}
        ports |= {ANY_PORT} if self.librados else set()
        return sorted(ports | {DNS_PORT} if ports else ports)

    def may_call(self, module: str, method: str) -> bool:
        """Whether it may call `method` of `module`."""
        return any(
            fnmatch.fnmatchcase(module, pattern) and _matches(method, methods)
            for pattern, methods in self.calls.items()
        )

    def may_send(self, prefix: str) -> bool:
        """Whether it may send the cluster command called `prefix`."""
        return _matches(prefix, self.commands)

    def may_read_config(self, key: str) -> bool:
        """Whether it may read `key` of others, an option or a key of the KV store."""
        return _matches(key, self.config)


NOTHING = Grants()
# A stranger reaches no network, no file and no program. What it says on the bus is as free as in
# ceph-mgr: an operator's own modules call others and send commands.
LEAST = Grants(calls=_EVERYTHING, commands=("*",), config=("*",))


@dataclass(frozen=True)
class Additions:
    """What an operator wrote into `[module.NAME]`: lists add to the base, a flag that is given
    (not None) wins over it.
    """

    base: Base = Base.SHIPPED
    listen: tuple[int, ...] = ()
    connect: tuple[Target, ...] = ()
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    subprocess: bool | None = None
    librados: bool | None = None
    deploy: bool | None = None
    calls: Calls = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    config: tuple[str, ...] = ()

    def on(self, base: Grants) -> Grants:
        """The grants that come of adding these to `base`, or to nothing where `self.base` says."""
        if self.base is Base.NONE:
            base = NOTHING
        values = {f.name: _joined(getattr(base, f.name), getattr(self, f.name)) for f in _FIELDS}
        return Grants(**values)


@dataclass(frozen=True)
class Line:
    """One grant as an operator reads it: the configuration key, its value, who gave it."""

    key: str
    value: str
    origin: Origin


_FIELDS = fields(Grants)


def grants_of(name: str, shipped: Mapping[str, Grants], own: Additions) -> Grants:
    """What module `name` may do: the shipped table's word or LEAST, with the operator's on top."""
    return own.on(shipped.get(name, LEAST))


def lines(name: str, shipped: Mapping[str, Grants], own: Additions) -> list[Line]:
    """Each grant of module `name` on a line of its own. A flag that is off has none, but where the
    operator took it away.
    """
    origin = Origin.SHIPPED if name in shipped else Origin.LEAST
    base = shipped.get(name, LEAST) if own.base is Base.SHIPPED else NOTHING
    found = []
    for one in _FIELDS:
        given, added = _items(getattr(base, one.name)), _items(getattr(own, one.name))
        if isinstance(getattr(own, one.name), bool):
            given, added = [], ["true" if getattr(own, one.name) else "false"]
        found += [Line(one.name, text, origin) for text in given]
        found += [Line(one.name, t, Origin.CONFIGURATION) for t in added if t not in given]
    return found


def parse_port(value: Any) -> int:
    """A port from a number, its text or "*"; raises GrantError."""
    if value == "*":
        return ANY_PORT
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:6])
    if isinstance(value, bool) or not isinstance(value, int) or value not in PORTS:
        raise GrantError(value, 'a port from 1 to 65535, or "*" for any')
    return value


def port_text(port: int) -> str:
    """As an operator writes it."""
    return "*" if port == ANY_PORT else str(port)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _joined(base: Any, added: Any) -> Any:
    if isinstance(base, bool):
        return base if added is None else added
    if isinstance(base, Mapping):
        return {key: _joined(base.get(key, ()), added.get(key, ())) for key in {**base, **added}}
    return tuple(dict.fromkeys((*base, *added)))


def _items(value: Any) -> list[str]:
    if isinstance(value, bool) or value is None:
        return ["true"] if value else []
    if isinstance(value, Mapping):
        return [f"{module}.{method}" for module, methods in value.items() for method in methods]
    return [port_text(one) if isinstance(one, int) else str(one) for one in value]
