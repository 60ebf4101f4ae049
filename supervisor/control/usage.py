"""`module top|crashes`: what modules cost, and how they ended."""

from collections.abc import Mapping
from typing import Any

from supervisor.control.process import FORMAT, failed
from supervisor.control.rendering import render, table
from supervisor.core.facts import CommandDeclaration
from supervisor.edge.backlog import Backlog
from supervisor.edge.commands import BuiltIn
from supervisor.edge.crash_files import stamp
from supervisor.edge.host import Host
from supervisor.edge.outcome import Answer, not_found
from supervisor.edge.sampler import descriptors
from supervisor.edge.supervisor import Supervisor
from supervisor.edge.worker import Worker


SIGNATURE_CHARACTERS = 12


class UsageFamily:
    """Shows what the limits watch saw last, and the book of crashes."""

    def __init__(self, supervisor: Supervisor, worker: Worker) -> None:
        self._supervisor = supervisor
        self._worker = worker

    def commands(self) -> list[BuiltIn]:
        """What this family answers."""
        return [
            BuiltIn(
                CommandDeclaration(
                    f"module top {FORMAT}", "Show what the process of each module uses", "r"
                ),
                self.top,
                anywhere=True,
            ),
            BuiltIn(
                CommandDeclaration(
                    f"module crashes name=name,type=CephString,req=false {FORMAT}",
                    "Show crashes of modules, those that are alike together",
                    "r",
                ),
                self.crashes,
                anywhere=True,
            ),
        ]

    def top(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """The busiest first; rates are over the last half second."""
        rows = [self._row(host) for host in self._supervisor.hosts if host.child is not None]

        def measure() -> list[dict[str, Any]]:
            for row in rows:
                row["fds"] = descriptors(row["pid"])
            return sorted(rows, key=lambda row: (-row["cpu"], -row["memory"]))

        self._worker.submit(
            measure, lambda view: answer(render(args, view, _top_table)), failed(answer)
        )

    def crashes(self, args: Mapping[str, Any], _inbuf: bytes, answer: Answer) -> None:
        """Of one module or of all, the latest first."""
        name = args.get("name")
        module = None if name is None else str(name)
        if module is not None and self._supervisor.hosts.get(module) is None:
            answer(not_found(f"no module is called '{module}': `module ps` lists them"))
            return
        self._supervisor.crashes.groups(
            module,
            lambda groups: answer(
                render(
                    args,
                    [
                        {
                            "module": group.module,
                            "count": group.count,
                            "first": stamp(group.first),
                            "last": stamp(group.last),
                            "what": group.what,
                            "signature": group.signature,
                            "records": [crash_id for _at, crash_id in group.kept],
                        }
                        for group in groups
                    ],
                    _crash_table,
                )
            ),
        )

    def _row(self, host: Host) -> dict[str, Any]:
        supervisor = self._supervisor
        look = supervisor.limits.looks.get(host.name)
        backlog: Backlog = supervisor.hosts.backlog
        assert host.child is not None, "only modules with a process have a row"
        return {
            "name": host.name,
            "pid": host.child.pid,
            "cpu": round(look.cpu, 1) if look else 0.0,
            "memory": look.usage.memory if look else 0,
            "processes": look.usage.processes if look else 0,
            "threads": look.usage.threads if look else 0,
            "fds": 0,
            "calls": round(look.calls, 1) if look else 0.0,
            "log": round(look.log_rate) if look else 0,
            "queue": (
                host.jobs_waiting
                + supervisor.throttle.waiting(host.name)
                + (backlog.kept(host.inbox) if host.inbox else 0)
            ),
        }


def _top_table(rows: list[dict[str, Any]]) -> str:
    titles = ["NAME", "PID", "CPU%", "MEMORY", "THREADS", "FDS", "CALLS/S", "LOG B/S", "QUEUE"]
    cells = [
        [
            row["name"], row["pid"], f"{row['cpu']:.1f}", f"{row['memory'] / 2**20:.1f} MiB",
            row["threads"], row["fds"], f"{row['calls']:.0f}", row["log"], row["queue"],
        ]
        for row in rows
    ]  # fmt: skip
    return table(titles, cells, right=titles[1:])


def _crash_table(rows: list[dict[str, Any]]) -> str:
    titles = ["MODULE", "COUNT", "FIRST", "LAST", "SIGNATURE", "WHAT"]
    cells = [
        [
            row["module"], row["count"], row["first"], row["last"],
            row["signature"][:SIGNATURE_CHARACTERS], row["what"],
        ]
        for row in rows
    ]  # fmt: skip
    return table(titles, cells, right=["COUNT"])
