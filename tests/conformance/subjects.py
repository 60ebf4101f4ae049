"""The two that every statement is asked of: a real ceph-mgr on loopback, and our supervisor.

Both run the same module tree, tests/conformance/tree, and are asked in the same words.
"""

import ast
import json
import os
import select
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cephlab.lab import Lab, Plan
from mgrctl.connection import Connection

from tests.conditions import poll_for
from tests.conformance.furniture import furnish
from tests.daemon import ROOT, Answered, Daemon, supervisor


TREE = Path(__file__).parent / "tree"
DEBIAN_TREE = Path("/usr/share/ceph/mgr")
DEBIAN_PYTHON = "/usr/bin/python3"
ENABLED = ("argued", "early", "probe", "second", "wedged")
ANSWERING = ("argued", "early", "probe", "second")  # those of them that have a command "eval"
CEPH_MGR, HERE = "ceph-mgr", "mgr-supervisor"
ANSWER_SECONDS = 90


@dataclass(frozen=True)
class Raised:
    """An exception that came out of evaluated source: name of its class, and its text."""

    kind: str
    text: str

    def __repr__(self) -> str:
        return f"{self.kind}: {self.text}"


class Shown(str):
    """The repr() of an object that is no literal."""

    __slots__ = ()


class Subject(ABC):
    """One of the two. `answer` is the last thing that it said, for the table of statements."""

    name: str
    log_folder: Path

    def __init__(self) -> None:
        self.answer: Any = None

    @abstractmethod
    def _run(self, words: list[str], stdin: bytes | None, timeout: float) -> Answered:
        """The command line client."""

    @abstractmethod
    def _send(self, to: str, command: str, inbuf: str) -> tuple[int, str, str]:
        """A command as its receiver gets it."""

    @abstractmethod
    def log(self, module: str) -> str:
        """What a module wrote to its own log file."""

    def run(
        self, words: str, *more: str, stdin: bytes | None = None, timeout: float = 60
    ) -> Answered:
        """Type a command line: `words` are split at blanks, `more` are taken as they are."""
        answered = self._run([*words.split(), *more], stdin, timeout)
        self.answer = (answered.code, answered.out, answered.err)
        return answered

    def ok(self, words: str, *more: str, **options: Any) -> str:
        """The same, which must succeed; standard output, stripped."""
        answered = self.run(words, *more, **options)
        assert answered.code == 0, (self.name, words, answered)
        self.answer = answered.out.strip()
        return answered.out.strip()

    def json(self, words: str, *more: str) -> Any:
        """The same, as JSON."""
        self.answer = json.loads(self.ok(words, *more, "--format", "json"))
        return self.answer

    def raw(
        self, command: dict[str, Any] | str, inbuf: str = "", to: str = "mgr"
    ) -> tuple[int, str, str]:
        """Send a command that no client has looked at: a dict, or the text itself."""
        text = command if isinstance(command, str) else json.dumps(command)
        self.answer = self._send(to, text, inbuf)
        return self.answer

    def eval(self, source: str, module: str = "probe") -> Any:
        """Run Python in `module` (the module is `mgr`, names persist in probe); its last expression
        is the answer: a literal, Shown, or Raised.
        """
        code, out, err = self._send("mgr", json.dumps({"prefix": f"{module} eval"}), source)
        assert code == 0, (self.name, source, err)
        outcome = json.loads(out)
        if "raised" in outcome:
            self.answer = Raised(outcome["raised"]["kind"], outcome["raised"]["text"])
        else:
            try:
                self.answer = ast.literal_eval(outcome["value"])
            except (ValueError, SyntaxError):
                self.answer = Shown(outcome["value"])
        return self.answer

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """What is asked meanwhile is not what the table shows."""
        answer = self.answer
        yield
        self.answer = answer

    def shows(self, answer: Any) -> Any:
        """Say what the table shows instead of the last answer: where that one varies."""
        self.answer = answer
        return answer

    @property
    def here(self) -> bool:
        """Whether this is ours: for what deviates on purpose."""
        return self.name == HERE


class Here(Subject):
    """Our supervisor on its embedded cluster; the modules stand on our mgr_module."""

    name = HERE

    def __init__(self, daemon: Daemon) -> None:
        super().__init__()
        self.daemon = daemon
        self.log_folder = daemon.state / "log"

    def _run(self, words: list[str], stdin: bytes | None, timeout: float) -> Answered:
        return self.daemon.mgrctl("", *words, stdin=stdin, timeout=timeout)

    def _send(self, to: str, command: str, inbuf: str) -> tuple[int, str, str]:
        with Connection(str(self.daemon.socket), "conformance", 60) as connection:
            result = connection.execute(command.encode(), inbuf.encode())
        return result.retval, result.stdout.decode(), result.stderr.decode()

    def log(self, module: str) -> str:
        return self.daemon.module_log(module)


