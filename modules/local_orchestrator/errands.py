"""What an operator asked to be done to single daemons, until it is done.

Each is kept in the store, so that it survives the module. Those of one `line` are done one after
the other, the next only once the daemon of the one before runs again: a rolling restart.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from local_orchestrator.daemons import Daemon


START, STOP, RESTART, REDEPLOY, RECONFIG = "start", "stop", "restart", "redeploy", "reconfig"
REMOVE, DEPLOY = "remove", "deploy"
ACTIONS = (START, STOP, RESTART, REDEPLOY, RECONFIG)
ROLLING = (RESTART, REDEPLOY, RECONFIG)
SETTLED_SECONDS = 1.0  # a daemon that runs for so long counts as running again
PATIENCE_SECONDS = 60.0  # after which a line ends whose daemon does not come back


@dataclass(frozen=True)
class Errand:
    """`begun`: since when it is done and its daemon is waited for. `more` is what DEPLOY needs."""

    daemon: str
    action: str
    asked: float
    line: str = ""
    begun: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, Any]:
        """What is stored."""
        return asdict(self)

    def done(self, now: float) -> "Errand":
        """The same, its daemon being waited for."""
        return replace(self, begun=now)


@dataclass(frozen=True)
class Turn:
    """What follows for the errands: to do now, over and done with, and lines that broke."""

    due: tuple[Errand, ...] = ()
    over: tuple[Errand, ...] = ()
    broken: tuple[Errand, ...] = ()


def turn(errands: Sequence[Errand], daemons: Sequence[Daemon], now: float) -> Turn:
    """Decide on every errand, in the order in which they were asked for."""
    by_name = {daemon.name: daemon for daemon in daemons}
    due: list[Errand] = []
    over: list[Errand] = []
    broken: list[Errand] = []
    waiting: set[str] = set()  # lines of which an errand is under way
    failed: set[str] = set()
    for errand in sorted(errands, key=lambda errand: (errand.begun is None, errand.asked)):
        daemon = by_name.get(errand.daemon)
        if errand.line in failed:
            over.append(errand)
        elif errand.begun is not None:
            if daemon is None or _is_back(daemon, errand.begun, now):
                over.append(errand)
            elif now - errand.begun > PATIENCE_SECONDS:
                broken.append(errand)
                failed.add(errand.line)
            else:
                waiting.add(errand.line)
        elif daemon is None and errand.action != DEPLOY:
            over.append(errand)
        elif not errand.line:
            due.append(errand)
        elif errand.line not in waiting:
            due.append(errand)
            waiting.add(errand.line)
    return Turn(tuple(due), tuple(over), tuple(broken))


def _is_back(daemon: Daemon, begun: float, now: float) -> bool:
    """Whether it was started after `begun`, or was not meant to be, and runs steadily."""
    if daemon.state == "stopped":
        return True
    started = daemon.started or 0.0
    return daemon.running and started >= begun and now - started > SETTLED_SECONDS
