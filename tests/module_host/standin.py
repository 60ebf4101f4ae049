"""A supervisor reduced to what a module host sees of one: a real zygote, a real bus, no decisions."""

import contextlib
import os
import select
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import psutil
import zmq

from proto.classgate import ClassGate
from proto.framing import pack, unpack
from proto.statepage import PageWriter
from proto.v1.envelope_pb2 import CODEC_VALUE, Envelope
from proto.v1.zygote_pb2 import Launch, ZygoteReport, ZygoteRequest
from proto.values import Values
from proto.version import ours
from supervisor.core.uids import DEFAULT as UIDS
from supervisor.edge.launcher import true_pid
from supervisor.edge.ownership import give
from tests import views


ROOT = Path(__file__).resolve().parents[2]
BOOTSTRAP = (
    "import os, sys; fd = int(sys.argv[1]); fd == 3 or (os.dup2(fd, 3), os.close(fd)); "
    f"sys.path.insert(0, {str(ROOT)!r}); "
    "from module_host import namespaces; wall = namespaces.enter(sys.argv[2]); "
    "from module_host import zygote; zygote.main(*wall)"
)

API = """
from module_host import session


class _Base:
    COMMANDS = []
    MODULE_OPTIONS = []
    NOTIFY_TYPES = []

    def __init__(self, module_name, *capsules):
        self.module_name = module_name
        self.session = session.current()

    def serve(self):
        pass

    def shutdown(self):
        pass


class MgrModule(_Base):
    @staticmethod
    def can_run():
        return True, ""

    def notify(self, notify_type, notify_id):
        pass

    def config_notify(self):
        pass

    def _config_notify(self):
        self.config_notify()

    def _handle_command(self, inbuf, cmd):
        return self.handle_command(inbuf, cmd)

    def remote(self, module, method, *args, **kwargs):
        return self.session.remote(module, method, args, kwargs)


class MgrStandbyModule(_Base):
    pass
"""

PROBE = '''
import threading
from mgr_module import MgrModule


class Module(MgrModule):
    """Does what a test tells it to."""

    def __init__(self, *args):
        super().__init__(*args)
        self.stop = threading.Event()

    def execute(self, source, **names):
        space = {"self": self, **names}
        exec(source, space)
        return space.get("result")

    def add(self, a, b):
        return a + b

    def relay(self, path, value):
        if not path:
            return [self.module_name, value]
        return [self.module_name, self.remote(path[0], "relay", path[1:], value)]

    def serve(self):
        self.stop.wait()

    def shutdown(self):
        self.stop.set()
'''


class HostProcess:
    """One launched host, as far as the stand-in knows."""

    def __init__(self, module: str, nonce: bytes) -> None:
        self.module = module
        self.nonce = nonce
        self.pid = 0
        self.pidfd = -1
        self.renewals = -1
        self.inbox: bytes | None = None
        self.heard: list[Envelope] = []
        self.exited: Any = None
        self.failed: str | None = None
        self.log = Path()
        self.layers: list[Any] = []


