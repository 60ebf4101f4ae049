"""What comes from module hosts, over bus and lanes: who says it, whether they may, for whom."""

from collections.abc import Callable
from functools import partial

from proto.framing import Payload
from proto.v1.envelope_pb2 import Done, Envelope, Error
from supervisor.cluster.interface import Opened
from supervisor.config import Config
from supervisor.core import events
from supervisor.core.refused import STRANGERS, Kind
from supervisor.core.stall import Ages
from supervisor.edge.broker import Asker, Broker
from supervisor.edge.commands import Commands
from supervisor.edge.facts import facts_from
from supervisor.edge.gate import Gate
from supervisor.edge.host import Host
from supervisor.edge.hosts import Hosts
from supervisor.edge.peer import Peer
from supervisor.edge.requests import VERBS, Requests
from supervisor.edge.router import Router
from supervisor.edge.settings import Settings
from supervisor.edge.throttle import ANSWERS, Throttle


LIFE_BYTES = 16 << 20  # of a message about a process' own life: much of it is kept, or published


class Reception:
    """Hears every host, and answers those that are refused. Loop thread only."""

    def __init__(
        self,
        config: Config,
        bus: Router,
        hosts: Hosts,
        gate: Gate,
        broker: Broker,
        commands: Commands,
    ) -> None:
        self._config = config
        self._bus = bus
        self._hosts = hosts
        self._gate = gate
        self._broker = broker
        self._commands = commands
        self.throttle = Throttle(hosts, self._request)
        self._opened: Opened
        self._settings: Settings
        self._requests: Requests

    def adopt(self, opened: Opened, settings: Settings, requests: Requests) -> None:
        """Serve hosts with these from now on; to be called before the first one is launched."""
        self._opened = opened
        self._settings = settings
        self._requests = requests

    def receive(self) -> None:
        """Take what waits on the bus."""
        self._bus.receive(self.heard, self.spoilt)

    def heard(self, peer: Peer, envelope: Envelope, payload: Payload) -> None:
        """A message came, over the bus or a lane."""
        host = self._hosts.of(peer)
        if host is None and self._hosts.was_ours(peer):
            return
        if host is None:
            self._gate.stranger()
            self._gate.log.say(
                "refused a stranger on the bus", STRANGERS, pid=peer.pid, uid=peer.uid
            )
            Asker(peer, envelope.id).refuse(
                Error.PROTOCOL, "this process was not started by the supervisor"
            )
            return
        verb = envelope.WhichOneof("body") or ""
        if envelope.source not in ("", host.name):
            self._refuse(host, peer, envelope, Kind.SOURCE, "speaks in the name of another module")
        elif host.lifecycle.as_standby and verb not in (*_LIFE, "hello", "loaded", "log"):
            self._gate.turned_away(host, Kind.VERB)
            Asker(peer, envelope.id).refuse(
                Error.REFUSED, "a standby module reads, and asks nothing of others"
            )
        elif verb == "call" or verb in VERBS:
            self.throttle.request(host, peer, envelope, payload)
        elif verb in ANSWERS:
            refused = self.throttle.answer_fits(host, envelope, payload)
            self._broker.answered(host, refused or envelope, b"" if refused else payload)
        elif envelope.ByteSize() > LIFE_BYTES:
            self._refuse(host, peer, envelope, Kind.MALFORMED, f"sent a {verb} that is too large")
        elif verb == "hello":
            why = self._hosts.greet(host, peer, envelope.hello, partial(self._welcome, host))
            if why:
                self._gate.turned_away(host, Kind.HELLO, "said a hello that was not believed")
                self._gate.log.say("refused a hello", host.name, pid=peer.pid, why=why)
        elif verb == "loaded":
            self._loaded(host, envelope)
        elif verb == "serve_calls":
            if self._hosts.serve_calls(host, peer):
                Asker(peer, envelope.id).answer(Envelope(done=Done()))
            else:
                self._refuse(host, peer, envelope, Kind.VERB, "is called over another connection")
        elif verb in _LIFE:
            if verb == "pulse":
                host.jobs_waiting = envelope.pulse.queue_depth
            host.tell(_LIFE[verb](envelope))
        else:
            self._refuse(host, peer, envelope, Kind.VERB, f"a module host does not send {verb!r}")

    def _refuse(
        self, host: Host, peer: Peer, envelope: Envelope, kind: Kind, sentence: str
    ) -> None:
        self._gate.turned_away(host, kind, sentence)
        Asker(peer, envelope.id).refuse(Error.PROTOCOL, sentence)

    def spoilt(self, peer: Peer, why: str) -> None:
        """What came was no message."""
        host = self._hosts.of(peer)
        self._gate.spoilt(STRANGERS if host is None else host.name, peer, why)
        if host is not None:
            self._gate.say(host, "sent a message that is none")

    def _request(self, host: Host, peer: Peer, envelope: Envelope, payload: Payload) -> None:
        verb = envelope.WhichOneof("body") or ""
        if verb == "call":
            self._broker.call(host, peer, envelope, payload)
        else:
            self._requests.serve(verb, host, Asker(peer, envelope.id), envelope)

    def _welcome(self, host: Host, envelope: Envelope) -> None:
        welcome = envelope.welcome
        self._settings.fill(welcome, host.name, self._gate.reads(host.name))
        welcome.foreign.extend(self._gate.shown(host.name))
        welcome.mgr_id = self._config.mgr_id
        welcome.version = self._opened.version
        welcome.release_name = self._opened.release_name
        welcome.mgr_ip = self._opened.mgr_ip
        welcome.log_file = str(self._config.log_file)

    def _loaded(self, host: Host, envelope: Envelope) -> None:
        facts = facts_from(envelope.loaded)
        self._commands.table.declare(host.name, facts.commands)
        host.tell(events.Loaded(facts))


_LIFE: dict[str, Callable[[Envelope], events.Event]] = {
    "ready": lambda _e: events.Ready(),
    "pulse": lambda e: events.Pulse(
        e.pulse.seq, Ages(e.pulse.command_age_ms / 1000, e.pulse.notify_age_ms / 1000)
    ),
    "stopped": lambda _e: events.Stopped(),
    "failed": lambda e: events.Failed(
        events.Phase.INIT if e.failed.phase == e.failed.INIT else events.Phase.SERVE,
        e.failed.error,
        e.failed.traceback,
    ),
}