class RealManager(Subject):
    """A ceph-mgr 16.2.15 with a monitor and OSDs in memory."""

    name = CEPH_MGR

    def __init__(self, lab: Lab, oracle: "subprocess.Popen[str]") -> None:
        super().__init__()
        self.lab = lab
        self.log_folder = lab.folder / "log"
        self._oracle = oracle

    def _run(self, words: list[str], stdin: bytes | None, timeout: float) -> Answered:
        done = subprocess.run(
            ["ceph", *words],
            env=self.lab.environment(),
            input=stdin if stdin is not None else b"",
            capture_output=True,
            timeout=timeout,
            check=False,
        )
        return Answered(done.returncode, done.stdout.decode(), done.stderr.decode())

    def _send(self, to: str, command: str, inbuf: str) -> tuple[int, str, str]:
        assert self._oracle.stdin is not None
        assert self._oracle.stdout is not None
        self._oracle.stdin.write(json.dumps({"to": to, "command": command, "inbuf": inbuf}) + "\n")
        self._oracle.stdin.flush()
        # A manager that has crashed must not hang the suite.
        ready, _, _ = select.select([self._oracle.stdout], [], [], ANSWER_SECONDS)
        assert ready, f"{command}: no answer within {ANSWER_SECONDS} s; ceph-mgr may have crashed"
        code, out, err = json.loads(self._oracle.stdout.readline())
        return code, out, err

    def respawn(self) -> None:
        """Have ceph-mgr execute itself anew, and wait until the suite's modules serve."""
        before = self._map()["active_gid"]
        self.raw({"prefix": "mgr fail", "who": "x"}, to="mon")
        poll_for(lambda: self._map()["active_gid"] not in (0, before), 60, "ceph-mgr to be back")
        poll_for(lambda: _serves(self), 60, "ceph-mgr to serve the suite's modules")

    def _map(self) -> dict[str, Any]:
        code, out, err = self.raw({"prefix": "mgr dump", "format": "json"}, to="mon")
        assert code == 0, err
        return json.loads(out)

    def log(self, module: str) -> str:
        file = self.log_folder / f"mgr.x.{module}.log"
        return file.read_text(errors="replace") if file.exists() else ""


@contextmanager
def our_supervisor() -> Iterator[Here]:
    """A supervisor on the suite's tree."""
    words = [word for name in ENABLED for word in ("--enable", name)]
    config = f'[cluster]\ntick = 2\n[[tree]]\npath = "{TREE}"\napi = "supervisor"\n'
    config += f'[[tree]]\npath = "{ROOT / "modules"}"\n'
    with supervisor(*words, config=config) as daemon:
        for name in ENABLED:
            daemon.wait_state(name, "running")
        yield Here(daemon)
        assert daemon.stop() == 0


@contextmanager
def real_manager() -> Iterator[RealManager]:
    """A cluster whose manager has the suite's tree beside Debian's modules."""
    initial = f"mgr initial modules = {' '.join(ENABLED)}"
    with real_cluster(initial, mds=2) as lab, oracle_of(lab) as oracle:
        subject = RealManager(lab, oracle)
        furnish(lab, lambda command: subject.raw(command, to="mon"))
        poll_for(lambda: _serves(subject), 60, "ceph-mgr to serve the suite's modules")
        yield subject


@contextmanager
def real_cluster(*settings: str, mds: int = 0) -> Iterator[Lab]:
    """A cluster with the suite's tree, gone at the end; its monitor commits quickly."""
    with tempfile.TemporaryDirectory(prefix="ceph-", dir="/tmp") as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        for found in (*DEBIAN_TREE.iterdir(), *TREE.iterdir()):
            (tree / found.name).symlink_to(found)
        lab = Lab(Path(folder) / "lab")
        quick = ("paxos propose interval = 0.05", "paxos min wait = 0.02")
        settings = (*settings, "mon mgr beacon grace = 120", *quick)
        lab.start(Plan(folder=lab.folder, mds=mds, modules=tree, settings=settings))
        try:
            yield lab
        finally:
            lab.end()


def _serves(subject: Subject) -> bool:
    return all(subject.raw({"prefix": f"{name} eval"}, "1")[0] == 0 for name in ANSWERING)


@contextmanager
def oracle_of(lab: Lab) -> Iterator["subprocess.Popen[str]"]:
    """The process that sends raw commands."""
    process = subprocess.Popen(
        [DEBIAN_PYTHON, str(Path(__file__).parent / "oracle.py"), str(lab.conf)],
        env={**os.environ, "CEPH_CONF": str(lab.conf)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sys.stderr,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
