"""How many lines a module may put into logs that it shares with everybody: the daemon's, and the
cluster's. What is above is left out, and counted there.

DIAGNOSTICS
    "N of its lines were left out": since the last such line; once a second at most.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from supervisor.core.bucket import Bucket
from supervisor.edge.host import Host


PAUSE = 1.0  # seconds between two sentences about one flood
LONGEST = 16 * 1024  # characters of a line


@dataclass
class _Share:
    """What one process has of the rate, and how many lines were left out since that was told."""

    nonce: bytes
    bucket: Bucket
    left_out: int = 0
    told: float = 0.0


class LogShare:
    """`rate` lines a second of each module, `burst` of them at once; `tell` writes how many of
    whose were left out. Loop thread only.
    """

    def __init__(self, rate: float, burst: float, tell: Callable[[str, int], None]) -> None:
        self._rate = rate
        self._burst = burst
        self._tell = tell
        self._shares: dict[str, _Share] = {}

    def admit(self, host: Host, line: str) -> str | None:
        """The line as it is to be written; None where it is left out."""
        now = time.monotonic()
        share = self._shares.get(host.name)
        if share is None or share.nonce != host.nonce:
            self._say(host.name, now)
            bucket = Bucket(self._rate, self._burst, now)
            share = self._shares[host.name] = _Share(host.nonce, bucket)
        if not share.bucket.take(now):
            share.left_out += 1
            return None
        return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."

    def clock(self, now: float) -> float | None:
        """Tell what was left out; says when there will be more to tell."""
        dues = []
        for name, share in self._shares.items():
            if share.left_out and now - share.told >= PAUSE:
                self._say(name, now)
            elif share.left_out:
                dues.append(share.told + PAUSE)
        return min(dues, default=None)

    def _say(self, name: str, now: float) -> None:
        share = self._shares.get(name)
        if share is not None and share.left_out:
            self._tell(name, share.left_out)
            share.left_out, share.told = 0, now
