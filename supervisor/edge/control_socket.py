"""mgrctl's door: lets operators in, greets, describes, and runs what it is asked to run."""

import errno
from pathlib import Path

import zmq

from proto.framing import MAX_FRAME, Payload
from proto.v1.envelope_pb2 import Envelope, Error
from proto.version import mismatch, ours
from supervisor.core.refused import STRANGERS, Kind
from supervisor.core.roles import Operators
from supervisor.edge.commands import Commands
from supervisor.edge.gate import Gate
from supervisor.edge.loop import Loop
from supervisor.edge.operators import Doorkeeper, Operator
from supervisor.edge.outcome import Outcome
from supervisor.edge.peer import Peer
from supervisor.edge.router import Router


OPERATORS = "(operators)"  # no module's name
# An answer may be tens of MB: what waits for a client that does not read is memory of the daemon.
QUEUED = 100
PRIVATE, OPEN = 0o600, 0o666  # the socket's mode; of who gets through, the kernel tells who it is


class ControlSocket:
    """Serves operators on `<run_dir>/control.sock`. Loop thread only."""

    def __init__(
        self,
        context: "zmq.Context[zmq.Socket[bytes]]",
        path: Path,
        loop: Loop,
        commands: Commands,
        operators: Operators,
        gate: Gate,
        version: str,
        mgr_id: str,
    ) -> None:
        mode = OPEN if operators.others else PRIVATE
        self._router = Router(context, path, mode, queued=QUEUED, message_cap=2 * MAX_FRAME)
        self._door = Doorkeeper(operators)
        self._gate = gate
        self._loop = loop
        self._commands = commands
        self._version = version
        self._mgr_id = mgr_id
        loop.read(self._router.socket, lambda: self._router.receive(self._heard, self._spoilt))

    def close(self) -> None:
        """Stop serving."""
        self._loop.forget(self._router.socket)
        self._router.close()

    def _heard(self, peer: Peer, envelope: Envelope, _payload: Payload) -> None:
        operator = self._door.admit(peer)
        verb = envelope.WhichOneof("body")
        if isinstance(operator, str):
            self._gate.stranger(Kind.NO_OPERATOR, operator)
            self._answer_error(peer, envelope, Error.REFUSED, -errno.EACCES, operator)
        elif verb == "execute":
            self._execute(operator, peer, envelope)
        elif verb == "describe":
            self._describe(peer, envelope)
        elif verb == "greeting":
            self._greet(peer, envelope)
        else:
            self._refuse(peer, envelope, f"mgrctl does not send {verb!r}")

    def _spoilt(self, peer: Peer, why: str) -> None:
        self._gate.spoilt(STRANGERS, peer, why)

    def _greet(self, peer: Peer, envelope: Envelope) -> None:
        problem = mismatch("the supervisor", "mgrctl", envelope.greeting.versions)
        if problem is not None:
            self._refuse(peer, envelope, problem)
            return
        answer = Envelope(id=envelope.id)
        answer.greeting_answer.versions.CopyFrom(ours())
        answer.greeting_answer.version = self._version
        answer.greeting_answer.mgr_id = self._mgr_id
        peer.send(answer)

    def _describe(self, peer: Peer, envelope: Envelope) -> None:
        answer = Envelope(id=envelope.id)
        answer.descriptions.SetInParent()
        for entry in self._commands.table.entries():
            declared = entry.declaration
            answer.descriptions.items.add(
                cmd=declared.cmd,
                desc=declared.desc,
                perm=declared.perm,
                poll=declared.poll,
                module=entry.owner,
            )
        peer.send(answer)

    def _execute(self, operator: Operator, peer: Peer, envelope: Envelope) -> None:
        request = envelope.id

        def done(outcome: Outcome) -> None:
            answer = outcome.envelope()
            answer.id = request
            peer.send(answer)

        asked = envelope.execute
        self._commands.from_operator(operator, asked.json, asked.inbuf, done)

    def _refuse(self, peer: Peer, envelope: Envelope, sentence: str) -> None:
        self._gate.log.say(
            "refused an operator's message", OPERATORS, pid=peer.pid, uid=peer.uid, why=sentence
        )
        self._answer_error(peer, envelope, Error.PROTOCOL, 0, sentence)

    def _answer_error(
        self, peer: Peer, envelope: Envelope, kind: "Error.Kind", number: int, sentence: str
    ) -> None:
        answer = Envelope(id=envelope.id)
        answer.error.kind, answer.error.errno = kind, number
        answer.error.message = sentence
        peer.send(answer)
