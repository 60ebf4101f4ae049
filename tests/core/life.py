"""A module's life in a test: a clock that is set, and an edge that answers when it is told to."""

from random import Random

from supervisor.core import events as ev
from supervisor.core.actions import Action, Message, Report, Send, SetFault, Signal, Spawn
from supervisor.core.facts import Facts
from supervisor.core.lifecycle import Lifecycle
from supervisor.core.policy import RestartPolicy, Timings


GOOD = Facts(can_run=True)
REFUSING = Facts(can_run=False, error="no such library")
UNLOADABLE = Facts(can_run=False, error="No module named 'jinja2'", has_active=False)


class Life:
    """Drives a Lifecycle named "m" on mgr.x; `done` holds the actions of the last step."""

    def __init__(self, seed: int = 1) -> None:
        self.life = Lifecycle("m", RestartPolicy(), Timings(), Random(seed), "x")
        self.now = 100.0
        self.pid = 1000
        self.done: list[Action] = []

    def feed(self, *events: ev.Event) -> list[Action]:
        self.done = [a for event in events for a in self.life.handle(event, self.now)]
        return self.done

    def after(self, seconds: float) -> list[Action]:
        """Let time pass, with a Tick at each wakeup, as the edge does."""
        end = self.now + seconds
        self.done = []
        while (due := self.life.wakeup()) is not None and due <= end:
            self.now = due
            self.done += self.life.handle(ev.Tick(), due)
        self.now = end
        return self.done

    def spawned(self) -> list[Action]:
        self.pid += 1
        return self.feed(ev.Spawned(self.pid))

    def to_ready(self, facts: Facts = GOOD) -> list[Action]:
        """From a Spawn to Ready."""
        self.spawned()
        return self.feed(ev.Greeted(), ev.Loaded(facts), ev.Ready())

    def running(self) -> "Life":
        self.feed(ev.EnableAsked())
        self.to_ready()
        return self

    def healthy(self, seconds: float) -> None:
        """Let time pass while the host answers every ping at once."""
        end = self.now + seconds
        while (due := self.life.wakeup()) is not None and due <= end:
            self.now = due
            for action in self.life.handle(ev.Tick(), due):
                if isinstance(action, Send) and action.message is Message.PING:
                    self.life.handle(ev.Pulse(action.seq), due)
        self.now = end

    def die(self, status: int = -9) -> list[Action]:
        return self.feed(ev.Exited(status))

    # What the last step did.

    @property
    def spawns(self) -> int:
        return sum(isinstance(a, Spawn) for a in self.done)

    @property
    def sent(self) -> list[Message]:
        return [a.message for a in self.done if isinstance(a, Send)]

    @property
    def signals(self) -> list[int]:
        return [a.signum for a in self.done if isinstance(a, Signal)]

    @property
    def faults(self) -> list[SetFault]:
        return [a for a in self.done if isinstance(a, SetFault)]

    @property
    def clogs(self) -> list[str]:
        return [a.text for a in self.done if isinstance(a, Report) and a.clog]
