"""How far the replicas have come: which commit the inbox has taken over."""

import threading


WAIT_SECONDS = 5.0


class Commits:
    """What comes on a lane can overtake what was sent on the bus before. Safe from every thread."""

    def __init__(self) -> None:
        self._newest = 0
        self._changed = threading.Condition()

    def took_over(self, commit: int) -> None:
        """The replicas hold it."""
        with self._changed:
            self._newest = max(self._newest, commit)
            self._changed.notify_all()

    def wait_for(self, commit: int) -> None:
        """Return once the replicas hold it; it is on its way. No longer than WAIT_SECONDS: a host
        that takes so long does not read at all, and is about to be replaced.
        """
        if commit <= self._newest:
            return
        with self._changed:
            self._changed.wait_for(lambda: commit <= self._newest, WAIT_SECONDS)
