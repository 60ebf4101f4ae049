"""A client of the host agent: one connection a request, JSON lines, blocking.

The supervisor tells the module that has the grant where the agent listens and what to show it: a
file of `{"socket": path, "token": text}` whose path is in the environment as MGR_AGENT.
"""

import errno
import json
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestrator import OrchestratorError


VARIABLE = "MGR_AGENT"
ANSWER_SECONDS = 30.0  # for what the agent answers by itself
STOP_SECONDS = 10.0  # what a daemon has to end, unless its deployment says more
GRANT = (
    "it needs the grant, `deploy = true` in its [module.NAME]; or the agent could not be started "
    "yet: then the supervisor's log says why, and it is tried again"
)


class AgentError(OrchestratorError):
    """The agent refused, or a program that it ran failed; the text says why, errno is negative."""


class AgentAbsent(AgentError):  # noqa: N818 - a state rather than a mistake
    """Nobody answers: there is no grant, or the agent does not run."""


@dataclass(frozen=True)
class Ended:
    """What a one-off program came to."""

    code: int
    out: str
    err: str


class Agent:
    """The host agent. Safe from every thread: no state but where it is."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment

    def daemons(self) -> list[dict[str, Any]]:
        """Every daemon that it keeps, as it is now."""
        return list(self._ask("list")["daemons"])

    def facts(self) -> dict[str, Any]:
        """Hostname, engine, addresses and hardware of this machine."""
        return {key: value for key, value in self._ask("facts").items() if key != "ok"}

    def deploy(self, **definition: Any) -> None:
        """Start a daemon, in place of one of that name."""
        seconds = float(definition.get("stop_seconds", STOP_SECONDS))
        self._ask("deploy", ANSWER_SECONDS + seconds, **definition)

    def act(self, op: str, name: str, stop_seconds: float = STOP_SECONDS, **more: Any) -> None:
        """`op` is "start", "stop", "restart" or "remove"."""
        self._ask(op, ANSWER_SECONDS + stop_seconds, name=name, **more)

    def run(
        self,
        command: list[str],
        stdin: str = "",
        environment: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Ended:
        """Run a program to its end."""
        answer = self._ask(
            "run",
            ANSWER_SECONDS + timeout,
            command=command,
            stdin=stdin,
            environment=dict(environment or {}),
            timeout=timeout,
        )
        return Ended(answer["code"], answer["out"], answer["err"])

    def must_run(self, command: list[str], **more: Any) -> str:
        """The output of one that must succeed; raises AgentError with its complaint."""
        ended = self.run(command, **more)
        if ended.code:
            said = (ended.err or ended.out).strip()[-2000:]
            raise AgentError(f"`{' '.join(command)}` ended with {ended.code}: {said}")
        return ended.out

    def _ask(self, op: str, /, within: float = ANSWER_SECONDS, **fields: Any) -> dict[str, Any]:
        path, token = self._where()
        line = json.dumps({"token": token, "op": op, **fields}).encode() + b"\n"
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(within)
                connection.connect(path)
                connection.sendall(line)
                with connection.makefile("rb") as answers:
                    answer = answers.readline()
        except TimeoutError:
            raise AgentError(
                f"the host agent did not answer `{op}` within {within:.0f} s", -errno.ETIMEDOUT
            ) from None
        except OSError as error:
            raise AgentAbsent(
                f"the host agent does not answer on {path}: {error.strerror}", -errno.ENOTCONN
            ) from None
        if not answer.endswith(b"\n"):
            raise AgentAbsent(f"the host agent hung up during `{op}`", -errno.ECONNRESET)
        decoded: dict[str, Any] = json.loads(answer)
        if not decoded.get("ok"):
            raise AgentError(str(decoded.get("error")), -abs(int(decoded.get("errno", 22))))
        return decoded

    def _where(self) -> tuple[str, str]:
        """Path of the socket, and the token; read each time, as a new agent has a new one."""
        file = self._environment.get(VARIABLE)
        if not file:
            raise AgentAbsent(f"this module may not use the host agent: {GRANT}", -errno.EPERM)
        try:
            grant = json.loads(Path(file).read_text(encoding="utf-8"))
            return str(grant["socket"]), str(grant["token"])
        except (OSError, ValueError, KeyError) as error:
            raise AgentAbsent(f"{file} does not say where the host agent is: {error}") from None
