"""What comes back from the store's writer. All of one commit is taken in one turn of the cluster,
and told as one change: many writers share not only the commit, but what follows from it.
"""

from collections import deque
from collections.abc import Callable, Iterable

from supervisor.cluster.interface import Event, StoreChanged


Job = Callable[[], None]


class Returns:
    """`put` on the writer's thread, `take` on the cluster's, of which `ask` asks for a turn."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._came: deque[Job] = deque()
        self._asked = False

    def put(self, job: Job) -> None:
        """Have `job` run in the next turn."""
        self._came.append(job)
        if not self._asked:
            self._asked = True
            self._ask()

    def take(self, run: Callable[[Job], None]) -> None:
        """Hand over what has come. What comes meanwhile is taken, too, or asks for a turn."""
        self._asked = False
        while self._came:
            run(self._came.popleft())


def together(events: Iterable[Event]) -> list[Event]:
    """The same, with all changes of keys in one event, in their order, where the first of them was:
    before each answer to a write whose change it is.
    """
    told: list[Event] = []
    changes: list[StoreChanged] = []
    for event in events:
        if not isinstance(event, StoreChanged):
            told.append(event)
            continue
        if not changes:
            first = len(told)
            told.append(event)
        changes.append(event)
    if len(changes) > 1:
        told[first] = StoreChanged(tuple(one for change in changes for one in change.changes))
    return told
