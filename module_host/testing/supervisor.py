"""The stand-in for the supervisor: keeps what the module says, answers what it asks."""

import errno
import itertools
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from module_host import threads
from module_host.completions import complete
from module_host.inbox import Inbox
from module_host.session import Check, Completion
from module_host.testing import peers
from module_host.testing.line import Hearer, through
from module_host.testing.state import Documents, Published
from proto import refusals
from proto.descriptor import prefix_of
from proto.framing import Plain
from proto.optionvalues import Declared, normalise
from proto.v1.control_pb2 import CommandResult
from proto.v1.envelope_pb2 import Envelope, Error
from proto.v1.module_pb2 import Loaded, Progress
from proto.values import Values


log = logging.getLogger("completions")

# mon_config_key_max_entry_size
LARGEST_VALUE = 65536

Result = tuple[int, str, str]
Respond = Callable[[dict[str, Any], str], Result]


@dataclass(frozen=True)
class Sent:
    """One command that the module sent: to ("mon", "") or ("osd", "3"), with its input data."""

    service: tuple[str, str]
    command: dict[str, Any]
    inbuf: str
    tag: str


@dataclass(frozen=True)
class Entry:
    """One line of the cluster log; `priority` as ClusterLogPrio: 0 debug ... 4 error."""

    channel: str
    priority: int
    message: str


