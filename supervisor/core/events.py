"""What may happen to a module. Facts only; `Lifecycle.handle` decides what follows."""

from dataclasses import dataclass
from enum import StrEnum

from supervisor.core.facts import Facts
from supervisor.core.stall import IDLE, Ages


class Phase(StrEnum):
    """Where a module raised."""

    INIT = "__init__"
    SERVE = "serve"


@dataclass(frozen=True)
class EnableAsked:
    """The operator (or the always-on list) wants it to run; force: even if can_run refuses;
    standby: as a module of a manager that is not active.
    """

    force: bool = False
    standby: bool = False


@dataclass(frozen=True)
class DisableAsked:
    """The operator wants it off."""


@dataclass(frozen=True)
class RestartAsked:
    """The operator wants a fresh process, whatever the backoff says."""


@dataclass(frozen=True)
class StopAsked:
    """The daemon is going down: no process of this module may remain or be started."""


@dataclass(frozen=True)
class InspectAsked:
    """Somebody wants the facts of a disabled module: start a process merely to look at it."""


@dataclass(frozen=True)
class Spawned:
    """The zygote forked the host."""

    pid: int


@dataclass(frozen=True)
class SpawnFailed:
    """No process came of it."""

    reason: str


@dataclass(frozen=True)
class Greeted:
    """The host said Hello and was believed."""


@dataclass(frozen=True)
class Loaded:
    """Import and can_run are over, well or not."""

    facts: Facts


@dataclass(frozen=True)
class Ready:
    """Constructed; serve() runs."""


@dataclass(frozen=True)
class Failed:
    """__init__ or serve() raised."""

    phase: Phase
    error: str
    traceback: str = ""


@dataclass(frozen=True)
class Pulse:
    """The host's Python answered ping number `seq`, and said what its queue is at."""

    seq: int
    ages: Ages = IDLE


@dataclass(frozen=True)
class LimitPassed:
    """It uses more than it may; `limit` names the limit and the figure."""

    limit: str


@dataclass(frozen=True)
class Stopped:
    """shutdown() returned and the host is about to end."""


@dataclass(frozen=True)
class Exited:
    """The process is gone; status is its exit code, or -signal; `cause`: who is known to have
    sent it a SIGKILL, and why.
    """

    status: int
    core_dumped: bool = False
    max_rss_kib: int = 0
    cause: str = ""


@dataclass(frozen=True)
class Tick:
    """Time passed; deadlines may have."""


Event = (
    EnableAsked
    | DisableAsked
    | RestartAsked
    | StopAsked
    | InspectAsked
    | Spawned
    | SpawnFailed
    | Greeted
    | Loaded
    | Ready
    | Failed
    | Pulse
    | LimitPassed
    | Stopped
    | Exited
    | Tick
)
