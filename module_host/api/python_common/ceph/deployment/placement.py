"""On which hosts the daemons of a service are to run, and on how many of them."""

import fnmatch
import re
from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Any, NamedTuple

from ceph.deployment.hostspec import HostSpec, SpecValidationError, assert_valid_host
from ceph.deployment.refusal import an_object, handle_type_error
from ceph.deployment.utils import unwrap_ipv6


class HostPlacementSpec(NamedTuple):
    """One host, where need be the address or network that its daemon binds to, and the daemon's
    name; empty where it is not said.
    """

    hostname: str
    network: str
    name: str

    def __str__(self) -> str:
        network = f":{self.network}" if self.network else ""
        return self.hostname + network + (f"={self.name}" if self.name else "")

    def to_json(self) -> str:
        """What parse() reads."""
        return str(self)

    @classmethod
    @handle_type_error
    def from_json(cls, data: dict[str, str] | str) -> "HostPlacementSpec":
        """From text as parse() reads it, or an object of the three fields; raises
        SpecValidationError.
        """
        if not isinstance(data, str):
            return cls(**an_object("host", data))
        try:
            return cls.parse(data)
        except ValueError as error:
            raise SpecValidationError(f"host {data}: {error}") from error

    @classmethod
    def parse(cls, host: str, require_network: bool = True) -> "HostPlacementSpec":
        """From `host[:network][=name]`; a network is an address, a CIDR, or a list of a monitor's
        addresses such as [v2:1.2.3.4:3300,v1:1.2.3.4:6789].

        With `require_network`, a network that is none raises ValueError, and a host's name that
        is none SpecValidationError; both pass unseen without.
        """
        if not isinstance(host, str):
            raise SpecValidationError(f"host must be a string, not {host!r}")
        hostname = re.split("[:=]", host, maxsplit=1)[0]
        network = host.partition(":")[2].partition("=")[0]
        found = cls(hostname, network, host.partition("=")[2])
        if require_network:
            for part in network.split(",") if network else []:
                _check_network(part)
            found.validate()
        return found

    def validate(self) -> None:
        """Raise SpecValidationError for a name that no host can have."""
        assert_valid_host(self.hostname)


def _check_network(text: str) -> None:
    if text.startswith(("v", "[v")):
        # protocol:address:port; the address may hold colons itself
        text = text.partition(":")[2].rpartition(":")[0]
    if "/" in text:
        ip_network(text)
    else:
        ip_address(unwrap_ipv6(text))


