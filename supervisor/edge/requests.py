"""What modules ask of the supervisor over the bus, one method per verb.

Identity is settled before a verb gets here: `host` is the module that really speaks.
"""

import errno
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from proto.v1.envelope_pb2 import Envelope, Error
from proto.v1.module_pb2 import Progress
from supervisor.cluster.interface import Cluster, Done
from supervisor.core.health import Check, HealthBook
from supervisor.edge.beacon import Beacon
from supervisor.edge.broker import Asker
from supervisor.edge.commands import AUDIT, AUDITED, Commands
from supervisor.edge.gate import Gate
from supervisor.edge.host import Host
from supervisor.edge.outcome import Outcome
from supervisor.edge.router import Router
from supervisor.edge.settings import Settings, own_prefix
from supervisor.edge.tokens import Tokens


log = structlog.get_logger("requests")

CLUSTERS_OWN = ("clog", "audit")  # notifications that carry an entry of the cluster's log


class Requests:
    """Serves module requests against the cluster. Loop thread only."""

    def __init__(
        self,
        cluster: Cluster,
        tokens: Tokens,
        settings: Settings,
        health: HealthBook,
        beacon: Beacon,
        commands: Commands,
        bus: Router,
        gate: Gate,
        notify: Callable[[str, str], None],
    ) -> None:
        self._cluster = cluster
        self._tokens = tokens
        self._settings = settings
        self._health = health
        self._beacon = beacon
        self._commands = commands
        self._bus = bus
        self._gate = gate
        self._notify = notify

    def set_option(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """Answered after the commit, with the committed value."""
        asked = envelope.set_option
        why = self._gate.write_option(host, asked.module, asked.key)
        if why is not None:
            Asker(self._bus, route, envelope.id).answer(_written(Done(0, -errno.EACCES, b"", why)))
            return
        key = f"mgr/{asked.module}/{asked.key}"

        def done(result: Done) -> None:
            answer = _written(result)
            if result.retval == 0:
                self._settings.option_now(key, answer.done.options)
            Asker(self._bus, route, envelope.id).answer(answer)

        value = asked.value if asked.HasField("value") else None
        self._cluster.set_option(self._tokens.new(done), key, value)

    def set_store(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """Answered after the commit. A module reaches its own keys only."""
        asked = envelope.set_store
        key = own_prefix(host.name) + asked.key

        def done(result: Done) -> None:
            answer = _written(result)
            if result.retval == 0:
                self._settings.stored_now(key, host.name, answer.done.store)
            Asker(self._bus, route, envelope.id).answer(answer)

        value = asked.value if asked.HasField("value") else None
        self._cluster.set_store(self._tokens.new(done), key, value)

    def set_wear_level(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """Kept with the device's data, where ceph-mgr keeps it."""
        asked = envelope.set_wear_level
        key = f"device/{asked.device}"
        known = _json_object(self._settings.store.get(key, "{}"))
        known["wear_level"] = str(asked.level)

        def done(result: Done) -> None:
            Asker(self._bus, route, envelope.id).answer(_written(result))

        self._cluster.set_store(self._tokens.new(done), key, json.dumps(known))

    def set_health(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """Replaces the module's checks; they outlive its process, as upstream's outlive a mgr."""
        checks = [
            Check(check.code, check.severity, check.summary, check.count, tuple(check.detail))
            for check in envelope.set_health.checks
        ]
        self._health.set_checks(host.name, checks)
        self._beacon.touch()

    def send_command(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """Like the mon: commands of modules come back to this manager, others go to the cluster."""
        asked = envelope.send_command

        def done(outcome: Outcome) -> None:
            if asked.one_shot and outcome.retval == -errno.ENXIO:
                # Who sends one shot wants to know that the daemon is gone, not to try again.
                outcome = replace(outcome, retval=-errno.EPIPE)
            Asker(self._bus, route, envelope.id).answer(outcome.envelope())
            # ceph-mgr 16.2.15 tells every subscriber about each finished command, tag or not.
            self._notify("command", asked.tag)

        service = (asked.service_type, asked.service_id)
        self._commands.from_module(host, service, asked.json, asked.inbuf, done)

    def notify(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """A module of the newest interface notifies all that subscribe, as when it has sent a
        command by itself. What the cluster's log says only the cluster tells.
        """
        asked = envelope.notify
        if asked.type in CLUSTERS_OWN:
            self._gate.log.say("refused a notification", host.name, kind=asked.type)
        else:
            self._notify(asked.type, asked.id)

    def cluster_log(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """An entry of the cluster log, in the name of this manager."""
        asked = envelope.cluster_log
        message = asked.message
        if asked.channel == AUDIT and AUDITED in message:
            # The trail of commands is written here alone.
            message = f"module '{host.name}' writes: {message}"
        self._cluster.log(self._beacon.entity, asked.channel, asked.priority, message)

    def log(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """A record that the module sends to the daemon's log."""
        structlog.get_logger(host.name).log(envelope.log.level or 20, envelope.log.line)

    def set_uri(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """Shown by `mgr services` while the process lives."""
        host.uri = envelope.set_uri.uri
        self._beacon.touch()

    def register_client(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """Client addresses that the cluster would blocklist if this manager were fenced."""
        asked = envelope.register_client
        if asked.remove:
            host.clients.pop(asked.addrs, None)
        else:
            host.clients[asked.addrs] = asked.name or host.name
        self._beacon.touch()

    def progress(self, host: Host, route: bytes, envelope: Envelope) -> None:
        """Progress events as `status` shows them."""
        asked = envelope.progress
        if asked.action == Progress.UPDATE:
            self._beacon.progress[asked.id] = {
                "message": asked.message,
                "progress": asked.progress,
                "add_to_ceph_s": asked.add_to_ceph_s,
            }
        elif asked.action == Progress.COMPLETE:
            self._beacon.progress.pop(asked.id, None)
        else:
            self._beacon.progress.clear()
        self._beacon.touch()


VERBS: dict[str, Callable[[Requests, Host, bytes, Envelope], None]] = {
    "set_option": Requests.set_option,
    "set_store": Requests.set_store,
    "set_wear_level": Requests.set_wear_level,
    "set_health": Requests.set_health,
    "send_command": Requests.send_command,
    "notify": Requests.notify,
    "cluster_log": Requests.cluster_log,
    "log": Requests.log,
    "set_uri": Requests.set_uri,
    "register_client": Requests.register_client,
    "progress": Requests.progress,
}


def _json_object(text: str) -> dict[str, Any]:
    """What the key holds; empty where an operator put something else there, as in ceph-mgr."""
    try:
        held = json.loads(text)
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def _written(result: Done) -> Envelope:
    """The answer to a write: done, or the cluster's sentence."""
    answer = Envelope()
    if result.retval == 0:
        answer.done.SetInParent()
    else:
        answer.error.kind = Error.INVALID
        answer.error.message = result.stderr
        answer.error.errno = result.retval
    return answer
