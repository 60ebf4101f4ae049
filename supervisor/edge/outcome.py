"""What a command came to, whoever ran it."""

import errno
from collections.abc import Callable
from dataclasses import dataclass

from proto.v1.envelope_pb2 import Envelope


@dataclass(frozen=True)
class Outcome:
    """`retval` is 0 or -errno, as ceph-mgr answers."""

    retval: int = 0
    stdout: bytes = b""
    stderr: str = ""

    def envelope(self) -> Envelope:
        """The answer as it travels."""
        answer = Envelope()
        answer.command_result.retval = self.retval
        answer.command_result.stdout = self.stdout
        answer.command_result.stderr = self.stderr.encode("utf-8", "replace")
        return answer


Answer = Callable[[Outcome], None]


def refusal(number: int, sentence: str) -> Outcome:
    """A refused command: `number` as in the errno module, positive."""
    return Outcome(-number, b"", sentence)


def not_found(sentence: str) -> Outcome:
    """What the operator named does not exist."""
    return refusal(errno.ENOENT, sentence)
