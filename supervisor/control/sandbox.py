"""`module sandbox`, `module grants reload`: what stands around a module, and what it may do."""

import errno
import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from typing import Any

import structlog

from supervisor.config import LIVE, Config
from supervisor.control.rendering import render, table
from supervisor.core.facts import CommandDeclaration
from supervisor.edge.commands import BuiltIn
from supervisor.edge.outcome import Answer, Outcome, not_found, refusal
from supervisor.edge.supervisor import Supervisor
from supervisor.edge.worker import Worker


log = structlog.get_logger("grants")

FORMAT = "name=format,type=CephChoices,strings=plain|json|json-pretty|yaml,req=false"


class SandboxFamily:
    """Shows layers and grants; reads the grants again. `read` answers what the configuration file
    says now, or raises ConfigError.
    """

    def __init__(self, supervisor: Supervisor, worker: Worker, read: Callable[[], Config]) -> None:
        self._supervisor = supervisor
        self._worker = worker
        self._read = read

    def commands(self) -> list[BuiltIn]:
        """What this family answers."""
        return [
            BuiltIn(
                CommandDeclaration(
                    f"module sandbox name=name,type=CephString {FORMAT}",
                    "Show the walls around a module, what it may do, and who granted that",
                    "r",
                ),
                self.show,
                anywhere=True,
            ),
            BuiltIn(
                CommandDeclaration(
                    "module grants reload",
                    "Read the grants in the configuration file again, "
                    "and restart the modules whose grants are others now",
                    "rw",
                ),
                lambda _args, _inbuf, answer: self.reload(answer),
                anywhere=True,
            ),
        ]

    def show(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """{name, mode, pid, layers: [{name, status, why}], grants: [{key, value, origin}]}; the
        layers are those that its last process reported.
        """
        name = str(args.get("name", ""))
        host, config = self._supervisor.hosts.get(name), self._supervisor.config
        if host is None:
            answer(not_found(f"no module is called '{name}': `module ps` lists them"))
            return
        view = {
            "name": name,
            "mode": config.sandbox,
            "pid": host.lifecycle.pid,
            "layers": [asdict(layer) for layer in host.layers],
            "grants": [
                {"key": line.key, "value": line.value, "origin": str(line.origin)}
                for line in config.grant_lines(name, host.found.tree)
            ],
        }
        answer(render(args, view, _plain))

    def reload(self, answer: Answer) -> None:
        """A file that is wrong changes nothing."""

        def done(config: Config) -> None:
            later = _later(self._supervisor.config, config)
            changed = self._supervisor.reconfigure(config)
            words = [f"restarting {', '.join(changed)}" if changed else "no module is affected"]
            if later:
                words.append(f"{', '.join(later)} counts at the next start of the supervisor")
            sentence = "grants read again: " + "; ".join(words)
            log.log(logging.INFO if changed or later else logging.DEBUG, sentence)
            answer(Outcome(0, b"", sentence))

        def failed(error: Exception) -> None:
            log.error(f"grants stay as they were: {error}")
            answer(refusal(errno.EINVAL, f"grants stay as they were: {error}"))

        self._worker.submit(self._read, done, failed)


def _later(now: Config, new: Config) -> list[str]:
    """Keys that the file has changed and that only a start of the supervisor reads."""
    names = (field.name for field in fields(Config) if field.name not in LIVE)
    return [name for name in names if getattr(now, name) != getattr(new, name)]


def _plain(view: dict[str, Any]) -> str:
    process = f"process {view['pid']}" if view["pid"] is not None else "no process"
    parts = [f"{view['name']}: sandbox mode {view['mode']}, {process}"]
    if view["layers"]:
        rows = [[layer["name"], layer["status"], layer["why"]] for layer in view["layers"]]
        parts.append(table(["LAYER", "STATUS", "WHY"], rows))
    if view["grants"]:
        rows = [[grant["key"], grant["value"], grant["origin"]] for grant in view["grants"]]
        parts.append(table(["GRANT", "VALUE", "FROM"], rows))
    else:
        parts.append("no grants")
    return "\n\n".join(parts)
