"""Numbered points in the life of a supervisor at which it is killed: function, moment, count.

Calls are counted from its start (STARTING), or from the moment at which it is told to (SERVING).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """`when` is "before" or "after" the `count`th call of `where`, which is MODULE:NAME."""

    where: str
    when: str
    count: int
    starting: bool = False

    def __str__(self) -> str:
        return f"{self.when} {self.where.rpartition(':')[2]} ({self.count})"

    @property
    def program(self) -> list[str]:
        """A supervisor that ends there, as arguments of Python's; its own arguments follow."""
        since = "start" if self.starting else "signal"
        return ["-m", "faults.dying", self.where, self.when, str(self.count), since]


_EDGE, _STORE = "supervisor.edge", "supervisor.cluster.embedded.store"
STARTING = tuple(
    Point(where, when, count, starting=True)
    for where, when, count in (
        (f"{_STORE}:_apply", "after", 1),  # in the transaction that makes it the active one
        (f"{_STORE}:_take_over", "after", 1),
        (f"{_EDGE}.launcher:ZygoteLauncher._start", "after", 1),
        (f"{_EDGE}.launcher:ZygoteLauncher.launch", "after", 3),
        (f"{_EDGE}.hosts:Hosts.launched", "before", 2),  # there is a process, and nobody knows it
        (f"{_EDGE}.hosts:Hosts.greet", "before", 1),
        (f"{_EDGE}.reception:Reception._loaded", "after", 2),  # while modules start
    )
)
SERVING = (
    Point(f"{_STORE}:Store._commit", "before", 2),
    Point(f"{_STORE}:_apply", "after", 3),  # in the transaction
    Point(f"{_EDGE}.tokens:Tokens.settle", "before", 2),  # on disk, and who asked is about to hear
    Point(f"{_EDGE}.broker:Broker.answered", "before", 2),  # a module has stored it, and says so
)
POINTS = (*STARTING, *SERVING)
