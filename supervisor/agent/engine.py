"""What keeps daemons running: systemd, or this agent itself."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from supervisor.agent.course import State
from supervisor.agent.definition import Definition


@dataclass(frozen=True)
class Observed:
    """A daemon as it is now. `pid` 0: no process; `started`: seconds since the epoch, 0: never."""

    state: State
    pid: int = 0
    started: float = 0.0
    restarts: int = 0
    why: str = ""


class Engine(ABC):
    """Any thread may call; calls for one name come one after another. All raise RefusedError, with
    the sentence why, and OSError.
    """

    name: str
    keeps_without_us: bool  # daemons run on where the agent ends

    @abstractmethod
    def adopt(self, definitions: Mapping[str, Definition], wanted: Collection[str]) -> None:
        """At the begin, once: take over what runs, start what is wanted, end what is not."""

    @abstractmethod
    def start(self, definition: Definition) -> None:
        """Have it run from now on, by this definition; returns once its process exists."""

    @abstractmethod
    def stop(self, definition: Definition) -> None:
        """Have it run no more; returns once it has ended, killed after `stop_seconds`."""

    @abstractmethod
    def forget(self, name: str) -> None:
        """It was stopped and will not come back: leave nothing of it."""

    @abstractmethod
    def observe(self, names: Collection[str]) -> dict[str, Observed]:
        """Those of `names` that the engine knows of."""

    @abstractmethod
    def leave(self) -> None:
        """The agent is asked to end: leave or end what runs, whichever is right."""
