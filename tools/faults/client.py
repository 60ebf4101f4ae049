"""A client of the control socket that notices when one question is answered twice."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import zmq
from mgrctl.connection import Connection
from mgrctl.errors import Unreachable

from proto.framing import unpack
from proto.v1.envelope_pb2 import Envelope


class Refused(Exception):  # noqa: N818  an answer, if not the one that was hoped for
    """The command was answered with an error; the text is the supervisor's or the module's."""


class Client(Connection):
    """One connection; belongs to one thread. Raises Unreachable everywhere."""

    def __init__(self, socket: Path, seconds: float) -> None:
        self.answers: Counter[int] = Counter()
        super().__init__(str(socket), "faults", seconds)

    def run(self, prefix: str, **arguments: object) -> str:
        """The output of a command; raises Refused."""
        result = self.execute(json.dumps({"prefix": prefix, **arguments}).encode(), b"")
        if result.retval:
            said = result.stderr.decode(errors="replace").strip()
            raise Refused(said or f"{prefix}: {result.retval}")
        return result.stdout.decode(errors="replace").rstrip("\n")

    def json(self, prefix: str, **arguments: object) -> Any:
        """The same, as JSON."""
        return json.loads(self.run(prefix, format="json", **arguments))

    def doubled(self) -> int:
        """How many questions got more than one answer so far, those that wait unread included."""
        try:
            while self._socket.poll(0, zmq.POLLIN):
                self.answers[unpack(self._socket.recv_multipart())[0].id] += 1
        except (zmq.ZMQError, ValueError):
            pass
        return sum(count > 1 for count in self.answers.values())

    def _receive(self, end: float | None, limit: float | None) -> Envelope:
        answer = super()._receive(end, limit)
        self.answers[answer.id] += 1
        return answer


__all__ = ["Client", "Refused", "Unreachable"]
