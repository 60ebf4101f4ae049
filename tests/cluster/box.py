"""An embedded cluster for tests, driven by hand: answers are waited for, ticks are asked for."""

import queue
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from proto.statepage import PageReader
from supervisor.cluster.embedded.cluster import EmbeddedCluster
from supervisor.cluster.interface import Done, Event


class Box:
    """Opens at once; `events` holds what came besides answers."""

    def __init__(self, folder: Path, mgr_id: str = "box", snapshot: Path | None = None) -> None:
        self.state = folder / "state"
        self.cluster = EmbeddedCluster(folder / "data", mgr_id, snapshot, tick=3600)
        self._queue: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.events: list[Event] = []
        self._token = 0
        self.opened = self.cluster.open(self._queue.put, self.state)
        self._reader = PageReader(self.state)

    def ask(
        self,
        prefix: str,
        *,
        service: tuple[str, str] = ("mon", ""),
        inbuf: bytes = b"",
        **arguments: Any,
    ) -> Done:
        """Run a command and wait for its answer."""
        self._token += 1
        self.cluster.command(self._token, service, {"prefix": prefix, **arguments}, inbuf)
        return self.answer(self._token)

    def ok(self, prefix: str, **arguments: Any) -> str:
        """Run a command that must succeed; its standard output."""
        answer = self.ask(prefix, **arguments)
        assert answer.retval == 0, f"{prefix} {arguments}: {answer.stderr}"
        return answer.stdout.decode()

    def json(self, prefix: str, **arguments: Any) -> Any:
        """Run a command that must succeed; its JSON."""
        return orjson.loads(self.ok(prefix, format="json", **arguments))

    def set_option(self, key: str, value: str | None) -> Done:
        """Set a module option and wait."""
        self._token += 1
        self.cluster.set_option(self._token, key, value)
        return self.answer(self._token)

    def set_store(self, key: str, value: str | None) -> Done:
        """Set a key and wait."""
        self._token += 1
        self.cluster.set_store(self._token, key, value)
        return self.answer(self._token)

    def answer(self, token: int) -> Done:
        """The answer to request `token`; other events are kept."""
        while True:
            event = self._queue.get(timeout=10)
            if isinstance(event, Done) and event.token == token:
                return event
            self.events.append(event)

    def tick(self, count: int = 1) -> None:
        """Let the clock tick, and wait for it."""
        for _ in range(count):
            self.cluster._jobs.put(self.cluster._advance)
        self.settle()

    def settle(self) -> None:
        """Wait until everything asked for so far is done."""
        self.ok("fsid")

    def document(self, name: str) -> Any:
        """A document as a module host would read it."""
        version = self._reader.version(name)
        return orjson.loads((self.state / f"{name}.{version}").read_bytes())

    def health(self) -> Mapping[str, Any]:
        """The published health document."""
        found: Mapping[str, Any] = orjson.loads(self.document("health")["json"])
        return found

    def close(self) -> None:
        """Close the cluster."""
        self._reader.close()
        self.cluster.close()
