"""A local copy of key-value data that the supervisor keeps current."""

import threading
from collections.abc import Iterable, Mapping

from proto.v1.module_pb2 import OptionsChanged, StoreChanged


REMEMBERED = 1000  # keys; far more than changes that can be on their way at one time


class Replica:
    """Changes come by two ways, the inbox and the answers to our own writes, so they may overtake
    one another: each carries the number of its commit, and an older one changes nothing.

    Numbers are kept of the keys that changed last, removed ones among them. What is older than all
    of these has arrived long ago, so a module that makes ever new keys does not grow by them.
    """

    def __init__(self, values: Mapping[str, str], seq: int) -> None:
        self._values = dict(values)
        self._base = seq
        self._seqs: dict[str, int] = {}  # the key that changed last is last
        self._lock = threading.Lock()

    def get(self, key: str) -> str | None:
        """The value of `key`, None where unset."""
        return self._values.get(key)

    def beneath(self, prefix: str) -> dict[str, str]:
        """A copy of what begins with `prefix`."""
        with self._lock:
            return {k: v for k, v in self._values.items() if k.startswith(prefix)}

    def apply(self, changes: Iterable[OptionsChanged.Change | StoreChanged.Change]) -> None:
        """Take over what is newer than what is known of its key."""
        with self._lock:
            for change in changes:
                if change.seq <= self._seqs.get(change.key, self._base):
                    continue
                self._remember(change.key, change.seq)
                if change.HasField("value"):
                    self._values[change.key] = change.value
                else:
                    self._values.pop(change.key, None)

    def _remember(self, key: str, seq: int) -> None:
        self._seqs.pop(key, None)
        self._seqs[key] = seq
        if len(self._seqs) > REMEMBERED:
            oldest = next(iter(self._seqs))
            self._base = max(self._base, self._seqs.pop(oldest))
