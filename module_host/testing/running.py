"""The handle that a test has on a module: the operator's, the cluster's and the peers' hands."""

import json
import logging
import shlex
import sys
import threading
import time
from pathlib import Path
from typing import Any

from module_host import threads
from module_host.errors import RemoteRefused, exception
from module_host.mgr.logs import own_path
from module_host.session import Check
from module_host.testing.faults import Fault, ModuleFault, Overdue, stack, thread_called
from module_host.testing.supervisor import Entry, Respond, Result, Sent
from module_host.testing.world import World, option_key
from proto import refusals
from proto.descriptor import Signature, prefix_of
from proto.errors import NotSerializable
from proto.matching import Command, match
from proto.v1.control_pb2 import CommandResult
from proto.v1.envelope_pb2 import CODEC_VALUE, Envelope


log = logging.getLogger("host")


class Running:
    """One module that runs: the operator's and the cluster's hands on it."""

    def __init__(self, world: World, module: Any) -> None:
        self.name = world.identity.module
        self.module = module
        self.faults: list[Fault] = world.faults
        self._world = world
        self._report = world.report
        self._supervisor = world.supervisor
        self._timeout = world.timeout
        self._serving: threading.Thread | None = None
        self._failure: str | None = None

    # What the operator does

    def command(
        self,
        words: str,
        *more: str,
        inbuf: str | bytes = "",
        format: str = "",  # noqa: A002  its name in every command
        **extra: Any,
    ) -> Any:
        """Run `words` as `mgrctl` would: `more` are words as they are, `inbuf` is what -i reads.

        Returns a HandleCommandResult. Raises NoMatch for words that no command of the module takes,
        with the text that mgrctl prints, and Overdue where the module does not answer in time.
        """
        chosen = match([*shlex.split(words), *more], self.commands)
        arguments = chosen.arguments | {"target": ["mon-mgr", ""]}
        if format:
            arguments["format"] = format
        if chosen.command.poll:
            arguments |= {"poll": True, "width": 80, "print_header": True}
        arguments |= extra
        raw = json.dumps(arguments).encode("utf-8", "surrogateescape")
        data = inbuf.encode() if isinstance(inbuf, str) else inbuf
        return self._outcome(self._execute(raw, data, arguments["prefix"]))

    def set_option(self, key: str, value: Any) -> None:
        """Do `config set mgr mgr/NAME/KEY VALUE`, None: `config rm`; waits for config_notify().

        Raises ValueError with the monitors' sentence where the value is refused.
        """
        module, key = option_key(self.name, key)
        self._supervisor.set_option(module, key, None if value is None else str(value))
        self.settle()

    @property
    def commands(self) -> list[Command]:
        """The module's commands, as mgrctl knows them."""
        return [
            Command(Signature.parse(c.cmd), c.desc, c.poll, self.name)
            for c in self._report.commands
        ]

    # What the cluster and other modules do

    def publish(self, name: str, document: Any) -> None:
        """Have get(NAME) read `document` from now on; notifies nobody."""
        self._world.documents.publish(name, document)

    def notify(self, kind: str, subject: Any = "") -> None:
        """Notify the module and wait until it took note.

        Raises ValueError where NOTIFY_TYPES does not list `kind`: it would never be notified.
        """
        kind = str.__str__(kind)
        if not self._supervisor.notify(kind, subject):
            asked = ", ".join(sorted(self._report.notify_types)) or "nothing"
            raise ValueError(
                f"module '{self.name}' is never notified of '{kind}': NOTIFY_TYPES lists {asked}"
            )
        self.settle()

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method as another module's remote() does; raises what that raises."""
        envelope = Envelope(codec=CODEC_VALUE, deadline_ms=int(self._timeout * 1000))
        envelope.call.module, envelope.call.method = self.name, method
        try:
            payload = self._world.values.dumps_call(args, kwargs)
        except NotSerializable as error:
            raise RemoteRefused(f"{self.name}.{method}(): {error}") from None
        answered = self._supervisor.ask(envelope, payload, seconds=self._timeout)
        if answered is None:
            raise Overdue(f"{self.name}.{method}() did not return within {self._timeout} s")
        answer, result = answered
        if answer.HasField("error"):
            raise exception(answer.error)
        return self._world.values.loads(result)

    def answer(self, prefix: str, result: "Result | Respond | Any") -> None:
        """Say what a command that the module sends comes to: (retval, stdout, stderr), a function
        of the command and its input data that gives these, or a document to be sent as JSON.

        A command that nobody answers comes to -EINVAL.
        """
        if not (callable(result) or isinstance(result, tuple)):
            result = (0, json.dumps(result), "")
        self._supervisor.answers[prefix] = result

    @property
    def peers(self) -> dict[str, Any]:
        """Other modules by name; any object, or Dies or TooLate. Values cross as in production."""
        return self._supervisor.peers

    # What the module did

    @property
    def sent(self) -> list[Sent]:
        """The commands that it sent, in order."""
        return self._supervisor.sent

    @property
    def store(self) -> dict[str, str]:
        """Its keys as committed."""
        return dict(self._supervisor.store)

    @property
    def options(self) -> dict[str, str]:
        """Its options as committed, by full key: "mgr/NAME/KEY"."""
        return dict(self._supervisor.options)

    @property
    def health(self) -> dict[str, Check]:
        """Its health checks, by code."""
        return self._supervisor.health

    @property
    def cluster_log(self) -> list[Entry]:
        """What it appended to the cluster log."""
        return self._supervisor.cluster_log

    @property
    def daemon_log(self) -> list[str]:
        """What it, or the framework in its name, wrote to the daemon's own log."""
        return self._supervisor.daemon_log

    @property
    def progress(self) -> dict[str, dict[str, Any]]:
        """Its progress events, by id: {"message", "progress", "add_to_ceph_s"}."""
        return self._supervisor.progress

    @property
    def uri(self) -> str:
        """Where it says that it serves."""
        return self._supervisor.uri

    @property
    def clients(self) -> dict[str, str]:
        """Client addresses that it registered, with their names."""
        return self._supervisor.clients

    @property
    def wear_levels(self) -> dict[str, float]:
        """Device wear levels that it stored."""
        return self._supervisor.wear_levels

    @property
    def log(self) -> str:
        """Its own log file, with the levels and targets that its options say."""
        file = Path(own_path(self._world.identity.log_file, self.name))
        return file.read_text(encoding="utf-8") if file.exists() else ""

    # Its life

    def serve(self) -> None:
        """Have the module serve on a thread of its own, as a host does after `__init__`."""
        if self._serving is not None:
            raise RuntimeError(f"serve() of '{self.name}' was started before")
        self._serving = threads.start(self.name[:15], self._serve)

    def join(self) -> None:
        """Wait until serve() has returned or raised; raises Overdue."""
        if self._serving is not None:
            self._serving.join(self._timeout)
            if self._serving.is_alive():
                lines = stack(self._serving)
                raise Overdue(f"{self.name}: serve() still runs; it stands at:\n{lines}")

    def settle(self) -> None:
        """Wait until the module has run every command and notification that it was sent."""
        done = threading.Event()
        self._world.inbox.queue.notify(None, done.set)
        if not done.wait(self._timeout):
            raise Overdue(self._stands("its queue is not done"))

    def stop(self, grace: float, *, judge: bool) -> None:
        """Shut the module down as a host does; raises Overdue and ModuleFault where `judge`."""
        deadline = time.monotonic() + grace
        ending = threads.start("mgr-shutdown", self._shutdown)
        ending.join(grace)
        late = [("shutdown()", ending)]
        if self._serving is not None:
            self._serving.join(max(0.0, deadline - time.monotonic()))
            late.append(("serve()", self._serving))
        where = [(what, stack(thread)) for what, thread in late if thread.is_alive()]
        self._world.end()
        for part in vars(self.module).values():
            if isinstance(part, logging.Handler):
                part.close()  # one that is not in use now is on no logger
        if judge and where:
            what, lines = where[0]
            raise Overdue(
                f"{self.name}: {what} did not end within {grace} s; it stands at:\n{lines}"
            )
        if judge and self.faults:
            texts = [f"{self.name}: {fault.where}\n{fault.traceback}" for fault in self.faults]
            raise ModuleFault("\n".join(texts))

    def _execute(self, raw: bytes, inbuf: bytes, prefix: str) -> CommandResult:
        read = refusals.parse(raw)
        if isinstance(read, refusals.Refusal):
            return _refused(read)
        if prefix not in {prefix_of(c.cmd) for c in self._report.commands}:
            return _refused(refusals.no_handler(prefix))
        if self._failure is not None and not refusals.runs_after_failure(self.name, prefix):
            return _refused(refusals.serve_died(self.name, self._failure))
        result = self._supervisor.run(raw, inbuf, prefix)
        if result is None:
            raise Overdue(self._stands(f"command '{prefix}' is not done"))
        return result

    def _outcome(self, result: CommandResult) -> Any:
        shape = sys.modules["mgr_module"].HandleCommandResult
        return shape(result.retval, result.stdout.decode(), result.stderr.decode())

    def _stands(self, what: str) -> str:
        where = stack(thread_called(f"m-fin-{self.name}"[:15]))
        return f"{self.name}: {what} within {self._timeout} s; it stands at:\n{where}"

    def _serve(self) -> None:
        try:
            self.module.serve()
        except BaseException as error:
            self._failure = str(error) or repr(error)
            log.exception("serve() raised")

    def _shutdown(self) -> None:
        try:
            self.module.shutdown()
        except BaseException:
            log.exception("shutdown() raised")


def _refused(refused: refusals.Refusal) -> CommandResult:
    return CommandResult(retval=refused.retval, stderr=refused.text.encode())