class PlacementSpec:
    """The hosts, by one of: their names, a label, a pattern of names; and how many daemons, in all
    or on each of these hosts. An empty one means every host.
    """

    def __init__(
        self,
        label: str | None = None,
        hosts: list[str] | list[HostPlacementSpec] | None = None,
        count: int | None = None,
        count_per_host: int | None = None,
        host_pattern: str | None = None,
    ) -> None:
        self.label = label
        self.hosts: list[HostPlacementSpec] = []
        if hosts:
            self.set_hosts(hosts)
        self.count = count
        self.count_per_host = count_per_host
        self.host_pattern = host_pattern
        self.validate()

    def is_empty(self) -> bool:
        """Whether it says nothing at all."""
        said = (self.label, self.count, self.count_per_host)
        return not self.hosts and not self.host_pattern and all(part is None for part in said)

    def set_hosts(self, hosts: list[str] | list[HostPlacementSpec]) -> None:
        """Name the hosts; texts are read as HostPlacementSpec.parse() does, empty ones left out."""
        if isinstance(hosts, str):
            raise SpecValidationError(f"hosts must be a list, not {hosts!r}")
        self.hosts = [
            host
            if isinstance(host, HostPlacementSpec)
            else HostPlacementSpec.parse(host, require_network=False)
            for host in hosts
            if host
        ]

    def filter_matching_hosts(
        self, _get_hosts_func: Callable[..., Iterable[HostSpec]]
    ) -> list[str]:
        """As filter_matching_hostspecs(), of what the function answers to `as_hostspec=True`."""
        return self.filter_matching_hostspecs(_get_hosts_func(as_hostspec=True))

    def filter_matching_hostspecs(self, hostspecs: Iterable[HostSpec]) -> list[str]:
        """Names of those hosts that are meant: in the order in which this names them where it
        does, else in that of `hostspecs`.
        """
        known = list(hostspecs)
        names = [host.hostname for host in known]
        if self.hosts:
            return [host.hostname for host in self.hosts if host.hostname in names]
        if self.label:
            return [host.hostname for host in known if self.label in host.labels]
        return fnmatch.filter(names, self.host_pattern) if self.host_pattern else names

    def get_target_count(self, hostspecs: Iterable[HostSpec]) -> int:
        """How many daemons there shall be, if `hostspecs` are all hosts."""
        if self.count:
            return self.count
        return len(self.filter_matching_hostspecs(hostspecs)) * (self.count_per_host or 1)

    def pretty_str(self) -> str:
        """What from_string() reads: the inverse of it for labels without blanks, `;` and `,`, and
        patterns that have a `*`, `?` or `[` in them, as others read as the name of a host.
        """
        hosts = [str(host) for host in self.hosts]
        if hosts and hosts[0].lstrip("-").isdigit():
            hosts[0] += ":"  # a number alone would be a count
        return ";".join(
            [
                *hosts,
                *([f"count:{self.count:d}"] if self.count else []),
                *([f"count-per-host:{self.count_per_host:d}"] if self.count_per_host else []),
                *([f"label:{self.label}"] if self.label else []),
                *([self.host_pattern] if self.host_pattern else []),
            ]
        )

    def __repr__(self) -> str:
        names = ("count", "count_per_host", "label", "hosts", "host_pattern")
        given = [f"{name}={getattr(self, name)!r}" for name in names if getattr(self, name)]
        return f"PlacementSpec({', '.join(given)})"

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if isinstance(other, PlacementSpec) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # two equal ones may come to differ

    @classmethod
    @handle_type_error
    def from_json(cls, data: dict[str, Any]) -> "PlacementSpec":
        """The placement that is described; raises SpecValidationError, which names the field."""
        fields = dict(an_object("placement", data))
        hosts = fields.get("hosts")
        if isinstance(hosts, list):
            fields["hosts"] = [HostPlacementSpec.from_json(host) for host in hosts]
        elif hosts:
            raise SpecValidationError(f"hosts must be a list, not {hosts!r}")
        return cls(**fields)

    def to_json(self) -> dict[str, Any]:
        """What from_json() reads; only what is said."""
        written = {
            "label": self.label,
            "hosts": [host.to_json() for host in self.hosts],
            "count": self.count,
            "count_per_host": self.count_per_host,
            "host_pattern": self.host_pattern,
        }
        return {name: value for name, value in written.items() if value}

    def validate(self) -> None:
        """Raise SpecValidationError for what cannot be, or cannot be together."""
        if self.hosts and self.label:
            raise SpecValidationError("Host and label are mutually exclusive")
        _check_number("num/count", self.count)
        _check_number("count-per-host", self.count_per_host)
        if self.count_per_host is not None:
            self._check_count_per_host()
        if self.host_pattern:
            if not isinstance(self.host_pattern, str):
                raise SpecValidationError("host_pattern must be of type string")
            if self.hosts:
                raise SpecValidationError("cannot combine host patterns and hosts")
        for host in self.hosts:
            host.validate()

    def _check_count_per_host(self) -> None:
        if not (self.label or self.hosts or self.host_pattern):
            raise SpecValidationError(
                "count-per-host must be combined with label or hosts or host_pattern"
            )
        if self.count is not None:
            raise SpecValidationError("cannot combine count and count-per-host")
        if any(host.network or host.name for host in self.hosts):
            raise SpecValidationError(
                "count-per-host cannot be combined explicit placement with names or networks"
            )

    @classmethod
    def from_string(cls, arg: str | None) -> "PlacementSpec":
        """From words that blanks separate, or `;`, or `,`: a count, `count:N`, `count-per-host:N`,
        `label:L`, hosts as HostPlacementSpec.parse() reads them, or one pattern. Nothing is an
        empty placement. Raises SpecValidationError.
        """
        words = _words(arg)
        count = _leading_count(words)
        count = _take_number(words, "count:", count)
        count_per_host = _take_number(words, "count-per-host:", None)
        labels = [word for word in words if word.startswith("label:")]
        if len(labels) > 1:
            raise SpecValidationError(f"more than one label provided: {labels}")
        hosts = [word for word in words if word not in labels and _names_a_host(word)]
        patterns = [word for word in words if word not in labels and word not in hosts]
        if len(patterns) > 1:
            raise SpecValidationError(f"more than one host pattern provided: {patterns}")
        return cls(
            count=count,
            count_per_host=count_per_host,
            hosts=hosts,
            label=labels[0].removeprefix("label:") if labels else None,
            host_pattern=patterns[0] if patterns else None,
        )


def _check_number(name: str, number: Any) -> None:
    if number is None:
        return
    try:
        whole = int(number)
    except (ValueError, TypeError, OverflowError):
        raise SpecValidationError(f"{name} must be a numeric value") from None
    if number != whole:
        raise SpecValidationError(f"{name} must be an integer value")
    if number < 1:
        raise SpecValidationError(f"{name} must be >= 1")


def _words(arg: str | None) -> list[str]:
    if not arg:
        return []
    if not isinstance(arg, str):
        raise SpecValidationError(f"invalid placement {arg}")
    for separator in (" ", ";"):
        if separator in arg:
            return arg.split(separator)
    # Inside of brackets a comma separates a monitor's addresses, or is one of a pattern's letters.
    return re.split(r",(?![^[]*\])", arg)


def _leading_count(words: list[str]) -> int | None:
    """The number that `words` begin with, taken from them."""
    try:
        count = int(words[0]) if words else None
    except ValueError:
        return None
    del words[:1]
    return count


def _take_number(words: list[str], prefix: str, otherwise: int | None) -> int | None:
    """The number of the first of `words` that is `prefix` and a number, taken from them."""
    for word in words:
        if word.startswith(prefix):
            try:
                number = int(word.removeprefix(prefix))
            except ValueError:
                continue
            words.remove(word)
            return number
    return otherwise


def _names_a_host(word: str) -> bool:
    return ":" in word or "=" in word or not re.search(r"[][?*]", word)
