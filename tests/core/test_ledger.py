"""Each call that is opened has exactly one outcome, whatever answers, dies or expires."""

import math
from collections import Counter
from dataclasses import fields

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from supervisor.core.ledger import Counts, Ledger, Outcome


MODULES = st.sampled_from(["a", "b", "c"])


def make() -> Ledger:
    ledger = Ledger()
    ledger.open("o1", "a", "b", "f", 5.0)
    ledger.open("o2", None, "b", "g", 3.0)
    ledger.open("o3", "b", "a", "h", math.inf)
    return ledger


def test_ids_count_from_one_and_are_never_reused():
    ledger = Ledger()
    ids = []
    for _ in range(5):
        call = ledger.open("o", None, "b", "f", 1.0)
        ids.append(call.id)
        ledger.settle(call.id, "b")
    assert ids == [1, 2, 3, 4, 5]


def test_an_answer_of_the_one_who_was_asked_settles():
    ledger = make()
    call = ledger.settle(1, "b")
    assert (call.origin, call.caller, call.what) == ("o1", "a", "f")
    assert ledger.settle(2, "b", Outcome.ERROR).origin == "o2"
    counts = ledger.counts()
    assert (counts.result, counts.error, counts.pending) == (1, 1, 1)


def test_an_answer_of_another_module_is_dropped_and_the_call_stays():
    ledger = make()
    assert ledger.settle(1, "c") is None
    assert ledger.counts().impostor == 1
    assert ledger.settle(1, "b") is not None


def test_late_and_unknown_answers_are_dropped_and_counted():
    ledger = make()
    ledger.settle(1, "b")
    for call_id in (1, 99, 0, -1):
        assert ledger.settle(call_id, "b") is None
    assert (ledger.counts().late, ledger.counts().unknown) == (1, 3)


def test_a_death_ends_what_is_pending_on_the_module():
    ledger = make()
    assert [call.id for call in ledger.died("b")] == [1, 2]
    assert ledger.died("b") == []
    assert ledger.settle(1, "b") is None
    assert ledger.counts().pending == 1


def test_the_calls_of_a_dead_asker_are_abandoned():
    ledger = make()
    assert [call.id for call in ledger.abandon("a")] == [1]
    assert ledger.settle(1, "b") is None
    assert (ledger.counts().abandoned, ledger.counts().late) == (1, 1)


def test_deadlines_expire_in_their_order_and_infinite_ones_never():
    ledger = make()
    assert ledger.wakeup() == 3.0
    assert ledger.expired(2.9) == []
    assert [call.id for call in ledger.expired(5.0)] == [2, 1]
    assert ledger.wakeup() is None
    assert [call.id for call in ledger.pending()] == [3]


def test_wakeup_forgets_the_deadlines_of_settled_calls():
    ledger = make()
    ledger.settle(2, "b")
    assert ledger.wakeup() == 5.0


def test_a_call_that_cannot_be_handed_on_is_refused_once():
    ledger = make()
    assert ledger.refuse(1).id == 1
    assert ledger.refuse(1) is None
    assert ledger.counts().refused == 1


def test_a_million_seconds_of_fast_answers_leave_no_deadlines_behind():
    ledger = Ledger()
    for n in range(5000):
        ledger.settle(ledger.open("o", "a", "b", "f", 1e6 + n).id, "b")
    assert len(ledger._deadlines) <= 65


class Book(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.ledger = Ledger()
        self.pending: dict[int, tuple[str | None, str, float]] = {}
        self.outcomes: Counter[int] = Counter()
        self.now = 0.0

    def ended(self, calls: list) -> set[int]:
        for call in calls:
            self.outcomes[call.id] += 1
            del self.pending[call.id]
        return {call.id for call in calls}

    @rule(caller=st.none() | MODULES, callee=MODULES, wait=st.floats(0, 50) | st.just(math.inf))
    def open(self, caller, callee, wait) -> None:
        call = self.ledger.open(object(), caller, callee, "f", self.now + wait)
        assert call.id not in self.outcomes
        self.pending[call.id] = (caller, callee, self.now + wait)

    @rule(
        call_id=st.integers(-1, 60),
        by=MODULES,
        outcome=st.sampled_from([Outcome.RESULT, Outcome.ERROR]),
    )
    def settle(self, call_id, by, outcome) -> None:
        due = call_id in self.pending and self.pending[call_id][1] == by
        call = self.ledger.settle(call_id, by, outcome)
        assert (call is not None) == due
        if call:
            self.ended([call])

    @rule(module=MODULES)
    def died(self, module) -> None:
        due = {n for n, (_, target, _) in self.pending.items() if target == module}
        assert self.ended(self.ledger.died(module)) == due

    @rule(module=MODULES)
    def abandon(self, module) -> None:
        due = {n for n, (caller, _, _) in self.pending.items() if caller == module}
        assert self.ended(self.ledger.abandon(module)) == due

    @rule(seconds=st.floats(0, 20))
    def expire(self, seconds) -> None:
        self.now += seconds
        due = {n for n, (_, _, deadline) in self.pending.items() if deadline <= self.now}
        assert self.ended(self.ledger.expired(self.now)) == due

    @invariant()
    def nothing_is_lost_or_answered_twice(self) -> None:
        counts = self.ledger.counts()
        assert counts.pending == len(self.pending)
        assert all(n == 1 for n in self.outcomes.values())
        outcomes = {Outcome(o).name.lower() for o in Outcome}
        ended = sum(getattr(counts, f.name) for f in fields(Counts) if f.name in outcomes)
        assert counts.opened == counts.pending + ended == len(self.pending) + len(self.outcomes)
        deadlines = [d for _, _, d in self.pending.values() if d < math.inf]
        assert self.ledger.wakeup() == min(deadlines, default=None)


TestBook = Book.TestCase
TestBook.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_what_a_module_waits_for_is_counted():
    ledger = Ledger()
    calls = [ledger.open(None, "a", "b", "b.x()", 10.0) for _ in range(3)]
    ledger.settle(calls[0].id, "b")
    assert (ledger.pending_of("a"), ledger.pending_of("b")) == (2, 0)
