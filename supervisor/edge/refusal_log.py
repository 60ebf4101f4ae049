"""The log's lines about messages that were refused: one a second of a kind and speaker, however
many there are.

Who floods the supervisor with nonsense would else fill its log, and have it do little but write.

DIAGNOSTICS
    "left_out=N": so many more of the same came within the second that followed the line before.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog


PAUSE = 1.0  # seconds


@dataclass
class _Repeat:
    """Since the last line: when that was, how many were left out, the words of the last of them."""

    at: float
    count: int = 0
    words: dict[str, Any] = field(default_factory=dict)


class RefusalLog:
    """Loop thread only. `clock` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._log = structlog.get_logger("refused")
        self._repeats: dict[tuple[str, str], _Repeat] = {}

    def say(self, sentence: str, who: str, **words: Any) -> None:
        """One message was refused: `sentence` is its kind, `who` a module or a class of strangers,
        `words` what differs from message to message.
        """
        repeat = self._repeats.get((sentence, who))
        if repeat is None:
            self._repeats[sentence, who] = _Repeat(self._clock())
            self._log.warning(sentence, module=who, **words)
        else:
            repeat.count += 1
            repeat.words = words

    def clock(self, now: float) -> float | None:
        """Tell of those that were left out; says when that is due next."""
        if not self._repeats:
            return None
        for (sentence, who), repeat in list(self._repeats.items()):
            if now - repeat.at < PAUSE:
                continue
            if repeat.count:
                self._log.warning(sentence, module=who, left_out=repeat.count, **repeat.words)
                self._repeats[sentence, who] = _Repeat(now)
            else:
                del self._repeats[sentence, who]
        return min((repeat.at + PAUSE for repeat in self._repeats.values()), default=None)
