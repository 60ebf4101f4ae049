"""A supervisor whose `orch` commands reach local_orchestrator, and what that deployed."""

import contextlib
import errno
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tests.agent.hostagent import HostAgent, ask
from tests.conditions import poll_for
from tests.daemon import ROOT, Daemon, supervisor


# Debian's modules, before ours. Its orchestrator has a closed list of backends, so there ours goes
# by another name.
ALIAS = ROOT / "tests" / "trees" / "alias"
DEBIAN = ("--module-path", str(ALIAS), "--module-path", "/usr/share/ceph/mgr")
HERE = socket.gethostname()
ROUND = 0.3  # seconds between two looks of the orchestrator
CONFIG = """
[supervisor]
always_on = ["orchestrator", "progress"]
[module.cephadm]
deploy = true
"""


@dataclass
class Site:
    """The words of an operator, and what is really there."""

    daemon: Daemon
    agent: HostAgent
    backend: str  # the module's name there

    def orch(self, words: str, *more: str, spec: Any = None) -> str:
        """A command that must succeed; `spec` goes in as YAML, a list of them as documents."""
        stdin = None
        if spec is not None:
            documents = spec if isinstance(spec, list) else [spec]
            stdin, more = yaml.safe_dump_all(documents).encode(), (*more, "-i", "-")
        return self.daemon.ok(f"orch {words}", *more, stdin=stdin)

    def refusal(self, words: str, *more: str, spec: Any = None, code: int = errno.EINVAL) -> str:
        """The complaint of one that must end with `code`."""
        stdin = None if spec is None else yaml.safe_dump(spec).encode()
        if stdin is not None:
            more = (*more, "-i", "-")
        answered = self.daemon.mgrctl(f"orch {words}", *more, stdin=stdin)
        assert answered.code == code, answered
        return answered.err

    def asked(self, prefix: str, **arguments: str) -> str:
        """As Daemon.asked()."""
        return self.daemon.asked(prefix, **arguments)

    def ps(self) -> dict[str, dict[str, Any]]:
        """`orch ps` by name."""
        return {row["daemon_name"]: row for row in json.loads(self.asked("orch ps", format="json"))}

    def ls(self) -> dict[str, dict[str, Any]]:
        """`orch ls` by name."""
        text = self.asked("orch ls", format="json")
        return {} if text.startswith("No ") else {r["service_name"]: r for r in json.loads(text)}

    def states(self) -> dict[str, str]:
        """What `orch ps` says of each daemon."""
        return {name: row["status_desc"] for name, row in self.ps().items()}

    def wait(self, states: dict[str, str], timeout: float = 20) -> None:
        """Until exactly these daemons are in these states."""
        seen: dict[str, str] = {}

        def reached() -> bool:
            nonlocal seen
            seen = self.states()
            return seen == states

        try:
            poll_for(reached, timeout)
        except AssertionError as late:
            raise AssertionError(f"{states} wanted, {seen} seen: {self.health()}") from late

    def pid(self, name: str) -> int | None:
        """The process of a daemon, as the agent knows it."""
        file = self.daemon.state / "data" / "modules" / self.backend / "agent.json"
        token = json.loads(file.read_text())["token"]
        answer = ask(self.daemon.state / "run" / "agent" / "socket", token, "list")
        return next((row["pid"] for row in answer["daemons"] if row["name"] == name), None)

    def answers(self) -> bool:
        """Whether the backend can reach the agent."""
        return "Available: Yes" in self.asked("orch status")

    def health(self) -> str:
        """`health detail`."""
        return self.daemon.health()


@contextlib.contextmanager
def site(*arguments: str, backend: str = "local_orchestrator", config: str = "") -> Iterator[Site]:
    """Everything up; at its end nothing is left, the agent included."""
    words = ("--enable", backend, *arguments)
    with supervisor(*words, config=CONFIG + config, start=False) as daemon:
        agent = HostAgent(daemon.state / "data")
        try:
            daemon.start()
            daemon.wait_state(backend, "running")
            daemon.wait_state("orchestrator", "running")
            daemon.ok("orch set backend", backend)
            daemon.ok(f"config set mgr mgr/{backend}/refresh_seconds {ROUND}")
            yield Site(daemon, agent, backend)
            assert daemon.stop() == 0
        finally:
            daemon.kill()
            agent.end()


def service(name="sleeper", *, hosts=(HERE,), entrypoint="/bin/sleep", args=("1000",), **placement):
    """A service of plain commands, as a spec."""
    return {
        "service_type": "container",
        "service_id": name,
        "placement": placement or {"hosts": list(hosts)},
        "spec": {"image": "none", "entrypoint": entrypoint, "args": list(args)},
    }
