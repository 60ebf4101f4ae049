"""Carries out one cell of the matrix: a fault in a module, in one phase of its life."""

import json
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from faults.client import Client, Refused, Unreachable
from faults.inventory import Inventory
from faults.kinds import BEFORE_IMPORT, STARTING, Cell
from faults.ledger import Ledger
from faults.outcome import Outcome
from faults.stage import CALL_TIMEOUT, CHAOS, CHAOS_OWN, Stage, StageError, struck, wait_for
from faults.witness import Witness


PENDING = 4  # calls that wait for the module when it is struck as a callee
GO_BETWEEN = "innocent_d"  # makes them; its own commands wait for them, so it is no witness
STRIKE_SECONDS = 15.0
# A process that stands still while it serves is ended after 30 s, and killed 5 s later.
REPLACED_SECONDS = 50.0
PATIENCE_SECONDS = 2.5  # for what may go unnoticed
ASIDE_SECONDS = 0.5  # before the fault and after it: the witnesses and the ledger are at work
ANSWER_SECONDS = 60.0
NO_NEWS = ("ready", "is near a limit")
CUT, TRACEBACK = "cut: above log_rate", "Traceback (most recent call last)"


@dataclass
class _Asking:
    """The go-between's calls, asked for from a thread of their own."""

    outcomes: dict[str, list[str]] = field(default_factory=dict)
    error: str = ""
    doubled: int = 0

    def run(self, socket: Path, token: str) -> None:
        """Ask, and wait for all outcomes."""
        try:
            with Client(socket, ANSWER_SECONDS) as client:
                said = client.run(f"{GO_BETWEEN} fan_out", module=CHAOS, token=token, calls=PENDING)
                self.outcomes = json.loads(said)
                self.doubled = client.doubled()
        except (Refused, Unreachable) as error:
            self.error = str(error)


class Runner:
    """Carries out cells on one stage, beside witnesses and a ledger that never pause."""

    def __init__(self, stage: Stage, witnesses: list[Witness]) -> None:
        self._stage = stage
        self._witnesses = witnesses
        self._number = 0
        self._osd_out = False

    def run(self, cell: Cell) -> Outcome:
        """Carry out one; what goes wrong with it is in the outcome, too."""
        self._number += 1
        outcome = Outcome(cell.kind.name, cell.phase)
        module = CHAOS_OWN if cell.phase in BEFORE_IMPORT else CHAOS
        try:
            before = self._prepare(module)
            ledger = Ledger(self._stage.socket, f"b{self._number}")
            try:
                time.sleep(ASIDE_SECONDS)
                self._carry_out(cell, module, outcome)
                time.sleep(ASIDE_SECONDS)
            finally:
                book = ledger.stop()
            verdict = book.check(self._stage)
            outcome.acknowledged, outcome.lost = verdict.acknowledged, verdict.lost
            outcome.twice, outcome.wrong = verdict.twice, verdict.wrong
            if ledger.doubled:
                outcome.twice.append(f"{ledger.doubled} answers to operators")
            self._watch(outcome, before)
            book.forget(self._stage)
            self._leaks(module, outcome, before)
        except (StageError, Refused, Unreachable) as error:
            outcome.error = str(error)
        self._stage.withdraw()
        return outcome

    def _prepare(self, module: str) -> "_Before":
        """A fresh process, whose failures were forgotten; what there is now."""
        stage = self._stage
        stage.withdraw()
        if module == CHAOS_OWN:
            stage.run("mgr module enable", module=module, force="--force")
        self._renew(module)
        for witness in self._witnesses:
            witness.since()
        rows = stage.rows()
        siblings = {w.sibling: rows[w.sibling]["pid"] for w in self._witnesses}
        return _Before(siblings, stage.inventory())

    def _renew(self, module: str) -> None:
        self._stage.run("module restart", name=module)
        wait_for(lambda: self._stage.answers(module), STRIKE_SECONDS, f"{module} to be restarted")

    def _carry_out(self, cell: Cell, module: str, outcome: Outcome) -> None:
        stage, asking = self._stage, _Asking()
        asker = threading.Thread(target=asking.run, args=(stage.socket, f"p{self._number}"))
        if cell.kind.name == "none":
            time.sleep(PATIENCE_SECONDS)
            outcome.recovered, outcome.how = 0.0, "never gone"
            return
        signs = _Signs(stage, module)
        marker = stage.order(module, cell.kind.name, cell.phase)
        if cell.phase in (*STARTING, "shutdown"):
            stage.run("module restart", name=module)
        elif cell.phase == "callee":
            asker.start()
        elif cell.phase == "notify":
            self._osd_out = not self._osd_out
            stage.run("osd out" if self._osd_out else "osd in", ids=["0"])
        try:
            at = wait_for(lambda: struck(marker), STRIKE_SECONDS, f"{cell} to strike")
            stage.withdraw()
            self._follow(cell, module, at, signs, outcome)
        finally:
            if cell.phase == "callee":
                asker.join()
                _judge(asking, outcome)
        if cell.kind.mess:
            self._renew(module)

    def _follow(
        self, cell: Cell, module: str, at: float, signs: "_Signs", outcome: Outcome
    ) -> None:
        """Until the module serves again, or nobody notices that anything is wrong."""
        replaced = cell.kind.needs_replacing(cell.phase)
        deadline = time.monotonic() + (REPLACED_SECONDS if replaced else PATIENCE_SECONDS)
        restarting = cell.phase in (*STARTING, "shutdown")
        while time.monotonic() < deadline:
            events = self._stage.events(module, at)
            news = [(when, text) for when, text in events if not text.startswith(NO_NEWS)]
            if news:
                outcome.detect_seconds, outcome.detected = news[0][0] - at, news[0][1]
            since = news[0][0] if news else at
            ready = [when for when, text in events if text == "ready" and when >= since]
            if ready and (news or (restarting and not replaced)):
                outcome.recovered = ready[-1] - at
                outcome.how = "by itself" if news else "never gone"
                break
            time.sleep(0.05)
        if outcome.detected == "nothing":
            outcome.detected = signs.read() or outcome.detected
        if outcome.recovered is None:
            self._without_notice(module, at, outcome, blocks=cell.kind.blocks)
        elif not self._answers_soon(module):
            outcome.recovered = None

    def _without_notice(self, module: str, at: float, outcome: Outcome, *, blocks: bool) -> None:
        """Nobody replaced it: either it serves all along, or a person has to restart it."""
        if self._answers_soon(module, 3.0 if blocks else 15.0):
            outcome.recovered, outcome.how = 0.0, "never gone"
            return
        self._renew(module)
        outcome.recovered, outcome.how = time.time() - at, "restarted by hand"

    def _answers_soon(self, module: str, seconds: float = 5.0) -> bool:
        """On a connection of its own: a command that hangs must not hold up the others."""
        try:
            with self._stage.client(seconds) as client:
                return client.run(f"{module} count", number=7) == "7"
        except (Refused, Unreachable):
            return False

    def _watch(self, outcome: Outcome, before: "_Before") -> None:
        for witness in self._witnesses:
            gaps, taken = witness.since()
            outcome.gaps += [str(gap) for gap in gaps]
            outcome.slowest_sibling = max([outcome.slowest_sibling, *taken])
        rows = self._stage.rows()
        outcome.siblings_replaced = [
            name for name, pid in before.siblings.items() if rows[name]["pid"] != pid
        ]
        outcome.doubled = self._stage.doubled()

    def _leaks(self, module: str, outcome: Outcome, before: "_Before") -> None:
        """What is still there when things had time to settle, and the module a fresh process."""
        if self._stage.inventory().leaked(before.held):
            self._renew(module)
            outcome.leaks = self._stage.settled(before.held)
        if module == CHAOS_OWN:
            self._stage.run("mgr module disable", module=module)


