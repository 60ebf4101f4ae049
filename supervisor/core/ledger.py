"""The book of pending calls: each that is opened ends in exactly one outcome."""

from __future__ import annotations

import heapq
import math
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple


if TYPE_CHECKING:
    from collections.abc import Iterable


class Outcome(StrEnum):
    """How a call ended."""

    RESULT = "result"
    ERROR = "error"
    DIED = "died"  # the callee's process
    TIMED_OUT = "timed-out"
    REFUSED = "refused"  # it could not be handed on
    ABANDONED = "abandoned"  # the asker's process died: nobody is left to answer


class Stray(StrEnum):
    """An answer that settles nothing."""

    LATE = "late"  # its call has ended already
    UNKNOWN = "unknown"  # no call ever had its id
    IMPOSTOR = "impostor"  # from a module that was not asked


class Call(NamedTuple):  # made for each message: a frozen dataclass takes several times as long
    """One pending call. `origin` is whatever the opener needs to answer the asker."""

    id: int
    origin: object
    caller: str | None  # module, None: not asked by a module
    target: str
    what: str
    deadline: float  # of the clock that expired() is given; math.inf: none


@dataclass(frozen=True)
class Counts:
    """What happened to calls and answers since the ledger was made."""

    opened: int
    pending: int
    result: int
    error: int
    died: int
    timed_out: int
    refused: int
    abandoned: int
    late: int
    unknown: int
    impostor: int


class Ledger:
    """Every operation costs O(log n) for each call that it touches."""

    def __init__(self) -> None:
        self._calls: dict[int, Call] = {}
        self._by_target: dict[str, dict[int, Call]] = {}
        self._by_caller: dict[str, dict[int, Call]] = {}
        self._deadlines: list[tuple[float, int]] = []
        self._opened = 0
        self._tally: Counter[Outcome | Stray] = Counter()

    def pending_on(self, target: str) -> int:
        """How many calls wait for an answer of `target`."""
        return len(self._by_target.get(target, ()))

    def pending_of(self, caller: str) -> int:
        """How many calls of module `caller` wait for an answer."""
        return len(self._by_caller.get(caller, ()))

    def open(
        self,
        origin: object,
        caller: str | None,
        target: str,
        what: str,
        deadline: float,
    ) -> Call:
        """Enter a call; its id was never used before."""
        self._opened += 1
        call = Call(self._opened, origin, caller, target, what, deadline)
        self._calls[call.id] = call
        self._by_target.setdefault(target, {})[call.id] = call
        if caller is not None:
            self._by_caller.setdefault(caller, {})[call.id] = call
        if deadline < math.inf:
            heapq.heappush(self._deadlines, (deadline, call.id))
        return call

    def settle(self, call_id: int, by: str, outcome: Outcome = Outcome.RESULT) -> Call | None:
        """Module `by` answered; returns the call, or None for an answer to be dropped."""
        stray = self.stray(call_id, by)
        if stray is not None:
            self._tally[stray] += 1
            return None
        return self._close(self._calls[call_id], outcome)

    def stray(self, call_id: int, by: str) -> Stray | None:
        """What is wrong with an answer of module `by`; None: it settles the call."""
        call = self._calls.get(call_id)
        if call is None:
            return Stray.LATE if 0 < call_id <= self._opened else Stray.UNKNOWN
        return None if call.target == by else Stray.IMPOSTOR

    def refuse(self, call_id: int) -> Call | None:
        """It could not be handed on to its target; None if it has ended already."""
        call = self._calls.get(call_id)
        return self._close(call, Outcome.REFUSED) if call else None

    def died(self, module: str) -> list[Call]:
        """The process of `module` is gone: remove and return the calls pending on it."""
        return self._close_all(self._by_target.get(module, {}).values(), Outcome.DIED)

    def abandon(self, caller: str) -> list[Call]:
        """The process of `caller` is gone: remove and return what it had asked."""
        return self._close_all(self._by_caller.get(caller, {}).values(), Outcome.ABANDONED)

    def expired(self, now: float) -> list[Call]:
        """Remove and return the calls whose deadline is not after `now`, in its order."""
        calls: list[Call] = []
        while self._deadlines and self._deadlines[0][0] <= now:
            _, call_id = heapq.heappop(self._deadlines)
            call = self._calls.get(call_id)
            if call is not None:
                calls.append(self._close(call, Outcome.TIMED_OUT))
        return calls

    def wakeup(self) -> float | None:
        """The earliest deadline; None: no pending call has one."""
        while self._deadlines and self._deadlines[0][1] not in self._calls:
            heapq.heappop(self._deadlines)
        return self._deadlines[0][0] if self._deadlines else None

    def pending(self) -> list[Call]:
        """Every open call, oldest first."""
        return list(self._calls.values())

    def counts(self) -> Counts:
        """A snapshot of the counters."""
        t = self._tally
        return Counts(
            opened=self._opened,
            pending=len(self._calls),
            result=t[Outcome.RESULT],
            error=t[Outcome.ERROR],
            died=t[Outcome.DIED],
            timed_out=t[Outcome.TIMED_OUT],
            refused=t[Outcome.REFUSED],
            abandoned=t[Outcome.ABANDONED],
            late=t[Stray.LATE],
            unknown=t[Stray.UNKNOWN],
            impostor=t[Stray.IMPOSTOR],
        )

    def _close_all(self, calls: Iterable[Call], outcome: Outcome) -> list[Call]:
        return [self._close(call, outcome) for call in list(calls)]

    def _close(self, call: Call, outcome: Outcome) -> Call:
        del self._calls[call.id]
        _drop(self._by_target, call.target, call.id)
        if call.caller is not None:
            _drop(self._by_caller, call.caller, call.id)
        self._tally[outcome] += 1
        self._sweep()
        return call

    def _sweep(self) -> None:
        # Deadlines of closed calls stay in the heap until due: with long deadlines and fast answers
        # they would outnumber the pending ones without bound.
        if len(self._deadlines) > 2 * len(self._calls) + 64:
            self._deadlines = [entry for entry in self._deadlines if entry[1] in self._calls]
            heapq.heapify(self._deadlines)


def _drop(index: dict[str, dict[int, Call]], key: str, call_id: int) -> None:
    calls = index[key]
    del calls[call_id]
    if not calls:
        del index[key]
