"""Which modules the operator wants to run: kept in the cluster, so that it survives any restart."""

import json
from collections.abc import Callable, Iterable

import structlog

from supervisor.cluster.interface import Cluster, Done
from supervisor.edge.settings import Settings
from supervisor.edge.tokens import Tokens


log = structlog.get_logger("desired")

KEY = "mgr/mgr-supervisor/modules"  # below mgr/, as everything that is loaded at start


class Desired:
    """The enabled modules beside the always-on ones. Changes are answered after their commit."""

    def __init__(
        self,
        cluster: Cluster,
        tokens: Tokens,
        settings: Settings,
        always_on: Iterable[str],
        first_enabled: Iterable[str],
    ) -> None:
        self._cluster = cluster
        self._tokens = tokens
        self._first_enabled = set(first_enabled)
        self.always_on = set(always_on)
        self.first_start = False
        self.follow(settings)

    def follow(self, settings: Settings) -> None:
        """Take over what is stored, by us or by another manager."""
        kept = settings.store.get(KEY)
        if kept is None:
            self._enabled, self._forced = set(self._first_enabled), set[str]()
        else:
            self._enabled, self._forced = _parse(kept)

    def settle(self, settings: Settings) -> None:
        """When active: store what the configuration enables, at the first start of all."""
        self.follow(settings)
        self.first_start = KEY not in settings.store
        if self.first_start:
            self._save(lambda _done: None, lambda: None)

    def wants(self, name: str) -> bool:
        """Whether the module is to run."""
        return name in self.always_on or name in self._enabled

    def forced(self, name: str) -> bool:
        """Whether it is to run although its can_run refuses."""
        return name in self._forced

    def enabled(self) -> set[str]:
        """Those that the operator enabled."""
        return set(self._enabled)

    def missing(self, present: Iterable[str]) -> list[str]:
        """Enabled modules that no tree has. Always-on ones count only when they are there."""
        present = set(present)
        self.always_on &= present
        return sorted(self._enabled - present)

    def enable(self, name: str, forced: bool, done: Callable[[Done], None]) -> None:
        """Remember that `name` is to run; where that cannot be kept, it is not wanted either."""
        undo = self._undo(name)
        self._enabled.add(name)
        if forced:
            self._forced.add(name)
        self._save(done, undo)

    def disable(self, name: str, done: Callable[[Done], None]) -> None:
        """Remember that `name` is not to run; where that cannot be kept, it goes on running."""
        undo = self._undo(name)
        self._enabled.discard(name)
        self._forced.discard(name)
        self._save(done, undo)

    def _undo(self, name: str) -> Callable[[], None]:
        """What puts `name`, and no other, back to where it is now."""
        were = [(names, name in names) for names in (self._enabled, self._forced)]

        def undo() -> None:
            for names, held in were:
                if held:
                    names.add(name)
                else:
                    names.discard(name)

        return undo

    def _save(self, done: Callable[[Done], None], undo: Callable[[], None]) -> None:
        def saved(result: Done) -> None:
            if result.retval:
                undo()
            done(result)

        body = {"enabled": sorted(self._enabled), "forced": sorted(self._forced)}
        self._cluster.set_store(self._tokens.new(saved), KEY, json.dumps(body))


def _parse(kept: str) -> tuple[set[str], set[str]]:
    """The enabled and the forced modules; none where the key holds something else: an operator can
    write it too, and enables them again more easily than he mends a daemon that does not start.
    """
    try:
        parsed = json.loads(kept)
        return {str(name) for name in parsed["enabled"]}, {str(name) for name in parsed["forced"]}
    except (ValueError, KeyError, TypeError):
        log.error("the list of enabled modules is unreadable: only always-on ones run", key=KEY)
        return set(), set()