class _Signs:
    """What the supervisor counts without a word in the module's history."""

    def __init__(self, stage: Stage, module: str) -> None:
        self._stage = stage
        self._module = module
        self._refused = stage.refused()
        self._cuts = stage.logged(module, CUT)
        self._raised = stage.logged(module, TRACEBACK)

    def read(self) -> str:
        """What was counted since; "": nothing."""
        refused = self._stage.refused() - self._refused
        if refused:
            kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(refused.items()))
            return f"messages refused: {kinds}"
        if self._stage.logged(self._module, CUT) > self._cuts:
            return "limit log_rate: its log is cut"
        if self._stage.logged(self._module, TRACEBACK) > self._raised:
            return "an exception in its log"
        return ""


@dataclass(frozen=True)
class _Before:
    siblings: dict[str, int]
    held: Inventory


def _judge(asking: _Asking, outcome: Outcome) -> None:
    """Every pending call has exactly one outcome."""
    if asking.error:
        outcome.uncertain.append(f"the go-between: {asking.error}")
    if asking.doubled:
        outcome.twice.append("the go-between's command")
    kinds: Counter[str] = Counter()
    for token, said in asking.outcomes.items():
        if len(said) != 1:
            outcome.uncertain.append(f"{token}: {len(said)} outcomes")
            continue
        kinds[_kind(said[0])] += 1
    outcome.calls = dict(kinds)
    if outcome.detected == "nothing" and kinds["timed out"]:
        outcome.detected, outcome.detect_seconds = "the deadline of the calls", float(CALL_TIMEOUT)
    elif outcome.detected == "nothing" and kinds["raised"]:
        outcome.detected = "an exception to its caller"


def _kind(said: str) -> str:
    """Which of the ways in which a call can end."""
    if said.startswith("result: "):
        return "result"
    for word, sign in (
        ("died", " ended during "), ("timed out", " in time"), ("raised", "threw exception"),
        ("refused", "queue is full"), ("no module", "Module not found"),
    ):  # fmt: skip
        if sign in said:
            return word
    return f"error ({said[:60]})"
