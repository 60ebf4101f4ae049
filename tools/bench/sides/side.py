"""What a suite asks of a running manager, whichever it is."""

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import Any, TypeVar

from bench.turns import Nanoseconds, Path


MODULES = FilePath(__file__).resolve().parent.parent / "modules"
SUBJECT, NEIGHBOUR = "subject", "neighbour"
STEP_SECONDS = 0.02
CHEAP_BATCH = 1000  # calls to a sample, where a call takes less than the clock can tell

Value = TypeVar("Value")


class SideError(Exception):
    """A manager does not do what the measurement needs; the text says what it said instead."""


class Side(ABC):
    """A manager with the modules of the harness."""

    name: str

    @abstractmethod
    def command(self, words: Mapping[str, Any]) -> str:
        """Output of a command; raises SideError with its complaint."""

    @abstractmethod
    def latencies(self, words: Mapping[str, Any], calls: int) -> Nanoseconds:
        """Nanoseconds of each of `calls` commands, one after the other, all of which succeed."""

    def ask(self, module: str, verb: str, **arguments: Any) -> Any:
        """Answer of a module of the harness, as JSON."""
        return json.loads(self.command({"prefix": f"{module} {verb}", **arguments}) or "null")

    def path(
        self, statement: str, *, batch: int = 1, module: str = SUBJECT, least: int = 5
    ) -> Path:
        """The path that `module` measures from inside."""

        def run(calls: int) -> Nanoseconds:
            taken: Nanoseconds = self.ask(
                module, "measure", statement=statement, batch=batch, samples=calls
            )
            return taken

        return Path(self.name, run, least, batch)

    def profile(self, statement: str, calls: int, module: str = SUBJECT) -> str:
        """Where the time of `statement` goes inside the module."""
        return str(self.ask(module, "profile", statement=statement, calls=calls))


def wait_for(
    condition: Callable[[], Value], seconds: float, what: str, step: float = STEP_SECONDS
) -> Value:
    """The first true value of `condition`, looked for every `step` seconds; raises SideError naming
    `what`.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise SideError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(step)
