"""What the edge is told to do. One dataclass per verb; the edge executes them in order."""

from dataclasses import dataclass
from enum import StrEnum


class Message(StrEnum):
    """What may be sent to a host's inbox by decision of the life cycle."""

    START = "start"
    SHUTDOWN = "shutdown"
    PING = "ping"


@dataclass(frozen=True)
class Spawn:
    """Start a host. Answered by Spawned or SpawnFailed."""


@dataclass(frozen=True)
class Send:
    """Send to the host's inbox; seq numbers pings, grace_ms goes with shutdown."""

    message: Message
    seq: int = 0
    grace_ms: int = 0


@dataclass(frozen=True)
class DumpStacks:
    """Make the host write all its stacks to its log (SIGUSR1 to the leader)."""


@dataclass(frozen=True)
class Signal:
    """Send `signum` to the host's process group."""

    signum: int


@dataclass(frozen=True)
class FailCalls:
    """The process is gone or will not answer: every call pending on the module fails now."""

    reason: str


@dataclass(frozen=True)
class SetFault:
    """State the module's framework health check; error None and dependency None withdraw it.

    `error` raises MGR_MODULE_ERROR, `dependency` MGR_MODULE_DEPENDENCY.
    """

    error: str | None = None
    dependency: str | None = None


@dataclass(frozen=True)
class SetStall:
    """State that the module's queue stands still, as MGR_MODULE_STALLED; "" withdraws it."""

    text: str


@dataclass(frozen=True)
class Report:
    """One line for the module's history and the daemon's log.

    clog: also for the cluster log, as an error.
    """

    text: str
    level: str = "info"  # info, warning, error
    clog: bool = False


@dataclass(frozen=True)
class RecordCrash:
    """Keep a record of what nobody asked for.

    kind       what is alike in all such crashes: "SIGSEGV", "exit code 1", "limit memory"; "" where
               the traceback names an exception
    caller     what ran, in the words of Ceph's own records
    traceback  Python's text; "": where a signal ended it, its log may have the stacks
    """

    reason: str
    kind: str
    caller: str
    traceback: str = ""


Action = Spawn | Send | DumpStacks | Signal | FailCalls | SetFault | SetStall | Report | RecordCrash