class Standin:
    """Single-threaded: nothing arrives but while a method of it waits."""

    def __init__(self, folder: Path, without_pids: str = "", runner: Sequence[str] = ()) -> None:
        """`without_pids`: why its zygote is to make no pid namespace; `runner`: words that run it
        under other circumstances.
        """
        self.folder = folder
        self.trees = [folder / "api", folder / "modules"]
        for path in (*self.trees, folder / "state", folder / "data", folder / "log"):
            path.mkdir(parents=True)
        (folder / "api" / "mgr_module.py").write_text(API)
        self.add_module("probe", PROBE)
        self.page = PageWriter(folder / "state")
        self.hosts: dict[bytes, HostProcess] = {}
        self.store: dict[str, str] = {}
        self.options: dict[str, str] = {}
        self.answers: dict[int, tuple[Envelope, Any]] = {}
        self.answer_calls = True
        self.mute: set[str] = set()  # verbs that get no answer
        self.values = Values(ClassGate({"probe"}))
        self._pending: dict[int, tuple[bytes, int]] = {}
        self._routes: dict[int, bytes] = {}
        self._next = 1000
        self._seq = 10
        self._context = zmq.Context()
        self.bus = self._context.socket(zmq.ROUTER)
        self.bus.linger = 0
        self.bus.sndhwm = 0
        self.bus.setsockopt(zmq.ROUTER_MANDATORY, 1)
        self.endpoint = f"ipc://{folder}/bus.sock"
        self.bus.bind(self.endpoint)
        # A host has a user of its own where that can be: see `launch`.
        self.users = os.geteuid() == 0 and not runner
        if self.users:
            (folder / "bus.sock").chmod(0o666)
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.zygote = subprocess.Popen(
                [
                    *runner,
                    sys.executable,
                    "-I",
                    "-c",
                    BOOTSTRAP,
                    str(theirs.fileno()),
                    without_pids or views.refusal(),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def add_module(self, name: str, source: str) -> None:
        """Put package `name` into the module tree."""
        package = self.folder / "modules" / name
        package.mkdir(exist_ok=True)
        (package / "__init__.py").write_text("from .module import *\n")
        (package / "module.py").write_text(source)

    def outside(self, pid: int) -> int:
        """The number here of the process that a module calls `pid`."""
        for process in psutil.Process(self.zygote.pid).children(recursive=True):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                status = Path(f"/proc/{process.pid}/status").read_text()
                names = status.partition("NSpid:")[2].partition("\n")[0].split()
                if int(names[-1]) == pid:
                    return process.pid
        raise ProcessLookupError(f"no process {pid} below the zygote")

    def publish(self, name: str, document: Any) -> None:
        """Publish a document by the rules of proto.statepage."""
        folder = self.folder / "state"
        text = orjson.dumps(document)
        version = self.page.version(name) + 1
        part = folder / f"{name}.part"
        part.write_bytes(text)
        part.rename(folder / f"{name}.{version}")
        self.page.bump(name, len(text))
        with contextlib.suppress(FileNotFoundError):
            (folder / f"{name}.{version - 1}").unlink()

    def launch(self, module: str = "probe", **fields: Any) -> HostProcess:
        """Ask for a host; says nothing about what comes of it."""
        host = HostProcess(module, os.urandom(16))
        (self.folder / "data" / module).mkdir(mode=0o700, exist_ok=True)
        host.log = self.folder / "log" / f"{module}.log"
        launch = Launch(
            module=module,
            nonce=host.nonce,
            bus=self.endpoint,
            sys_path=[str(tree) for tree in self.trees],
            state_dir=str(self.folder / "state"),
            data_dir=str(self.folder / "data" / module),
            log_file=str(host.log),
            sandbox="require",
            without=views.absent(),
        )
        if self.users and "uid" not in fields:
            launch.uid = UIDS[zlib.crc32(f"{self.folder} {module}".encode()) % len(UIDS)]
            launch.modules_gid = UIDS[0]
        launch.MergeFrom(Launch(**fields))
        if launch.uid:
            host.log.touch()
            os.chown(host.log, launch.uid, launch.uid)
            give(Path(launch.data_dir), launch.uid, launch.uid)
        self.hosts[host.nonce] = host
        self.control.send(ZygoteRequest(launch=launch).SerializeToString())
        return host

    def run(self, module: str = "probe", **fields: Any) -> HostProcess:
        """Launch, start, wait until it is ready."""
        host = self.launch(module, **fields)
        self.wait(host, "loaded")
        self.send(host, Envelope(start={}))
        self.wait(host, "ready")
        return host

    def send(self, host: HostProcess, envelope: Envelope, payload: bytes = b"") -> None:
        """Put into the host's inbox."""
        assert host.inbox is not None
        self.bus.send_multipart([host.inbox, *pack(envelope, payload)])

    def ask(self, host: HostProcess, envelope: Envelope, payload: bytes = b"") -> int:
        """Send what will be answered; the answer is found under the id returned."""
        self._next += 1
        envelope.id = self._next
        self.send(host, envelope, payload)
        return self._next

    def call(self, host: HostProcess, method: str, *args: Any, **kwargs: Any) -> Any:
        """remote(): the value, or the Error message."""
        return self.result(self.begin_call(host, method, *args, **kwargs))

    def begin_call(self, host: HostProcess, method: str, *args: Any, **kwargs: Any) -> int:
        """remote() without waiting."""
        envelope = Envelope(codec=CODEC_VALUE, deadline_ms=kwargs.pop("deadline_ms", 0))
        envelope.call.module, envelope.call.method = host.module, method
        return self.ask(host, envelope, self.values.dumps_call(args, kwargs))

    def command(self, host: HostProcess, command: dict[str, Any], inbuf: bytes = b"") -> int:
        """Send a command without waiting."""
        envelope = Envelope()
        envelope.command.json = orjson.dumps(command)
        envelope.command.prefix, envelope.command.inbuf = command["prefix"], inbuf
        return self.ask(host, envelope)

    def result(self, request: int, timeout: float = 15) -> Any:
        """The answer: a value, an Error, or a CommandResult."""
        self.until(lambda: request in self.answers, timeout, f"an answer to {request}")
        envelope, payload = self.answers.pop(request)
        body = envelope.WhichOneof("body")
        return self.values.loads(payload) if body == "result" else getattr(envelope, body)

    def wait(self, host: HostProcess, body: str, timeout: float = 15) -> Any:
        """The first message of that kind that the host said and nobody took yet."""

        def found() -> Any:
            return next((e for e in host.heard if e.WhichOneof("body") == body), None)

        def given_up() -> bool:
            return host.exited is not None or host.failed is not None

        self.until(lambda: found() or given_up(), timeout, f"{body} of {host.module}")
        envelope = found()
        assert envelope is not None, f"no {body}; {host.failed} {host.exited} {text(host)}"
        host.heard.remove(envelope)
        return getattr(envelope, body)

    def end(self, host: HostProcess, timeout: float = 15) -> Any:
        """Wait for the zygote's report of its end."""
        self.until(lambda: host.exited is not None, timeout, f"the end of {host.module}")
        return host.exited

    def until(self, condition: Any, timeout: float = 15, what: str = "a condition") -> None:
        """Pump messages until the condition holds."""
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, f"not within {timeout} s: {what}"
            self._turn(20)

    def close(self) -> None:
        """End everything."""
        self.control.close()
        self.zygote.wait(10)
        for host in self.hosts.values():
            if host.pidfd >= 0:
                os.close(host.pidfd)
                os.close(host.renewals)
        self.bus.close(0)
        self._context.term()
        self.page.close()

    def _turn(self, wait_ms: int) -> None:
        self._reports()
        if self.bus.poll(wait_ms):
            with contextlib.suppress(zmq.Again):
                while True:
                    route, *frames = self.bus.recv_multipart(zmq.NOBLOCK, copy=False)
                    # Who speaks was reported before it spoke, but maybe since the last look.
                    self._reports()
                    # The kernel's word on the peer: host:uid:gid:pid.
                    pid = int(frames[0].get("Peer-Address").rpartition(":")[2])
                    self._message(route.bytes, pid, *unpack([f.bytes for f in frames]))

    def _reports(self) -> None:
        while select.select([self.control], [], [], 0)[0]:
            if not self._report():
                break

    def _report(self) -> bool:
        data, fds, _, _ = socket.recv_fds(self.control, 1 << 17, 2)
        if not data:
            return False
        report = ZygoteReport.FromString(data)
        kind = report.WhichOneof("body")
        if kind == "up":
            return True
        body = getattr(report, kind)
        host = self.hosts[body.nonce]
        if kind == "launched":
            host.pidfd, host.renewals = fds
            host.pid = true_pid(host.pidfd)
        elif kind == "exited":
            host.exited = body
        else:
            host.failed = body.reason
        return True

    def _message(self, route: bytes, pid: int, envelope: Envelope, payload: bytes) -> None:
        body = envelope.WhichOneof("body")
        if body == "hello":
            self._welcome(route, envelope)
        elif body == "call":
            self._broker(route, pid, envelope, payload)
        elif body in ("result", "error", "command_result"):
            if envelope.id in self._pending:
                back, request = self._pending.pop(envelope.id)
                envelope.id = request
                self.bus.send_multipart([back, *pack(envelope, payload)])
            else:
                self.answers[envelope.id] = (envelope, payload)
        elif body in ("set_store", "set_option"):
            self._write(route, envelope)
        elif body == "send_command":
            self._run(route, envelope)
        else:
            host = next((h for h in self.hosts.values() if h.pid == pid), None)
            if host is not None:
                host.heard.append(envelope)

    def _welcome(self, route: bytes, envelope: Envelope) -> None:
        host = self.hosts.get(envelope.hello.nonce)
        if host is None or "hello" in self.mute:
            return
        host.inbox = route
        host.layers = list(envelope.hello.layers)
        answer = Envelope()
        if "refuse" in self.mute:
            answer.error.message = "this host is not expected"
        else:
            welcome = answer.welcome
            welcome.versions.CopyFrom(ours())
            welcome.seq = self._seq
            welcome.mgr_id, welcome.mgr_ip, welcome.release_name = "x", "127.0.0.1", "pacific"
            welcome.log_file = f"{self.folder}/log/ceph-mgr.x.log"
            welcome.options.update(self.options)
            welcome.store.update(self.store)
        self.bus.send_multipart([route, *pack(answer)])

    def _broker(self, route: bytes, pid: int, envelope: Envelope, payload: bytes) -> None:
        if "call" in self.mute:
            return
        caller = next((h for h in self.hosts.values() if h.pid == pid), None)
        target = next((h for h in self.hosts.values() if h.module == envelope.call.module), None)
        if target is None or target.inbox is None:
            answer = Envelope(id=envelope.id)
            answer.error.kind, answer.error.message = 1, "Module not found"
            self.bus.send_multipart([route, *pack(answer)])
            return
        self._next += 1
        self._pending[self._next] = (route, envelope.id)
        envelope.id = self._next
        if caller is not None:
            envelope.chain.append(caller.module)
        self.bus.send_multipart([target.inbox, *pack(envelope, payload)])

    def _write(self, route: bytes, envelope: Envelope) -> None:
        self._seq += 1
        answer = Envelope(id=envelope.id)
        answer.done.SetInParent()
        body = envelope.WhichOneof("body")
        write = getattr(envelope, body)
        if write.key == "bad":
            answer.error.kind, answer.error.message = 7, "the key is bad"
        else:
            changes = answer.done.store if body == "set_store" else answer.done.options
            key = write.key if body == "set_store" else f"mgr/{write.module}/{write.key}"
            change = changes.changes.add(key=key, seq=self._seq)
            if write.HasField("value"):
                change.value = write.value
        self.bus.send_multipart([route, *pack(answer)])

    def _run(self, route: bytes, envelope: Envelope) -> None:
        answer = Envelope(id=envelope.id)
        answer.command_result.retval = 0
        answer.command_result.stdout = envelope.send_command.json
        self.bus.send_multipart([route, *pack(answer)])


def text(host: HostProcess) -> str:
    """What the module's log holds."""
    return host.log.read_text() if host.log.exists() else ""


def alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"
