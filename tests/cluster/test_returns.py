"""What comes back from the store's writer is taken, and told, together; and none of it is lost."""

import queue
import threading

from supervisor.cluster.embedded.returns import Returns, together
from supervisor.cluster.interface import Done, Notified, StoreChange, StoreChanged


def test_nothing_that_came_back_is_left_behind():
    """Whatever the moment at which it comes: many come while a turn ends."""
    turns: queue.SimpleQueue[None] = queue.SimpleQueue()
    returns = Returns(lambda: turns.put(None))
    taken = []
    total = 20_000

    def write():
        for number in range(total):
            returns.put(lambda number=number: taken.append(number))

    writer = threading.Thread(target=write)
    writer.start()
    while len(taken) < total:
        turns.get(timeout=10)
        returns.take(lambda job: job())
    writer.join()
    assert taken == list(range(total))


def test_changes_are_told_at_once_and_before_every_answer_to_them():
    """In the order of their commits; all else stays where it is."""
    one, two = StoreChange("a", "1", 1), StoreChange("b", None, 2)
    events = [Notified("x"), StoreChanged((one,)), Done(1, 0), StoreChanged((two,)), Done(2, 0)]
    assert together(events) == [Notified("x"), StoreChanged((one, two)), Done(1, 0), Done(2, 0)]
    assert together(events[:3]) == events[:3]
    assert together([]) == []
