"""The words for what is wanted of a module and for what is. Two vocabularies, never merged."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """What an operator reads in `module ps`; follows from what is wanted and what is."""

    DISABLED = "disabled"
    CANNOT_RUN = "cannot-run"
    STARTING = "starting"
    RUNNING = "running"
    UNRESPONSIVE = "unresponsive"
    STOPPING = "stopping"
    BACKOFF = "backoff"
    FAILED = "failed"
    STANDBY = "standby"  # its standby class serves: another manager is active
    WAITING = "waiting"  # it has no standby class: nothing runs before this manager is active


class Goal(StrEnum):
    """What the operator, or the end of the daemon, wants."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    STOPPED = "stopped"  # the daemon is going down; nothing leads away from here


@dataclass(frozen=True)
class Desired:
    """What is wanted; force: run it although can_run refused; standby: its standby class."""

    goal: Goal = Goal.DISABLED
    force: bool = False
    standby: bool = False


class Stage(StrEnum):
    """How far one process has come."""

    LAUNCHING = "launching"  # asked for; nothing is known of it yet
    SPAWNED = "spawned"  # forked; it has not said Hello
    GREETED = "greeted"  # imports, then asks can_run
    LOADED = "loaded"  # waits for the decision to start it or to let it go
    CONSTRUCTING = "constructing"  # in __init__
    SERVING = "serving"
    SERVE_FAILED = "serve-failed"  # serve() raised; remote() works on


class Ending(StrEnum):
    """Why the supervisor is ending a process, and so what follows its exit."""

    REST = "rest"  # nothing follows
    RESTART = "restart"  # another replaces it
    ANEW = "anew"  # wanted again while it was ending: the first process of a new enabling
    HUNG = "hung"  # it passed a deadline: counts as a failure
    OVER_LIMIT = "over-limit"  # it used more than it may: counts as a failure


FAILURES = frozenset({Ending.HUNG, Ending.OVER_LIMIT})
