"""What modules ask of the supervisor over the bus, one method per verb.

Identity is settled before a verb gets here: `host` is the module that really speaks.
"""

import errno
import json
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

import structlog

from proto.v1.envelope_pb2 import Envelope, Error
from proto.v1.module_pb2 import Progress
from supervisor.cluster.interface import Cluster, Done
from supervisor.core.health import Check, HealthBook
from supervisor.edge.beacon import Beacon
from supervisor.edge.broker import MOST_ASKED, Asker
from supervisor.edge.commands import AUDIT, AUDITED, Commands
from supervisor.edge.gate import Gate
from supervisor.edge.host import Host
from supervisor.edge.outcome import Outcome
from supervisor.edge.settings import Settings, own_prefix
from supervisor.edge.shared_logs import SharedLogs
from supervisor.edge.store_room import StoreRoom
from supervisor.edge.throttle import ASKING
from supervisor.edge.tokens import Tokens


log = structlog.get_logger("requests")

MOST_NAMES = 1000  # of clients and of progress events, each module
LONGEST_NAME = 4096  # characters
DEVICES = 64 << 20  # bytes of keys that are no module's
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
        gate: Gate,
        logs: SharedLogs,
        notify: Callable[[str, str], None],
    ) -> None:
        self._cluster = cluster
        self._tokens = tokens
        self._settings = settings
        self._health = health
        self._beacon = beacon
        self._commands = commands
        self._gate = gate
        self._logs = logs
        self._notify = notify
        self._asked: Counter[str] = Counter()  # answers for which a module waits
        self._room = StoreRoom(settings)
        self._own_events: dict[str, set[str]] = {}  # progress events by the module that began them

    def serve(self, verb: str, host: Host, asker: Asker, envelope: Envelope) -> None:
        """Do what is asked; it is refused where the module waits for too many answers already."""
        if verb in ASKING:
            if self._asked[host.name] >= MOST_ASKED:
                sentence = f"it waits for {MOST_ASKED} answers already"
                asker.refuse(Error.REFUSED, sentence)
                return
            self._asked[host.name] += 1
        VERBS[verb](self, host, asker, envelope)

    def _answer(self, host: Host, asker: Asker, answer: Envelope) -> None:
        """Of each request in ASKING, once."""
        self._asked[host.name] -= 1
        asker.answer(answer)

    def set_option(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """Answered after the commit, with the committed value."""
        asked = envelope.set_option
        why = self._gate.write_option(host, asked.module, asked.key)
        if why is not None:
            self._answer(host, asker, _written(Done(0, -errno.EACCES, b"", why)))
            return
        key = f"mgr/{asked.module}/{asked.key}"
        value = asked.value if asked.HasField("value") else None
        before = self._settings.options.get(key)
        claimed = self._room.claim(host, asked.module, key, before, value)
        if isinstance(claimed, str):
            self._answer(host, asker, _no_room(claimed))
            return

        def done(result: Done) -> None:
            claimed()
            answer = _written(result)
            if result.retval == 0:
                self._settings.option_now(key, answer.done.options)
            self._answer(host, asker, answer)

        self._cluster.set_option(self._tokens.new(done), key, value)

    def set_store(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """Answered after the commit. A module reaches its own keys only."""
        asked = envelope.set_store
        key = own_prefix(host.name) + asked.key
        value = asked.value if asked.HasField("value") else None
        claimed = self._room.claim(host, host.name, key, self._settings.store.get(key), value)
        if isinstance(claimed, str):
            self._answer(host, asker, _no_room(claimed))
            return

        def done(result: Done) -> None:
            claimed()
            answer = _written(result)
            if result.retval == 0:
                self._settings.stored_now(key, host.name, answer.done.store)
            self._answer(host, asker, answer)

        self._cluster.set_store(self._tokens.new(done), key, value)

    def set_wear_level(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """Kept with the device's data, where ceph-mgr keeps it."""
        asked = envelope.set_wear_level
        key = f"device/{asked.device}"
        full = self._settings.sizes[""] > DEVICES or len(asked.device) > LONGEST_NAME
        if full and key not in self._settings.store:
            answer = _no_room("there are too many devices of which a wear level is kept")
            self._answer(host, asker, answer)
            return
        known = _json_object(self._settings.store.get(key, "{}"))
        known["wear_level"] = str(asked.level)

        def done(result: Done) -> None:
            self._answer(host, asker, _written(result))

        self._cluster.set_store(self._tokens.new(done), key, json.dumps(known))

    def set_health(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """Replaces the module's checks; they outlive its process, as upstream's outlive a mgr."""
        checks = [
            Check(check.code, check.severity, check.summary, check.count, tuple(check.detail))
            for check in envelope.set_health.checks
        ]
        self._health.set_checks(host.name, checks)
        self._beacon.touch()

    def send_command(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """Like the mon: commands of modules come back to this manager, others go to the cluster."""
        asked = envelope.send_command

        def done(outcome: Outcome) -> None:
            if asked.one_shot and outcome.retval == -errno.ENXIO:
                # Who sends one shot wants to know that the daemon is gone, not to try again.
                outcome = replace(outcome, retval=-errno.EPIPE)
            self._answer(host, asker, outcome.envelope())
            # ceph-mgr 16.2.15 tells every subscriber about each finished command, tag or not.
            self._notify("command", asked.tag)

        service = (asked.service_type, asked.service_id)
        self._commands.from_module(host, service, asked.json, asked.inbuf, done)

    def notify(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """A module of the newest interface notifies all that subscribe, as when it has sent a
        command by itself. What the cluster's log says only the cluster tells.
        """
        asked = envelope.notify
        if asked.type in CLUSTERS_OWN:
            self._gate.log.say("refused a notification", host.name, kind=asked.type)
        else:
            self._notify(asked.type, asked.id)

    def cluster_log(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """An entry of the cluster log, in the name of this manager."""
        asked = envelope.cluster_log
        message = asked.message
        if asked.channel == AUDIT and AUDITED in message:
            # The trail of commands is written here alone.
            message = f"module '{host.name}' writes: {message}"
        self._logs.cluster(host, asked.channel, asked.priority, message)

    def log(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """A record that the module sends to the daemon's log."""
        self._logs.daemon(host, envelope.log.level or 20, envelope.log.line)

    def set_uri(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """Shown by `mgr services` while the process lives."""
        host.uri = envelope.set_uri.uri[:LONGEST_NAME]
        self._beacon.touch()

    def register_client(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """Client addresses that the cluster would blocklist if this manager were fenced."""
        asked = envelope.register_client
        if asked.remove:
            host.clients.pop(asked.addrs, None)
        elif _fits(asked.addrs, host.clients):
            host.clients[asked.addrs] = asked.name[:LONGEST_NAME] or host.name
        else:
            self._gate.log.say("refused to know of one more client", host.name)
        self._beacon.touch()

    def progress(self, host: Host, asker: Asker, envelope: Envelope) -> None:
        """Progress events as `status` shows them."""
        asked, shown = envelope.progress, self._beacon.progress
        if asked.action == Progress.UPDATE:
            own = self._own_events.setdefault(host.name, set())
            if len(own) >= MOST_NAMES and asked.id not in own:
                own.intersection_update(shown)  # others were completed since
            if not _fits(asked.id, own):
                self._gate.log.say("refused to show one more progress event", host.name)
                return
            own.add(asked.id)
            shown[asked.id] = {
                "message": asked.message[:LONGEST_NAME],
                "progress": asked.progress,
                "add_to_ceph_s": asked.add_to_ceph_s,
            }
        elif asked.action == Progress.COMPLETE:
            shown.pop(asked.id, None)
        else:
            shown.clear()
        self._beacon.touch()


VERBS: dict[str, Callable[[Requests, Host, Asker, Envelope], None]] = {
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


def _fits(name: str, known: Collection[str]) -> bool:
    """Whether there may be a `name` among those that a module made us know."""
    return name in known or (len(known) < MOST_NAMES and len(name) <= LONGEST_NAME)


def _no_room(sentence: str) -> Envelope:
    """The answer to a write that would pass a limit."""
    answer = Envelope()
    answer.error.kind, answer.error.errno = Error.REFUSED, -errno.EDQUOT
    answer.error.message = sentence
    return answer


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
