"""A real host agent in a folder of its own, asked over its socket, and gone at the end."""

import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from supervisor.agent.ownership import MARK, instance_of
from tests.conditions import poll_for


TOKEN = secrets.token_hex(32)


def alive(pid: int) -> bool:
    """Whether the process runs; what only waits for its parent does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def ask(path: Path, token: str, op: str, **request: Any) -> dict[str, Any]:
    """One request on a connection of its own. Raises OSError where nobody answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(path))
        line = json.dumps({"token": token, "op": op, **request})
        connection.sendall(line.encode() + b"\n")
        with connection.makefile() as answers:
            answer = answers.readline()
    if not answer:
        raise ConnectionError("the agent ended before it answered")
    return json.loads(answer)


@dataclass
class HostAgent:
    """The agent of `home / "agent"`."""

    home: Path
    place: str = "s"
    presence: int | None = field(default=None, init=False)

    @property
    def folder(self) -> Path:
        return self.home / "agent"

    @property
    def socket(self) -> Path:
        return self.home / self.place

    @property
    def pid(self) -> int:
        """Of its first process; one that just begins has not written it yet."""
        return int(poll_for((self.folder / "lock").read_text, 5, "a pid in the lock"))

    @property
    def log(self) -> str:
        return (self.folder / "agent.log").read_text()

    @property
    def processes(self) -> dict[int, str]:
        """Everything that an agent of this folder started, by its mark, and the agent itself."""
        mark, ours = f"{MARK}={instance_of(self.folder)}:", str(self.folder)
        found = {}
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                variables = (
                    Path(f"/proc/{process.pid}/environ").read_bytes().decode(errors="replace")
                )
                line = process.cmdline()
                if (mark in variables or ours in line) and alive(process.pid):
                    found[process.pid] = " ".join(line)
        return found

    @property
    def worker(self) -> int:
        """The second process."""
        return next(
            child.pid
            for child in psutil.Process(self.pid).children()
            if str(self.folder) in child.cmdline() and alive(child.pid)
        )

    def start(self, *arguments: str, patch: str = "") -> str:
        """Start it, after the statements of `patch`; answers its word, whatever that is."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.let_in(TOKEN)
        command = [sys.executable, "-I", "-m", "supervisor.agent"]
        if patch:
            program = f"{patch}; from supervisor.agent.__main__ import main; main()"
            command = [sys.executable, "-I", "-c", program]
        command += ["--folder", str(self.folder), "--socket", str(self.socket), *arguments]
        started = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        return started.stdout.strip() + started.stderr

    def let_in(self, *tokens: str) -> None:
        """What the supervisor does for a module."""
        file = self.folder / "access.new"
        content = {"socket": str(self.socket), "tokens": {f"m{n}": t for n, t in enumerate(tokens)}}
        file.write_text(json.dumps(content))
        file.chmod(0o600)
        file.rename(self.folder / "access.json")

    def be_present(self) -> None:
        """Hold the lock that a supervisor holds."""
        self.presence = os.open(self.folder / "present", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
        fcntl.flock(self.presence, fcntl.LOCK_SH)

    def leave(self) -> None:
        if self.presence is not None:
            os.close(self.presence)
            self.presence = None

    def ask(self, op: str, **request: Any) -> dict[str, Any]:
        """The answer of a request that must be granted."""
        answer = ask(self.socket, TOKEN, op, **request)
        assert answer.pop("ok"), answer
        return answer

    def refusal(self, op: str, **request: Any) -> tuple[int, str]:
        """Errno and sentence of a request that must be refused."""
        answer = ask(self.socket, TOKEN, op, **request)
        assert answer["ok"] is False, answer
        return answer["errno"], answer["error"]

    def deploy(self, name: str, *command: str, **more: Any) -> None:
        self.ask("deploy", name=name, command=command, **more)

    def list(self) -> dict[str, dict[str, Any]]:
        return {row["name"]: row for row in self.ask("list")["daemons"]}

    def wait(self, name: str, state: str, timeout: float = 10, **wanted: Any) -> dict[str, Any]:
        """The row of `name` once it is as told."""
        wanted["state"] = state

        def reached() -> dict[str, Any] | None:
            row = self.list()[name]
            return row if all(row[key] == value for key, value in wanted.items()) else None

        return poll_for(reached, timeout, f"{name} to be {wanted}: {self.list()}\n{self.log}")

    def answers(self) -> bool:
        try:
            return bool(ask(self.socket, TOKEN, "facts")["ok"])
        except OSError:
            return False

    def end(self) -> None:
        """End all of it, however it was left, and see that nothing remains."""
        self.leave()
        with contextlib.suppress(OSError, AssertionError):
            if alive(self.pid):
                os.kill(self.pid, signal.SIGTERM)
                with contextlib.suppress(AssertionError):
                    poll_for(lambda: not alive(self.pid), 5)
        left = self.processes
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        poll_for(lambda: not self.processes, 5, "the agent's processes to end")
        assert not left, f"did not end by itself: {left}"


@contextlib.contextmanager
def host_agent(home: Path, *arguments: str, patch: str = "") -> Iterator[HostAgent]:
    """A running agent, ended with all that it keeps."""
    agent = HostAgent(home)
    try:
        word = agent.start(*arguments, patch=patch)
        assert word.startswith("up "), word
        yield agent
    finally:
        agent.end()
