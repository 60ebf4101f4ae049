"""Clients that write and call, and a book of what was acknowledged: the judge of what was lost.

Four ways into the supervisor: a module's set_store(), a module's set_module_option(), an operator's
`config set`, and a call from one sibling to another that stores how often it was carried out.
"""

import contextlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from faults.client import Client, Refused, Unreachable


PAUSE_SECONDS = 0.05
ANSWER_SECONDS = 30.0
WRITER, CALLER, CALLEE = "innocent_a", "innocent_b", "innocent_c"


class Runs(Protocol):
    """What the book needs of a client."""

    def run(self, prefix: str, **arguments: object) -> str:
        """The output of a command."""


@dataclass(frozen=True, order=True)
class Refusal:
    """When (seconds, wall clock) a write was refused, and why.

    `own`: the words are the supervisor's, to an operator. Otherwise they are those of a module that
    found that its write had no effect.
    """

    when: float
    why: str
    own: bool


@dataclass
class Book:
    """What was asked and what was acknowledged, by way; numbers count up from 1."""

    name: str
    asked: dict[str, list[int]] = field(default_factory=dict)
    acknowledged: dict[str, list[int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)  # answers that belong to another question
    refused: list[Refusal] = field(default_factory=list)

    def check(self, client: Runs) -> "Verdict":
        """Compare with what the supervisor has now."""
        lost: list[str] = []
        kept = json.loads(client.run(f"{WRITER} kept", start=f"{self.name}/"))
        lost += [
            f"set_store {number}"
            for number in self.acknowledged.get("store", [])
            if kept.get(f"{self.name}/{number}") != f"value{number}"
        ]
        for way, value in zip(
            ("option", "config"), json.loads(client.run(f"{WRITER} preferred")), strict=True
        ):
            lost += self._last(way, value)
        taken = json.loads(client.run(f"{CALLEE} kept", start=f"taken/{self.name}."))
        times = {int(key.rpartition(".")[2]): int(count) for key, count in taken.items()}
        called = self.acknowledged.get("call", [])
        lost += [f"call {number}" for number in called if times.get(number, 0) < 1]
        twice = [f"call {number}" for number, count in times.items() if count > 1]
        return Verdict(sum(map(len, self.acknowledged.values())), lost, twice, list(self.wrong))

    def forget(self, client: Runs) -> None:
        """Remove what the book's writes left. By an operator's commands: the siblings would be late
        for those who watch them.
        """
        left = [f"{WRITER}/{self.name}/{number}" for number in self.asked.get("store", [])]
        left += [f"{CALLEE}/taken/{self.name}.{number}" for number in self.asked.get("call", [])]
        for key in left:
            client.run("config-key rm", key=f"mgr/{key}")

    def _last(self, way: str, value: str | None) -> list[str]:
        """A value that is overwritten: the last one acknowledged, or one asked for later."""
        acknowledged = self.acknowledged.get(way, [])
        if not acknowledged:
            return []
        book, _, number = (value or "").rpartition("-")
        if book == self.name and acknowledged[-1] <= int(number) <= self.asked[way][-1]:
            return []
        return [f"{way} {acknowledged[-1]} (it is {value!r})"]


@dataclass(frozen=True)
class Verdict:
    """How many acknowledgements there were; those whose effect is missing; calls carried out twice;
    answers that were not to the question.
    """

    acknowledged: int
    lost: list[str]
    twice: list[str]
    wrong: list[str]


class Ledger:
    """The clients, a thread for each way."""

    def __init__(self, socket: Path, name: str) -> None:
        self.book = Book(name)
        self.doubled = 0
        self._socket = socket
        self._lock = threading.Lock()
        self._end = threading.Event()
        ways: dict[str, Callable[[Client, int], str]] = {
            "store": self._store,
            "option": self._option,
            "config": self._config,
            "call": self._call,
        }
        self._threads = [
            threading.Thread(target=self._work, args=(way, work), name=f"ledger-{way}")
            for way, work in ways.items()
        ]
        for thread in self._threads:
            thread.start()

    def count(self) -> int:
        """Acknowledgements so far."""
        with self._lock:
            return sum(map(len, self.book.acknowledged.values()))

    def stop(self) -> Book:
        """End the clients; the book is complete then."""
        self._end.set()
        for thread in self._threads:
            thread.join()
        return self.book

    def _work(self, way: str, work: Callable[[Client, int], str]) -> None:
        client: Client | None = None
        number = 0
        while not self._end.wait(PAUSE_SECONDS):
            number += 1
            try:
                client = client or Client(self._socket, ANSWER_SECONDS)
                with self._lock:
                    self.book.asked.setdefault(way, []).append(number)
                wrong = work(client, number)
            except Refused as error:
                with self._lock:
                    self.book.refused.append(
                        Refusal(time.time(), f"{way}: {error}", own=way == "config")
                    )
                continue
            except Unreachable:
                self._close(client)
                client = None
                continue
            with self._lock:
                self.book.acknowledged.setdefault(way, []).append(number)
                if wrong:
                    self.book.wrong.append(f"{way} {number}: {wrong}")
        self._close(client)

    def _close(self, client: Client | None) -> None:
        if client is not None:
            with contextlib.suppress(Unreachable):
                doubled = client.doubled()
                with self._lock:
                    self.doubled += doubled
            client.close()

    def _store(self, client: Client, number: int) -> str:
        key = f"{self.book.name}/{number}"
        return _same(client.run(f"{WRITER} keep", key=key, value=f"value{number}"), key)

    def _option(self, client: Client, number: int) -> str:
        value = f"{self.book.name}-{number}"
        return _same(client.run(f"{WRITER} prefer", value=value), value)

    def _config(self, client: Client, number: int) -> str:
        value = f"{self.book.name}-{number}"
        client.run("config set", who="mgr", name=f"mgr/{WRITER}/told", value=value)
        return ""

    def _call(self, client: Client, number: int) -> str:
        token = f"{self.book.name}.{number}"
        return _same(client.run(f"{CALLER} pass_on", module=CALLEE, token=token), token)


def _same(said: str, wanted: str) -> str:
    return "" if said == wanted else f"answered {said[:40]!r} instead of {wanted!r}"
