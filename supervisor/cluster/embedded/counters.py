"""Performance counters that go on counting, at the pace at which they were captured."""

import random
from typing import Any


SAMPLES = 20  # kept by a manager per counter
COUNTER, LONG_RUN = 8, 4  # bits of a counter's type, as ceph-mgr 16.2.15 reports it
Document = dict[str, Any]


class Counters:
    """The document `_perf_counters`, one sample more a tick."""

    def __init__(self, schema: Document, history: Document, now: float) -> None:
        def counts(daemon: str, path: str) -> bool:
            kind: int = schema.get(daemon, {}).get(path, {}).get("type", 0)
            return bool(kind & (COUNTER | LONG_RUN))

        self._random = random.Random(16215)  # noqa: S311  reproducible load, not secrets
        newest = max(
            (s[-1][0] for paths in history.values() for s in paths.values() if s), default=now
        )
        self.document: dict[str, dict[str, list[list[float]]]] = {
            daemon: {
                path: [[sample[0] + now - newest, *sample[1:]] for sample in samples]
                for path, samples in paths.items()
            }
            for daemon, paths in history.items()
        }
        # What a daemon counts: samples, and their pace where they move. Those without any never do.
        self._counting = {
            daemon: [
                (samples, _pace(samples) if counts(daemon, path) else None)
                for path, samples in paths.items()
                if samples
            ]
            for daemon, paths in self.document.items()
        }

    @property
    def latest(self) -> Document:
        """The document `_perf_latest`: the last sample of each counter that has any."""
        return {
            daemon: {path: samples[-1] for path, samples in paths.items() if samples}
            for daemon, paths in self.document.items()
        }

    def advance(self, now: float, silent: set[str]) -> None:
        """Add a sample to every counter of every daemon that is not `silent`."""
        for daemon, counting in self._counting.items():
            if daemon in silent:
                continue
            for samples, pace in counting:
                last = samples[-1]
                moved = last[1:] if pace is None else self._next(last, pace, now)
                samples.append([now, *moved])
                if len(samples) > SAMPLES:
                    del samples[0]

    def _next(self, last: list[float], pace: list[float], now: float) -> list[float]:
        span = max(0.0, now - last[0]) * self._random.uniform(0.5, 1.5)
        return [
            value + (int(rate * span) if isinstance(value, int) else rate * span)
            for value, rate in zip(last[1:], pace, strict=True)
        ]


def _pace(samples: list[list[float]]) -> list[float] | None:
    """Per second, for each value of a sample; None where nothing moved."""
    first, last = samples[0], samples[-1]
    span = last[0] - first[0]
    pace = [
        max(0.0, (new - old) / span) if span > 0 else 0.0
        for old, new in zip(first[1:], last[1:], strict=True)
    ]
    return pace if any(pace) else None
