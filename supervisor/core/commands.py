"""Which module answers which command."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proto.descriptor import prefix_of


if TYPE_CHECKING:
    from collections.abc import Sequence

    from supervisor.core.facts import CommandDeclaration


@dataclass(frozen=True)
class Entry:
    """A command and who answers it."""

    owner: str
    prefix: str
    declaration: CommandDeclaration


@dataclass(frozen=True)
class Conflict:
    """`owner` declared a prefix that `kept` had declared before; `kept` goes on answering it."""

    prefix: str
    owner: str
    kept: str


class CommandTable:
    """Finds the owner of a command by its prefix: exact and case sensitive, as in ceph-mgr 16.2.15.

    Of several owners of a prefix the first that declared it answers; should that one withdraw, the
    next. One owner may declare a prefix more than once, with different arguments.
    """

    def __init__(self) -> None:
        self._declared: dict[str, list[Entry]] = {}
        self._owners: dict[str, list[str]] = {}  # by prefix, in order of declaration

    def declare(self, owner: str, declarations: Sequence[CommandDeclaration]) -> list[Conflict]:
        """State every command of `owner`, in place of what it declared before.

        A prefix that it declared before keeps its place: a restarted module loses nothing.
        """
        entries = [Entry(owner, prefix_of(d.cmd), d) for d in declarations]
        prefixes = {entry.prefix for entry in entries}
        for gone in {entry.prefix for entry in self._declared.get(owner, [])} - prefixes:
            self._leave(gone, owner)
        self._declared[owner] = entries
        for prefix in dict.fromkeys(entry.prefix for entry in entries):
            owners = self._owners.setdefault(prefix, [])
            if owner not in owners:
                owners.append(owner)
        return [c for c in self.conflicts() if c.owner == owner]

    def withdraw(self, owner: str) -> None:
        """Forget `owner` and its commands."""
        for prefix in {entry.prefix for entry in self._declared.pop(owner, [])}:
            self._leave(prefix, owner)

    def lookup(self, prefix: str) -> Entry | None:
        """The command with exactly this prefix; the first declared, where its owner has several."""
        owners = self._owners.get(prefix)
        if not owners:
            return None
        return next(entry for entry in self._declared[owners[0]] if entry.prefix == prefix)

    def permission(self, prefix: str) -> str | None:
        """Letters of every declaration that its owner has for this prefix; None: nobody's."""
        owners = self._owners.get(prefix)
        if not owners:
            return None
        declared = (e.declaration.perm for e in self._declared[owners[0]] if e.prefix == prefix)
        return "".join(sorted(set("".join(declared))))

    def entries(self) -> list[Entry]:
        """Every command that is answered, in order of its owner's first declaration."""
        return [
            entry
            for declared in self._declared.values()
            for entry in declared
            if self._owners[entry.prefix][0] == entry.owner
        ]

    def conflicts(self) -> list[Conflict]:
        """Every prefix that a later owner declared in vain."""
        return [
            Conflict(prefix, later, owners[0])
            for prefix, owners in self._owners.items()
            for later in owners[1:]
        ]

    def _leave(self, prefix: str, owner: str) -> None:
        owners = self._owners[prefix]
        owners.remove(owner)
        if not owners:
            del self._owners[prefix]
