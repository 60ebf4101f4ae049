"""What clients may ask for, engine or not: deployments, and what becomes of them.

Requests come on threads of their own. Those for one daemon wait for each other; `list` waits for
nobody. What is wanted is on disk before anything is done about it.
"""

import contextlib
import errno
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from supervisor.agent import programs
from supervisor.agent.course import State
from supervisor.agent.definition import (
    Definition,
    Deployment,
    daemon_name,
    deployment,
    program,
)
from supervisor.agent.engine import Engine, Observed
from supervisor.agent.facts import facts
from supervisor.agent.fields import Fields
from supervisor.agent.ownership import MARK
from supervisor.agent.refusal import RefusedError
from supervisor.agent.shelf import Kept, Shelf
from supervisor.agent.usage import Usage


log = logging.getLogger("keeper")

Answer = dict[str, Any]
Request = Mapping[str, Any]


class Keeper:
    """All daemons of one folder. Every operation answers a JSON object or raises RefusedError or
    OSError.
    """

    def __init__(self, shelf: Shelf, engine: Engine, instance: str, home: Path) -> None:
        self._shelf = shelf
        self._engine = engine
        self._instance = instance
        self._home = home
        self._usage = Usage()
        self._lock = threading.Lock()  # of the two tables
        self._kept: dict[str, Kept] = shelf.all()
        self._turns: dict[str, threading.Lock] = {}
        self.operations: dict[str, Callable[[Request], Answer]] = {
            "deploy": self.deploy,
            "start": lambda request: self._on_one(request, self._start),
            "stop": lambda request: self._on_one(request, self._stop),
            "restart": lambda request: self._on_one(request, self._restart),
            "remove": self.remove,
            "list": self.list,
            "run": self.run,
            "facts": self.facts,
        }

    @property
    def needed(self) -> bool:
        """Whether something ends, or is not started again, when the agent ends."""
        with self._lock:
            return not self._engine.keeps_without_us and any(k.wanted for k in self._kept.values())

    def adopt(self) -> None:
        """At the begin: let the engine find what it is to keep."""
        definitions = {name: kept.definition for name, kept in self._kept.items()}
        self._engine.adopt(definitions, {name for name, kept in self._kept.items() if kept.wanted})

    # The operations.

    def deploy(self, request: Request) -> Answer:
        """Put a definition in the place of one of that name, and start it."""
        name = daemon_name(Fields("a deploy request", {"name": request.get("name")}, ["name"]))
        asked = deployment(request, self._shelf.own_folder(name), time.time())
        programs.located(asked.definition.command[0], asked.definition.environment)
        with self._turn(name):
            before = self._find(name)
            try:
                self._deploy(asked, before)
            except (RefusedError, OSError):
                if before is None:
                    self._discard(name)
                raise
        log.info("%s is deployed: %s", name, " ".join(asked.definition.command))
        return {"name": name, "folder": str(self._shelf.own_folder(name))}

    def remove(self, request: Request) -> Answer:
        """Stop a daemon and forget it, with or without its folder."""
        fields = Fields("a remove request", request, ("name", "keep_folder"))
        name, keep_folder = daemon_name(fields), fields.flag("keep_folder")
        with self._turn(name):
            kept = self._known(name)
            self._want(kept.definition, wanted=False)
            self._engine.stop(kept.definition)
            self._forget(name, keep_folder)
        log.info("%s is removed", name)
        return {"name": name}

    def list(self, request: Request) -> Answer:
        """Every daemon as it is, by name."""
        Fields("a list request", request, ())
        with self._lock:
            kept = dict(sorted(self._kept.items()))
        observed = self._engine.observe(kept)
        costs = self._usage.measure([o.pid for o in observed.values() if o.pid])
        rows = [
            self._row(one.definition, observed.get(name) or self._past(name), costs)
            for name, one in kept.items()
        ]
        return {"daemons": rows}

    def run(self, request: Request) -> Answer:
        """Run a program to its end."""
        mark = {MARK: f"{self._instance}:run"}
        ended = programs.run(program(request), self._home, mark)
        return {"code": ended.code, "out": ended.out, "err": ended.err}

    def facts(self, request: Request) -> Answer:
        """What this host is."""
        Fields("a facts request", request, ())
        return {"engine": self._engine.name, "instance": self._instance, **facts()}

    def _on_one(self, request: Request, operation: Callable[[Definition], None]) -> Answer:
        name = daemon_name(Fields("the request", request, ["name"]))
        with self._turn(name):
            operation(self._known(name).definition)
        return {"name": name}

    def _start(self, definition: Definition) -> None:
        self._want(definition, wanted=True)
        self._engine.start(definition)

    def _stop(self, definition: Definition) -> None:
        self._want(definition, wanted=False)
        self._engine.stop(definition)

    def _restart(self, definition: Definition) -> None:
        self._want(definition, wanted=True)
        self._engine.stop(definition)
        self._engine.start(definition)

    # Their parts.

    def _deploy(self, asked: Deployment, before: Kept | None) -> None:
        definition = asked.definition
        self._shelf.make(definition.name)
        # Files first: where the disk is full, what runs is left as it is.
        for file in asked.files:
            self._shelf.place(file)
        if before is not None:
            self._want(before.definition, wanted=False)
            self._engine.stop(before.definition)
        self._shelf.keep(definition)
        self._start(definition)

    def _want(self, definition: Definition, wanted: bool) -> None:
        self._shelf.want(definition.name, wanted)
        with self._lock:
            self._kept[definition.name] = Kept(definition, wanted)

    def _discard(self, name: str) -> None:
        """Leave nothing of a first deployment that failed."""
        with contextlib.suppress(RefusedError, OSError):
            kept = self._find(name)
            if kept is not None:
                self._engine.stop(kept.definition)
            self._forget(name, keep_folder=False)

    def _forget(self, name: str, keep_folder: bool) -> None:
        self._engine.forget(name)
        self._shelf.remove(name, keep_folder)
        with self._lock:
            self._kept.pop(name, None)

    def _find(self, name: str) -> Kept | None:
        with self._lock:
            return self._kept.get(name)

    def _known(self, name: str) -> Kept:
        kept = self._find(name)
        if kept is None:
            raise RefusedError(errno.ENOENT, f"no daemon is called {name!r}")
        return kept

    @contextlib.contextmanager
    def _turn(self, name: str) -> Iterator[None]:
        with self._lock:
            turn = self._turns.setdefault(name, threading.Lock())
        with turn:
            yield

    def _past(self, name: str) -> Observed:
        """Of one that the engine has nothing to do with since the agent began."""
        past = self._shelf.observed(name)
        why, restarts = past.get("why"), past.get("restarts")
        return Observed(
            State.STOPPED,
            why=why if isinstance(why, str) else "",
            restarts=restarts if isinstance(restarts, int) else 0,
        )

    def _row(
        self, definition: Definition, observed: Observed, costs: Mapping[int, tuple[int, float]]
    ) -> Answer:
        memory, cpu = costs.get(observed.pid, (0, 0.0))
        return {
            "name": definition.name,
            "engine": self._engine.name,
            "state": str(observed.state),
            "pid": observed.pid,
            "started": observed.started,
            "created": definition.created,
            "restarts": observed.restarts,
            "memory": memory,
            "cpu": cpu,
            "why": observed.why,
            "folder": str(self._shelf.own_folder(definition.name)),
            "command": [*definition.command],
            "labels": dict(definition.labels),
        }
