"""The one word that an operator is shown, from what is wanted and what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from supervisor.core.state import Desired, Ending, Goal, Stage, State


if TYPE_CHECKING:
    from supervisor.core.host import Host


def judge(desired: Desired, host: Host | None, *, waits: bool, idle: bool = False) -> State:
    """`waits`: for the end of a delay, then the module is tried again. `idle`: it has nothing to do
    before this manager is active.
    """
    if desired.goal is not Goal.ENABLED:
        # A process that is only looked at does not make a disabled module anything else.
        return State.STOPPING if host is not None and host.wanted else State.DISABLED
    if host is None or host.ending is Ending.REST:
        at_rest = State.WAITING if idle else State.CANNOT_RUN
        return State.BACKOFF if host is None and waits else at_rest
    if host.ending in (Ending.RESTART, Ending.ANEW, Ending.OVER_LIMIT):
        return State.STOPPING
    if host.ready_at is None:
        return State.STARTING
    if host.ending is Ending.HUNG or not host.responsive:
        return State.UNRESPONSIVE
    if host.stage is not Stage.SERVING:
        return State.FAILED
    return State.STANDBY if host.standby else State.RUNNING
