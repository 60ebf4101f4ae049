"""Which role this manager has among those that share a cluster. Pure: events in, actions out.

A manager is born a standby, whoever else there is. The cluster says whose turn it is (`Elected`)
and who was overtaken (`Overtaken`); operators ask to stop, or to give the active role up.
"""

from dataclasses import dataclass
from enum import StrEnum


FENCED = 75  # exit code (EX_TEMPFAIL): started again, it is a standby


class Role(StrEnum):
    """What an operator reads in `mgr role`."""

    STANDBY = "standby"
    TAKING_OVER = "taking over"  # the only candidate; its standby modules end, the cluster opens
    ACTIVE = "active"
    RESIGNING = "resigning"  # asked to give up: ends its modules, then starts anew as a standby
    FENCED = "fenced"  # another manager became active: ends its modules, then itself
    STOPPING = "stopping"
    FAILED = "failed"  # it could not take over


@dataclass(frozen=True)
class Elected:
    """Nobody else is active any more: it is our turn."""


@dataclass(frozen=True)
class Activated:
    """The cluster made us active, by a commit that no other manager can undo."""

    epoch: int


@dataclass(frozen=True)
class NotActivated:
    """The cluster could not be opened for us."""

    reason: str


@dataclass(frozen=True)
class Overtaken:
    """A later epoch than ours is committed: whatever we still write is refused."""

    epoch: int
    by: str = ""  # who holds it, as far as known


@dataclass(frozen=True)
class FailAsked:
    """The operator wants another manager to be active."""


@dataclass(frozen=True)
class StopAsked:
    """The operator wants this process to end."""


@dataclass(frozen=True)
class Deserted:
    """The last module's process is gone."""


Event = Elected | Activated | NotActivated | Overtaken | FailAsked | StopAsked | Deserted


@dataclass(frozen=True)
class Say:
    """One sentence for the daemon's log."""

    text: str
    level: str = "info"


@dataclass(frozen=True)
class StandDown:
    """End every standby module: the active ones follow."""


@dataclass(frozen=True)
class Serve:
    """Start the modules as those of the active manager."""


@dataclass(frozen=True)
class EndModules:
    """End every module for good. Answered by Deserted, also where there is none."""


@dataclass(frozen=True)
class End:
    """End the process with this exit code."""

    code: int


@dataclass(frozen=True)
class Respawn:
    """Release everything and execute the program again."""


Action = Say | StandDown | Serve | EndModules | End | Respawn
_LEAVING: dict[Role, Action] = {
    Role.RESIGNING: Respawn(),
    Role.FENCED: End(FENCED),
    Role.STOPPING: End(0),
    Role.FAILED: End(1),
}


class Election:
    """Decides. Any event may come in any role: late and doubled ones change nothing."""

    def __init__(self, mgr_id: str) -> None:
        self.role = Role.STANDBY
        self.epoch = 0  # ours, once we were active
        self._mgr_id = mgr_id

    @property
    def leaving(self) -> bool:
        """Whether this process is about to end; no way leads back."""
        return self.role in _LEAVING

    def handle(self, event: Event) -> list[Action]:
        """Take note of `event`; return what to do, in order."""
        match event, self.role:
            case Elected(), Role.STANDBY:
                self.role = Role.TAKING_OVER
                return [StandDown()]
            case Activated(epoch), Role.TAKING_OVER:
                self.role, self.epoch = Role.ACTIVE, epoch
                return [Say(f"mgr.{self._mgr_id} is active, epoch {epoch}"), Serve()]
            case NotActivated(reason), Role.TAKING_OVER:
                return self._leave(Role.FAILED, Say(f"cannot take over: {reason}", "error"))
            case Overtaken() as overtaken, Role.ACTIVE | Role.RESIGNING if (
                overtaken.epoch > self.epoch
            ):
                return self._leave(Role.FENCED, Say(self._fenced(overtaken), "error"))
            case FailAsked(), Role.ACTIVE:
                return self._leave(
                    Role.RESIGNING, Say("gives the active role up, as asked (mgr fail)", "warning")
                )
            # What is already broken stays so: the exit code must tell.
            case StopAsked(), role if role not in (Role.STOPPING, Role.FENCED, Role.FAILED):
                return self._leave(Role.STOPPING, Say("stopping"))
            case Deserted(), role if role in _LEAVING:
                return [_LEAVING[role]]
        return []

    def _leave(self, role: Role, sentence: Say) -> list[Action]:
        self.role = role
        return [sentence, EndModules()]

    def _fenced(self, overtaken: Overtaken) -> str:
        who = f"mgr.{overtaken.by}" if overtaken.by else "another manager"
        return (
            f"fenced: {who} became active with epoch {overtaken.epoch}, ours is {self.epoch}: "
            "nothing more is written, every module is ended, "
            f"then this process with exit code {FENCED}"
        )
