"""A local copy of key-value data that the supervisor keeps current."""

import threading
from collections.abc import Iterable, Mapping

from proto.v1.module_pb2 import OptionsChanged, StoreChanged


class Replica:
    """Changes come by two ways, the inbox and the answers to our own writes, so they may overtake
    one another: each carries the number of its commit, and an older one changes nothing.
    """

    def __init__(self, values: Mapping[str, str], seq: int) -> None:
        self._values = dict(values)
        self._base = seq
        self._seqs: dict[str, int] = {}  # kept for removed keys too
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
                self._seqs[change.key] = change.seq
                if change.HasField("value"):
                    self._values[change.key] = change.value
                else:
                    self._values.pop(change.key, None)