class FakeSupervisor(Hearer):
    """Everything the module ever said is in the attributes, newest last."""

    def __init__(
        self,
        name: str,
        report: Loaded,
        documents: Documents,
        values: Values,
        command_timeout: float,
    ) -> None:
        self._documents = documents
        self.inbox: Inbox | None = None
        self.command_timeout = command_timeout
        self.options: dict[str, str] = {}  # full keys
        self.store: dict[str, str] = {}
        self.health: dict[str, Check] = {}
        self.cluster_log: list[Entry] = []
        self.daemon_log: list[str] = []
        self.uri = ""
        self.progress: dict[str, dict[str, Any]] = {}
        self.clients: dict[str, str] = {}
        self.wear_levels: dict[str, float] = {}
        self.sent: list[Sent] = []
        self.answers: dict[str, Result | Respond] = {}
        self.peers: dict[str, Any] = {}
        self._name = name
        self._declared = {option.name: option for option in report.options}
        self._notify_types = set(report.notify_types)
        self._prefixes = {prefix_of(command.cmd) for command in report.commands}
        self._values = values
        self._seq = itertools.count(1)
        self._ids = itertools.count(1)
        self._awaited: dict[int, SimpleQueue[tuple[Envelope, Plain]]] = {}

    # The module's side: what comes from it

    def told(self, envelope: Envelope, payload: Plain) -> None:
        """As Hearer.told()."""
        match envelope.WhichOneof("body"):
            case "command_result" | "result" | "error":
                if waiter := self._awaited.pop(envelope.id, None):
                    waiter.put((envelope, payload))
            case "set_health":
                self.health = {
                    c.code: Check(c.code, c.severity, c.summary, c.count, list(c.detail))
                    for c in envelope.set_health.checks
                }
            case "cluster_log":
                said = envelope.cluster_log
                self.cluster_log.append(Entry(said.channel, said.priority, said.message))
            case "log":
                self.daemon_log.append(envelope.log.line)
            case "set_uri":
                self.uri = envelope.set_uri.uri
            case "progress":
                self._progress(envelope.progress)
            case "notify":
                self.notify(envelope.notify.type, envelope.notify.id)
            case "register_client":
                client = envelope.register_client
                if client.remove:
                    self.clients.pop(client.addrs, None)
                else:
                    self.clients[client.addrs] = client.name or self._name

    def asked(self, envelope: Envelope, payload: Plain, seconds: float) -> tuple[Envelope, Plain]:
        """As Hearer.asked()."""
        answer = Envelope(id=envelope.id)
        match envelope.WhichOneof("body"):
            case "call":
                return self._called(envelope, payload, seconds)
            case "set_option":
                asked = envelope.set_option
                value = asked.value if asked.HasField("value") else None
                self._written(
                    answer, lambda: self.set_option(asked.module, asked.key, value, answer)
                )
            case "set_store":
                stored = envelope.set_store
                text = stored.value if stored.HasField("value") else None
                self._written(answer, lambda: self.set_store(stored.key, text, answer))
            case "set_wear_level":
                self.wear_levels[envelope.set_wear_level.device] = envelope.set_wear_level.level
                answer.done.SetInParent()
        return answer, b""

    # The world's side: what goes to it

    def set_option(
        self, module: str, key: str, value: str | None, answer: Envelope | None = None
    ) -> None:
        """Commit as `config set mgr mgr/<module>/<key>`; raises ValueError with its sentence."""
        full = f"mgr/{module}/{key}"
        if value is not None:
            value = self.normalise(module, key, value)
        self._put(self.options, full, value)
        changed = Envelope()
        changed.options_changed.config_notify = True
        self._change(changed.options_changed.changes.add(), full, value)
        if answer is not None:
            answer.done.options.CopyFrom(changed.options_changed)
        self.send(changed)

    def normalise(self, module: str, key: str, value: str) -> str:
        """An option's value as it is stored; raises ValueError."""
        declared = self._declarations(module)
        # "MGR_ID/KEY" is the same option for one manager only.
        found = declared.get(key) or declared.get(key.partition("/")[2])
        if found is not None:
            return normalise(found, value)
        if module != self._name and f"mgr/{module}/{key}" in self.options:
            return value  # the test has set it, so it exists
        raise ValueError(f"unrecognized config option 'mgr/{module}/{key}'")

    def _declarations(self, module: str) -> Mapping[str, Declared]:
        if module == self._name:
            return self._declared
        published = self._documents.shared("mgr_map") or {}
        for entry in published.get("available_modules", ()):
            if entry["name"] == module:
                return {name: Published(**o) for name, o in entry["module_options"].items()}
        return {}

    def set_store(self, key: str, value: str | None, answer: Envelope | None = None) -> None:
        """Commit as `config-key set mgr/<module>/<key>`; raises ValueError with its sentence."""
        if value is not None and len(value.encode(errors="surrogatepass")) > LARGEST_VALUE:
            raise ValueError(
                f"error: entry size limited to {LARGEST_VALUE} bytes."
                " Use 'mon config key max entry size' to manually adjust"
            )
        self._put(self.store, key, value)
        changed = Envelope()
        self._change(changed.store_changed.changes.add(), key, value)
        if answer is not None:
            answer.done.store.CopyFrom(changed.store_changed)
        self.send(changed)

    def send(self, envelope: Envelope, payload: Plain = b"") -> None:
        """Put a message into the module's inbox."""
        if self.inbox is not None:
            self.inbox.take(*through(envelope, payload))

    def ask(
        self, envelope: Envelope, payload: Plain = b"", *, seconds: float
    ) -> tuple[Envelope, Plain] | None:
        """The same with a message that the module answers; None: not within `seconds`."""
        envelope.id = next(self._ids)
        waiter = self._awaited[envelope.id] = SimpleQueue()
        self.send(envelope, payload)
        try:
            return waiter.get(timeout=seconds)
        except Empty:
            del self._awaited[envelope.id]
            return None

    def notify(self, kind: str, subject: Any) -> bool:
        """Notify the module if it asked for `kind`."""
        if kind not in self._notify_types:
            return False
        envelope = Envelope()
        envelope.notify.type = kind
        if isinstance(subject, str):
            envelope.notify.id = subject
        else:
            envelope.notify.id_json = json.dumps(subject).encode()
        self.send(envelope)
        return True

    def execute(self, envelope: Envelope) -> CommandResult:
        """The outcome of a command that the module sent."""
        asked = envelope.send_command
        command = refusals.parse(asked.json)
        if isinstance(command, refusals.Refusal):
            return CommandResult(retval=command.retval, stderr=command.text.encode())
        inbuf = asked.inbuf.decode(errors="replace")
        self.sent.append(Sent((asked.service_type, asked.service_id), command, inbuf, asked.tag))
        prefix = command["prefix"]
        if prefix not in self.answers and asked.service_type == "mon" and prefix in self._prefixes:
            result = self.run(asked.json, asked.inbuf, prefix)
            return self._too_late(prefix) if result is None else result
        answer = self.answers.get(prefix, (-errno.EINVAL, "", "command not known"))
        retval, stdout, stderr = answer(command, inbuf) if callable(answer) else answer
        return CommandResult(retval=retval, stdout=stdout.encode(), stderr=stderr.encode())

    def run(self, command: bytes, inbuf: bytes, prefix: str) -> CommandResult | None:
        """Have the module run a command of its own; None: not within `command_timeout`."""
        envelope = Envelope(deadline_ms=int(self.command_timeout * 1000))
        envelope.command.json, envelope.command.inbuf = command, inbuf
        envelope.command.prefix = prefix
        answer = self.ask(envelope, seconds=self.command_timeout)
        return None if answer is None else answer[0].command_result

    def _too_late(self, prefix: str) -> CommandResult:
        sentence = f"module '{self._name}' did not finish command '{prefix}' in time"
        return CommandResult(retval=-errno.ETIMEDOUT, stderr=sentence.encode())

    def _called(self, envelope: Envelope, payload: Plain, seconds: float) -> tuple[Envelope, Plain]:
        forward = Envelope(id=envelope.id, source=self._name, codec=envelope.codec)
        forward.chain.extend([*envelope.chain, self._name])
        forward.deadline_ms = max(1, int(seconds * 1000))
        forward.call.CopyFrom(envelope.call)
        if envelope.call.module != self._name:
            return peers.serve(self.peers, self._values, forward, payload, seconds)
        answered = self.ask(forward, payload, seconds=seconds)
        if answered is None:
            return peers.late(forward), b""
        answered[0].id = envelope.id
        return answered

    def _progress(self, said: Progress) -> None:
        if said.action == Progress.UPDATE:
            self.progress[said.id] = {
                "message": said.message,
                "progress": said.progress,
                "add_to_ceph_s": said.add_to_ceph_s,
            }
        elif said.action == Progress.COMPLETE:
            self.progress.pop(said.id, None)
        else:
            self.progress.clear()

    def _written(self, answer: Envelope, write: Callable[[], None]) -> None:
        try:
            write()
        except ValueError as error:
            answer.error.kind, answer.error.message = Error.INVALID, str(error)
            answer.error.errno = -errno.EINVAL

    def _put(self, book: dict[str, str], key: str, value: str | None) -> None:
        if value is None:
            book.pop(key, None)
        else:
            book[key] = value

    def _change(self, change: Any, key: str, value: str | None) -> None:
        change.key, change.seq = key, next(self._seq)
        if value is not None:
            change.value = value


class LocalSender:
    """Runs the commands that the module sends, in order, on a thread of its own."""

    def __init__(self, supervisor: FakeSupervisor) -> None:
        self._supervisor = supervisor
        self._jobs: SimpleQueue[tuple[Envelope, Completion] | None] = SimpleQueue()

    def start(self) -> None:
        """Begin to work."""
        threads.start("mgr-completions", self._work)

    def end(self) -> None:
        """Let the thread end after what waits."""
        self._jobs.put(None)

    def submit(self, envelope: Envelope, done: Completion) -> None:
        """As Sender.submit()."""
        self._jobs.put((through(envelope)[0], done))

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            envelope, done = job
            complete(
                done, through(Envelope(command_result=self._result(envelope)))[0].command_result
            )
            self._supervisor.notify("command", envelope.send_command.tag)

    def _result(self, envelope: Envelope) -> CommandResult:
        try:
            return self._supervisor.execute(envelope)
        except Exception as error:
            log.exception("the test's answer to a command raised")
            return CommandResult(retval=-errno.EIO, stderr=repr(error).encode())
