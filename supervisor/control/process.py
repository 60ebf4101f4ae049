"""`module ps|restart|events|logs`: the processes behind the modules, unknown to ceph-mgr."""

import errno
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from supervisor.control.rendering import render, table
from supervisor.core.events import RestartAsked
from supervisor.core.facts import CommandDeclaration
from supervisor.core.state import State
from supervisor.edge.commands import BuiltIn
from supervisor.edge.host import Host
from supervisor.edge.log_files import read_from, tail
from supervisor.edge.outcome import Answer, Outcome, not_found, refusal
from supervisor.edge.sampler import resident
from supervisor.edge.supervisor import Supervisor
from supervisor.edge.worker import Worker


FORMAT = "name=format,type=CephChoices,strings=plain|json|json-pretty|yaml,req=false"
MODULE = "name=name,type=CephString"
LOG_LINES = 100


class ProcessFamily:
    """Shows processes, restarts them, reads their logs."""

    def __init__(self, supervisor: Supervisor, worker: Worker) -> None:
        self._supervisor = supervisor
        self._worker = worker

    def commands(self) -> list[BuiltIn]:
        """What this family answers."""
        return [
            BuiltIn(
                CommandDeclaration(f"module ps {FORMAT}", "Show the process of each module", "r"),
                self.ps,
                anywhere=True,
            ),
            BuiltIn(
                CommandDeclaration(
                    f"module restart {MODULE}", "Give a module a fresh process", "rw"
                ),
                self.restart,
                anywhere=True,
            ),
            BuiltIn(
                CommandDeclaration(
                    f"module events {MODULE} {FORMAT}", "Show what happened to a module", "r"
                ),
                self.events,
                anywhere=True,
            ),
            BuiltIn(
                CommandDeclaration(
                    f"module logs {MODULE} name=lines,type=CephInt,range=0,req=false",
                    f"Show the last lines of a module's log ({LOG_LINES} by default); "
                    "-f follows it",
                    "r",
                ),
                self.logs,
                anywhere=True,
            ),
            BuiltIn(
                CommandDeclaration(
                    f"module logs read {MODULE} name=after,type=CephInt,range=0,req=false "
                    "name=place,type=CephString,req=false",
                    "Read a module's log from a place in one of its files, as JSON",
                    "r",
                ),
                self.logs_read,
                anywhere=True,
            ),
        ]

    def ps(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """Sizes are read on the worker thread: /proc may take its time."""
        now = time.monotonic()
        rows = [self._row(host, now) for host in self._supervisor.hosts]

        def measure() -> list[dict[str, Any]]:
            for row in rows:
                row["memory"] = resident(row["pid"]) if row["pid"] else None
            return rows

        self._worker.submit(
            measure, lambda view: answer(render(args, view, _ps_table)), failed(answer)
        )

    def restart(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """Whatever its backoff says; a disabled module is refused."""
        host = self._host(args, answer)
        if host is None:
            return
        if not self._supervisor.desired.wants(host.name):
            sentence = (
                f"module '{host.name}' is disabled: `mgr module enable {host.name}` starts it"
            )
            answer(refusal(errno.EINVAL, sentence))
            return
        host.tell(RestartAsked())
        answer(Outcome(0, b"", f"restarting module '{host.name}'"))

    def events(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """The module's last two hundred happenings, oldest first."""
        host = self._host(args, answer)
        if host is None:
            return
        view = [
            {"at": _stamp(event.at), "level": event.level, "text": event.text}
            for event in host.history
        ]
        answer(
            render(
                args, view, lambda v: "\n".join(f"{e['at']} {e['level']:7} {e['text']}" for e in v)
            )
        )

    def logs(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """The tail of the log, as text."""
        host = self._host(args, answer)
        if host is None:
            return
        path = self._supervisor.config.module_log(host.name)
        lines = int(args.get("lines", LOG_LINES))
        self._worker.submit(
            lambda: tail(path, lines), lambda text: answer(Outcome(0, text)), failed(answer)
        )

    def logs_read(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """JSON {"text", "place", "after"}: what follows, and from where to go on."""
        host = self._host(args, answer)
        if host is None:
            return
        path = self._supervisor.config.module_log(host.name)
        after, place = args.get("after"), str(args.get("place", ""))
        self._worker.submit(
            lambda: read_from(path, place, None if after is None else int(after)),
            lambda view: answer(Outcome(0, orjson.dumps(view))),
            failed(answer),
        )

    def _host(self, args: Mapping[str, Any], answer: Answer) -> Host | None:
        name = str(args.get("name", ""))
        host = self._supervisor.hosts.get(name)
        if host is None:
            answer(not_found(f"no module is called '{name}': `module ps` lists them"))
        return host

    def _row(self, host: Host, now: float) -> dict[str, Any]:
        cycle = host.lifecycle
        started = cycle.started_at
        return {
            "name": host.name,
            "state": str(cycle.state),
            "pid": cycle.pid,
            "restarts": cycle.restarts,
            "uptime": round(now - started, 3) if started is not None else None,
            "memory": None,
            "enabled": self._supervisor.desired.wants(host.name),
            "stalled": bool(cycle.stall),
            "reason": cycle.error or cycle.stall or cycle.reason,
            "path": str(host.found.path),
            "log": str(self._supervisor.config.module_log(host.name)),
        }


def failed(answer: Answer) -> Any:
    """What answers where a job on the worker's thread raised."""

    def tell(error: Exception) -> None:
        number = error.errno if isinstance(error, OSError) and error.errno else errno.EIO
        answer(refusal(number, str(error)))

    return tell


def _ps_table(rows: list[dict[str, Any]]) -> str:
    titles = ["NAME", "STATE", "PID", "RESTARTS", "UPTIME", "MEMORY", "REASON"]
    return table(
        titles,
        [
            [
                row["name"],
                row["state"],
                row["pid"] or "-",
                row["restarts"],
                _duration(row["uptime"]),
                "-" if row["memory"] is None else f"{row['memory'] / 2**20:.1f} MiB",
                row["reason"] if _explains(row) else "",
            ]
            for row in rows
        ],
        right=["PID", "RESTARTS", "MEMORY"],
    )


def _explains(row: Mapping[str, Any]) -> bool:
    """Whether its reason says something of now: why it does not run, or was restarted."""
    running = row["state"] == State.RUNNING
    return bool(row["restarts"]) or row["stalled"] if running else row["state"] != State.DISABLED


def _duration(seconds: float | None) -> str:
    return "-" if seconds is None else str(timedelta(seconds=int(seconds)))


def _stamp(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
