"""The module's session over the bus: reads from the replicas, writes and calls through the link."""

import contextlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from module_host import context
from module_host.activity import Activity
from module_host.completions import Sender
from module_host.errors import RemoteRefused, RemoteTimedOut, exception
from module_host.link import Line
from module_host.replica import Replica
from module_host.session import Check, Completion, Identity, Session
from module_host.state import State
from proto.errors import NotSerializable, ProtocolError
from proto.v1.envelope_pb2 import CODEC_VALUE, Envelope, Error
from proto.v1.module_pb2 import Progress
from proto.values import Values


# The supervisor answers at the deadline; this is for its answer to arrive.
GRACE_SECONDS = 2.0

_PROGRESS = {"update": Progress.UPDATE, "complete": Progress.COMPLETE, "clear": Progress.CLEAR}
# Notifications that carry an entry of the cluster's log, which modules take for its word.
CLUSTERS_OWN = ("clog", "audit")
_PG_ID = re.compile(r"\d+\.[0-9a-f]+")


class HostSession(Session):
    """The session of this process' one module."""

    def __init__(
        self,
        *,
        identity: Identity,
        line: Line,
        sender: Sender,
        options: Replica,
        store: Replica,
        state: State,
        values: Values,
        activity: Activity,
    ) -> None:
        self.identity = identity
        self._line = line
        self._sender = sender
        self._options = options
        self._store = store
        self._state = state
        self._values = values
        self._activity = activity

    def state(self, name: str) -> Any:
        """As Session.state()."""
        return self._state.fresh(name)

    def shared_state(self, name: str) -> Any:
        """As Session.shared_state()."""
        return self._state.shared(name)

    def state_entry(self, name: str, key: str) -> Any:
        """As Session.state_entry()."""
        return self._state.entry(name, key)

    def read_only_state(self, name: str) -> Any:
        """As Session.read_only_state()."""
        return self._state.read_only(name)

    def forget_state(self, name: str) -> bool:
        """As Session.forget_state()."""
        return self._state.forget(name)

    def option(self, key: str) -> str | None:
        """As Session.option(). An empty value counts as unset, as in ceph-mgr."""
        return self._options.get(key) or None

    def set_option(self, module: str, key: str, value: str | None) -> None:
        """As Session.set_option()."""
        envelope = Envelope()
        envelope.set_option.module, envelope.set_option.key = module, key
        if value is not None:
            envelope.set_option.value = value
        self._write(envelope)

    def store(self, key: str) -> str | None:
        """As Session.store()."""
        return self._store.get(key)

    def store_prefix(self, prefix: str) -> dict[str, str]:
        """As Session.store_prefix()."""
        return self._store.beneath(prefix)

    def set_store(self, key: str, value: str | None) -> None:
        """As Session.set_store()."""
        envelope = Envelope()
        envelope.set_store.key = key
        if value is not None:
            envelope.set_store.value = value
        self._write(envelope)

    def set_wear_level(self, device: str, level: float) -> None:
        """As Session.set_wear_level()."""
        envelope = Envelope()
        envelope.set_wear_level.device, envelope.set_wear_level.level = device, level
        self._write(envelope)

    def remote(
        self, module: str, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """As Session.remote(); the rest of RuntimeError's family is in module_host.errors."""
        what = f"{module}.{method}()"
        here = context.current()
        remaining = here.remaining()
        if remaining is not None and remaining <= 0:
            raise RemoteTimedOut(f"{what} was not called: the caller's own deadline has passed")
        envelope = Envelope(codec=CODEC_VALUE, chain=here.chain)
        envelope.call.module, envelope.call.method = module, method
        if remaining is not None:
            envelope.deadline_ms = max(1, int(remaining * 1000))
        timeout = None if remaining is None else remaining + GRACE_SECONDS
        try:
            payload = self._values.dumps_call(args, kwargs)
            answer, result = self._line.request(envelope, payload, timeout)
            if answer.HasField("result"):
                return self._values.loads(result)
        except NotSerializable as error:
            raise RemoteRefused(f"{what}: {error}") from None
        except TimeoutError as error:
            raise RemoteTimedOut(f"{what}: {error}") from None
        except (ConnectionError, ProtocolError) as error:
            raise RemoteRefused(f"{what}: {error}") from error
        raise exception(answer.error)

    def send_command(
        self,
        service: tuple[str, str],
        command: str,
        inbuf: bytes,
        tag: str,
        done: Completion,
        *,
        one_shot: bool = False,
    ) -> None:
        """As Session.send_command()."""
        kind, name = service
        _check_service(kind, name)
        envelope = Envelope()
        message = envelope.send_command
        message.service_type, message.service_id = kind, name
        message.json, message.inbuf = command.encode(errors="surrogateescape"), inbuf
        message.tag, message.one_shot = tag, one_shot
        self._sender.submit(envelope, done)

    def set_health(self, checks: Sequence[Check]) -> None:
        """As Session.set_health()."""
        envelope = Envelope()
        envelope.set_health.SetInParent()
        for check in checks:
            envelope.set_health.checks.add(
                code=check.code,
                severity=check.severity,
                summary=check.summary,
                count=check.count,
                detail=check.detail,
            )
        self._line.tell(envelope)

    def cluster_log(self, channel: str, priority: int, message: str) -> None:
        """As Session.cluster_log()."""
        envelope = Envelope()
        envelope.cluster_log.channel, envelope.cluster_log.priority = channel, priority
        envelope.cluster_log.message = _sendable(message)
        self._record(envelope, message)

    def daemon_log(self, line: str, level: int = 20) -> None:
        """As Session.daemon_log()."""
        envelope = Envelope()
        envelope.log.line, envelope.log.level = _sendable(line), level
        self._record(envelope, line)

    def set_uri(self, uri: str) -> None:
        """As Session.set_uri()."""
        envelope = Envelope()
        envelope.set_uri.uri = uri
        self._line.tell(envelope)

    def progress(
        self, action: str, event: str, message: str, share: float, add_to_ceph_s: bool
    ) -> None:
        """As Session.progress()."""
        envelope = Envelope()
        envelope.progress.action = _PROGRESS[action]
        envelope.progress.id, envelope.progress.message = event, message
        envelope.progress.progress, envelope.progress.add_to_ceph_s = share, add_to_ceph_s
        self._line.tell(envelope)

    def notify_all(self, kind: str, ident: str) -> None:
        """As Session.notify_all()."""
        if kind in CLUSTERS_OWN:
            raise ValueError(f"only the cluster's log itself notifies of {kind!r}")
        envelope = Envelope()
        envelope.notify.type, envelope.notify.id = kind, ident
        self._line.tell(envelope)

    def register_client(self, name: str, addrs: str, *, remove: bool, replace: bool) -> None:
        """As Session.register_client()."""
        envelope = Envelope()
        envelope.register_client.name, envelope.register_client.addrs = name, addrs
        envelope.register_client.remove, envelope.register_client.replace = remove, replace
        self._line.tell(envelope)

    def authorized(self, arguments: Mapping[str, str]) -> bool:
        """As Session.authorized(): whoever may send the command may do what it does."""
        return any(map(self._activity.busy, (Activity.Kind.COMMAND, Activity.Kind.BESIDE)))

    def _record(self, envelope: Envelope, text: str) -> None:
        try:
            self._line.tell(envelope)
        except (ConnectionError, NotSerializable):
            # A module's thread must not end because it logs: while the host ends, in a forked
            # child, beside a stopped supervisor. stderr is the module's own log.
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write(f"{text}\n")

    def _write(self, envelope: Envelope) -> None:
        try:
            answer, _ = self._line.request(envelope)
        except NotSerializable as error:
            raise ValueError(str(error)) from None
        if answer.HasField("done"):
            # Before the change comes through the inbox: a writer reads its own write.
            self._options.apply(answer.done.options.changes)
            self._store.apply(answer.done.store.changes)
            return
        sentence = answer.error.message or f"the supervisor answered {answer.WhichOneof('body')}"
        raise ValueError(sentence) if answer.error.kind == Error.INVALID else RuntimeError(sentence)


def _sendable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


def _check_service(kind: str, name: str) -> None:
    """Raise what ceph-mgr 16.2.15 raises before it sends anything."""
    match kind:
        case "osd" if not name.isascii() or not name.isdigit():
            raise ValueError(f"invalid osd_id: {json.dumps(name)}")
        case "pg" if not _PG_ID.fullmatch(name):
            raise ValueError(f"invalid pgid: {json.dumps(name)}")
        case "mon" | "osd" | "mds" | "pg":
            return
    raise ValueError(f"unknown service type: {kind}")
