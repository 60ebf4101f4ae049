"""The cluster as a standby manager sees it: read from the shared database, never written."""

import errno
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from supervisor.cluster.embedded import commands, opening
from supervisor.cluster.embedded.answers import Args, Refusal
from supervisor.cluster.embedded.reader import Reader
from supervisor.cluster.embedded.store import Contents
from supervisor.cluster.embedded.world import World
from supervisor.cluster.interface import (
    Done,
    Event,
    Manager,
    Opened,
    OptionChange,
    OptionsChanged,
    Sink,
    StoreChange,
    StoreChanged,
)
from supervisor.cluster.publisher import Publisher


# What a standby module's accessors read.
PUBLISHED = (
    "config", "config_options", "modified_config_options", "_config_defaults", "_config_map",
    "mgr_ips", "mgr_map",
)  # fmt: skip
# Commands that tell of managers, which a standby knows as well as the active one.
ANSWERED = ("mgr stat", "mgr dump", "mgr metadata", "mgr versions")
Others = Callable[[], Sequence[Mapping[str, Any]]]


class StandbyView:
    """Follows what the active manager commits. One thread at a time."""

    def __init__(self, reader: Reader, contents: Contents, mgr_id: str, state_dir: Path) -> None:
        self._reader = reader
        self._mgr_id = mgr_id
        self._state_dir = state_dir
        self._publisher = Publisher(state_dir)
        self._contents = contents
        self._behind = True
        self._world = opening.world_from(contents, mgr_id)
        self._publish(self._world)

    @property
    def active(self) -> Manager | None:
        """Who is active, as far as the database says."""
        return opening.holder_of(self._contents)

    def opened(self) -> Opened:
        """What the supervisor starts its standby modules with."""
        return opening.opened_from(
            self._world, self._contents.seq, epoch=0, active=False, state_dir=self._state_dir
        )

    def refresh(self, sink: Sink) -> None:
        """Tell of what was committed meanwhile. Raises sqlite3.Error, OSError."""
        self._behind = self._reader.changed() or self._behind
        contents = self._reader.contents() if self._behind else None
        if contents is None:
            return
        before, old = self._contents, self._world
        events: list[Event] = []
        if _relevant(before) != _relevant(contents):
            world = opening.world_from(contents, self._mgr_id)
            self._publish(world)
            self._world = world
            events = _changes(old, world, contents, before.config != contents.config)
        # What failed above is tried again with the next look.
        self._contents = contents
        self._behind = False
        for event in events:
            sink(event)

    def descriptors(self) -> Sequence[Mapping[str, Any]]:
        """The commands of the cluster; all but ANSWERED are refused here."""
        return commands.descriptors(self._world.documents["_mon_commands"])

    def run(
        self, token: int, service: tuple[str, str], command: Mapping[str, Any], others: Others
    ) -> Done:
        """Answer a command that tells of managers; refuse any other, naming who answers it."""
        prefix = command.get("prefix")
        if service != ("mon", "") or prefix not in ANSWERED:
            return self.refuse(token)
        world = self._world  # the watching thread may put another in its place
        world.follow_managers(others())
        try:
            reply = commands.run(world, service, command, Args(command))
        except Refusal as refusal:
            return Done(token, -refusal.number, stderr=refusal.text)
        return Done(token, 0, reply.stdout, reply.stderr)

    def refuse(self, token: int) -> Done:
        """What needs the active manager is not done here."""
        active = self.active
        there = "no manager is active"
        if active is not None:
            there = f"ask mgr.{active.name}, the active one: mgrctl --socket {active.control}"
        return Done(token, -errno.EREMOTE, stderr=f"mgr.{self._mgr_id} is a standby; {there}")

    def close(self) -> None:
        """Release the files; the documents stay for modules that still look."""
        self._publisher.close()
        self._reader.close()

    def _publish(self, world: World) -> None:
        for name in PUBLISHED:
            self._publisher.publish(name, world.documents[name])


def _relevant(contents: Contents) -> Any:
    """What a standby shows of the contents."""
    return contents.config, opening.watched(contents.keys), contents.documents.get("mgr_map")


def _changes(old: World, new: World, contents: Contents, configured: bool) -> list[Event]:
    events: list[Event] = []
    if configured:
        changed = _differences(old.module_options(), new.module_options())
        events.append(
            OptionsChanged(tuple(OptionChange(k, v, contents.seq) for k, v in changed.items()))
        )
    stored = _differences(opening.watched(old.keys), opening.watched(new.keys))
    if stored:
        events.append(
            StoreChanged(tuple(StoreChange(k, v, contents.seq) for k, v in stored.items()))
        )
    return events


def _differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str | None]:
    """What is other now; None: it is gone."""
    return {
        key: after.get(key)
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key)
    }
