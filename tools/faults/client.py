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


REMEMBERED = 1000  # questions: a second answer comes soon after the first, if at all


class Refused(Exception):  # noqa: N818  an answer, if not the one that was hoped for
    """The command was answered with an error; the text is the supervisor's or the module's."""


class Client(Connection):
    """One connection; belongs to one thread. Raises Unreachable everywhere."""

    def __init__(self, socket: Path, seconds: float) -> None:
        self._answers: Counter[int] = Counter()  # the last of them, by question
        self._doubled = 0  # among those before
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
                self._count(unpack(self._socket.recv_multipart())[0].id)
        except (zmq.ZMQError, ValueError):
            pass
        return self._doubled + sum(count > 1 for count in self._answers.values())

    def _receive(self, end: float | None, limit: float | None) -> Envelope:
        answer = super()._receive(end, limit)
        self._count(answer.id)
        return answer

    def _count(self, question: int) -> None:
        self._answers[question] += 1
        if len(self._answers) > REMEMBERED:
            oldest = next(iter(self._answers))
            self._doubled += self._answers.pop(oldest) > 1


__all__ = ["Client", "Refused", "Unreachable"]
