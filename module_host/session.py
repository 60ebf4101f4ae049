"""What a module may ask of the world: the seam between the api and the host's machinery.

One session per process. `api/ceph_module.py` turns upstream's primitives into calls of it; the host
implements it over the bus (`module_host/host_session.py`), tests in memory.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from module_host.ceph import readonly


@dataclass(frozen=True)
class Identity:
    """Who this module is and where it runs. Fixed for the life of the process."""

    module: str
    mgr_id: str
    mgr_ip: str
    version: str
    release_name: str
    log_file: str  # of the daemon, as upstream's option `log_file`; the module's own is derived
    conf_path: str  # of the real cluster's ceph.conf; "": there is none
    data_dir: str = ""  # the module's own folder; "": it has none and nothing of it is kept
    foreign: tuple[str, ...] = ("*",)  # patterns: which options of other modules it is shown
    keyring: str = ""  # file with the key for that cluster; "": where ceph.conf says


@dataclass(frozen=True)
class Check:
    """One health check as a module states it."""

    code: str
    severity: str
    summary: str
    count: int
    detail: Sequence[str]


Completion = Callable[[int, str, str], None]  # retval, stdout, stderr


class Session(ABC):
    """Safe from every thread. Reads are local; a write returns after its commit."""

    identity: Identity

    @abstractmethod
    def state(self, name: str) -> Any:
        """The published document `name`, decoded afresh; None where it was never published."""

    def state_entry(self, name: str, key: str) -> Any:
        """One value of a published document that is an object of many; None: there is none."""
        document = self.shared_state(name)
        return None if document is None else document.get(key)

    @abstractmethod
    def shared_state(self, name: str) -> Any:
        """The same document as one object per version: read only by agreement."""

    def read_only_state(self, name: str) -> Any:
        """The same document as one object per version that refuses to be changed."""
        return readonly.frozen(self.state(name))

    def forget_state(self, name: str) -> bool:
        """Let go of what read_only_state() keeps of `name`; answers whether there was anything."""
        return False

    @abstractmethod
    def option(self, key: str) -> str | None:
        """Text of module option "mgr/<module>/[<mgr id>/]<key>", None where unset."""

    @abstractmethod
    def set_option(self, module: str, key: str, value: str | None) -> None:
        """Set or remove an option of `module`; raises ValueError with the cluster's sentence."""

    @abstractmethod
    def store(self, key: str) -> str | None:
        """Value of this module's own key, None where unset."""

    @abstractmethod
    def store_prefix(self, prefix: str) -> dict[str, str]:
        """The module's own keys that begin with `prefix`."""

    @abstractmethod
    def set_store(self, key: str, value: str | None) -> None:
        """Set or remove a key of this module; raises ValueError."""

    @abstractmethod
    def remote(
        self, module: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Call another module; raises ImportError, NameError or RuntimeError as upstream does."""

    @abstractmethod
    def send_command(
        self,
        service: tuple[str, str],
        command: str,
        inbuf: bytes,
        tag: str,
        done: Completion,
        *,
        one_shot: bool = False,
    ) -> None:
        """Send a command to a daemon; `done` runs once, on another thread. Raises ValueError for
        an unknown kind of service or a malformed id.
        """

    @abstractmethod
    def set_health(self, checks: Sequence[Check]) -> None:
        """Replace this module's health checks."""

    @abstractmethod
    def cluster_log(self, channel: str, priority: int, message: str) -> None:
        """Append to the cluster log."""

    @abstractmethod
    def daemon_log(self, line: str, level: int = 20) -> None:
        """Append to the daemon's own log; level as in the logging module."""

    @abstractmethod
    def set_uri(self, uri: str) -> None:
        """Publish where this module serves; "" withdraws it."""

    @abstractmethod
    def progress(
        self, action: str, event: str, message: str, share: float, add_to_ceph_s: bool
    ) -> None:
        """`action` is update, complete or clear."""

    @abstractmethod
    def register_client(self, name: str, addrs: str, *, remove: bool, replace: bool) -> None:
        """Tell the cluster which client addresses belong to this module."""

    def notify_all(self, kind: str, ident: str) -> None:
        """Notify every module that asks for `kind`; raises ValueError for one that only the
        cluster may tell of.
        """
        raise NotImplementedError("this session notifies nobody")

    @abstractmethod
    def set_wear_level(self, device: str, level: float) -> None:
        """Store a device's wear level, 0.0 to 1.0."""

    @abstractmethod
    def authorized(self, arguments: Mapping[str, str]) -> bool:
        """Whether the command being served permits `arguments`; False while none is served."""


_current: Session | None = None


def install(session: Session | None) -> Session | None:
    """Make `session` the one that modules speak through from now on, None: none; gives the one
    before. A module keeps the one that it was constructed with.
    """
    global _current
    before, _current = _current, session
    return before


def current() -> Session:
    """The installed session; raises RuntimeError where a module is used outside a host."""
    if _current is None:
        raise RuntimeError(
            "no session: a module runs inside a module host, or after session.install() in a test"
        )
    return _current
