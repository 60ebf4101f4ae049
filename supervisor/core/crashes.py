"""Crashes: which are alike, and which are worth a record of their own.

A module that dies every second would otherwise leave a record every second. Of crashes that are
alike, a few a day get a record each; the others are counted in the last of those.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING


if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

DAY = 86400.0
PER_SIGNATURE = 3  # records a day
PER_MODULE = 20  # records a day: texts that differ each time make signatures that do
_FRAMES = 100
_NAME = re.compile(r"[\w.]+")


def entries(traceback: str) -> list[str]:
    """A traceback's text as Ceph's records list it: an item a frame, then the exception, without
    the line that heads it and without line ends.
    """
    found: list[str] = []
    for line in traceback.splitlines():
        if line.startswith("Traceback (most recent call last)") or not line.strip():
            continue
        if found and line.startswith("    "):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found[-_FRAMES:]


def exception_of(traceback: str) -> str:
    """The name of the exception's class; "" where the text shows none."""
    after = traceback.rpartition('\n  File "')[2].splitlines()[1:]
    last = next((line for line in after if line and not line.startswith(" ")), "")
    name = _NAME.match(last)
    return name.group().rpartition(".")[2] if name else ""


def stack_of(log: str) -> list[str]:
    """The crashed thread's stack, of the last that faulthandler wrote into a log; [] where there is
    none. First what happened, then the frames, the innermost first.
    """
    _before, fatal, dump = log.rpartition("Fatal Python error: ")
    if not fatal:
        return []
    lines = dump.splitlines()
    start = next((n for n, line in enumerate(lines) if line.startswith("Current thread")), None)
    frames = []
    for line in lines[start + 1 :] if start is not None else []:
        if not line.startswith("  File "):
            break
        frames.append(line)
    return [lines[0], *frames[:_FRAMES]]


def signature(backtrace: Iterable[str]) -> str:
    """The same text for crashes in the same place. By the rule of Ceph's crash module, which
    computes it again when the record is posted: of each item all but its last word, without first
    and last character, up to a plus.
    """
    digest = hashlib.sha256()
    for item in backtrace:
        digest.update(item.rsplit(" ", 1)[0][1:-1].split("+")[0].encode())
    return digest.hexdigest()


@dataclass
class Group:
    """Crashes of one module with one signature. Times are seconds since 1970; `kept` are the
    records there are, (time, crash id), oldest first.
    """

    module: str
    signature: str
    what: str
    count: int = 0
    first: float = 0.0
    last: float = 0.0
    kept: list[tuple[float, str]] = field(default_factory=list)


@dataclass(frozen=True)
class CountIn:
    """It gets no record: one more is counted in that of `crash_id`."""

    crash_id: str


class Book:
    """Every crash that is known, by module and signature."""

    def __init__(self) -> None:
        self._groups: dict[tuple[str, str], Group] = {}

    def groups(self, module: str | None = None) -> list[Group]:
        """Of one module or of all, the latest first."""
        chosen = [g for g in self._groups.values() if module in (None, g.module)]
        return sorted(chosen, key=lambda group: group.last, reverse=True)

    def known(
        self, module: str, sig: str, what: str, crash_id: str, first: float, last: float, count: int
    ) -> None:
        """Take in a record that exists: it stands for `count` crashes."""
        group = self._groups.setdefault((module, sig), Group(module, sig, what, first=first))
        group.first = min(group.first, first)
        group.last = max(group.last, last)
        group.count += count
        group.kept = sorted([*group.kept, (first, crash_id)])

    def add(self, module: str, sig: str, what: str, crash_id: str, now: float) -> CountIn | None:
        """Enter a crash; None: it is to get a record called `crash_id`."""
        group = self._groups.get((module, sig))
        if len(_lately(group.kept if group else [], now)) < PER_SIGNATURE:
            of_module = [kept for g in self.groups(module) for kept in g.kept]
            if len(_lately(of_module, now)) < PER_MODULE:
                self.known(module, sig, what, crash_id, now, now, 1)
                return None
            if group is None or not group.kept:
                group = max((g for g in self.groups(module) if g.kept), key=lambda g: g.kept[-1][0])
        assert group is not None, "as many as that many records are in some group"
        group.count += 1
        group.last = now
        return CountIn(group.kept[-1][1])

    def forget(self, crash_ids: Sequence[str]) -> None:
        """Their records are gone; what they counted goes with the last record of a group."""
        gone = set(crash_ids)
        for key, group in list(self._groups.items()):
            group.kept = [kept for kept in group.kept if kept[1] not in gone]
            if not group.kept:
                del self._groups[key]


def _lately(kept: Sequence[tuple[float, str]], now: float) -> list[tuple[float, str]]:
    return [one for one in kept if now - one[0] < DAY]
