"""What each module's options and keys may take in the cluster's store, with writes on their way.

All of them are in the memory of the supervisor, and of the module. What shrinks is never refused: a
module that is full can make room.
"""

from collections import Counter
from collections.abc import Callable

from supervisor.core.limits import size
from supervisor.edge.host import Host
from supervisor.edge.settings import Settings, weight


class StoreRoom:
    """Keeps `store_size`. Loop thread only."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._claimed: Counter[str] = Counter()  # by module, for what is not committed yet

    def claim(
        self, host: Host, of: str, key: str, before: str | None, after: str | None
    ) -> Callable[[], None] | str:
        """Room for `key`, an option or a key of module `of`, to be given back when the write has
        ended; or why `host` has none.
        """
        growth = weight(key, after) - weight(key, before)
        most = host.limits.store_size
        taken = self._settings.sizes[of] + self._claimed[of]
        if growth <= 0:
            return lambda: None
        if most and taken + growth > most:
            return (
                f"limit store_size: options and keys of '{of}' take {size(taken)} of {size(most)}, "
                f"and {size(growth)} more for '{key[:100]}' do not fit"
            )
        self._claimed[of] += growth

        def give_back() -> None:
            self._claimed[of] -= growth
            if not self._claimed[of]:
                del self._claimed[of]

        return give_back
