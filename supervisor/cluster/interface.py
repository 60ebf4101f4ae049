"""What the supervisor asks of a cluster, and what a cluster tells it: the seam to each backend.

A cluster works in threads (or processes) of its own. Every request returns at once and is answered
by one `Done` event with the request's token; events go to the sink given to `open()`, which may be
called from any thread and never blocks.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supervisor.core.election import Elected, NotActivated, Overtaken


@dataclass(frozen=True)
class Done:
    """The one answer to a request. `retval` is 0 or -errno, as a monitor answers."""

    token: int
    retval: int = 0
    stdout: bytes = b""
    stderr: str = ""


@dataclass(frozen=True)
class OptionChange:
    """A module option `mgr/<module>/[<mgr id>/]<key>` was committed; value None: removed."""

    key: str
    value: str | None
    seq: int


@dataclass(frozen=True)
class OptionsChanged:
    """Configuration was committed. `changes` holds module options only and may be empty: upstream
    calls config_notify for every configuration change, of unrelated options too.
    """

    changes: tuple[OptionChange, ...]


@dataclass(frozen=True)
class StoreChange:
    """A key of the config-key store was committed; value None: removed."""

    key: str
    value: str | None
    seq: int


@dataclass(frozen=True)
class StoreChanged:
    """Keys below "mgr/" or "device/" changed."""

    changes: tuple[StoreChange, ...]


@dataclass(frozen=True)
class Notified:
    """Tell modules that subscribe to `type`; the new documents are published already.

    `id` is "" except for clog, where it is the log entry as a JSON object.
    """

    type: str
    id: str = ""


@dataclass(frozen=True)
class Manager:
    """A manager process, as the others learn of it. `control`: path of its control socket."""

    name: str
    gid: int  # of this process alone, as Ceph's global ids
    pid: int = 0
    control: str = ""


@dataclass(frozen=True)
class Opened:
    """What a cluster holds when it is opened, for a standby or for the active manager."""

    options: Mapping[str, str]  # every module option that is set, by full key
    store: Mapping[str, str]  # every config-key below "mgr/" (and "device/")
    seq: int  # commit that both reflect
    version: str  # "ceph version 16.2.15 (<hash>) pacific (stable)"
    release_name: str
    mgr_ip: str
    active: bool = True
    epoch: int = 0  # of our time as the active manager
    state_dir: Path = Path()  # where documents are published for this role


@dataclass(frozen=True)
class Promoted:
    """We are active now; everything that a standby knew is replaced by `opened`."""

    opened: Opened


# Elected, NotActivated and Overtaken come where several managers share the cluster: Elected, then
# Promoted or NotActivated, then perhaps Overtaken.
Event = (
    Done | OptionsChanged | StoreChanged | Notified | Elected | Promoted | NotActivated | Overtaken
)
Sink = Callable[[Event], None]


@dataclass(frozen=True)
class ModuleReport:
    """What the cluster must know of one module: the entry in `mgr dump`'s available_modules.

    `options`: in MgrMap's JSON shape, contract section 3.9. None: nobody has looked at the module
    since the start, so that what the cluster knows of it stands.
    """

    name: str
    can_run: bool
    error_string: str
    options: Mapping[str, Mapping[str, Any]] | None


@dataclass(frozen=True)
class Report:
    """The supervisor's beacon: sent whole whenever a part of it changes."""

    available: bool
    modules: Sequence[ModuleReport] = ()
    enabled: Sequence[str] = ()
    always_on: Sequence[str] = ()
    services: Mapping[str, str] = field(default_factory=dict)  # module -> uri
    clients: Sequence[tuple[str, str]] = ()  # (name, addrs) that modules registered
    # code -> {"severity": "HEALTH_WARN", "summary": {"message", "count"}, "detail": [{"message"}]}
    health: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    # event id -> {"message": str, "progress": float, "add_to_ceph_s": bool}
    progress: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class ClusterError(Exception):
    """The cluster cannot be opened; the text says what is wrong and what to do."""


class Cluster(ABC):
    """A source of cluster state and persistence. Called from the supervisor's loop thread."""

    @abstractmethod
    def open(self, sink: Sink, state_dir: Path) -> Opened:
        """Load, publish every document into `state_dir` (proto.statepage), start working; as a
        standby (`Opened.active` is False) where another manager is active.

        Blocks; called once, before the loop runs. Raises ClusterError.
        """

    @property
    @abstractmethod
    def own(self) -> Manager:
        """Who we are."""

    @property
    @abstractmethod
    def active(self) -> Manager | None:
        """The active manager, as far as known."""

    @abstractmethod
    def standbys(self) -> Sequence[Manager]:
        """The other managers that live, as far as known; of the active one."""

    @abstractmethod
    def descriptors(self) -> Sequence[Mapping[str, Any]]:
        """The monitor commands that this cluster answers: {"cmd", "desc", "perm"} each."""

    @abstractmethod
    def command(
        self, token: int, service: tuple[str, str], command: Mapping[str, Any], inbuf: bytes
    ) -> None:
        """Run a command on `service`, ("mon", "") or ("osd", "3"); answered after its effects are
        published and committed.
        """

    @abstractmethod
    def set_option(self, token: int, key: str, value: str | None) -> None:
        """Set or remove module option `key` ("mgr/<module>/..."), validated against the last
        report's schema; answered after the commit and the OptionsChanged.
        """

    @abstractmethod
    def set_store(self, token: int, key: str, value: str | None) -> None:
        """Set or remove a config-key; answered after the commit and the StoreChanged."""

    @abstractmethod
    def report(self, report: Report) -> None:
        """Publish what the supervisor knows of modules, services, health and progress."""

    @abstractmethod
    def log(self, name: str, channel: str, priority: int, message: str) -> None:
        """Append to the cluster log; priority as in ClusterLogPrio, 0 debug to 4 error."""

    @abstractmethod
    def close(self) -> None:
        """Finish what was accepted, stop every thread, release every file."""
